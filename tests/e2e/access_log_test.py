"""The access log: one line per request where it is asked for, and who asked."""

import re
import unittest

from node_under_test import NodeUnderTest


class AccessLog(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest())

    def requests(self):
        """What the log tells of each request; its values are plain here, or quoted."""
        return [dict(re.findall(r'(\w+)=("[^"]*"|\S+)', line)) for line in self.node.log if "event=request " in line]

    def test_a_line_per_request(self):
        self.node.configure("port", f"{self.node.port}\naccess_log = true")
        self.node.start()
        with self.node.client("client1") as client:
            client.get("/v1/blocks/0")
            client.request("GET", "/v1/blocks/99?x=secret", **{"X-Request-Id": "mine"})
            client.request("POST", "/v1/records", b"nothing", "application/cose")
        self.node.stop()
        ready, block, refused, record = self.requests()
        self.assertEqual((ready["path"], ready["status"], ready["who"]), ("/readyz", "200", '""'))
        self.assertEqual((block["method"], block["path"], block["route"], block["status"], block["in"], block["level"]),
                         ("GET", "/v1/blocks/0", "/v1/blocks/{number}", "200", "0", "info"))
        self.assertEqual(block["who"], "Operator/client/client1")
        self.assertGreater(float(block["ms"]), 0)
        self.assertGreater(int(block["out"]), 100)
        self.assertEqual((refused["id"], refused["status"]), ("mine", "400"))
        self.assertEqual((record["method"], record["status"], record["in"]), ("POST", "400", "7"))
        self.assertIn("malformed", record["note"])
        self.assertNotIn("secret", "".join(self.node.log))

    def test_silence_unless_it_is_asked_for(self):
        self.node.start()
        with self.node.client("client1") as client:
            client.get("/v1/blocks/0")
        self.node.stop()
        self.assertEqual(self.requests(), [])


if __name__ == "__main__":
    unittest.main()
