"""A revocation list that is out of date stops its organization, but not the change of the configuration that mends it."""

import datetime
import json
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import NodeUnderTest, tally
from tally.errors import Refused
from tally_client import Client

SCHEMA = {"version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}


def list_of(organization, file, seconds, number, revoked=()):
    """A revocation list that another program writes; it ends so many seconds from now."""
    authority = organization / "ca"
    issuer = x509.load_pem_x509_certificate((authority / "intermediate.pem").read_bytes())
    key = load_pem_private_key((authority / "intermediate-key.pem").read_bytes(), None)
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
               .last_update(now - datetime.timedelta(hours=1)).next_update(now + datetime.timedelta(seconds=seconds))
               .add_extension(x509.CRLNumber(number), False))
    for serial in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return file


class Expiry(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest())
        self.organization = self.node.network / "organizations/Operator"

    def list_until(self, seconds, number, revoked=()):
        return list_of(self.organization, self.node.folder / f"{number}.crl", seconds, number, revoked)

    def config(self, *command, expect=0):
        profile = self.organization / "members/admin/profile.toml"
        done = tally("--json", "config", *command, "--profile", profile, expect=expect)
        return json.loads(done.stdout if expect == 0 else done.stderr)

    def write(self, name):
        with self.node.client("admin") as admin:
            return admin.submit("registry", "register_schema", {"id": name, **SCHEMA})

    def refusal(self, name):
        """Why a write is refused; nothing where it is not."""
        try:
            self.write(name)
        except Refused as refused:
            return refused.code
        return ""

    def unready(self):
        with self.node.client() as client:
            answer = client.request("GET", "/readyz")
        return answer.status == 503 and json.loads(answer.body).get("why", "")

    def expired(self):
        """The channel's only organization, with a list that has just ended."""
        self.node.start()
        self.write("before")
        self.assertTrue(self.config("propose", "--crl", f"Operator={self.list_until(6, 1)}")["applied"])
        numbers = iter(range(1000))
        eventually(lambda: self.refusal(f"until{next(numbers)}") == "crl_expired")

    def mend(self):
        self.assertTrue(self.config("propose", "--crl", f"Operator={self.list_until(86400 * 90, 2)}")["applied"])
        self.assertEqual(self.write("behind")["validation_code"], "VALID")
        self.assertFalse(self.unready())

    def test_the_only_organization_installs_its_next_list(self):
        self.expired()
        self.assertIn("revocation list 1 is not current", self.unready())
        for who in ("admin", "client1"):
            with self.node.client(who) as client, self.assertRaises(Refused) as refused:
                client.query("registry", "list_schemas", {})
            self.assertEqual(refused.exception.code, "crl_expired")
        for who, code in (("client1", 401), ("admin", 200)):
            with self.node.client(who) as client:
                answer = client.request("POST", "/v1/contracts/config/show", b"{}", "application/json")
            self.assertEqual(answer.status, code, answer.body)
        self.mend()
        self.assertEqual(self.node.stop(), 0)
        self.node.verify()

    def test_a_node_that_is_out_of_date_by_its_own_ledger_starts(self):
        self.expired()
        self.assertEqual(self.node.stop(), 0)
        found = {each["what"]: each["verdict"] for each in json.loads(
            tally("--json", "doctor", self.node.home, expect=1).stdout) if each["subject"] == "expiry"}
        self.assertEqual(list(found.values()), ["bad"], found)
        self.assertIn("revocation list of Operator", next(iter(found)))
        self.node.spawn()
        self.assertTrue(self.node.started.wait(30))
        self.assertIsNone(self.node.process.poll(), "".join(self.node.log))
        eventually(lambda: any("event=expired" in line and "revocation list of Operator" in line
                               for line in self.node.log))
        self.mend()

    def test_who_is_revoked_by_a_list_that_is_out_of_date_changes_nothing(self):
        self.node.start()
        admin = x509.load_pem_x509_certificate((self.organization / "members/admin/certificate.pem").read_bytes())
        file = self.list_until(-10, 1, [admin.serial_number])
        self.assertTrue(self.config("propose", "--crl", f"Operator={file}")["applied"])

        def code():
            with self.node.client("admin") as client:
                return client.request("POST", "/v1/contracts/config/show", b"{}", "application/json").code
        eventually(lambda: code() == "certificate_revoked")


class ExpiryOfOneOfFour(unittest.TestCase):
    """D's list ends. Its node is a member among others of the channel, and goes on fetching blocks."""

    def setUp(self):
        self.cluster = self.enterContext(ClusterUnderTest())
        self.cluster.up()

    def config(self, organization, *command):
        return self.cluster.run_as(organization, "config", *command)

    def install(self, seconds, number):
        file = list_of(self.cluster.network / "organizations/D", self.cluster.folder / f"{number}.crl", seconds, number)
        answer = self.config("A", "propose", "--crl", f"D={file}")
        for organization in "BC":
            answer = self.config(organization, "approve", answer["config"])
        self.assertTrue(answer["applied"])

    def write(self, number, name):
        with self.cluster.client(number, "admin") as admin:
            outcome = admin.submit("registry", "register_schema", {"id": name, **SCHEMA})
        self.assertEqual(outcome["validation_code"], "VALID")
        return outcome["block"]

    def height(self, number):
        """Of node NUMBER, for a member of A: D's own are not served while the list is out of date."""
        with Client(self.cluster.port + number - 1, self.cluster.network / "tls-roots.pem",
                    self.cluster.identity(1, "client1")) as client:
            return client.get("/v1/checkpoints/latest")["block"]

    def ready(self, number):
        with self.cluster.client(number) as client:
            return client.request("GET", "/readyz").status == 200

    def stopped_when_the_list_has_ended(self):
        """Node 4, whose own ledger says that it is out of date."""
        self.install(8, 1)
        tip = self.height(1)
        eventually(lambda: self.height(4) >= tip)
        self.cluster.run("kill", "node4")

        def ended():
            with Client(self.cluster.port, self.cluster.network / "tls-roots.pem",
                        self.cluster.identity(4, "client1")) as client:
                return client.request("POST", "/v1/contracts/registry/list_schemas", b"{}",
                                      "application/json").code == "crl_expired"
        eventually(ended, 30)

    def test_it_fetches_blocks_while_it_is_out_of_date(self):
        self.stopped_when_the_list_has_ended()
        block = self.write(1, "while-it-was-away")
        self.cluster.run("start", "node4")
        eventually(lambda: self.height(4) >= block, 30)
        block = self.write(2, "while-it-follows")
        eventually(lambda: self.height(4) >= block)
        self.assertFalse(self.ready(4))
        self.install(86400 * 90, 2)
        eventually(lambda: self.ready(4))
        self.write(4, "mended")

    def test_the_mend_that_it_missed_is_in_the_blocks_that_it_fetches(self):
        self.stopped_when_the_list_has_ended()
        self.install(86400 * 90, 2)
        self.write(1, "after-the-mend")
        self.cluster.run("start", "node4")
        eventually(lambda: self.ready(4), 30)
        self.write(4, "mended")
        self.cluster.agreed()


if __name__ == "__main__":
    unittest.main()
