"""Records by MQTT: a mosquitto broker with TLS and client certificates between devices and the node. What is killed in
between loses no record and makes none twice."""

import datetime
import json
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from cluster_under_test import eventually
from mqtt_broker import Broker
from node_under_test import TALLY, NodeUnderTest, tally

FIRST = datetime.date(2026, 3, 1)


class Mqtt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.broker = cls.enterClassContext(Broker(cls.folder, "persistence false", "max_packet_size 1200000"))
        cls.node = cls.enterClassContext(NodeUnderTest())
        config = cls.node.home / "node.toml"
        config.write_text(config.read_text() + cls.broker.node_toml())
        cls.node.start()
        cls.profile = cls.node.network / "organizations/Operator/members/admin/profile.toml"
        cls.meter = cls.folder / "meter"
        tally("device", "new", cls.meter)
        tally("device", "register", cls.meter, "--schema", "s", "--csv", cls.day(0), "--profile", cls.profile)
        eventually(lambda: cls.node.metric("mqtt_connected"))

    @classmethod
    def day(cls, number):
        file = cls.folder / f"day{number}.csv"
        day = FIRST + datetime.timedelta(days=number)
        file.write_text("time,energy_Wh\n" + "".join(f"{day}T{hour:02}:00:00Z,{number * 24 + hour}\n" for hour in range(24)))
        return file

    def publish(self, *source, expect=0, wait=20):
        done = tally("--json", "device", "publish", self.meter, *source, *self.broker.options_of("meter"),
                     "--mqtt-wait", wait, expect=expect)
        return json.loads((done.stdout or done.stderr).splitlines()[0])

    def days_on_ledger(self):
        question = json.dumps({"device": "meter"})
        days = json.loads(tally("--json", "query", "data", "days", question, "--profile", self.profile).stdout)["days"]
        return [int((datetime.datetime.fromtimestamp(day["from"], datetime.timezone.utc).date() - FIRST).days)
                for day in days]

    def waiting(self):
        return len(list((self.meter / "outbox").iterdir()))

    def raw(self, topic, payload, *options, name="other"):
        certificate, key = self.broker.authority.issue(name)
        file = self.folder / "payload"
        file.write_bytes(payload)
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker.port), "--cafile", self.broker.authority.file,
                        "--cert", certificate, "--key", key, "-t", topic, "-f", file, *options], check=True,
                       capture_output=True, timeout=30)

    def test_1_a_record_comes_to_the_ledger_and_leaves_the_outbox(self):
        answer = self.publish("--csv", self.day(0))
        self.assertEqual(len(answer["records"]), 1)
        self.assertEqual((self.days_on_ledger(), self.waiting()), ([0], 0))
        self.assertEqual(self.node.metric("mqtt_committed_total"), 1)

    def test_2_the_broker_is_killed(self):
        self.broker.kill()
        answer = self.publish("--csv", self.day(1), expect=4, wait=2)
        self.assertEqual((answer["records"], self.waiting()), ([], 1))
        self.broker.start()
        eventually(lambda: self.publish() and self.waiting() == 0, 60)
        self.assertEqual(self.days_on_ledger(), [0, 1])

    def test_3_the_node_is_killed_before_it_replies(self):
        self.node.kill()
        answer = self.publish("--csv", self.day(2), expect=4, wait=2)
        self.assertEqual((answer["records"], self.waiting()), ([], 1))
        self.node.start()
        eventually(lambda: self.node.metric("mqtt_connected"), 60)
        self.publish()
        self.assertEqual((self.days_on_ledger(), self.waiting()), ([0, 1, 2], 0))

    def test_4_the_device_is_killed_before_it_reads_the_reply(self):
        command = [TALLY, "device", "publish", self.meter, "--csv", self.day(3), *self.broker.options_of("meter")]
        for delay in (0.02, 0.1, 0.2, 0.4):
            process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.publish("--csv", self.day(3))
        self.assertEqual((self.days_on_ledger(), self.waiting()), ([0, 1, 2, 3], 0))

    def test_5_what_is_no_record_of_the_topics_device_is_refused_and_counted(self):
        record = self.folder / "signed"
        other = self.folder / "second"
        tally("device", "new", other)
        tally("device", "sign", other, "--csv", self.day(4), "--out", record)
        message = next(record.iterdir()).read_bytes()
        before = {name: self.node.metric(name) for name in ("mqtt_dropped_total", "mqtt_wrong_device_total", "mqtt_refused_total")}
        self.raw("tally/v1/main/meter/record", message, "-q", "1")            # another device's
        self.raw("tally/v1/main/meter/record", b"\x00" * 1000, "-q", "1")     # nothing
        self.raw("tally/v1/main/meter/record", message, "-q", "0")            # may be lost on its way
        self.raw("tally/v1/main/x/y/record", message, "-q", "1")              # no topic of a device
        eventually(lambda: self.node.metric("mqtt_wrong_device_total") == before["mqtt_wrong_device_total"] + 1)
        eventually(lambda: self.node.metric("mqtt_refused_total") == before["mqtt_refused_total"] + 2)
        eventually(lambda: self.node.metric("mqtt_dropped_total") >= before["mqtt_dropped_total"] + 1)
        # A retained message is dropped when the bridge comes back to it.
        self.raw("tally/v1/main/second/record", message, "-q", "1", "-r")
        self.assertEqual(self.days_on_ledger(), [0, 1, 2, 3])

    def test_6_many_records_arrive_whole(self):
        file = self.folder / "many.csv"
        lines = ["time,energy_Wh"]
        for number in range(10, 60):
            day = FIRST + datetime.timedelta(days=number)
            lines += [f"{day}T{hour:02}:00:00Z,{number * 24 + hour}" for hour in range(24)]
        file.write_text("\n".join(lines) + "\n")
        self.publish("--csv", file)
        self.assertEqual(self.days_on_ledger(), [0, 1, 2, 3, *range(10, 60)])

    def test_6b_a_record_that_the_broker_does_not_take_is_named(self):
        text = self.broker.configuration.read_text()
        self.addCleanup(self.broker.start)
        self.addCleanup(self.broker.kill)
        self.addCleanup(self.broker.configuration.write_text, text)
        self.broker.kill()
        self.broker.configuration.write_text(text.replace("max_packet_size 1200000", "max_packet_size 200"))
        self.broker.start()
        before = time.monotonic()
        answer = self.publish("--csv", self.day(70), expect=None, wait=60)
        self.assertIn("the broker takes no message of", json.dumps(answer))
        self.assertLess(time.monotonic() - before, 50)  # it does not wait for a reply
        self.assertEqual(self.waiting(), 1)

    def test_7_a_broker_that_cannot_be_reached_is_named(self):
        refused = tally("device", "publish", self.meter, "--mqtt", "http://127.0.0.1", expect=1)
        self.assertIn("mqtts://HOST:PORT", refused.stderr)
        config = self.node.home / "node.toml"
        text = config.read_text()
        self.addCleanup(config.write_text, text)
        config.write_text(text.replace(str(self.broker.bridge_key), str(self.folder / "nowhere.pem")))
        self.node.kill()
        done = subprocess.run([TALLY, "node", "start", self.node.home], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nowhere.pem", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
