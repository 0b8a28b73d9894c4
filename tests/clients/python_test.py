"""The package `tally` (gateway/clients/python) without a node: what it proves and refuses, and how it meets a gateway that is
slow, too talkative, overloaded or no gateway at all."""

import base64
import datetime
import http.server
import ipaddress
import json
import pathlib
import random
import socket
import ssl
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from cryptography.x509.oid import NameOID  # noqa: E402

import forgeries  # noqa: E402
from tally import BadAnswer, Channel, Client, Cursor, Device, Field, NotProven, Refused, TallyError, Unavailable, verify  # noqa: E402
from tally.cbor import Malformed, decode_strictly, encode  # noqa: E402
from tally.records import decode_record  # noqa: E402
from tally.series import check_series, unpack  # noqa: E402

GOLDEN = HERE.parent / "golden/0.2.0"


class Files(unittest.TestCase):
    def test_altered_files_are_refused_by_the_check_that_is_wrong(self):
        for forgery in forgeries.all_of_them():
            with self.subTest(forgery["name"]):
                file, channel = forgeries.file_of(forgery), Channel.of(forgeries.channel_of(forgery))
                if "check" not in forgery:
                    self.assertEqual(getattr(verify(file, channel), "withheld", 0), forgery.get("withheld", 0))
                    continue
                with self.assertRaises(NotProven) as refused:
                    verify(file, channel)
                checks = refused.exception.checks
                self.assertEqual([each.what for each in checks if not each.holds], [forgery["check"]])
                self.assertIn(forgery.get("found", ""), checks[-1].found)

    def test_evidence_is_proven_down_to_readings_and_lines(self):
        channel = Channel.load(forgeries.FOLDER / "channel.json")
        proven = verify((forgeries.FOLDER / "audit.evidence").read_bytes(), channel)
        self.assertEqual((proven.records, proven.readings, proven.withheld, proven.invoices), (9, 9, 0, 1))
        self.assertEqual((proven.run["days"], proven.run["missing"], proven.run["verdict"]), (10, 1, "GAPS"))
        self.assertTrue(all(check.holds for check in proven.checks.all))

    def test_a_sealed_invoice_is_that_of_its_commitment(self):
        channel, file = Channel.load(GOLDEN / "channel.json"), (GOLDEN / "sealed.invoice").read_bytes()
        proven = verify(file, channel)
        self.assertEqual((proven.invoice["agreement"], proven.invoice["days"]), ("hidden", 2))
        self.assertEqual(json.loads(proven.receipt.result)["sealed"]["commitment"], proven.commitment)
        content = json.loads(file)
        payable = proven.invoice["totals"]["payable"]
        for name, changed, sentence in (
                ("the commitment", {"invoice": content["invoice"].replace(payable, "0.01")}, "the commitment: expected"),
                ("the salt", {"salt": "00" * 32}, "the commitment: expected"),
                ("the agreement", {"invoice": content["invoice"].replace('"hidden"', '"sold"', 1)}, "the agreement"),
                ("no receipt", {"receipt": ""}, "no receipt"), ("no salt", {"salt": "00"}, "no sealed invoice"),
                ("no text", {"invoice": "{}"}, "no sealed invoice"), ("another format", {"format": "tally-sealed-invoice/2"}, "unknown"),
                ("no base64", {"receipt": "%"}, "no sealed invoice")):
            with self.subTest(name), self.assertRaisesRegex(NotProven, sentence):
                verify(json.dumps({**content, **changed}, separators=(",", ":")).encode(), channel)
        receipt = base64.b64encode((GOLDEN / "receipts/VALID").read_bytes()).decode()
        with self.assertRaisesRegex(NotProven, "the transaction's function: expected billing.seal"):
            verify(json.dumps({**content, "receipt": receipt}, separators=(",", ":")).encode(), channel)

    def test_golden_receipts_and_answers_hold(self):
        channel = Channel.load(GOLDEN / "channel.json")
        for file in sorted((GOLDEN / "receipts").iterdir()):
            proven = verify(file.read_bytes(), channel)
            found = proven.code if proven.contract != "config" else f"{proven.contract}.{proven.function}"
            self.assertEqual(found, file.name)
        self.assertTrue(verify((GOLDEN / "days.answer").read_bytes(), channel).result["days"])
        self.assertEqual(Channel.load(GOLDEN / "genesis.block").name, channel.name)

    def test_every_altered_byte_is_found(self):
        channel, chance = Channel.load(GOLDEN / "channel.json"), random.Random(11)
        for name in ("receipts/VALID", "days.answer"):
            content = (GOLDEN / name).read_bytes()
            for position in chance.sample(range(len(content)), 150):
                changed = bytearray(content)
                changed[position] ^= chance.randrange(1, 256)
                with self.subTest(name=name, position=position), self.assertRaises(NotProven):
                    verify(bytes(changed), channel)

    def test_hostile_bytes_are_refused_and_cost_little(self):
        channel = Channel.load(GOLDEN / "channel.json")
        frame = b"\x28\xb5\x2f\xfd\xe0" + (2**62).to_bytes(8, "little")
        declared = b"\x28\xb5\x2f\xfd\xa0" + (200 << 20).to_bytes(4, "little")  # 200 MiB out of nothing
        for content in (b"", b"\xa1", b"\x9b" + b"\xff" * 8, b"\x5b\x7f" + b"\xff" * 7, b"\x81" * 100, b"\xa4\x01\x02", frame,
                        declared, b"\x28\xb5\x2f\xfd", b"\xf9\x7e\x00", b"\xc2" * 20):
            with self.subTest(content[:8]), self.assertRaises(NotProven):
                verify(content, channel)
        for content in (b"{}", b'{"channel":', b"", b"\x04\x00\x00\x00main", b"\xff" * 100):
            with self.subTest(content), self.assertRaises(NotProven):
                Channel.of(content)

    def test_only_deterministic_cbor_is_read(self):
        """RFC 8949, appendix A; and encodings of the same values that are not the shortest."""
        for text, value in (("1a000f4240", 1000000), ("1bffffffffffffffff", 2**64 - 1), ("3903e7", -1000),
                            ("826161a161626163", ["a", {"b": "c"}])):
            self.assertEqual(decode_strictly(bytes.fromhex(text)), value)
            self.assertEqual(encode(value).hex(), text)
        for text in ("", "1800", "190010", "9f01ff", "a201020102", "a202010102", "0000", "61ff", "5a7fffffff00",
                     "9a7fffffff00", "f97e00", "81" * 40 + "00"):
            with self.subTest(text), self.assertRaises(Malformed):
                decode_strictly(bytes.fromhex(text))


class Devices(unittest.TestCase):
    FIELDS = [Field("power", "W"), Field("energy", "Wh", -1)]

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "meter-1"

    def test_a_day_is_signed_once_and_survives_a_crash(self):
        rows = [[60 * minute, minute % 7, None if minute % 50 == 3 else 12 * minute] for minute in range(1440)]
        with Device.create(self.folder) as meter:
            first = meter.sign_day(86400 * 20000, rows, self.FIELDS, interval=60)
            with self.assertRaisesRegex(TallyError, "signed already"):
                meter.sign_day(86400 * 20000, rows, self.FIELDS, interval=60)
            with self.assertRaisesRegex(TallyError, "locked"):
                Device.open(self.folder)
        before = json.loads((self.folder / "device.json").read_text())
        with Device.open(self.folder) as meter:
            second = meter.sign_day(86400 * 20001, rows, self.FIELDS, interval=60)
        # As after a crash between the outbox and device.json.
        (self.folder / "device.json").write_text(json.dumps(before))
        with Device.open(self.folder) as meter:
            third = meter.sign_day(86400 * 20002, rows, self.FIELDS, interval=60)
            self.assertEqual([each.sequence for each in meter.pending()], [1, 2, 3])
            records = [decode_record(each.message) for each in (first, second, third)]
            self.assertEqual([each.previous for each in records], [None, records[0].content_id, records[1].content_id])
            self.assertEqual([each.previous_daily for each in records], [None, records[0].content_id, records[1].content_id])
            series = unpack(records[0], records[0].packed)
            check_series(records[0], series)
            self.assertEqual(series, b"".join(encode(row) for row in rows))
            with self.assertRaisesRegex(NotProven, "root"):
                check_series(records[0], b"".join(encode(row) for row in rows[:-1]))
            meter.confirm(first)
            meter.set_aside(second, "refused")
            self.assertEqual([each.sequence for each in meter.pending()], [3])
            for day in (20000, 20001):
                with self.assertRaisesRegex(TallyError, "signed already"):
                    meter.sign_day(86400 * day, rows, self.FIELDS, interval=60)

    def test_a_device_that_commits_signs_no_figures(self):
        rows = [[3600 * hour, hour, None] for hour in range(24)]
        with Device.create(self.folder) as meter:
            meter.commit_figures()
        with Device.open(self.folder) as meter:
            pending = meter.sign_day(86400 * 20000, rows, self.FIELDS, interval=3600)
            record = decode_record(pending.message)
            content = decode_strictly(record.payload)
            self.assertEqual((len(content[16]), {8, 9, 12} & set(content)), (32, set()))
            self.assertEqual(record.summary[0], [24, 0, sum(range(24)), 0, 23, 0, 23])
            check_series(record, unpack(record, record.packed))
            meter.confirm(pending)
            (day,) = (self.folder / "signed").iterdir()
            self.assertEqual(json.loads(day.read_text())["root"], record.root.hex())
            other = decode_record(meter.sign_day(86400 * 20001, rows, self.FIELDS, interval=3600).message)
            self.assertNotEqual(record.commitment, other.commitment)  # of the same readings: by the salt
            meter.commit_figures(False)
            self.assertIsNone(decode_record(meter.sign_day(86400 * 20002, rows, self.FIELDS, interval=3600).message).commitment)

    def test_an_opening_that_another_implementation_made(self):
        messages = {name: bytes.fromhex((HERE.parent / f"golden/records/{name}.hex").read_text().split()[0])
                    for name in ("opened", "commitment", "linked")}
        record, bare = decode_record(messages["opened"]), decode_record(messages["commitment"])
        self.assertEqual(record.summary, decode_record(messages["linked"]).summary)
        check_series(record, unpack(record, record.packed))
        self.assertEqual((bare.summary, bare.root, bare.rows), ([], b"", 0))
        place = messages["opened"].index(bytes(range(32, 64)))
        for at in (place, place + 40):
            altered = bytearray(messages["opened"])
            altered[at] ^= 1
            with self.assertRaisesRegex(NotProven, "not that of its commitment"):
                decode_record(bytes(altered))

    def test_a_cursor_is_kept(self):
        file = self.folder.parent / "cursor"
        Cursor(file).advance("7.0.1")
        self.assertEqual(Cursor(file).last, "7.0.1")
        self.assertEqual(file.read_text(), "7.0.1\n")


def certificate(folder):
    """Of an authority that is a server at 127.0.0.1 too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")]), datetime.datetime(2020, 1, 1)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
            .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=36500))
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                          serialization.NoEncryption()))


class Gateway(http.server.BaseHTTPRequestHandler):
    """Answers as the test says."""
    protocol_version = "HTTP/1.1"

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.bodies.append(body)
        self.server.behave(self, len(self.server.bodies))

    do_GET = do_POST = respond

    def answer(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status, code, **headers):
        document = {"type": f"urn:tally:problem:{code}", "status": status, "code": code, "detail": "as the test says"}
        self.answer(status, json.dumps(document).encode(), "application/problem+json", **headers)

    def log_message(self, *_):
        pass


class Connections(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        certificate(folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        self.server.daemon_threads, self.server.bodies = True, []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.authorities = folder / "server.pem"
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"

    def client(self, behave, **more):
        self.server.behave = behave
        return self.enterContext(Client(self.url, self.authorities, **{"timeout_s": 3, **more}))

    def test_an_answer_that_drips_ends_at_the_deadline(self):
        over = threading.Event()
        self.addCleanup(over.set)

        def drip(handler, _):
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            while not over.wait(0.05):
                handler.wfile.write(b" ")
        with self.assertRaises(Unavailable) as late:
            self.client(drip, timeout_s=1).get("/v1/devices")
        self.assertEqual(late.exception.code, "timeout")

    def test_an_answer_that_is_too_large_is_not_read(self):
        client = self.client(lambda handler, _: handler.answer(200, b" " * 5000), max_bytes=4000)
        with self.assertRaises(BadAnswer) as large:
            client.get("/v1/devices")
        self.assertEqual(large.exception.code, "too_large")

    def test_the_same_bytes_are_sent_until_an_answer_decides(self):
        record = forgeries.at(forgeries.parts_of("audit.evidence"), [4, 0, 2, 0])
        proven = verify(record, Channel.load(forgeries.FOLDER / "channel.json"))
        message = proven.attachments[0]
        outcome = {"content_id": decode_record(message).content_id.hex(), "duplicate": True, "transaction": {
            "id": proven.id, "state": "committed", "validation_code": "VALID", "block": 7}}

        def behave(handler, turn):
            if turn == 1:
                handler.problem(503, "busy", Retry_After="0")
            elif turn == 2:
                handler.connection.shutdown(socket.SHUT_RDWR)
            elif turn == 3:
                handler.problem(504, "timeout")
            else:
                handler.answer(200, json.dumps(outcome).encode())
        published = self.client(behave, timeout_s=20).publish(message)
        self.assertEqual((published.transaction, published.duplicate, published.block), (proven.id, True, 7))
        self.assertEqual(self.server.bodies, [message] * 4)
        outcome["content_id"] = "0" * 64
        with self.assertRaisesRegex(BadAnswer, "another record"):
            self.client(behave).publish(message)

    def test_refusals_have_the_ledgers_code(self):
        client = self.client(lambda handler, _: handler.problem(403, "permission_denied"))
        with self.assertRaises(Refused) as refused:
            client.get("/v1/devices")
        self.assertEqual((refused.exception.status, refused.exception.code), (403, "permission_denied"))
        client = self.client(lambda handler, _: handler.answer(404, b"<html>no such page</html>", "text/html"))
        with self.assertRaisesRegex(Refused, "not a node's"):
            client.get("/v1/devices")
        client = self.client(lambda handler, _: handler.answer(200, b"<html>welcome</html>", "text/html"))
        with self.assertRaises(BadAnswer):
            client.get("/v1/devices")

    def test_a_server_of_another_authority_is_not_spoken_to(self):
        with tempfile.TemporaryDirectory() as other:
            certificate(pathlib.Path(other))
            with self.assertRaisesRegex(Unavailable, "CERTIFICATE_VERIFY_FAILED"):
                Client(self.url, pathlib.Path(other) / "server.pem", timeout_s=1).get("/v1/devices")
        self.assertEqual(self.server.bodies, [])

    def test_nothing_is_called_without_a_configuration_to_verify_it_with(self):
        with self.assertRaisesRegex(TallyError, "give `trust`"):
            self.client(lambda handler, _: handler.answer(200, b"{}")).call("registry", "register_schema", {})


if __name__ == "__main__":
    unittest.main()
