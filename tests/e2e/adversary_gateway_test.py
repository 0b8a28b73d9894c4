"""An adversary with all keys of one node and of its organization: what its gateway has ordered, everybody judges alike.

It orders through its own orderer, so no honest node admits what it sends.
"""

import datetime
import json
import struct
import time
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from adversary import UnderAttack, schema
from cluster_under_test import eventually
from node_under_test import tally
from tally.identity import Identity
from tally_transactions import CONFIGURATION, config_update, endorse, simulation, transaction

UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")


class Gateway(UnderAttack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster.run("kill", f"node{cls.own}")
        cls.admin = cls.cluster.identity(cls.own, "admin")
        cls.schemas = 0

    def propose(self, identity=None, arguments=None):
        """A good proposal, and what it registers."""
        type(self).schemas += 1
        name = f"g{self.schemas}"
        proposal, transaction_id = (identity or self.admin).proposal("registry", "register_schema",
                                                                     arguments or schema(name))
        return proposal, transaction_id, name

    def endorsed(self, proposal):
        """By all honest nodes: the simulation, and their endorsements."""
        file, folder = self.cluster.folder / "proposal", self.cluster.folder / "endorsed"
        file.write_bytes(proposal)
        folder.mkdir(exist_ok=True)
        told = self.spoken("endorse", 60, proposal=file, out=folder)
        nodes = [f"node{number}" for number in self.honest]
        self.assertEqual(told.split("\n")[:-1], [f"{node} endorsed" for node in nodes])
        simulations = {(folder / f"{node}.simulation").read_bytes() for node in nodes}
        self.assertEqual(len(simulations), 1)
        return simulations.pop(), [((folder / f"{node}.certificate").read_bytes(),
                                    (folder / f"{node}.signature").read_bytes()) for node in nodes]

    def is_registered(self, name):
        with self.cluster.client(1) as client:
            return client.request("GET", f"/v1/schemas/{name}?version=1").status == 200

    def judged(self, cases):
        """CASES: name, transaction, code. Ordered in one batch while honest members work."""
        codes = self.go_on_while(lambda: self.ordered([each for _, each, _ in cases]))
        self.assertEqual(dict(zip([name for name, _, _ in cases], codes)), {name: code for name, _, code in cases})

    def test_endorsements_that_are_not_enough_or_of_something_else(self):
        proposal, transaction_id, name = self.propose()
        simulated, endorsements = self.endorsed(proposal)
        peer = self.home(self.own) / "identity" / "peer"
        key = serialization.load_pem_private_key((peer.parent / "peer-key.pem").read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(peer.with_suffix(".pem").read_bytes())
        own = endorse(key, certificate.public_bytes(serialization.Encoding.DER), simulated)
        other, other_id, other_name = self.propose()
        for_other = bytes.fromhex(other_id) + simulated[32:]
        changed = simulated.replace(name.encode(), name.encode().replace(b"g", b"h"))
        self.assertNotEqual(changed, simulated)
        short = "ENDORSEMENT_POLICY_FAILURE"
        self.judged([
            ("none", transaction(proposal, simulated), short),
            ("two of four", transaction(proposal, simulated, endorsements[:2]), short),
            ("one, again and again", transaction(proposal, simulated, endorsements[:1] * 4), short),
            ("its own, again and again", transaction(proposal, simulated, [own] * 4), short),
            ("two and a false one", transaction(proposal, simulated, [*endorsements[:2], (own[0], bytes(64))]), short),
            ("other writes", transaction(proposal, changed, endorsements), short),
            ("other writes, one signs them", transaction(proposal, changed, [*endorsements[:2], endorse(
                key, own[0], changed)]), short),
            ("of another proposal", transaction(other, simulated, endorsements), "BAD_PROPOSAL_TXID"),
            ("made to fit another proposal", transaction(other, for_other, endorsements), short),
            ("as they are", transaction(proposal, simulated, endorsements), "VALID"),
            ("again, in the same block", transaction(proposal, simulated, endorsements), "DUPLICATE_TXID"),
            ("again, with its own added", transaction(proposal, simulated, [*endorsements, own]), "DUPLICATE_TXID")])
        self.assertTrue(self.is_registered(name))
        self.assertFalse(self.is_registered(other_name))
        self.judged([("again, in a later block", transaction(proposal, simulated, endorsements), "DUPLICATE_TXID")])

    def test_lists_of_any_length(self):
        proposal, transaction_id, _ = self.propose()
        simulated = simulation(transaction_id, "registry", "register_schema")
        many_events = simulated[:-20] + struct.pack("<I", 200_001) + bytes(8 * 200_001 + 16)
        self.judged([
            ("no transaction", b"\xff" * 1000, "BAD_PAYLOAD"),
            ("two million empty endorsements", transaction(proposal, simulated)[:-4] + struct.pack("<I", 2_000_000)
             + bytes(16_000_000), "BAD_PAYLOAD"),
            ("thirty thousand false endorsements", transaction(proposal, simulated, [(b"0" * 300, b"7" * 64)] * 30_000),
             "BAD_PAYLOAD"),
            ("as many false ones as may be", transaction(proposal, simulated, [(b"0" * 300, b"7" * 64)] * 256),
             "ENDORSEMENT_POLICY_FAILURE"),
            ("a list that claims more than is there", transaction(proposal, simulated)[:-4] + b"\xff" * 4, "BAD_PAYLOAD"),
            ("two hundred thousand events and one", transaction(proposal, many_events), "BAD_PAYLOAD")])

    def intermediate(self, like, authority, authority_key, *, begins=None, critical=False):
        """Another certificate for the intermediate's key, by the root."""
        builder = (x509.CertificateBuilder().subject_name(like.subject).issuer_name(authority.subject)
                   .public_key(like.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(begins or like.not_valid_before).not_valid_after(like.not_valid_after))
        for extension in like.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        if critical:
            builder = builder.add_extension(UNKNOWN_EXTENSION, True)
        return builder.sign(authority_key, hashes.SHA256())

    def test_certificates_that_a_search_would_find_a_way_around(self):
        """No node stops, and the code follows from the order that was presented and the block's time alone."""
        folder = self.cluster.network / "organizations" / "D" / "ca"
        root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
        root_key = serialization.load_pem_private_key((folder / "root-key.pem").read_bytes(), None)
        first = x509.load_pem_x509_certificate((folder / "intermediate.pem").read_bytes())
        begins = datetime.datetime.utcfromtimestamp(int(time.time()) + 6)
        strange = self.intermediate(first, root, root_key, critical=True)
        coming = self.intermediate(first, root, root_key, begins=begins)
        strange_and_coming = self.intermediate(first, root, root_key, begins=begins, critical=True)

        def by(*intermediates):
            identity = Identity(self.admin.key, [self.admin.chain[0], *intermediates])
            proposal, transaction_id, _ = self.propose(identity)
            return transaction(proposal, simulation(transaction_id, "registry", "register_schema"))

        def cases(has_begun):
            good, bad = "ENDORSEMENT_POLICY_FAILURE", "BAD_CREATOR_SIGNATURE"
            return [("the usual one", by(first), good), ("a strange one", by(strange), bad),
                    ("a strange one first", by(strange, first), bad), ("a strange one last", by(first, strange), bad),
                    ("one that begins", by(coming), good if has_begun else bad),
                    ("one that begins first", by(coming, first), bad),
                    ("one that begins last", by(first, coming), bad),
                    ("a strange one that begins", by(strange_and_coming, first), bad), ("none: the configuration names it", by(), good)]

        def has_begun():
            return datetime.datetime.utcfromtimestamp(self.block_time_ms / 1000) >= begins
        for _ in range(2):
            ordered = cases(False)
            codes = self.go_on_while(lambda: self.ordered([each for _, each, _ in ordered]))
            expected = [code for _, _, code in cases(has_begun())]
            self.assertEqual(codes, expected, [name for name, _, _ in ordered])
            eventually(lambda: datetime.datetime.utcnow() > begins)

    def test_an_update_of_the_configuration_that_nobody_approved(self):
        """It ends no epoch, and a good one goes through."""
        current = json.loads((self.cluster.network / "channel.json").read_text())
        wanted = json.dumps({**current, "version": current["version"] + 1}, separators=(",", ":"))
        approval, _ = self.admin.proposal("config", "approve", {"base": "00" * 32, "config": "00" * 32, "expires_ms": 1,
                                                                "knows": {"rules": 1, "contracts": []}})
        for approvals in ([], [approval] * 3, [b"no approval"] * 1000, [approval[:-1] + b"\0"] * 256):
            update = transaction(config_update("main", wanted, approvals), b"", kind=CONFIGURATION)
            for sealing in (True, False):
                (code,) = self.go_on_while(lambda u=update, s=sealing: self.ordered([u], configuration=s))
                self.assertIn(code, ("INVALID_CONFIG_TRANSACTION", "BAD_PAYLOAD"))
        self.change("batch.max_messages=77")

    def change(self, edit):
        """Proposed and approved by the honest organizations."""
        def config(organization, *words):
            profile = self.cluster.network / "organizations" / organization / "members" / "admin" / "profile.toml"
            return json.loads(tally("--json", "config", *words, "--profile", profile).stdout)
        proposed = config("A", "propose", "--set", edit)
        for organization in "BC":
            answer = config(organization, "approve", proposed["config"])
        self.assertTrue(answer["applied"])
        self.cluster.agreed(self.honest)

    def test_what_honest_orderers_admit(self):
        file = self.cluster.folder / "submitted"
        for name, content, answer in (("nothing", b"", "invalid_argument|malformed"),
                                      ("no transaction", b"\xff" * 100, "malformed"),
                                      ("no proposal", transaction(b"none", b""), "malformed"),
                                      ("one without endorsements", transaction(*self.propose()[:1], b""), "accepted")):
            with self.subTest(name):
                file.write_bytes(content)
                told = self.go_on_while(lambda: self.spoken("submit", 60, file=file))
                for number, line in zip(self.honest, told.splitlines()):
                    self.assertRegex(line, rf"^node{number} ({answer})")


if __name__ == "__main__":
    unittest.main()
