"""A signed record leaves a device's outbox only when it is on the ledger, or is refused for what is in it."""

import json
import shutil
import socket
import ssl
import threading
import unittest

from node_under_test import NodeUnderTest, tally
from ports import free_ports

DAY = 86_400
MARCH = 1_772_323_200  # 2026-03-01


class Proxy:
    """Stands before the node with the node's certificate, and answers every request with the same bytes."""

    def __init__(self, node, answer):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(node.home / "identity/tls.pem", node.home / "identity/tls-key.pem")
        self.listener = socket.create_server(("127.0.0.1", free_ports(1)))
        self.port = self.listener.getsockname()[1]
        self.context, self.answer = context, answer
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as stream:
                    self.read_request(stream)
                    stream.sendall(self.answer)
            except OSError:
                pass

    @staticmethod
    def read_request(stream):
        data = b""
        while b"\r\n\r\n" not in data:
            data += stream.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        while len(body) < length:
            body += stream.recv(65536)

    def close(self):
        self.listener.close()


def http(status, content_type, body):
    return (f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}").encode()


def problem(status, code, **more):
    return http(status, "application/problem+json", json.dumps(
        {"type": f"urn:tally:problem:{code}", "title": "x", "status": status, "code": code, "detail": "x", **more}))


class Outbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()

    def export(self, name, days, shift=0):
        """Hourly rows of these days of March 2026."""
        path = self.node.folder / name
        rows = [f"{MARCH + day * DAY + hour * 3600},{100 + day * 31 + hour + shift}" for day in days for hour in range(24)]
        path.write_text("\n".join(["time,power_W", *rows, ""]))
        return path

    def device(self, name, csv):
        folder = self.node.folder / name
        tally("device", "new", folder)
        tally("device", "register", folder, "--schema", name, "--csv", csv, TALLY_PROFILE=str(self.profile("admin")))
        return folder

    def profile(self, member):
        return self.node.member_folder(member) / "profile.toml"

    def publish(self, folder, *more, profile=None):
        done = tally("--json", "device", "publish", folder, *more, expect=None,
                     TALLY_PROFILE=str(profile or self.profile("client1")))
        return done.returncode, json.loads(done.stdout) if done.stdout else None

    def through(self, answer):
        """A profile of client1 whose node is a proxy."""
        proxy = Proxy(self.node, answer)
        self.addCleanup(proxy.close)
        profile = self.node.member_folder("client1") / f"proxy-{proxy.port}.toml"
        profile.write_text(self.profile("client1").read_text().replace(f":{self.node.port}", f":{proxy.port}"))
        return profile

    @staticmethod
    def bytes_in(folder, name="outbox"):
        return {path.name: path.read_bytes() for path in sorted((folder / name).glob("*.cose"))}

    @staticmethod
    def sequence(folder):
        return json.loads((folder / "device.json").read_text())["sequence"]

    def days(self, device):
        with self.node.client("client1") as client:
            return [(day["from"], day["sequence"]) for day in client.ask("data", "days", {"device": device})["days"]]

    def test_nobodys_answer_takes_a_record_away(self):
        """Whatever stands before the node says: the outbox keeps the same bytes, and a later run sends these."""
        csv = self.export("kept.csv", range(3))
        folder = self.device("kept", csv)
        other = "0" * 64
        answers = [http(502, "text/html", "<h1>Bad Gateway</h1>"), http(429, "text/plain", ""),
                   http(413, "text/html", "too large"), http(404, "text/html", "nothing here"),
                   http(422, "application/json", '{"code":"stale_sequence"}'), http(200, "text/html", "<h1>Welcome</h1>"),
                   http(200, "application/json", json.dumps({"content_id": other, "duplicate": True, "transaction": {
                       "state": "committed", "validation_code": "VALID"}})),
                   http(302, "text/html", "log in first"), problem(502, "stale_sequence"), problem(403, "permission_denied"),
                   problem(401, "unauthenticated"), problem(500, "internal"), b"", b"SSH-2.0-OpenSSH\r\n"]
        signed = None
        for answer in answers:
            with self.subTest(answer[:60]):
                code, _ = self.publish(folder, "--csv", csv, profile=self.through(answer))
                self.assertNotEqual(code, 0)
                signed = signed or self.bytes_in(folder)
                self.assertEqual(len(signed), 3)
                self.assertEqual(self.bytes_in(folder), signed)
        for profile in (self.profile("auditor"), self.node.folder / "nowhere.toml"):
            self.assertNotEqual(self.publish(folder, profile=profile)[0], 0)
        self.assertEqual((self.bytes_in(folder), self.sequence(folder), self.days("kept")), (signed, 3, []))
        code, told = self.publish(folder, "--csv", csv)
        self.assertEqual((code, len(told["records"]), told["known_days"]), (0, 3, 3))
        self.assertEqual((self.bytes_in(folder), self.sequence(folder)), ({}, 3))
        self.assertEqual([sequence for _, sequence in self.days("kept")], [1, 2, 3])

    def test_an_export_from_the_beginning_publishes_what_is_new(self):
        first, longer = self.export("first.csv", range(4)), self.export("longer.csv", range(7))
        folder = self.device("growing", first)
        self.assertEqual(self.publish(folder, "--csv", first)[0], 0)
        code, told = self.publish(folder, "--csv", longer)
        self.assertEqual((code, len(told["records"]), told["known_days"]), (0, 3, 4))
        code, told = self.publish(folder, "--csv", longer)
        self.assertEqual((code, told["records"], told["known_days"]), (0, [], 7))
        self.assertEqual(self.sequence(folder), 7)

    def test_days_that_only_the_ledger_knows_are_not_signed_again(self):
        csv = self.export("elsewhere.csv", range(3))
        folder = self.device("restored", csv)
        self.assertEqual(self.publish(folder, "--csv", csv)[0], 0)
        shutil.rmtree(folder / "signed")
        code, told = self.publish(folder, "--csv", self.export("elsewhere.csv", range(4)))
        self.assertEqual((code, len(told["records"]), told["known_days"], self.sequence(folder)), (0, 1, 3, 4))

    def test_other_readings_of_a_known_day_hold_nothing_up(self):
        folder = self.device("changed", self.export("changed.csv", range(2)))
        self.assertEqual(self.publish(folder, "--csv", self.export("changed.csv", range(2)))[0], 0)
        self.export("changed.csv", range(3), shift=1)
        code, told = self.publish(folder, "--csv", self.node.folder / "changed.csv")
        self.assertEqual((code, len(told["records"]), [day["sequence"] for day in told["different_days"]]), (1, 1, [1, 2]))
        self.assertEqual((self.sequence(folder), len(self.days("changed"))), (3, 3))

    def test_a_refused_record_is_set_aside_and_the_next_goes_out(self):
        """A copy of the device's folder has used the numbers already."""
        folder = self.device("copied", self.export("a.csv", range(1)))
        copy = self.node.folder / "copy-of-copied"
        shutil.copytree(folder, copy)
        self.assertEqual(self.publish(folder, "--csv", self.export("a.csv", range(1)))[0], 0)
        code, told = self.publish(copy, "--csv", self.export("b.csv", range(4, 6)))
        self.assertEqual((code, [each["code"] for each in told["refused"]]), (1, ["stale_sequence", "chain_broken"]))
        self.assertEqual((len(self.bytes_in(copy)), len(self.bytes_in(copy, "refused"))), (0, 2))
        self.assertIn("stale_sequence", (copy / "refused/000000000001.txt").read_text())
        self.publish(copy, "--csv", self.node.folder / "b.csv")
        self.assertEqual(self.sequence(copy), 2)


if __name__ == "__main__":
    unittest.main()
