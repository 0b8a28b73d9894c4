#!/usr/bin/env python3
"""Makes the golden chain and files of a release: tests/golden/make_release.py RELEASE.

A consortium of four organizations does everything that changes a ledger: each function that writes, each kind of record
and of change of the configuration, and a transaction of each validation code. What is kept below tests/golden/RELEASE:

  node.tar.gz        the backup of a node (`tally backup`), with its ledger
  channel.json       the configuration at the end; genesis.block the one at the beginning
  receipts/CODE      a receipt of a transaction of each code
  days.answer        an attested answer
  sealed.invoice     a sealed invoice
  chain.snapshot     a snapshot
  records/           signed records as they were sent, and a packed series
  member/            a member's key and certificate, and the authorities for TLS, to ask the node with
  contents.json      what the ledger holds: the last block, and each transaction's id, code and function

The files are frozen once the release is out. Keys in them are of this chain alone.
"""

import base64
import datetime
import json
import os
import pathlib
import shutil
import sys
import tarfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import unittest  # noqa: E402

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from cryptography.x509.oid import NameOID  # noqa: E402

from adversary import UnderAttack, schema  # noqa: E402
from cluster_under_test import ClusterUnderTest, eventually  # noqa: E402
from node_under_test import TALLY, tally  # noqa: E402
from tally.certificates import load_certificates  # noqa: E402
from tally.formats import (DAY, EDDSA, ES256, INTERVAL, KEEPALIVE, cose_sign1, encode, new_key, public_pem,  # noqa: E402
                           sha256)
from tally.identity import Identity  # noqa: E402
from tally.records import OPENING, PACKED_SERIES, Field, conceal  # noqa: E402
from tally.series import pack  # noqa: E402
from tally_client import OCMF, VITRO_BLOCK, Device, vitro_block  # noqa: E402
from tally_transactions import CONFIGURATION, config_update, endorse, string, transaction  # noqa: E402

MISCHIEF = os.environ.get("TALLY_MISCHIEF", str(pathlib.Path(TALLY).parent.parent / "tests/contracts/mischief"))
FIELDS = [Field("power", "W", 0), Field("energy", "Wh", -1)]
TODAY = int(time.time()) // DAY * DAY
ROWS = [[minute * 60, minute % 7, None if minute % 100 == 3 else minute * 12] for minute in range(1440)]
ONE_REST = [[0, 1, 2], [60, 3, None]]
DAYS = 3650  # of certificates
MAKER = "A"  # the organization whose devices they are; of node1, which is kept


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def simulated(identifier, contract, function, *, version=1, result="null", reads=(), ranges=(), writes=(), increments=()):
    """A simulation that nothing was run for. Versions, values and bounds are given as bytes."""
    def number(count):
        return count.to_bytes(4, "little")

    def listed(items):
        return number(len(items)) + b"".join(items)
    return (identifier + string(contract) + number(version) + string(function) + string(result) + number(0)
            + listed(reads) + listed(ranges) + listed(writes) + listed(increments))


def key_of(space, key):
    return string(space) + string(key)


class Release(UnderAttack):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.package = cls.cluster.folder / "mischief-1.tallyc"
        tally("network", "create", cls.cluster.network, *cls.cluster.options, "--days", DAYS)
        tally("contract", "pack", MISCHIEF, "--out", cls.package)
        for number in range(1, 5):
            tally("contract", "install", cls.package, cls.home(cls, number))
        cls.cluster.run("up")
        cls.configs, cls.files = [json.loads((cls.cluster.network / "channel.json").read_text())], {}

    def admin(self, number=1):
        return self.cluster.client(number, "admin")

    def done(self, outcome):
        """Every node has it, so that whoever is asked next builds on it."""
        transaction = outcome.get("transaction", outcome)
        self.assertEqual(transaction["validation_code"], "VALID")
        self.cluster.agreed(self.alive, at_least=transaction["block"])
        return outcome

    def submit(self, contract, function, arguments, number=1, **more):
        with self.admin(number) as admin:
            return self.done(admin.submit(contract, function, arguments, **more))

    def publish(self, record, name=None, number=1, **more):
        if name:
            self.files["records/" + name] = record
        with self.cluster.client(number) as client:
            return self.done(client.publish(record, **more))

    def organization(self, name):
        return self.cluster.network / "organizations" / name

    # What members do --------------------------------------------------------------------------------------------

    def register(self):
        self.submit("registry", "register_schema", {"id": "meter", "version": 1, "fields": [
            {"name": f.name, "unit": f.unit, "scale": f.scale} for f in FIELDS]})
        self.submit("registry", "register_schema", {"id": "meter", "version": 2, "fields": [
            {"name": f.name, "unit": f.unit, "scale": f.scale - 1} for f in FIELDS]})
        self.meter, self.plain = Device("meter", new_key(EDDSA), FIELDS), Device("plain", new_key(ES256), FIELDS)
        self.submit("registry", "register_device", self.meter.registration("meter@1", organization=MAKER))
        others = [Device(f"many-{n}", new_key(EDDSA), FIELDS) for n in range(2)]
        self.submit("registry", "import_devices", {"devices": [
            each.registration("meter@1", organization=MAKER) for each in [self.plain, *others]]})
        self.submit("registry", "add_schemas", {"device": "meter", "schemas": ["meter@2"]})

    def publish_records(self):
        meter, first = self.meter, TODAY - 20 * DAY
        self.publish(meter.sign(meter.payload(first, ONE_REST, kind=KEEPALIVE, end=first + 600)), "keepalive")
        self.publish(meter.sign(meter.payload(first, ONE_REST, kind=INTERVAL, end=first + 600)), "interval")
        inline = meter.payload(first, ROWS, counters=[3, 4711, 1440])
        self.publish(meter.sign(inline), "daily-inline")
        daily = meter.previous
        packed, series = meter.packed_day(first + DAY, ROWS)
        self.publish(packed, "daily-packed")
        self.files["records/series.packed"] = series
        late, series = meter.packed_day(first + 2 * DAY, ROWS, with_series=False)
        outcome = self.publish(late, "daily-without-rows")
        self.submit("data", "attach_series", {"device": "meter", "content_id": outcome["content_id"]},
                    attachments=[series])
        corrected = meter.payload(first, [[0, 9, 9]])
        self.publish(meter.sign({**corrected, 15: daily}), "correction")
        plain = self.plain
        start = plain.payload(first, ROWS)
        self.publish(plain.sign(start), "daily-p256")
        linked = plain.payload(first + DAY, ROWS)
        self.publish(plain.sign({**linked, 13: sha256(encode(start))}), "daily-linked")
        self.plain_daily = plain.previous

    def publish_vitro_blocks(self):
        for profile in ("vitro-1", "vitro-2"):
            node, key = os.urandom(9), new_key(ES256)
            self.submit("registry", "register_device", {
                "id": node.hex(), "shard": "field", "profile": profile, "public_key": public_pem(key),
                "polling_interval_s": 60, "keepalive_interval_s": 3600})
            with self.admin(2) as admin:
                (waiting,) = admin.ask("registry", "pending_devices", {"organization": MAKER})["devices"]
            self.submit("registry", "confirm_device", {"organization": MAKER, "id": node.hex(),
                                                       "fingerprint": waiting["fingerprint"]}, number=2)
            block = vitro_block(key, profile, 7, node, TODAY, os.urandom(48))
            self.publish(block, profile, content_type=VITRO_BLOCK)

    def publish_ocmf(self):
        key, meter = ec.generate_private_key(ec.SECP256R1()), "ocmf-meter"
        self.submit("registry", "register_device", {
            "id": meter, "shard": "field", "profile": "ocmf-1", "public_key": public_pem(key), "schemas": [],
            "polling_interval_s": 900, "keepalive_interval_s": 86400})
        with self.admin(2) as admin:
            (waiting,) = admin.ask("registry", "pending_devices", {"organization": MAKER})["devices"]
        self.submit("registry", "confirm_device", {"organization": MAKER, "id": meter,
                                                   "fingerprint": waiting["fingerprint"]}, number=2)
        moment = datetime.datetime.fromtimestamp(TODAY - DAY, datetime.timezone.utc)
        content = json.dumps({"FV": "1.4", "PG": "T1", "MS": meter, "RD": [
            {"TM": f"{moment:%Y-%m-%dT%H:%M:%S},000+0000 S", "TX": place, "RV": value, "RI": "1-b:1.8.0", "RU": "kWh",
             "ST": "G"} for place, value in (("B", "10.000"), ("E", "12.500"))]})
        signature = key.sign(content.encode(), ec.ECDSA(hashes.SHA256())).hex()
        self.publish(f'OCMF|{content}|{{"SD":"{signature}"}}'.encode(), "ocmf", content_type=OCMF)

    def keep_readings(self):
        """The keepers' nodes report the erasure by themselves."""
        self.submit("registry", "define_collection", {"id": "homes", "keepers": ["A", "B"], "keep_days": 365})
        device = Device("home", new_key(EDDSA), FIELDS)
        self.submit("registry", "register_device", device.registration("meter@1", organization=MAKER))
        self.submit("registry", "assign_collection", {"devices": ["home"], "collection": "homes"})
        record, _ = device.packed_day(TODAY - 3 * DAY, ROWS, with_series=False)
        self.publish(record, "daily-kept")
        self.submit("data", "erase", {"device": "home", "reason": "the customer moved out"})
        with self.admin() as admin:
            eventually(lambda: len(admin.ask("data", "erasures", {"device": "home"})["erasures"][0]["reports"]) == 2)
        self.cluster.agreed(self.alive)
        self.submit("data", "report_expired", {"collection": "homes", "node": "node1", "before": TODAY - 365 * DAY,
                                               "series": 0, "digest": sha256(b"").hex()})

    def change_keys(self):
        old, new = self.meter.key, new_key(EDDSA)
        rotation = encode([1, "meter", 2, new.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)])
        header = {1: EDDSA, 3: "application/tally-key-rotation+cbor", 4: b"meter"}
        self.submit("registry", "rotate_key", {"device": "meter", "proof": self.meter.proof(MAKER, key=new)},
                    attachments=[cose_sign1(old, header, rotation, b"main")])
        self.meter.key = new
        self.publish(self.meter.day(TODAY - 10 * DAY, ONE_REST), "daily-new-key")

    def issue(self, name, key):
        """A device's certificate by the organization's authority, with what a member's has."""
        authority = self.organization(MAKER) / "ca"
        issuer = x509.load_pem_x509_certificate((authority / "intermediate.pem").read_bytes())
        signer = serialization.load_pem_private_key((authority / "intermediate-key.pem").read_bytes(), None)
        like = self.cluster.identity(1, "client1").chain[0]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name),
                             x509.NameAttribute(NameOID.ORGANIZATION_NAME, MAKER),
                             x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "device")])
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(like.not_valid_before).not_valid_after(like.not_valid_after))
        for extension in like.extensions:
            value = extension.value
            if isinstance(value, x509.SubjectKeyIdentifier):
                value = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
            builder = builder.add_extension(value, extension.critical)
        return builder.sign(signer, hashes.SHA256())

    def certify(self):
        authority = self.organization(MAKER) / "ca"
        intermediate = (authority / "intermediate.pem").read_text()
        self.submit("registry", "add_trust_anchor", {"pem": (authority / "root.pem").read_text()})
        device = Device("certified", new_key(ES256), FIELDS)
        certificate = self.issue("certified", device.key)
        arguments = device.registration("meter@1", organization=MAKER)
        del arguments["public_key"]
        self.submit("registry", "register_device", {**arguments, "certificate_chain": [pem(certificate) + intermediate]})
        self.publish(device.day(TODAY - 5 * DAY, ONE_REST), "daily-certified")
        self.submit("registry", "recertify", {"device": "certified", "certificate_chain": [
            pem(self.issue("certified", device.key)) + intermediate]})
        self.submit("registry", "revoke_certificate", {"certificate": pem(certificate), "reason": "it was replaced"})
        issuer = x509.load_pem_x509_certificate((authority / "intermediate.pem").read_bytes())
        signer = serialization.load_pem_private_key((authority / "intermediate-key.pem").read_bytes(), None)
        now = datetime.datetime.utcnow()
        crl = (x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
               .last_update(now - datetime.timedelta(hours=1)).next_update(now + datetime.timedelta(days=DAYS // 2))
               .add_extension(x509.CRLNumber(1), False).sign(signer, hashes.SHA256()))
        self.submit("registry", "publish_crl", {"pem": crl.public_bytes(serialization.Encoding.PEM).decode(),
                                                "issuer_chain": [intermediate]})

    def judge_devices(self):
        self.submit("registry", "set_rules", {"missed_keepalives": 5, "bad_signatures": 2, "clock_skews": 0,
                                              "out_of_range": 9})
        self.submit("registry", "report_incident", {"device": "many-0", "kind": "BAD_SIGNATURE", "count": 2})
        self.submit("data", "report_silence", {"device": "many-0", "last_received_ms": 0})
        self.submit("registry", "set_status", {"device": "many-0", "status": "ACTIVE", "reason": "mended",
                                               "repair": {"statement": "a new seal"}})
        self.submit("registry", "set_status", {"device": "many-1", "status": "SUSPENDED", "reason": "seal broken"})
        self.submit("registry", "set_status", {"device": "many-1", "status": "RETIRED", "reason": "gone"})

    def anchor(self):
        shard = self.cluster.folder / "shard"
        tally("network", "create", shard, "--organizations", "A,B", "--channel", "shard", "--port", 9)
        genesis = (shard / "genesis.block").read_bytes()
        opened = self.by_peer(1, "open", {}, [genesis])["result"]
        of = {"channel": "shard", "genesis": opened["genesis"]}
        self.by_peer(1, "put", {**of, "block": 0, "block_hash": opened["genesis"], "tree_size": 1,
                                "root": sha256(b"a root").hex(), "consistency": []})
        for number in (1, 2):
            self.by_peer(number, "change_members", {**of, "organizations": ["A", "B", "C"]})

    def by_peer(self, number, function, arguments, attachments=()):
        folder = self.home(number) / "identity"
        key = serialization.load_pem_private_key((folder / "peer-key.pem").read_bytes(), None)
        chain = load_certificates((folder / "peer.pem").read_text())
        proposal, _ = Identity(key, chain).proposal("anchor", function, arguments, attachments=attachments)
        with self.admin(number) as client:
            return self.done(client.send(proposal))

    # From terms to a paid invoice ---------------------------------------------------------------------------------

    def terms(self, day, until=None, shift=None):
        """Of A, B and C. `shift`: from that second on the zone is a day ahead, so that a due date passes at once."""
        tax = {"category": "S", "percent": "20"}
        out = {"title": "Energy", "from": str(day), "period": "MONTH", "currency": "EUR", "rounding": "HALF_UP",
               "parties": [{"organization": "A", "role": "OPERATOR"}, {"organization": "B", "role": "RC"},
                           {"organization": "C", "role": "DV", "business": {
                               "name": "C Bank", "town": "Vienna", "country": "AT", "iban": "AT611904300234573201"}},
                           {"organization": "B", "role": "SP"}],
               "scope": [{"shard": self.shard, "devices": ["plain"]}],
               "zone": {"name": "UTC", "offset_s": 0, "shifts": [{"at_s": shift, "offset_s": DAY}] if shift else []},
               "fields": [{"field": "energy", "unit": "Wh", "measure": "SUM", "tolerance": "1"}], "windows": [],
               "tariff": [{"name": "energy", "kind": "QUANTITY", "field": "energy", "base": "1000",
                           "prices": [{"from": "0", "price": "0.25"}, {"from": "100", "price": "0.2"}], "tax": tax},
                          {"name": "fee", "kind": "FEE", "per": "YEAR_BY_365", "prices": [{"from": "0", "price": "36"}],
                           "tax": tax},
                          {"name": "service", "kind": "FEE", "per": "DAY", "prices": [{"from": "0", "price": "1"}],
                           "tax": tax, "provider": "B"}],
               "reconciliation": {"cloud": "OPTIONAL", "window_minutes": 0, "on_mismatch": "DEVICE"},
               "payees": [{"organization": "A", "percent": "100"}], "payees_assignable": True, "confirmations": 2,
               "payment_days": 0, "dispute_days": 30, "keepalive_minutes": 60, "notice_days": 0}
        return {**out, "until": str(until)} if until else out

    def sign(self, agreement, version, numbers):
        with self.admin() as admin:
            of = admin.ask("agreement", "get_version", {"id": agreement, "version": version})
        for number in numbers:
            self.submit("agreement", "sign", {"id": agreement, "version": version, "hash": of["hash"]}, number=number)

    def agree(self):
        today = datetime.datetime.fromtimestamp(TODAY, datetime.timezone.utc).date()
        with self.admin() as admin:
            self.shard = admin.ask("registry", "get_device", {"id": "plain"})["shard"]
        self.first = today - datetime.timedelta(days=20)
        self.passes = int(time.time()) + 40
        self.submit("agreement", "propose", {"id": "sold", "terms": self.terms(
            self.first, self.first + datetime.timedelta(days=2), self.passes)})
        self.sign("sold", 1, (2, 3))
        self.submit("agreement", "propose", {"id": "not", "terms": self.terms(today)})
        self.submit("agreement", "withdraw", {"id": "not", "version": 1})

        def later(days):
            return today + datetime.timedelta(days=days)
        self.submit("agreement", "propose", {"id": "read", "terms": self.terms(today, later(1))})
        self.sign("read", 1, (2, 3))
        self.hand_over("read")
        self.submit("agreement", "propose", {"id": "next", "terms": self.terms(later(1))})
        self.sign("next", 1, (2, 3))
        self.submit("agreement", "amend", {"id": "next", "terms": self.terms(later(10))})
        self.sign("next", 2, (2, 3))
        self.submit("agreement", "transfer", {"id": "next", "to": "B", "from": str(later(20))})
        self.sign("next", 3, (2,))
        self.submit("agreement", "suspend", {"id": "next", "reason": "the meter is moved"})
        self.submit("agreement", "resume", {"id": "next"})
        self.submit("agreement", "end", {"id": "next", "until": str(later(40)), "reason": "the house is sold"}, number=2)

    def hand_over(self, agreement):
        """The key of encrypted series, wrapped for B (the vectors of tests/unit/crypto/sealed_test.cpp)."""
        self.submit("data", "publish_reading_key", {
            "public_key": "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f"}, number=2)
        wrapped = bytes.fromhex(
            "d8608443a10103a1054c000102030405060708090a0b5830c3701743d33d2b1a3da513dc9b89343da172b263e0e3ed8bf42ed82b8d9440a"
            "694621609717e2d172df3540e2d04c1b4818344a1013818a120a3010120042158207d9c24316539825c1896e57f28197746793ce60cbee3"
            "ad47da9d07b85fa55e2a40")
        self.submit("data", "hand_over_key", {
            "agreement": agreement, "device": "plain", "organization": "B", "key_id": "ef3134e653b34bd0",
            "wrapped": base64.b64encode(wrapped).decode()})

    def settle(self):
        first, second = TODAY - 20 * DAY, TODAY - 19 * DAY
        days = [{"device": "plain", "day": str(self.first + datetime.timedelta(days=n))} for n in range(2)]
        self.submit("data", "cloud_series", {"device": "plain", "from": first, "to": first + DAY, "fields": [
            {"field": "energy", "unit": "Wh", "count": 1425, "sum": "1"}]})
        self.submit("data", "finalize", {"agreement": "sold", "days": days}, number=2)
        corrected = self.plain.payload(second, [[0, 9, 90000]])
        self.publish(self.plain.sign({**corrected, 15: self.plain_daily}))
        self.submit("data", "revise", {"agreement": "sold", **days[1]}, number=3)
        of = {"agreement": "sold", "day": str(self.first)}
        self.submit("billing", "prepare", {**of, "devices": ["plain"]}, number=2)
        invoice = self.submit("billing", "compute", of, number=2)["result"]
        payment = {"currency": "EUR", "bookings": [
            {"payee": "A", "account": "AT611904300234573201", "reference": "booking 1", "date": str(self.first),
             "amount": invoice["totals"]["payable"], "statement": sha256(b"a statement").hex()}]}
        for function, number, more in (
                ("notify", 1, {}), ("initiate", 2, {}), ("reject", 3, {"reason": "no such account"}), ("initiate", 2, {}),
                ("confirm", 3, {"payment": payment}), ("receive", 1, {}), ("confirm_final", 1, {}),
                ("confirm_final", 2, {}), ("take_back", 3, {"reason": "the bank has returned it", "payees": ["A"]}),
                ("dispute", 2, {"reason": "the meter is broken"}), ("settle_dispute", 2, {"reason": "it is not"})):
            self.submit("billing", function, {**of, **more}, number=number)
        self.submit("audit", "run", {"agreement": "sold", "id": "first", "from": str(self.first), "until": str(
            self.first + datetime.timedelta(days=2))}, number=3)
        bill = {**of, "number": "B-1", "issued": str(self.first), "total": "2.40", "lines": [
            {"name": "service", "quantity": "2", "amount": "2.00", "tax": {"category": "S", "percent": "20"}}]}
        self.submit("billing", "prepare_bill", {**of, "provider": "B", "devices": ["plain"]}, number=2)
        self.submit("billing", "post_bill", bill, number=2)
        self.submit("billing", "withdraw_bill", {**of, "reason": "its number is wrong"}, number=2)
        self.submit("billing", "post_bill", {**bill, "number": "B-2"}, number=2)
        self.submit("billing", "authorize_bill", {**of, "provider": "B", "audits": ["first"]}, number=3)
        time.sleep(max(0, self.passes + 1 - time.time()))
        self.submit("billing", "expire", of)

    def bill_commitments(self):
        """Figures that are in no block: from commitments to an invoice that the parties agree to."""
        self.submit("registry", "define_collection", {"id": "hidden", "keepers": ["A", "B", "C"], "figures": True})
        device = Device("hidden", new_key(EDDSA), FIELDS)
        self.submit("registry", "register_device", {**device.registration("meter@1", organization=MAKER),
                                                    "collection": "hidden"})
        for day in range(2):
            payload = device.payload(TODAY - (20 - day) * DAY, ROWS, rows_per_leaf=64)
            opening = conceal(payload)
            beside = {PACKED_SERIES: pack(ROWS, len(FIELDS)), OPENING: opening}
            self.files["records/daily-commitment"] = device.sign(payload)  # as it is on the ledger
            self.publish(device.sign(payload, unprotected=beside))
        days = [self.first + datetime.timedelta(days=day) for day in range(3)]
        terms = {**self.terms(days[0], days[2]), "scope": [{"shard": self.shard, "devices": ["hidden"]}],
                 "collection": "hidden"}
        self.submit("agreement", "propose", {"id": "hidden", "terms": terms})
        self.sign("hidden", 1, (2, 3))
        self.submit("data", "finalize", {"agreement": "hidden", "days": [
            {"device": "hidden", "day": str(day)} for day in days[:2]]}, number=2)
        self.submit("billing", "prepare_seal", {"agreement": "hidden", "day": str(days[0]), "devices": ["hidden"]})
        file = self.cluster.folder / "sealed.invoice"
        tally("invoice", "seal", "hidden", days[0], "--out", file, "--profile",
              self.organization(MAKER) / "members/admin/profile.toml")
        self.files["sealed.invoice"] = file.read_bytes()
        self.cluster.agreed(self.alive)
        of = {"agreement": "hidden", "day": str(days[0])}
        with self.admin() as admin:
            commitment = admin.ask("billing", "get", of)["sealed"]["commitment"]
        for number in (2, 3):
            self.submit("billing", "agree", {**of, "commitment": commitment}, number=number)
        self.submit("billing", "notify", of)
        self.submit("billing", "attest_paid", {**of, "statement": sha256(b"another statement").hex(),
                                               "bookings": [sha256(b"a booking").hex()]}, number=3)

    # Changes of the configuration -------------------------------------------------------------------------------

    def config(self, number, *command):
        profile = self.organization("ABCD"[number - 1]) / "members/admin/profile.toml"
        return json.loads(tally("--json", "config", *command, "--profile", profile).stdout)

    def current(self):
        file = self.cluster.folder / "now.json"
        self.config(1, "show", "--out", file)
        return file.read_text()

    def change(self, *command, edit=None):
        if edit:
            config = json.loads(self.current())
            edit(config)
            file = self.cluster.folder / "next.json"
            file.write_text(json.dumps(config))
            command = (str(file), *command)
        proposed = self.config(1, "propose", *command)["config"]
        approved = self.config(2, "approve", proposed)
        if not approved["applied"]:
            approved = self.config(3, "approve", proposed)
        self.cluster.agreed(self.alive, at_least=approved["block"], seconds=60)
        self.configs.append(json.loads(self.current()))

    def change_configuration(self):
        lists = self.cluster.folder / "B.crl"
        with_list = json.loads(tally("--json", "identity", "revoke", self.organization("B"), self.organization(
            "B") / "members/auditor/certificate.pem", "--days", DAYS).stdout)
        shutil.copy(with_list.get("path") or with_list["crl"], lists)
        self.change("--crl", f"B={lists}")
        self.change("--set", "batch.max_messages=500", "--set", "batch.timeout_ms=100")
        self.change(edit=lambda config: config.update(residency="EU"))
        self.change(edit=lambda config: config.update(policies=[{"contract": "anchor", "policy": "MAJORITY"}]))
        self.change(edit=lambda config: config.update(endorsement="OutOf(3,'A.peer','B.peer','C.peer','D.peer')"))
        self.change(edit=lambda config: config.update(receipt="OutOf(3,'A.peer','B.peer','C.peer','D.peer')"))
        self.change(edit=lambda config: config.update(configuration="OutOf(3,'A.admin','B.admin','C.admin','D.admin')"))
        self.change(edit=lambda config: config.update(proposal_lifetime_ms=240_000))
        self.change(edit=lambda config: config.update(submission="any"))
        self.change(edit=lambda config: config.update(submission="signed"))
        # One that nobody wants.
        proposed = self.config(1, "propose", "--set", "batch.max_messages=7", "--no-apply")["config"]
        self.config(1, "withdraw", proposed)

    def lose_an_orderer(self):
        """The last change: node4, which is the adversary's, orders no more."""
        def edit(config):
            config["orderers"] = [each for each in config["orderers"] if each["id"] != "node4"]
            for node in config["nodes"]:
                if node["id"] == "node4":
                    node["roles"] = ["committer"]
        self.change(edit=edit)

    # Transactions of each code ----------------------------------------------------------------------------------

    def endorsed(self, simulation):
        """By the peers of three organizations, whatever their contracts say."""
        endorsements = []
        for number in self.honest:
            folder = self.home(number) / "identity"
            key = serialization.load_pem_private_key((folder / "peer-key.pem").read_bytes(), None)
            certificate = x509.load_pem_x509_certificate((folder / "peer.pem").read_bytes())
            endorsements.append(endorse(key, certificate.public_bytes(serialization.Encoding.DER), simulation))
        return endorsements

    def order_one_of_each_code(self):
        member = self.cluster.identity(1, "admin")

        def made(contract="mischief", function="put", claimed=None, proposal=None, **parts):
            """Endorsed as claimed; the proposal is a good one unless another is given."""
            proposal, identifier = proposal or member.proposal(contract, function, {"name": "n", "text": "t"})
            identifier = bytes.fromhex(identifier)
            simulation = simulated(claimed.get("id", identifier) if claimed else identifier,
                                   contract, (claimed or {}).get("function", function),
                                   **{name: value for name, value in (claimed or {}).items() if name == "version"}, **parts)
            return transaction(proposal, simulation, self.endorsed(simulation))

        def note(key, value):
            return [key_of("mischief", key) + b"\x01" + string(value)]

        valid = made(writes=note("first", b"text"))
        proposal, identifier = member.proposal("registry", "register_schema", schema("never"))
        unsigned, unsigned_id = member.proposal("mischief", "put", {"name": "u", "text": "t"})
        elsewhere = member.proposal("mischief", "put", {"name": "e", "text": "t"}, channel="other")
        late = member.proposal("mischief", "put", {"name": "l", "text": "t"}, created=int(time.time() * 1000) - 3_600_000)
        alone = simulated(bytes.fromhex(unsigned_id), "mischief", "put", writes=note("alone", b"text"))
        update = self.update()
        cases = {
            "VALID": valid,
            "DUPLICATE_TXID": valid,
            "BAD_PAYLOAD": b"no transaction",
            "BAD_CREATOR_SIGNATURE": made(proposal=(unsigned[:-1] + bytes([unsigned[-1] ^ 1]), unsigned_id)),
            "INVALID_ENDORSER_TRANSACTION": made(claimed={"function": "elsewhere"}),
            "BAD_PROPOSAL_TXID": made(claimed={"id": bytes(32)}),
            "ENDORSEMENT_POLICY_FAILURE": transaction(unsigned, alone),
            "MVCC_READ_CONFLICT": made(reads=[key_of("mischief", "absent") + b"\x01" + (1).to_bytes(8, "little")
                                              + (0).to_bytes(4, "little")]),
            "PHANTOM_READ_CONFLICT": made(ranges=[key_of("mischief", "a") + string("z") + bytes(32)]),
            "UNKNOWN_TX_TYPE": b"\x00" + made()[1:],
            "TARGET_CHAIN_NOT_FOUND": made(proposal=elsewhere),
            "ILLEGAL_WRITESET": made(increments=[key_of("mischief", "first") + (1).to_bytes(8, "little") + bytes(8)]),
            "INCREMENT_OUT_OF_BOUNDS": made(increments=[key_of("mischief", "count") + b"\xff" * 8 + bytes(8)]),
            "INVALID_CHAINCODE": made(contract="nobody"),
            "EXPIRED_CHAINCODE": made(claimed={"version": 7}),
            "SIMULATION_MISMATCH": made(contract="registry", function="register_schema", proposal=(proposal, identifier)),
            "PROPOSAL_EXPIRED": made(proposal=late),
            "INVALID_CONFIG_TRANSACTION": update,
        }
        for code, bytes_ in cases.items():
            self.assertEqual(self.ordered([bytes_]), [code])
            self.cases[code] = bytes_

    def update(self):
        """A change of the configuration that nobody has approved."""
        update = config_update("main", self.current(), [])
        identifier = sha256(b"tally/configuration" + update)
        return transaction(update, simulated(identifier, "config", "update"), kind=CONFIGURATION)

    # What is kept -----------------------------------------------------------------------------------------------

    def blocks(self):
        with self.cluster.client(1) as client:
            height = client.get("/v1/checkpoints/latest")["block"]
            return [client.get(f"/v1/blocks/{number}") for number in range(height + 1)]

    def keep_receipt(self, client, of):
        """The first of each code that has one, and the first configuration update. What has no id of its own on the
        ledger has none: bytes that are no transaction, or a second one of the same id; and so has the genesis block."""
        name = "receipts/" + of["code"]
        if (of["contract"], of["function"]) == ("config", "apply"):
            name = "receipts/config.apply"
        answer = client.request("GET", f"/v1/transactions/{of['id']}/receipt")
        if not of["contract"] or name in self.files or answer.status != 200:
            return
        file, config = self.cluster.folder / "a.receipt", self.cluster.folder / "now.json"
        file.write_bytes(answer.body)
        config.write_text(self.current())
        shown = json.loads(tally("--json", "verify", file, "--config", config, expect=None).stdout)
        if shown["proven"] and shown["code"] == of["code"]:
            self.files[name] = answer.body

    def keep(self, release):
        target = HERE / release
        shutil.rmtree(target, ignore_errors=True)
        for folder in ("member", "receipts", "records"):
            (target / folder).mkdir(parents=True)
        transactions = []
        with self.cluster.client(1) as client:
            for block in self.blocks():
                for each in block["transactions"]:
                    transactions.append({"block": block["number"], **{name: each.get(name) for name in (
                        "index", "id", "code", "contract", "function")}})
            question, _ = client.identity.proposal("data", "days", {"device": "meter"})
            answer = client.request("POST", "/v1/queries?attest=true", question, "application/cose")
            self.assertEqual(answer.status, 200, answer.body)
            self.files["days.answer"] = answer.body
            for each in transactions:
                self.keep_receipt(client, each)
            tip = client.get("/v1/checkpoints/latest")
        self.files["channel.json"] = self.current().encode()
        self.files["genesis.block"] = (self.cluster.network / "genesis.block").read_bytes()
        member = self.organization(MAKER) / "members/client1"
        for source in (member / "certificate.pem", member / "key.pem", self.cluster.network / "tls-roots.pem"):
            self.files["member/" + source.name] = source.read_bytes()
        for name, content in self.files.items():
            (target / name).write_bytes(content)
        self.cluster.run("down")
        tally("snapshot", "create", target / "chain.snapshot", "--data", self.home(1))
        backup = self.cluster.folder / "backup"
        tally("backup", self.home(1), backup)
        with tarfile.open(target / "node.tar.gz", "w:gz") as archive:
            archive.add(backup, "backup")
        (target / "contents.json").write_text(json.dumps({
            "release": release, "tip": {name: tip[name] for name in ("block", "block_hash", "tree_size", "root", "state")},
            "changed": sorted({name for before, after in zip(self.configs, self.configs[1:]) for name in after
                               if name != "version" and before.get(name) != after[name]}),
            "transactions": transactions}, indent=1) + "\n")
        for each in sorted(target.rglob("*")):
            if each.is_file():
                print(f"{each.stat().st_size:>9} {each.relative_to(HERE)}")

    def test_make(self):
        self.alive, self.cases = [1, 2, 3, 4], {}
        self.register()
        self.publish_records()
        self.agree()
        self.settle()
        self.bill_commitments()
        self.publish_vitro_blocks()
        self.publish_ocmf()
        self.keep_readings()
        self.change_keys()
        self.certify()
        self.judge_devices()
        self.anchor()
        self.change("--set", f"contracts.mischief={self.package}")
        self.change_configuration()
        self.alive = [1, 2, 3]
        self.cluster.run("kill", "node4")
        self.order_one_of_each_code()
        self.lose_an_orderer()
        self.keep(sys.argv[1])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite([Release("test_make")]))
    sys.exit(not result.wasSuccessful())
