"""Random certificate paths: what a node remembers, what it judges afresh and what another implementation says are one.

PATHS_SEED and PATHS_CASES give another beginning and another number of random channels."""

import base64
import datetime
import json
import os
import random
import subprocess
import tempfile
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from path_rules import Cert, Rules

SEED, CASES = int(os.environ.get("PATHS_SEED", "1")), int(os.environ.get("PATHS_CASES", "100"))
START = datetime.datetime(2026, 1, 1)
STEP = 1000  # seconds; every date lies on this grid
PURPOSES = ("signing", "crl_signing", "tls_client", "tls_server")
STRANGE = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
CONSTRAINED = x509.NameConstraints([x509.DNSName("example")], None)
KEYS = [ec.derive_private_key(1000 + i, ec.SECP256R1()) for i in range(4)] + [
    ec.derive_private_key(5000, ec.SECP384R1())] + [
    ed25519.Ed25519PrivateKey.from_private_bytes(bytes([i + 1]) * 32) for i in range(3)]
LEAF_KEYS = [key for key in KEYS if not (isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size == 384)]


def moment(grid):
    return START + datetime.timedelta(seconds=grid * STEP)


def time_ms(grid, more=0):
    return int((moment(grid) - datetime.datetime(1970, 1, 1)).total_seconds()) * 1000 + more


def digest_of(key, rng):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return rng.choice([hashes.SHA256(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])


def name(common, organization=None, unit=None):
    parts = [(NameOID.ORGANIZATION_NAME, organization), (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
             (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


class Holder:
    """A certificate, its key, and the certificate that it was issued under."""

    def __init__(self, certificate, key, issuer):
        self.certificate, self.key, self.issuer = certificate, key, issuer

    @property
    def der(self):
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM).decode()


class World:
    """One organization's authorities, members and lists, most of them in order, some of them not."""

    def __init__(self, rng):
        self.rng = rng
        self.roots = [self.authority(None) for _ in range(rng.choice([1, 1, 2, 3]))]
        self.intermediates = []
        for _ in range(rng.randrange(0, 6)):
            self.intermediates.append(self.authority(rng.choice(self.roots + self.intermediates * 2)))
        self.lists = [self.crl() for _ in range(rng.choice([0, 0, 0, 1, 2, 3]))]
        self.known_roots = [each for each in self.roots if rng.random() < 0.9] or self.roots[:1]
        self.known_intermediates = [each for each in self.intermediates if rng.random() < 0.5]

    def odd(self, percent=2):
        return self.rng.random() * 100 < percent

    def window(self):
        if self.rng.random() < 0.85:
            return -5, 15
        begin = self.rng.randrange(-3, 8)
        return begin, begin + self.rng.randrange(1, 10)

    def build(self, subject, key, issuer, ca):
        rng = self.rng
        begin, end = self.window()
        issuer_name = issuer.certificate.subject if issuer else subject
        if self.odd():
            issuer_name = name(f"I{rng.randrange(3)}")
        signer = rng.choice(KEYS) if self.odd() else issuer.key if issuer else key
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer_name).public_key(key.public_key())
                   .serial_number(rng.randrange(1, 1 << 100)).not_valid_before(moment(begin))
                   .not_valid_after(moment(end)))
        if ca and (key not in LEAF_KEYS or not self.odd()):  # a node reads no other certificate with such a key
            depth = rng.randrange(0, 3) if self.odd(25) else None
            builder = builder.add_extension(x509.BasicConstraints(True, depth), rng.random() < 0.9)
        elif not ca and (self.odd(2) or rng.random() < 0.5):
            builder = builder.add_extension(x509.BasicConstraints(self.odd(5), None), True)
        if rng.random() < 0.8:
            sign, certify, list_ = (self.odd(20), not self.odd(), not self.odd(8)) if ca else (not self.odd(), False, False)
            builder = builder.add_extension(
                x509.KeyUsage(sign, False, False, False, not (sign or certify or list_), certify, list_, False, False), True)
        if not ca and self.odd(40):
            usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING,
                      ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
            builder = builder.add_extension(x509.ExtendedKeyUsage(rng.sample(usages, rng.randrange(1, 4))), self.odd(30))
        if rng.random() < 0.7:
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        if rng.random() < 0.7:
            other = rng.choice(KEYS) if self.odd() else issuer.key if issuer else key
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(other.public_key()), False)
        if self.odd(8):
            builder = builder.add_extension(STRANGE, self.odd(50))
        if self.odd(2):
            builder = builder.add_extension(CONSTRAINED, self.odd(50))
        if self.odd(20):
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example")]), self.odd(20))
        return Holder(builder.sign(signer, digest_of(signer, rng)), key, issuer)

    def authority(self, issuer):
        """Few names and keys: renewals, twins and cross certificates come up by themselves."""
        kind = "I" if issuer else "R"
        number = self.rng.randrange(3 if issuer else 2)
        key = KEYS[(number + (3 if issuer else 0) + (1 if self.odd(15) else 0)) % len(KEYS)]
        return self.build(name(f"{kind}{number}"), key, issuer, True)

    def leaf(self):
        issuer = self.rng.choice(self.intermediates * 3 + self.roots)
        if self.odd(8):
            return issuer
        unit = "boss" if self.odd() else self.rng.choice(["client", "peer", "admin"])
        return self.build(name("leaf", "B" if self.odd(3) else "A", unit), self.rng.choice(LEAF_KEYS), issuer, False)

    def crl(self):
        rng = self.rng
        issuer = rng.choice(self.intermediates + self.roots)
        begin, end = self.window()
        builder = (x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
                   .last_update(moment(begin)).next_update(moment(end)))
        if rng.random() < 0.8:
            builder = builder.add_extension(x509.CRLNumber(rng.randrange(0, 4)), False)
        if rng.random() < 0.7:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
        for each in self.intermediates:
            if each.issuer is issuer and self.odd(10):
                builder = builder.add_revoked_certificate(
                    x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
                    .revocation_date(moment(begin)).build())
        signer = rng.choice(KEYS) if self.odd() else issuer.key
        return builder.sign(signer, digest_of(signer, rng)).public_bytes(Encoding.PEM).decode()

    def chain(self):
        """As it should be presented, cut anywhere; then, sometimes, otherwise."""
        rng, holder, chain = self.rng, self.leaf(), []
        while holder:
            chain.append(holder)
            holder = holder.issuer
        chain = chain[:rng.randrange(1, len(chain) + 1)] if rng.random() < 0.4 else chain
        if self.odd(20):
            place = rng.randrange(len(chain))
            twins = [each for each in self.intermediates + self.roots
                     if each.certificate.subject == chain[place].certificate.subject]
            chain[place] = rng.choice(twins or chain)
        if self.odd(10):
            chain.insert(rng.randrange(1, len(chain) + 1), rng.choice(self.roots + self.intermediates + chain))
        if self.odd(5):
            rng.shuffle(chain)
        return chain

    def case(self):
        chains = [self.chain() for _ in range(5)]
        queries = [[rng_chain, time_ms(self.rng.randrange(-6, 17), self.rng.choice([-1, 0, 0, 1]))]
                   for rng_chain in [self.rng.randrange(len(chains)) for _ in range(40)]]
        return {"roots": [each.pem for each in self.known_roots],
                "intermediates": [each.pem for each in self.known_intermediates], "crls": self.lists,
                "chains": [[base64.b64encode(each.der).decode() for each in chain] for chain in chains],
                "queries": queries}


def begins_later_case():
    """[leaf, I2 (begins at 5, with an unknown critical extension), I1]: one key and name, two certificates. The root
    was renewed under its key at 5, too."""
    root_key, key, leaf_key = KEYS[0], KEYS[1], KEYS[2]

    def made(subject, issuer, public, signer, window, ca, more=()):
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public.public_key())
                   .serial_number(random.Random(str(subject) + str(window)).randrange(1, 1 << 60))
                   .not_valid_before(moment(window[0])).not_valid_after(moment(window[1]))
                   .add_extension(x509.BasicConstraints(ca, None), True))
        for each in more:
            builder = builder.add_extension(each, True)
        return Holder(builder.sign(signer, hashes.SHA256()), public, None)

    root = made(name("R"), name("R"), root_key, root_key, (-5, 15), True)
    first = made(name("I"), name("R"), key, root_key, (-5, 15), True)
    second = made(name("I"), name("R"), key, root_key, (5, 15), True, [STRANGE])
    renewed = made(name("R"), name("R"), root_key, root_key, (5, 25), True)
    leaf = made(name("leaf", "A", "client"), name("I"), leaf_key, key, (-5, 15), False)
    chains = [[leaf, second, first], [leaf, first], [leaf, second], [leaf, first, second], [leaf],
              [leaf, first, root], [leaf, first, root, renewed], [leaf, first, renewed, root], [leaf, first, renewed]]
    return {"roots": [root.pem, renewed.pem], "intermediates": [], "crls": [],
            "chains": [[base64.b64encode(each.der).decode() for each in chain] for chain in chains],
            "queries": [[chain, time_ms(grid)] for grid in (4, 5, 6, 4) for chain in range(len(chains))]}


class Paths(unittest.TestCase):
    def judged(self, cases, environment=None):
        done = subprocess.run([os.environ["JUDGE_PATHS"]], input=json.dumps({"cases": cases}), text=True,
                              capture_output=True, timeout=240, env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = iter(done.stdout.splitlines())
        return [[next(lines).split() for _ in case["queries"]] for case in cases]

    def agree(self, cases):
        """How many held, and how many did not."""
        tally = {True: 0, False: 0}
        for number, (case, answers) in enumerate(zip(cases, self.judged(cases))):
            rules = Rules([each.encode() for each in case["roots"]], [each.encode() for each in case["intermediates"]],
                          [each.encode() for each in case["crls"]])
            chains = [[Cert(base64.b64decode(each)) for each in chain] for chain in case["chains"]]
            for (chain, time), (fresh, remembered, *purposes) in zip(case["queries"], answers):
                where = f"seed {SEED}, case {number}, chain {chain}, time {time}"
                self.assertEqual(fresh, remembered, where)
                expected = rules.is_member(chains[chain], time)
                self.assertEqual(fresh == "valid", expected, f"{where}: {fresh}")
                tally[expected] += 1
                for purpose, verdict in zip(PURPOSES, purposes):
                    self.assertEqual(verdict == "valid", rules.path_counts(chains[chain], time, purpose),
                                     f"{where}, {purpose}: {verdict}")
        return tally

    def test_an_authority_that_begins_later_makes_no_difference_between_nodes(self):
        self.agree([begins_later_case()])

    def test_what_is_remembered_is_what_is_fresh_and_what_another_implementation_says(self):
        tally = self.agree([World(random.Random(SEED * 1_000_003 + number)).case() for number in range(CASES)])
        self.assertGreater(tally[True] * 10, tally[False], tally)
        self.assertGreater(tally[False] * 10, tally[True], tally)

    def test_no_configuration_file_of_openssl_changes_a_verdict(self):
        cases = [World(random.Random(number)).case() for number in range(5)]
        with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
            file.write("openssl_conf = all\n[all]\nalg_section = algorithms\n[algorithms]\ndefault_properties = fips=yes\n")
            file.flush()
            self.assertEqual(self.judged(cases, {"OPENSSL_CONF": file.name}), self.judged(cases))


if __name__ == "__main__":
    unittest.main()
