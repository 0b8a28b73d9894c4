"""A mosquitto with TLS and client certificates, a CA for those who connect, and a small MQTT 5 client."""

import datetime
import ipaddress
import select
import socket
import ssl
import struct
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ports import free_ports

MOSQUITTO = "/usr/sbin/mosquitto"
ACL = """user bridge
topic read tally/v1/+/+/record
topic read tally/v1/+/+/telemetry
topic read tally/v1/+/+/register
topic write tally/v1/+/+/reply
topic read spBv1.0/#
topic write spBv1.0/+/NCMD/+
pattern write tally/v1/+/%u/record
pattern write tally/v1/+/%u/telemetry
pattern write tally/v1/+/%u/register
pattern read tally/v1/+/%u/reply
pattern write spBv1.0/+/NBIRTH/%u
pattern write spBv1.0/+/NDATA/%u
pattern write spBv1.0/+/NDEATH/%u
pattern write spBv1.0/+/DBIRTH/%u/+
pattern write spBv1.0/+/DDATA/%u/+
pattern write spBv1.0/+/DDEATH/%u/+
pattern read spBv1.0/+/NCMD/%u
user other
topic write tally/v1/#
topic write spBv1.0/#
"""


class Authority:
    """A CA of the broker and of those who connect to it."""

    def __init__(self, folder):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker CA")])
        self.certificate = self.sign(self.name, self.key, True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, subject, key, is_authority=False):
        """With what Python 3.13 wants to see: key identifiers, and what an authority's key is for."""
        now = datetime.datetime.now(datetime.timezone.utc)
        usage = x509.KeyUsage(digital_signature=True, key_cert_sign=is_authority, crl_sign=is_authority,
                              content_commitment=False, key_encipherment=False, data_encipherment=False,
                              key_agreement=False, encipher_only=False, decipher_only=False)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                .not_valid_after(now + datetime.timedelta(days=30))
                .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
                .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                .sign(self.key, hashes.SHA256()))

    def issue(self, name):
        """The certificate's and the key's file; made once."""
        files = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        if files[0].exists():
            return files
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        files[1].chmod(0o600)
        return files


class Broker:
    """Use it as a context manager. `options` are lines of mosquitto.conf."""

    def __init__(self, folder, *options):
        self.folder, self.port, self.process = folder, free_ports(1), None
        self.authority = Authority(folder)
        server, server_key = self.authority.issue("broker")
        self.bridge, self.bridge_key = self.authority.issue("bridge")
        (folder / "acl").write_text(ACL)
        self.configuration = folder / "mosquitto.conf"
        self.configuration.write_text(
            f"per_listener_settings false\nlistener {self.port} 127.0.0.1\ncafile {self.authority.file}\n"
            f"certfile {server}\nkeyfile {server_key}\nrequire_certificate true\nuse_identity_as_username true\n"
            f"acl_file {folder}/acl\nmessage_size_limit 1200000\nset_tcp_nodelay true\nuser root\n" + "".join(f"{line}\n" for line in options))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.process = subprocess.Popen([MOSQUITTO, "-c", self.configuration], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"mqtts://127.0.0.1:{self.port}"

    def options_of(self, device):
        """How a device connects, for `tally device publish`."""
        certificate, key = self.authority.issue(device)
        return ["--mqtt", self.url, "--mqtt-authorities", self.authority.file, "--mqtt-certificate", certificate,
                "--mqtt-key", key]

    def node_toml(self, *lines):
        """The table [mqtt] of a node.toml."""
        return (f'\n[mqtt]\nbroker = "{self.url}"\nauthorities = "{self.authority.file}"\n'
                f'certificate = "{self.bridge}"\nkey = "{self.bridge_key}"\n' + "".join(f"{line}\n" for line in lines))

    def client(self, name, **more):
        return MqttClient(self.port, self.authority.file, *self.authority.issue(name), **more)


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def number(value):
    """A variable byte integer."""
    out = b""
    while True:
        value, low = divmod(value, 128)
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


class MqttClient:
    """MQTT 5 with QoS 0 and 1, as far as the tests need it."""

    def __init__(self, port, authorities, certificate, key, *, will=None, will_qos=1, timeout=20):
        context = ssl.create_default_context(cafile=authorities)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout),
                                          server_hostname="127.0.0.1")
        self.packet, self.buffer, self.messages = 0, b"", []
        flags = 2 | ((4 | will_qos << 3) if will else 0)
        payload = text("") + ((b"\0" + text(will[0]) + text(will[1])) if will else b"")
        self.send(0x10, text("MQTT") + bytes([5, flags]) + struct.pack(">H", 0) + b"\0" + payload)
        self.await_packet(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, in_order=True):
        """Out of order: the broker publishes the will."""
        try:
            if in_order:
                self.send(0xE0, b"")
        except OSError:
            pass
        self.socket.close()

    def send(self, head, body):
        self.socket.sendall(bytes([head]) + number(len(body)) + body)

    def read(self, count):
        while len(self.buffer) < count:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the broker closed the connection")
            self.buffer += data
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out

    def read_packet(self):
        head, size, shift = self.read(1)[0], 0, 0
        while True:
            byte = self.read(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                break
        body = self.read(size)
        if head >> 4 == 3:
            length = struct.unpack(">H", body[:2])[0]
            topic, rest = body[2:2 + length].decode(), body[2 + length:]
            if head & 6:
                self.send(0x40, rest[:2])
                rest = rest[2:]
            self.messages.append((topic, rest[1 + rest[0]:]))
        return head >> 4, body

    def await_packet(self, kind):
        while True:
            got, body = self.read_packet()
            if got == kind:
                return body
            if got == 14:
                raise ConnectionError(f"the broker disconnects: {body.hex()}")

    def subscribe(self, topic):
        self.packet += 1
        self.send(0x82, struct.pack(">H", self.packet) + b"\0" + text(topic) + b"\1")
        self.await_packet(9)

    def publish(self, topic, payload, qos=1, retain=False, duplicate=False):
        """Waits for the acknowledgement of QoS 1; its reason code."""
        body = text(topic)
        if qos:
            self.packet = self.packet % 65535 + 1
            body += struct.pack(">H", self.packet)
        self.send(0x30 | qos << 1 | retain | duplicate << 3, body + b"\0" + payload)
        if not qos:
            return 0
        acknowledged = self.await_packet(4)
        return acknowledged[2] if len(acknowledged) > 2 else 0

    def receive(self, wait=20):
        """The next message: (topic, payload); None when none comes in time."""
        end = time.monotonic() + wait
        while not self.messages:
            left = end - time.monotonic()
            if left <= 0:
                return None
            if not self.buffer and not self.socket.pending() and not select.select([self.socket], [], [], left)[0]:
                return None
            self.read_packet()
        return self.messages.pop(0)
