"""Certificates of nodes are renewed while everybody works: nobody notices, and what does not fit is not taken over."""

import base64
import ssl
import threading
import time
import unittest

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cluster_under_test import OnFourNodes, eventually
from node_under_test import tally
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]
IDENTITIES = ("peer", "orderer", "client", "tls")


class Load:
    """Days of a device of its own, one after another, through one gateway; every one must be taken."""

    def __init__(self, test, number):
        self.test, self.number, self.outcomes, self.failure = test, number, [], None
        self.ended = threading.Event()
        self.device = test.device(f"load-{number}")
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        if self.failure:
            raise self.failure

    def run(self):
        try:
            with self.test.cluster.client(self.number) as client:
                while not self.ended.is_set():
                    day = self.test.today - (len(self.outcomes) + 1) * DAY
                    self.outcomes.append(client.publish(self.device.day(day, [[0, 1]]))["transaction"])
        except Exception as failure:  # told by the test's own thread
            self.failure = failure

    def await_more(self, count):
        until = len(self.outcomes) + count
        eventually(lambda: self.failure or len(self.outcomes) >= until)


class Renewal(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = int(time.time()) // DAY * DAY
        with cls.cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "meter", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})

    def device(self, name):
        device = Device(name, new_key(ES256), FIELDS)
        with self.cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_device", device.registration("meter@1", organization=admin.organization))
        self.cluster.agreed()
        return device

    def file(self, node, identity):
        return self.cluster.network / f"nodes/{node}/identity/{identity}.pem"

    def certificate(self, node, identity):
        return x509.load_pem_x509_certificate(self.file(node, identity).read_bytes()).public_bytes(Encoding.DER)

    def log(self, node):
        return (self.cluster.network / f"nodes/{node}/node.log").read_text()

    def signs_with(self, number, certificate):
        with self.cluster.client(number) as client:
            signatures = client.get("/v1/checkpoints/latest")["signatures"]
        return base64.b64encode(certificate).decode() in [each["certificate"] for each in signatures]

    def test_under_load_nobody_notices(self):
        old = {identity: self.certificate("node2", identity) for identity in IDENTITIES}
        elsewhere, here = Load(self, 1), Load(self, 2)
        with elsewhere, here:
            here.await_more(3)
            for identity in IDENTITIES:
                tally("identity", "renew", self.cluster.network / "organizations/B", self.file("node2", identity))
            new = {identity: self.certificate("node2", identity) for identity in IDENTITIES}
            self.assertTrue(all(new[identity] != old[identity] for identity in IDENTITIES))
            self.assertEqual(self.cluster.run("reload", "--node", "node2"), {"asked": ["node2"]})
            eventually(lambda: "event=reloaded" in self.log("node2"))
            for identity in ("peer", "orderer", "client"):
                self.assertIn(f"event=certificate_renewed identity={identity}", self.log("node2"))
            here.await_more(5)
            elsewhere.await_more(5)
            eventually(lambda: self.signs_with(2, new["peer"]) and self.signs_with(3, new["peer"]))
            served = ssl.get_server_certificate(("127.0.0.1", self.cluster.port + 1))
            self.assertEqual(ssl.PEM_cert_to_DER_cert(served), new["tls"])
        with self.cluster.client(2) as client:
            raw = client.request("GET", f"/v1/transactions/{here.outcomes[-1]['id']}/raw").body
            blocks = client.get(f"/v1/blocks?from={here.outcomes[0]['block']}&limit=100")
        for identity in ("peer", "client"):  # the endorsement, and the gateway's own proposal
            self.assertIn(new[identity], raw)
            self.assertNotIn(old[identity], raw)
        self.assertTrue(blocks["blocks"])
        for load in (elsewhere, here):
            self.assertEqual({outcome["validation_code"] for outcome in load.outcomes}, {"VALID"})
        self.cluster.agreed()

    def test_what_does_not_fit_is_not_taken_over(self):
        own = self.certificate("node3", "peer")
        good = self.file("node3", "peer").read_bytes()
        wrong = {"of another key": self.file("node4", "peer").read_bytes(), "damaged": good[:200]}
        for what, content in wrong.items():
            with self.subTest(what):
                before = self.log("node3").count("event=reload_failed")
                self.file("node3", "peer").write_bytes(content)
                self.cluster.run("reload", "--node", "node3")
                eventually(lambda before=before: self.log("node3").count("event=reload_failed") > before)
        self.file("node3", "peer").write_bytes(good)
        self.assertEqual(self.log("node3").count("event=certificate_kept identity=peer"), 2)
        with Load(self, 3) as load:
            load.await_more(2)
        eventually(lambda: self.signs_with(3, own))
        before = self.log("node3").count("event=reloaded")
        self.assertEqual(len(self.cluster.run("reload")["asked"]), 4)
        eventually(lambda: self.log("node3").count("event=reloaded") > before)


if __name__ == "__main__":
    unittest.main()
