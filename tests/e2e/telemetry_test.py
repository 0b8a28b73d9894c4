"""Telemetry by MQTT: SenML and Sparkplug B from a broker to figures of a day on the ledger. What is acknowledged is on
the disk: kill -9 of broker, node and device between the steps loses no sample and counts none twice."""

import hashlib
import json
import pathlib
import tempfile
import time
import unittest
from decimal import Decimal

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from cluster_under_test import eventually
from mqtt_broker import Broker
from node_under_test import NodeUnderTest
from sparkplug import Edge
from tally.records import Field
from tally_client import Device, EventStream

KEEPALIVE = 2
DAY = 86400
TODAY = int(time.time()) // DAY * DAY
FIELDS = [Field("energy", "Wh", 0), Field("temperature", "Cel", -2)]
DEVICES = ["meter", "killed", "crashed", "broken", "drifting", "counted", "flooded", "node7", "node7:pump", "late"]


def day_before(number):
    """The beginning of a day of UTC, so many before today."""
    return TODAY - number * DAY


class Telemetry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.broker = cls.enterClassContext(Broker(
            cls.folder, "persistence true", f"persistence_location {cls.folder}/", "autosave_interval 1",
            "autosave_on_changes true", "max_queued_messages 0", "max_packet_size 1200000"))
        cls.node = cls.enterClassContext(NodeUnderTest())
        config = cls.node.home / "node.toml"
        config.write_text(config.read_text() + cls.broker.node_toml("telemetry = true", "sparkplug = true",
                                                                    "telemetry_wait_s = 6"))
        cls.node.start()
        cls.devices = {name: Device(name, ec.generate_private_key(ec.SECP256R1()), FIELDS) for name in DEVICES}
        cls.node.register("meters", list(cls.devices.values()))
        eventually(lambda: cls.node.metric("mqtt_connected"))

    def figures(self, device, day, wait=40):
        """Of the day on the ledger: {field: (unit, count, sum, first, last)}, and the traffic."""
        stream = EventStream(self.node.client("client1", timeout=wait),
                             "?from_block=0&contract=data&event=cloud_series_stored")
        found = []
        try:
            for _, _, event in stream:
                payload = event["payload"]
                if (payload["device"], payload["from"]) == (device, day):
                    found.append(payload)
                    break
        finally:
            stream.close()
        payload = found[0]
        self.assertEqual(payload["to"], day + DAY)
        fields = {field["field"]: (field["unit"], field["count"], field["sum"], field["first"], field["last"])
                  for field in payload["fields"]}
        return fields, payload["traffic"]

    def send(self, device, payload, topic="telemetry", wait=20, name=None):
        """One message by a client of its own; the reply to it."""
        with self.broker.client(name or device) as client:
            client.subscribe(f"tally/v1/main/{device}/reply")
            client.publish(f"tally/v1/main/{device}/{topic}", payload)
            return self.reply(client, payload, wait)

    @staticmethod
    def reply(client, payload, wait=20):
        wanted = hashlib.sha256(payload).hexdigest()
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            message = client.receive(left)
            if message and (answer := json.loads(message[1]))["content_id"] == wanted:
                return answer
        return None

    def stored(self, device, payload):
        answer = self.send(device, payload)
        self.assertEqual(answer["status"], 200, answer)
        return answer["body"]

    def refused(self, device, payload):
        answer = self.send(device, payload)
        self.assertNotEqual(answer["status"], 200, answer)
        return answer["status"], answer["body"]["code"], answer["body"]["detail"]

    def test_1_json_and_cbor_become_the_figures_of_the_day(self):
        day = day_before(1)
        pack = json.dumps([{"bn": "meter:", "bt": day, "bu": "Wh", "n": "energy", "v": 100},
                           {"n": "energy", "t": 60, "v": 250}, {"n": "energy", "t": 120.5, "v": 3e2},
                           {"n": "temperature", "u": "Cel", "t": 60, "v": -0.05}]).encode()
        self.assertEqual(self.stored("meter", pack), {"stored": 4, "duplicates": 0, "late": 0})
        # Again: as after a lost reply.
        self.assertEqual(self.stored("meter", pack), {"stored": 0, "duplicates": 4, "late": 0})
        # RFC 8428, table 4: bn -2, bt -3, n 0, u 1, v 2, t 6; a decimal fraction (tag 4) and a float.
        cbor = cbor2.dumps([{-2: "meter/", -3: day, 0: "temperature", 2: Decimal("20.10"), 6: 180},
                            {0: "temperature", 2: 0.1, 6: 240}, {0: "energy", 2: 7, 6: 300}])
        self.assertEqual(self.stored("meter", cbor), {"stored": 3, "duplicates": 0, "late": 0})
        fields, traffic = self.figures("meter", day)
        self.assertEqual(fields, {"energy": ("Wh", 4, "657", "100", "7"),
                                  "temperature": ("Cel", 3, "20.15", "-0.05", "0.10")})
        self.assertEqual(traffic, {"messages": 2, "payload_bytes": len(pack) + len(cbor), "samples": 7})
        # The day is closed: what comes now is late, and what was stored is still known.
        status, code, detail = self.refused("meter", json.dumps([{"n": "energy", "t": day + 5, "v": 1}]).encode())
        self.assertEqual((status, code), (409, "conflict"), detail)
        self.assertEqual(self.stored("meter", pack)["duplicates"], 4)

    def test_2_what_is_wrong_is_named_and_nothing_of_it_is_stored(self):
        day = day_before(2)
        good = {"n": "energy", "t": day, "v": 1}
        before = self.node.metric("mqtt_samples_total")
        for records, code, sentence in [
                ([good, {"n": "energy", "t": day + 1, "v": 1.5}], "invalid_argument", "energy: 1.5 has more decimals"),
                ([good, {"n": "temperature", "t": day, "v": 1.005}], "invalid_argument", "temperature: 1.005"),
                ([good, {"n": "power", "t": day, "v": 1}], "invalid_argument", '"power" is no field'),
                ([good, {"n": "energy", "t": day, "u": "kWh", "v": 1}], "invalid_argument", 'not in "kWh"'),
                ([good, {"n": "other:energy", "t": day, "v": 1}], "invalid_argument", '"other:energy" is no field'),
                ([good, {"n": "energy", "t": day, "v": 2}], "conflict", '"energy" has another value'),
                ([good, {"n": "energy", "vs": "1"}], "invalid_argument", 'the value of "energy" is no number'),
                ([good, {"n": "energy", "v": "1"}], "malformed", '"v" has a value of another type'),
                ([good, {"n": "energy", "v": 1, "vb": True}], "invalid_argument", "it has 2 values"),
                ([good, {"n": "energy"}], "invalid_argument", "neither a value nor a sum"),
                ([good, {"n": "energy", "v": 1, "must_": 1}], "malformed", '"must_" must be understood'),
                ([good, {"bver": 11}], "invalid_argument", '"bver" is 11'),
                ([good, {"n": "energy", "t": TODAY + 3 * DAY, "v": 1}], "invalid_argument", "ahead of the gateway's clock"),
                ([good, {"n": "energy", "t": day - 60 * DAY, "v": 1}], "not_kept", "more than 40 days old"),
                ([good, {"n": "energy", "t": 1e300, "v": 1}], "invalid_argument", "a number"),
                ([good, 5], "malformed", "no object"), ([], "malformed", "empty")]:
            with self.subTest(records=records):
                _, got, detail = self.refused("meter", json.dumps(records).encode())
                self.assertEqual(got, code, detail)
                self.assertIn(sentence, detail)
        for payload in (b"", b"\x00" * 100, b"[{", b"\x9f\xa1", b"\x9b" + b"\xff" * 8, b"[" * 5000, b"\xff" * 64,
                        b'[{"n":"energy","v":1,"v":1}]', cbor2.dumps([{0: "energy", 2: float("nan")}])):
            with self.subTest(payload=payload[:20]):
                self.assertEqual(self.refused("meter", payload)[0], 400)
        self.assertEqual(self.refused("meter", b"[" + b" " * 300_000 + b"]")[1], "too_large")
        self.assertEqual(self.refused("stranger", json.dumps([good]).encode())[1], "unknown_device")
        self.assertEqual(self.node.metric("mqtt_samples_total"), before)

    def test_3_messages_that_may_be_lost_or_are_anybodys_are_dropped(self):
        payload = json.dumps([{"n": "energy", "t": day_before(3), "v": 9}]).encode()
        dropped, stored = self.node.metric("mqtt_dropped_total"), self.node.metric("mqtt_samples_total")
        with self.broker.client("meter") as client:
            client.publish("tally/v1/main/meter/telemetry", payload, qos=0)
            # The broker takes it from nobody else: reason 0x87, not authorized.
            self.assertEqual(client.publish("tally/v1/main/killed/telemetry", payload), 0x87)
        eventually(lambda: self.node.metric("mqtt_dropped_total") == dropped + 1)
        with self.broker.client("meter") as client:
            client.publish("tally/v1/main/meter/telemetry", payload, retain=True)
            client.publish("tally/v1/main/meter/telemetry", b"", retain=True)  # removes it from the broker
        self.node.kill()
        with self.broker.client("meter") as client:
            client.publish("tally/v1/main/meter/telemetry", payload, retain=True)
        self.node.start()  # it is subscribed to again, and the retained message comes once more
        eventually(lambda: self.node.metric("mqtt_dropped_total") >= 1)
        with self.broker.client("meter") as client:
            client.publish("tally/v1/main/meter/telemetry", b"", retain=True)
        self.assertLessEqual(self.node.metric("mqtt_samples_total") or 0, stored + 1)

    def test_4_the_node_is_killed_and_no_sample_is_lost_or_counted_twice(self):
        """The device publishes all the time and keeps what has no reply; the node is killed again and again."""
        day, count = day_before(4), 120
        packs = [json.dumps([{"n": "energy", "t": day + i * 60, "v": i}, {"n": "temperature", "t": day + i * 60, "v": 1}]
                            ).encode() for i in range(count)]
        waiting = {hashlib.sha256(pack).hexdigest(): pack for pack in packs}
        with self.broker.client("killed") as client:
            client.subscribe("tally/v1/main/killed/reply")
            for round_ in range(5):
                for pack in list(waiting.values())[:round_ * 40 + 40]:
                    client.publish("tally/v1/main/killed/telemetry", pack)
                self.node.kill()
                self.node.start()
                end = time.monotonic() + (2 if round_ < 4 else 40)
                while waiting and time.monotonic() < end:
                    if message := client.receive(0.2):
                        answer = json.loads(message[1])
                        self.assertEqual(answer["status"], 200)
                        waiting.pop(answer["content_id"], None)
                if not waiting:
                    break
        self.assertFalse(waiting)
        fields, traffic = self.figures("killed", day)
        self.assertEqual(fields["energy"][1:3], (count, str(sum(range(count)))))
        self.assertEqual(traffic, {"messages": count, "payload_bytes": sum(map(len, packs)), "samples": 2 * count})

    def test_5_an_acknowledged_message_outlives_the_node_without_a_reply(self):
        """The device takes the broker's word (QoS 1) and never sends again; the broker keeps the node's session."""
        day = day_before(5)
        self.node.kill()
        packs = [json.dumps([{"n": "energy", "t": day + i, "v": 1}]).encode() for i in range(50)]
        with self.broker.client("crashed") as client:
            for pack in packs:
                client.publish("tally/v1/main/crashed/telemetry", pack)
        self.node.start()
        for _ in range(3):  # in the middle of what the broker sends
            time.sleep(0.05)
            self.node.kill()
            self.node.start()
        fields, traffic = self.figures("crashed", day)
        self.assertEqual((fields["energy"][1], traffic["messages"]), (50, 50))

    def test_6_the_broker_is_killed(self):
        day, count = day_before(6), 60
        packs = [json.dumps([{"n": "energy", "t": day + i, "v": 2}]).encode() for i in range(count)]
        waiting = {hashlib.sha256(pack).hexdigest(): pack for pack in packs}
        for round_ in range(4):
            with self.broker.client("broken") as client:
                client.subscribe("tally/v1/main/broken/reply")
                try:
                    for i, pack in enumerate(list(waiting.values())):
                        client.publish("tally/v1/main/broken/telemetry", pack)
                        if round_ < 3 and i == 10:
                            self.broker.kill()
                    end = time.monotonic() + 40
                    while waiting and time.monotonic() < end:
                        if message := client.receive(1):
                            waiting.pop(json.loads(message[1])["content_id"], None)
                except OSError:
                    pass
            if round_ < 3:
                self.broker.start()
                eventually(lambda: self.node.metric("mqtt_connected"), 60)
        self.assertFalse(waiting)
        fields, traffic = self.figures("broken", day)
        self.assertEqual((fields["energy"][1:3], traffic["messages"]), ((count, str(2 * count)), count))

    def test_7_equal_packs_without_a_time_are_samples_of_their_own(self):
        before = self.node.metric("mqtt_samples_total")
        with self.broker.client("drifting") as client:
            client.subscribe("tally/v1/main/drifting/reply")
            pack = b'[{"n":"energy","v":1}]'
            for _ in range(5):
                client.publish("tally/v1/main/drifting/telemetry", pack)
                self.assertEqual(self.reply(client, pack)["body"]["stored"], 1)
                time.sleep(0.01)
        self.assertEqual(self.node.metric("mqtt_samples_total"), before + 5)

    def test_8_traffic_of_keep_alives_and_telemetry_is_counted_by_day(self):
        day, device = day_before(7), self.devices["counted"]
        pack = json.dumps([{"n": "energy", "t": day + 100, "v": 5}]).encode()
        rows = [[0, 5, None]]
        record = device.sign(device.payload(day + 200, rows, end=day + 260, kind=KEEPALIVE))
        content = device.previous.hex()
        self.stored("counted", pack)
        with self.broker.client("counted") as client:
            client.subscribe("tally/v1/main/counted/reply")
            for _ in range(2):  # the second one is a duplicate
                client.publish("tally/v1/main/counted/record", record)
                answer = json.loads(client.receive()[1])
                self.assertEqual((answer["content_id"], answer["status"]), (content, 200), answer)
        _, traffic = self.figures("counted", day)
        self.assertEqual(traffic, {"messages": 2, "payload_bytes": len(pack) + len(record), "samples": 2})

    def test_9_a_flood_is_bounded_and_others_get_through(self):
        base = TODAY - 2 * 3600
        statuses = []
        with self.broker.client("flooded") as client:
            client.subscribe("tally/v1/main/flooded/reply")
            for part in range(24):
                chunk = [{"bt": base + part * 5}] + [{"n": "energy", "t": i / 1000, "v": 1} for i in range(5000)]
                pack = json.dumps(chunk, separators=(",", ":")).encode()
                client.publish("tally/v1/main/flooded/telemetry", pack)
                statuses.append(self.reply(client, pack, 60)["status"])
        # 100,000 samples in a quarter of an hour (storage/telemetry_store.h).
        self.assertEqual(statuses, [200] * 20 + [429] * 4)
        self.assertEqual(self.stored("meter", json.dumps([{"n": "energy", "t": day_before(8), "v": 3}]).encode())["stored"], 1)

    def test_a_sparkplug_devices_are_alive_and_their_data_is_telemetry(self):
        day = day_before(9)
        alive = self.node.metric("mqtt_sparkplug_alive")
        edge = Edge(self.broker.client("node7", will=Edge.death("main", "node7", 3), will_qos=1), "main", "node7", 3)
        edge.birth([("energy", 1, "Int64", 0)])
        edge.device_birth("pump", [("energy", 10, "UInt32", 5), ("temperature", 11, "Double", 1.5), ("rpm", 12, "Int32", 7)])
        eventually(lambda: self.node.metric("mqtt_sparkplug_alive") == alive + 2)
        for i in range(3):
            edge.device_data("pump", [(10, day + i, "long", 10 + i), (11, day + i, "double", 20.25), (12, day + i, "int", 1)])
        edge.data([(1, day, "long", 2 ** 64 - 5)])  # Int64: -5
        # Out of order: the second comes first, and waits.
        first, second = (edge.prepare("DDATA", "pump", [(10, day + at, "long", 100)]) for at in (10, 11))
        edge.send(second)
        edge.send(first)
        edge.send(first)  # doubled: dropped
        fields, traffic = self.figures("node7:pump", day)
        self.assertEqual(fields, {"energy": ("Wh", 5, "233", "10", "100"),
                                  "temperature": ("Cel", 3, "60.75", "20.25", "20.25")})
        self.assertEqual((traffic["messages"], traffic["samples"]), (5, 8))
        self.assertEqual(self.figures("node7", day)[0]["energy"], ("Wh", 1, "-5", "-5", "-5"))
        # A message is missing: after a while the session is void and a birth is requested.
        gaps = self.node.metric("mqtt_sparkplug_gaps_total")
        edge.prepare("DDATA", "pump", [])
        edge.device_data("pump", [(10, day + 20, "long", 1)])
        self.assertTrue(edge.await_rebirth())
        self.assertEqual((self.node.metric("mqtt_sparkplug_gaps_total"), self.node.metric("mqtt_sparkplug_alive")), (gaps + 1, alive))
        # Born again; a death of the session before is not its death; the will is.
        edge.client.publish(*Edge.death("main", "node7", 2))
        edge.birth([("energy", 1, "Int64", 0)])
        eventually(lambda: self.node.metric("mqtt_sparkplug_alive") == alive + 1)
        edge.client.publish(*Edge.death("main", "node7", 2))
        time.sleep(0.3)
        self.assertEqual(self.node.metric("mqtt_sparkplug_alive"), alive + 1)
        edge.client.close(in_order=False)
        eventually(lambda: self.node.metric("mqtt_sparkplug_alive") == alive)

    def test_b_poisoned_sparkplug_is_refused(self):
        refused = self.node.metric("mqtt_telemetry_refused_total")
        with self.broker.client("node7") as client:
            for payload in (b"", b"\xff" * 50, b"\x12\xff\xff\xff\xff\x0f", b"\x18\x80\x02", b"\x0a\x05abcde"):
                client.publish("spBv1.0/main/NBIRTH/node7", payload)
            client.publish("spBv1.0/main/NBIRTH/node7", b"\x08" + b"\xff" * 9 + b"\x01\x18\x00")  # a time of 2^64 - 1
        eventually(lambda: self.node.metric("mqtt_telemetry_refused_total") == refused + 6)
        with self.broker.client("other") as client:  # edge nodes with ":" could be taken for devices
            client.publish("spBv1.0/main/NBIRTH/node7:pump", b"\x18\x00")
        self.assertEqual(self.node.metric("mqtt_telemetry_refused_total"), refused + 6)


if __name__ == "__main__":
    unittest.main()
