"""Whatever is wrong is refused with its code, and leaves nothing behind."""

import json
import os
import random
import time
import unittest

import cbor2

from node_under_test import NodeUnderTest
from tally.formats import DAY, EDDSA, ES256, KEEPALIVE, cose_sign1, encode, new_key, tree_head
from tally.records import Field, record_header, record_payload
from tally_client import Device

FIELDS = [Field("power", "W", 0), Field("energy", "Wh", -1)]
ROWS = [[number * 60, number, 2 * number] for number in range(100)]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def schema(identifier, **more):
    return {"id": identifier, "version": 1,
            "fields": [{"name": f.name, "unit": f.unit, "scale": f.scale} for f in FIELDS], **more}


class Node(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        cls.admin.submit("registry", "register_schema", schema("meter"))
        cls.start = int(time.time()) // DAY * DAY - 10 * DAY

    @classmethod
    def device(cls, identifier, algorithm=ES256, **more):
        device = Device(identifier, new_key(algorithm), FIELDS)
        cls.admin.submit("registry", "register_device", device.registration("meter@1", **more))
        return device

    def refused(self, name, record, status, code, path="/v1/records", content_type="application/cose"):
        with self.subTest(name):
            answer = self.client.request("POST", path, record, content_type)
            self.assertEqual((answer.status, answer.code), (status, code), answer.body)
            problem = answer.json
            self.assertEqual((answer.headers["content-type"], problem["status"]), ("application/problem+json", status))
            self.assertTrue(problem["title"] and problem["detail"] and problem["type"].endswith(code))


class RefusedRecords(Node):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter, cls.other, cls.edwards = cls.device("meter"), cls.device("other"), cls.device("edwards", EDDSA)
        cls.client.publish(cls.meter.day(cls.start, ROWS))
        cls.previous = cls.meter.previous
        cls.totals = cls.client.ask("data", "totals", {"device": "meter"})

    def tearDown(self):
        """A refused record has changed nothing."""
        self.assertEqual(self.client.ask("data", "totals", {"device": "meter"}), self.totals)

    def payload(self, changes=None, rows=ROWS, fields=FIELDS, **more):
        """The record that would be the next one, with some of its keys changed."""
        arguments = {"sequence": 2, "start": self.start + DAY, "end": self.start + 2 * DAY, "interval": 60,
                     "fields": fields, "rows": rows, "previous": self.previous, **more}
        return {**record_payload(**arguments), **(changes or {})}

    def signed(self, payload, device=None, header=None, key=None, channel="main", unprotected=None):
        device = device or self.meter
        content = payload if isinstance(payload, bytes) else encode(payload)
        return cose_sign1(key or device.key, {**record_header(device.id, device.algorithm), **(header or {})}, content,
                          channel.encode(), unprotected)

    def parts(self):
        return list(cbor2.loads(self.signed(self.payload())).value)

    def message(self, parts):
        return encode(cbor2.CBORTag(18, parts))

    def test_false_signatures(self):
        refused, parts = self.refused, self.parts()
        refused("for another channel", self.signed(self.payload(), channel="other"), 422, "bad_signature")
        refused("for another channel, which it names",
                self.signed(self.payload(), channel="other", unprotected={-70001: "other"}), 422, "wrong_channel")
        refused("by another device's key", self.signed(self.payload(), key=self.other.key), 422, "bad_signature")
        refused("of another payload",
                self.message([parts[0], {}, encode(self.payload({5: self.start + 2 * DAY - 3600})), parts[3]]),
                422, "bad_signature")
        refused("of 63 bytes", self.message(parts[:3] + [parts[3][:63]]), 400, "malformed")
        refused("of 65 bytes", self.message(parts[:3] + [parts[3] + b"\0"]), 400, "malformed")
        refused("of no bytes", self.message(parts[:3] + [b""]), 400, "malformed")
        refused("of zeros", self.message(parts[:3] + [bytes(64)]), 422, "bad_signature")
        refused("with s of the group's order", self.message(parts[:3] + [parts[3][:32] + P256_ORDER.to_bytes(32, "big")]),
                422, "bad_signature")
        for position in random.Random(3).sample(range(64), 8):
            changed = bytearray(parts[3])
            changed[position] ^= 1
            refused(f"with byte {position} changed", self.message(parts[:3] + [bytes(changed)]), 422, "bad_signature")

    def test_a_known_payload_under_a_false_signature(self):
        """It is refused like any other; only the device's own signature learns that the record is known."""
        device = self.device("copied")
        payload = device.payload(self.start, ROWS)
        self.client.publish(device.sign(payload))
        parts = list(cbor2.loads(device.sign(payload)).value)
        self.refused("by another key", self.signed(payload, device, key=self.other.key), 422, "bad_signature")
        self.refused("of zeros", self.message(parts[:3] + [bytes(64)]), 422, "bad_signature")
        self.assertTrue(self.client.publish(device.sign(payload))["duplicate"])

    def test_wrong_headers(self):
        for name, header, status, code in (
                ("another key type's algorithm", {1: EDDSA}, 422, "bad_signature"),
                ("an unknown algorithm", {1: -36}, 400, "unsupported"),
                ("an algorithm named by a text", {1: "ES256"}, 400, "unsupported"),
                ("another content type", {3: "application/json"}, 400, "malformed"),
                ("the device's id as a text", {4: "meter"}, 400, "malformed"),
                ("an id that is not one", {4: b"\xff\xfe"}, 400, "malformed"),
                ("a header too many", {99: 1}, 400, "malformed"),
                ("an unknown device", {4: b"nobody"}, 404, "unknown_device"),
                ("another device", {4: b"other"}, 422, "bad_signature")):
            self.refused(name, self.signed(self.payload(sequence=1, previous=None) if name == "another device"
                                           else self.payload(), header=header), status, code)
        self.refused("a P-256 key for an Ed25519 device",
                     self.signed(self.payload(sequence=1, previous=None), device=self.edwards, key=new_key(ES256),
                                 header={1: ES256}), 422, "bad_signature")

    def test_devices_that_may_not(self):
        def change(device, status):
            self.admin.submit("registry", "set_status", {"device": device.id, "status": status, "reason": "tested"})

        suspended, retired = self.device("suspended"), self.device("retired")
        change(suspended, "SUSPENDED")
        change(retired, "RETIRED")
        # The period ends after the change of status: within the skew that a device's clock may have.
        begin = int(time.time()) + 1
        for device, code in ((suspended, "device_suspended"), (retired, "device_retired")):
            record = device.sign(device.payload(begin, [[0, 1, 2]], kind=KEEPALIVE, end=begin + 60))
            self.refused(code, record, 422, code)

    def test_periods(self):
        today = int(time.time()) // DAY * DAY
        for name, changes, status, code in (
                ("the future", {4: today + DAY, 5: today + 2 * DAY}, 422, "clock_ahead"),
                ("a day that has not ended", {4: today, 5: today + DAY}, 422, "clock_ahead"),
                ("a period published before", {4: self.start, 5: self.start + DAY}, 422, "period_overlap"),
                ("an overlapping period", {4: self.start + DAY - 3600, 5: self.start + 2 * DAY - 3600}, 422,
                 "period_overlap"),
                ("an end before its start", {4: self.start + 2 * DAY, 5: self.start + DAY}, 400, "malformed"),
                ("a day of 26 hours", {5: self.start + DAY + 26 * 3600}, 400, "malformed"),
                ("a day of 2 hours", {5: self.start + DAY + 7200}, 400, "malformed"),
                ("a time before 1970", {4: -DAY, 5: 0}, 400, "malformed"),
                ("a sequence again", {3: 1}, 422, "stale_sequence"),
                ("sequence 0", {3: 0}, 400, "malformed"),
                ("sequence -1", {3: -1}, 400, "malformed"),
                ("sequence 2^64 - 1", {3: 2 ** 64 - 1}, 400, "malformed"),
                ("another predecessor", {10: bytes(32)}, 422, "chain_broken"),
                ("no predecessor", {10: None}, 422, "chain_broken")):
            self.refused(name, self.signed(self.payload(changes)), status, code)
        slow = self.device("slow", late_arrival_s=3600)
        self.refused("later than the device may be", slow.day(self.start, ROWS), 422, "too_late")

    def test_schemas(self):
        for name, fields in (("another unit", [Field("power", "kW", 0), FIELDS[1]]),
                             ("another scale", [FIELDS[0], Field("energy", "Wh", 0)]),
                             ("another name", [Field("strength", "W", 0), FIELDS[1]]),
                             ("another order", FIELDS[::-1])):
            self.refused(name, self.signed(self.payload(fields=fields)), 422, "schema_mismatch")
        self.refused("one field less", self.signed(self.payload(fields=FIELDS[:1], rows=[row[:2] for row in ROWS])),
                     422, "schema_mismatch")

    def test_figures_that_do_not_agree(self):
        summary = self.payload()[8]
        for index, name in enumerate(("count", "missing", "sum", "min", "max", "first", "last")):
            changed = [list(field) for field in summary]
            changed[1][index] += 1
            contradicts_itself = name in ("count", "missing", "min", "last")
            self.refused(f"{name} is another", self.signed(self.payload({8: changed})),
                         *((400, "malformed") if contradicts_itself else (422, "summary_mismatch")))
        self.refused("a summary too few", self.signed(self.payload({8: summary[:1]})), 400, "malformed")
        self.refused("another root", self.signed(self.payload({9: bytes(32)})), 422, "root_mismatch")
        self.refused("a short root", self.signed(self.payload({9: bytes(31)})), 400, "malformed")
        rows = [list(row) for row in ROWS]
        rows[5][1], rows[6][1] = rows[6][1], rows[5][1]
        series = b"".join(encode(row) for row in rows)
        self.refused("another series with the same figures", self.signed(self.payload({12: series})),
                     422, "root_mismatch")
        rows[5][1] += 1
        series, root = b"".join(encode(row) for row in rows), tree_head([encode(row) for row in rows])
        self.refused("another series with its root", self.signed(self.payload({12: series, 9: root})),
                     422, "summary_mismatch")

    def test_rows(self):
        def with_rows(rows):
            return self.signed(self.payload({12: b"".join(encode(row) for row in rows),
                                             9: tree_head([encode(row) for row in rows])},
                                            rows=[row[:1] + [v if isinstance(v, int) else 0 for v in row[1:3]]
                                                  for row in rows]))

        for name, rows in (("an offset behind the period", [[0, 1, 2], [DAY, 1, 2]]),
                           ("falling offsets", [[120, 1, 2], [60, 1, 2]]),
                           ("equal offsets", [[60, 1, 2], [60, 1, 2]]),
                           ("a negative offset", [[-60, 1, 2]]),
                           ("a fraction", [[0, 1.5, 2]]),
                           ("a text", [[0, "1", 2]]),
                           ("2^63", [[0, 2 ** 63, 2]])):
            self.refused(name, with_rows(rows), 400, "malformed")
        short = encode([0, 1])
        self.refused("a value too few", self.signed(self.payload({12: short, 9: tree_head([short])}, rows=[[0, 1, 2]])),
                     400, "malformed")

    def test_malformed_cbor(self):
        record = self.signed(self.payload())
        content = encode(self.payload())
        chance = random.Random(1)
        for length in [0, 1, 2, len(record) - 1] + chance.sample(range(3, len(record) - 1), 40):
            self.refused(f"cut after {length} bytes", record[:length], 400, "malformed")
        for name, body in (
                ("a byte too many", record + b"\0"),
                ("arrays in arrays", b"\x81" * 100000 + b"\0"),
                ("tags of tags", b"\xd2" * 100000 + b"\0"),
                ("without its tag", encode(self.parts())),
                ("no payload", self.message(self.parts()[:2] + [None] + self.parts()[3:])),
                ("a megabyte of zeros", bytes(1 << 20)),
                ("a length of 2^64 - 1", b"\xd2\x84\x5b" + b"\xff" * 8),
                ("a deep payload", self.signed(b"\x81" * 100000 + b"\0")),
                ("a long form of a short integer", self.signed(content[:1] + b"\x01\x18\x01" + content[3:])),
                ("a key twice", self.signed(bytes([content[0] + 1]) + b"\x01\x01" + content[1:])),
                ("keys out of order", self.signed(content[:1] + content[3:] + content[1:3])),
                ("an indefinite length", self.signed(b"\xbf" + content[1:] + b"\xff")),
                ("an unknown key", self.signed(self.payload({13: 1}))),
                ("an unknown kind", self.signed(self.payload({2: 4}))),
                ("an interval of 0 s", self.signed(self.payload({6: 0}))),
                ("no root", self.signed({k: v for k, v in self.payload().items() if k != 9}))):
            self.refused(name, body, 400, "malformed")
        for path in ("/v1/records", "/v1/transactions"):
            self.refused("more than a mebibyte", bytes((1 << 20) + 1), 413, "too_large", path)
        self.refused("an unknown version", self.signed(self.payload({1: 2})), 400, "unsupported")
        for content_type in ("application/json", None):
            self.refused(f"sent as {content_type}", record, 415, "unsupported", content_type=content_type)
        for _ in range(100):
            changed = bytearray(record)
            for _ in range(chance.randrange(1, 4)):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            answer = self.client.request("POST", "/v1/records", bytes(changed), "application/cose")
            self.assertIn(answer.status, (400, 404, 422), f"{bytes(changed).hex()}: {answer.body}")


class AcceptedRecords(Node):
    def test_a_high_s_is_a_signature(self):
        """Any valid s: secure elements do not normalize it."""
        device = self.device("high")
        parts = list(cbor2.loads(device.day(self.start, ROWS)).value)
        s = int.from_bytes(parts[3][32:], "big")
        high = max(s, P256_ORDER - s)
        parts[3] = parts[3][:32] + high.to_bytes(32, "big")
        self.assertEqual(self.client.publish(encode(cbor2.CBORTag(18, parts)))["transaction"]["validation_code"], "VALID")

    def test_extremes(self):
        """The largest and the smallest values, nothing but missing values, no rows, days of 23 and 25 hours."""
        device = self.device("extreme")
        begin = self.start
        for rows, hours in (([[0, 2 ** 63 - 1, -2 ** 63]], 24), ([[0, None, None], [60, None, None]], 23), ([], 25)):
            self.client.publish(device.sign(device.payload(begin, rows, end=begin + hours * 3600)))
            begin += hours * 3600
        days = self.client.ask("data", "days", {"device": "extreme"})["days"]
        power, energy = days[0]["fields"]
        self.assertEqual((power["max"], energy["min"]), ("9223372036854775807", "-922337203685477580.8"))
        self.assertEqual([(d["rows"], d["fields"][0]["count"], d["fields"][0]["missing"]) for d in days],
                         [(1, 1, 0), (2, 0, 2), (0, 0, 0)])
        for day in days[1:]:
            self.assertEqual([day["fields"][0][name] for name in ("min", "max", "first", "last")], [None] * 4)

    def test_repaired_devices_go_on(self):
        """Suspended, repaired, reinstated: records of the time before and after count, none of the time between."""
        device = self.device("repaired")
        self.client.publish(device.day(self.start, ROWS))
        self.admin.submit("registry", "set_status", {"device": "repaired", "status": "SUSPENDED", "reason": "tested"})
        answer = self.admin.request("POST", "/v1/transactions", self.admin.identity.proposal(
            "registry", "set_status", {"device": "repaired", "status": "ACTIVE", "reason": "no repair"})[0],
            "application/cose")
        self.assertGreaterEqual(answer.status, 400, answer.body)
        self.admin.submit("registry", "set_status", {
            "device": "repaired", "status": "ACTIVE", "reason": "mended",
            "repair": {"statement": "new seal"}})
        self.client.publish(device.day(self.start + DAY, ROWS))
        self.assertEqual(self.client.get("/v1/devices/repaired")["status"], "ACTIVE")
        self.assertEqual(self.client.ask("data", "totals", {"device": "repaired"})["daily"], 2)


class RefusedProposals(Node):
    def proposal(self, arguments, contract="registry", function="register_schema", **more):
        return self.admin.identity.proposal(contract, function, arguments, **more)[0]

    def refuse(self, name, proposal, status, code, path="/v1/transactions"):
        self.refused(name, proposal, status, code, path)

    def test_times_and_nonces(self):
        now = int(time.time() * 1000)
        self.refuse("old", self.proposal(schema("a"), created=now - 301000), 422, "proposal_expired")
        self.refuse("of the future", self.proposal(schema("a"), created=now + 35000), 422, "proposal_expired")
        nonce = os.urandom(16)
        first = self.proposal(schema("b"), nonce=nonce)
        outcome = self.admin.send(first)
        self.assertEqual(self.admin.send(first), outcome)
        self.refuse("a nonce again", self.proposal(schema("c"), nonce=nonce), 409, "proposal_replayed")
        for length in (0, 15, 17):
            self.refuse(f"a nonce of {length} bytes", self.proposal(schema("c"), nonce=bytes(length)), 400, "malformed")

    def test_what_is_asked(self):
        self.refuse("another channel", self.proposal(schema("a"), channel="other"), 422, "wrong_channel")
        self.refuse("an unknown contract", self.proposal({}, contract="nope"), 404, "unknown_contract")
        self.refuse("a configuration without arguments", self.proposal({}, "config", "propose"), 400, "invalid_argument")
        self.refuse("an unknown function", self.proposal({}, function="nope"), 404, "unknown_function")
        self.refuse("a query as a transaction", self.proposal({"device": "x"}, "data", "totals"), 400,
                    "invalid_argument")
        self.refuse("an unknown device", self.proposal({"id": "x"}, "registry", "get_device"), 404, "unknown_device",
                    "/v1/queries")
        self.refuse("a schema again", self.proposal(schema("meter")), 409, "already_exists")

    def test_arguments(self):
        for name, text in (("cut off", "{"), ("empty", ""), ("a name twice", '{"id":"a","id":"b","version":1}'),
                           ("a fraction", '{"id":"a","version":1.5}'), ("an exponent", '{"id":"a","version":1e0}'),
                           ("2^64", '{"id":"a","version":18446744073709551616}'),
                           ("nesting", "[" * 100000), ("half a surrogate", '{"id":"\\ud800","version":1}'),
                           ("a comma too many", '{"id":"a",}'), ("a comment", '{/**/}')):
            self.refuse(name, self.proposal(text), 400, "malformed")
        for name, arguments in (("unknown", schema("a", more=1)), ("missing", {"id": "a"}), ("an array", "[]"),
                                ("a number for a text", schema(5)), ("no fields", {**schema("a"), "fields": []}),
                                ("an unknown unit of a field", {**schema("a"), "fields": [{"name": "a", "scale": 0}]})):
            self.refuse(name, self.proposal(arguments), 400, "invalid_argument")
        for body, code in (("{", "malformed"), ('{"device":"meter","more":1}', "invalid_argument"),
                           ("[]", "invalid_argument")):
            self.refused(body, body, 400, code, "/v1/contracts/data/totals", "application/json")

    def test_spoiled_messages(self):
        message = bytearray(self.proposal(schema("a")))
        message[-1] ^= 1
        self.refuse("another signature", bytes(message), 422, "bad_signature")
        self.refuse("cut off", bytes(message[:-5]), 400, "malformed")
        self.refuse("nothing", b"", 400, "malformed")
        self.refuse("a record", cose_sign1(new_key(ES256), record_header("a", ES256), b"\xa0"), 400, "malformed")

    def test_nothing_is_written_by_a_query(self):
        answer = self.admin.request("POST", "/v1/queries", self.proposal(schema("only-evaluated")), "application/cose")
        self.assertEqual(answer.status, 200)
        answer = self.admin.request("POST", "/v1/contracts/registry/get_schema",
                                    json.dumps({"id": "only-evaluated", "version": 1}), "application/json")
        self.assertEqual(answer.status, 404)

    def test_paths_and_parameters(self):
        for method, path, status, code in (
                ("GET", "/v1/nothing", 404, "not_found"), ("DELETE", "/v1/contracts", 405, "unsupported"),
                ("GET", "/v1/contracts/nope", 404, "unknown_contract"),
                ("GET", "/v1/devices/nope", 404, "unknown_device"),
                ("GET", "/v1/devices/meter/series", 400, "invalid_argument"),
                ("GET", "/v1/devices/meter/series?from=x&to=1", 400, "invalid_argument"),
                ("GET", "/v1/devices/meter/days?unknown=1", 400, "invalid_argument"),
                ("GET", "/v1/transactions/zz", 400, "invalid_argument"),
                ("GET", f"/v1/transactions/{'0' * 64}/receipt", 404, "not_found"),
                ("GET", "/v1/blocks/999999", 404, "not_found"),
                ("GET", "/v1/blocks?from=-1", 400, "invalid_argument"),
                ("GET", "/v1/checkpoints/0/consistency?from=1", 400, "invalid_argument"),
                ("GET", "/%00", 400, "malformed"), ("GET", "/v1/devices/%ff", 400, "malformed"),
                ("POST", "/v1/contracts/registry/register_schema", 400, "unsupported")):
            with self.subTest(path):
                body = ("{}", "application/json") if method == "POST" else (None, None)
                answer = self.client.request(method, path, *body)
                self.assertEqual((answer.status, answer.code), (status, code), answer.body)
        unknown = self.client.get("/v1/transactions/" + "0" * 64)
        self.assertEqual(unknown["state"], "unknown")


if __name__ == "__main__":
    unittest.main()
