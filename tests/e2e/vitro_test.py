"""Vitro IoT Blocks, in both orders, from the device's signature to what the ledger tells of them."""

import os
import pathlib
import re
import time
import unittest

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cluster_under_test import ClusterUnderTest
from node_under_test import NodeUnderTest
from tally.errors import Refused
from tally.formats import DAY, ES256, new_key, public_pem, sha256
from tally.records import Field
from tally_client import VITRO_BLOCK, Device, vitro_block, vitro_digest

FORMATS = pathlib.Path(__file__).parents[2] / "docs/formats.md"


class VitroBlocks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        cls.now = int(time.time())

    @classmethod
    def tearDownClass(cls):
        assert cls.node.stop() == 0, "".join(cls.node.log)
        cls.node.verify()

    def register(self, node, profile, public_key):
        self.admin.submit("registry", "register_device", {
            "id": node.hex(), "shard": "field", "profile": profile, "public_key": public_key,
            "polling_interval_s": 60, "keepalive_interval_s": 3600})

    def device(self, profile):
        node, key = os.urandom(9), new_key(ES256)
        self.register(node, profile, public_pem(key))
        return node, key

    def publish(self, block):
        return self.client.publish(block, content_type=VITRO_BLOCK)

    def refused(self, block, code):
        with self.assertRaises(Refused) as refusal:
            self.publish(block)
        self.assertEqual(refusal.exception.code, code)

    def test_blocks_of_both_orders(self):
        for profile in ("vitro-1", "vitro-2"):
            with self.subTest(profile):
                node, key = self.device(profile)
                blobs = [os.urandom(size) for size in (32, 48, 1664)]
                outcomes = [self.publish(vitro_block(key, profile, 7, node, self.now - 60 + number, blob))
                            for number, blob in enumerate(blobs)]
                records = self.client.ask("data", "records", {"device": node.hex()})["records"]
                self.assertEqual(len(records), len(blobs))
                for number, (blob, outcome, record) in enumerate(zip(blobs, outcomes, records)):
                    second = self.now - 60 + number
                    self.assertEqual((outcome["transaction"]["validation_code"], outcome["duplicate"]), ("VALID", False))
                    self.assertEqual(outcome["content_id"], vitro_digest(7, node, second, blob).hex())
                    self.assertEqual(record["content_id"], outcome["content_id"])
                    self.assertEqual((record["format"], record["kind"], record["from"], record["to"]),
                                     ("vitro", "INTERVAL", second, second + 1))
                    self.assertEqual((record["sequence"], record["parameter"]), (second * 65536 + 7, 7))
                    self.assertEqual(record["ciphertext_sha256"], sha256(blob).hex())
                    self.assertEqual(record["block"], outcome["transaction"]["block"])
                heard = self.client.get(f"/v1/devices/{node.hex()}/liveness")
                self.assertEqual(heard["last_interval_end"], self.now - 60 + len(blobs))

    def test_the_same_block_again_is_the_same_block(self):
        """Also when it was signed anew; not under a false signature."""
        for profile in ("vitro-1", "vitro-2"):
            with self.subTest(profile):
                node, key = self.device(profile)
                content = (7, node, self.now - 60, os.urandom(32))
                first = self.publish(vitro_block(key, profile, *content))
                again = self.publish(vitro_block(key, profile, *content))
                self.assertEqual((again["duplicate"], again["content_id"], again["transaction"]),
                                 (True, first["content_id"], first["transaction"]))
                self.refused(vitro_block(new_key(ES256), profile, *content), "bad_signature")

    def test_what_is_wrong_is_refused(self):
        node, key = self.device("vitro-1")
        second, blob = self.now - 60, os.urandom(32)
        block = vitro_block(key, "vitro-1", 7, node, second, blob)
        self.publish(block)
        spoiled = bytearray(vitro_block(key, "vitro-1", 8, node, second, blob))
        spoiled[20] ^= 1
        self.refused(bytes(spoiled), "bad_signature")
        self.refused(vitro_block(key, "vitro-2", 8, node, second, blob), "unknown_device")
        self.refused(vitro_block(key, "vitro-1", 8, os.urandom(9), second, blob), "unknown_device")
        self.refused(vitro_block(key, "vitro-1", 7, node, second, os.urandom(32)), "stale_sequence")
        self.refused(vitro_block(key, "vitro-1", 8, node, self.now + DAY, blob), "clock_ahead")
        self.refused(vitro_block(key, "vitro-1", 8, node, second, blob + b"\0"), "malformed")
        self.refused(vitro_block(key, "vitro-1", 8, node, second, bytes(1680)), "too_large")
        device = Device(node.hex(), key, [Field("power", "W", 0)])
        with self.assertRaises(Refused) as refusal:
            self.client.publish(device.day(self.now // DAY * DAY - DAY, [[0, 1]]))
        self.assertEqual(refusal.exception.code, "schema_mismatch")

    def test_the_documents_example(self):
        section = FORMATS.read_text().partition("## Vitro IoT Blocks")[2].partition("\n## ")[0]
        block = bytes.fromhex("".join(re.findall(r"^    ([0-9a-f]+)", section, re.MULTILINE)))
        node, key = re.findall(r"`([0-9a-f]{18})`", section)[0], re.findall(r"`([0-9a-f]{66})`", section)[0]
        self.register(bytes.fromhex(node), "vitro-1", key)
        outcome = self.publish(block)
        self.assertEqual(outcome["transaction"]["validation_code"], "VALID")
        self.assertEqual(outcome["content_id"], block[-96:-64].hex())


class BetweenOrganizations(unittest.TestCase):
    """Two organizations: a meter that proves nothing needs the consent of both, and is one's alone."""

    def test_nobody_takes_anothers_meter(self):
        cluster = self.enterContext(ClusterUnderTest(organizations="AB"))
        cluster.up()
        node, key, second = os.urandom(9), new_key(ES256), int(time.time()) - 60
        meter = {"id": node.hex(), "shard": "field", "profile": "vitro-1", "public_key": public_pem(key),
                 "polling_interval_s": 60, "keepalive_interval_s": 3600}
        fingerprint = sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hex()
        block = vitro_block(key, "vitro-1", 7, node, second, os.urandom(32))
        with cluster.client(1, "admin") as a, cluster.client(2, "admin") as b:
            def refused(client, code, *call):
                with self.assertRaises(Refused) as refusal:
                    client.submit("registry", *call)
                self.assertEqual(refusal.exception.code, code)

            def confirmation(organization):
                return "confirm_device", {"organization": organization, "id": node.hex(), "fingerprint": fingerprint}
            retirement = "set_status", {"device": node.hex(), "status": "RETIRED", "reason": "mine"}
            b.submit("registry", "register_device", meter)  # B claims A's meter, and has nothing of it
            refused(b, "permission_denied", *confirmation("B"))
            refused(b, "unknown_device", *retirement)
            a.submit("registry", "register_device", meter)
            cluster.agreed()
            self.assertEqual(a.ask("registry", "list_devices", {})["devices"], [])
            (waiting,) = b.ask("registry", "pending_devices", {"organization": "A"})["devices"]
            self.assertEqual((waiting["id"], waiting["fingerprint"]), (node.hex(), fingerprint))
            b.submit("registry", *confirmation("A"))
            cluster.agreed()
            self.assertEqual(b.get(f"/v1/devices/{node.hex()}")["organization"], "A")
            refused(a, "already_exists", *confirmation("B"))
            refused(b, "permission_denied", *retirement)
            with self.assertRaises(Refused) as refusal:
                b.publish(block, content_type=VITRO_BLOCK)
            self.assertEqual(refusal.exception.code, "permission_denied")
            self.assertEqual(a.publish(block, content_type=VITRO_BLOCK)["transaction"]["validation_code"], "VALID")
            cluster.agreed()
            self.assertEqual(b.ask("data", "totals", {"shard": "field"})["interval"], 0, "B's own shard of that name")
            self.assertEqual(b.ask("data", "totals", {"shard": "field", "organization": "A"})["interval"], 1)


if __name__ == "__main__":
    unittest.main()
