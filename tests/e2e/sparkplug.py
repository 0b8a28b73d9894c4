"""A Sparkplug B edge node, written from the specification and sparkplug_b.proto."""

import struct
import time

DATATYPES = {"Int8": 1, "Int16": 2, "Int32": 3, "Int64": 4, "UInt8": 5, "UInt16": 6, "UInt32": 7, "UInt64": 8,
             "Float": 9, "Double": 10, "Boolean": 11}


def varint(value):
    out = b""
    while True:
        value, low = value >> 7, value & 127
        out += bytes([low | (128 if value else 0)])
        if not value:
            return out


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def value_of(kind, value):
    return {"int": lambda: number(10, value), "long": lambda: number(11, value),
            "float": lambda: varint(12 << 3 | 5) + struct.pack("<f", value),
            "double": lambda: varint(13 << 3 | 1) + struct.pack("<d", value)}[kind]()


def payload(metrics, seq=None):
    out = number(1, int(time.time() * 1000)) + b"".join(data(2, metric) for metric in metrics)
    return out if seq is None else out + number(3, seq)


class Edge:
    def __init__(self, client, group, name, bd_seq):
        self.client, self.group, self.name, self.bd_seq, self.seq = client, group, name, bd_seq, -1
        client.subscribe(f"spBv1.0/{group}/NCMD/{name}")

    @staticmethod
    def death(group, name, bd_seq):
        """Topic and payload of NDEATH."""
        return f"spBv1.0/{group}/NDEATH/{name}", payload([data(1, b"bdSeq") + number(4, 8) + number(11, bd_seq)])

    @staticmethod
    def declared(metrics):
        """Of a birth: (name, alias, datatype, value)."""
        for name, alias, kind, value in metrics:
            encoded = value_of("double" if kind == "Double" else "long", value)
            yield data(1, name.encode()) + number(2, alias) + number(4, DATATYPES[kind]) + encoded

    @staticmethod
    def measured(metrics):
        """Of data: (alias, seconds since the epoch, int, long, float or double, value)."""
        for alias, at, kind, value in metrics:
            yield number(2, alias) + number(3, at * 1000) + value_of(kind, value)

    def message(self, kind, device, metrics):
        self.seq = (self.seq + 1) % 256
        topic = f"spBv1.0/{self.group}/{kind}/{self.name}" + (f"/{device}" if device else "")
        return topic, payload(metrics, self.seq)

    def prepare(self, kind, device, metrics):
        """A message with the next number, to be sent later."""
        return self.message(kind, device, self.measured(metrics))

    def send(self, message):
        self.client.publish(*message, qos=0)

    def birth(self, metrics):
        self.seq = -1
        self.send(self.message("NBIRTH", None, [data(1, b"bdSeq") + number(4, 8) + number(11, self.bd_seq),
                                                *self.declared(metrics)]))

    def device_birth(self, device, metrics):
        self.send(self.message("DBIRTH", device, self.declared(metrics)))

    def data(self, metrics):
        self.send(self.prepare("NDATA", None, metrics))

    def device_data(self, device, metrics):
        self.send(self.prepare("DDATA", device, metrics))

    def await_rebirth(self, wait=20):
        """Whether "Node Control/Rebirth" is requested in time."""
        message = self.client.receive(wait)
        return message is not None and message[0].endswith(f"/NCMD/{self.name}") and b"Node Control/Rebirth" in message[1]
