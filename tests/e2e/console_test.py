"""The console in Chromium: every view, phones, keyboard, strict policy, text that looks like HTML, tokens, slow nodes."""

import base64
import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import console_scene
import evidence
from browser import Browser
from node_under_test import NodeUnderTest, tally
from tally.formats import ES256, new_key
from tally_client import Client, Device

PICTURES = os.environ.get("TALLY_PICTURES")  # a folder for screenshots


class Console(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scene = cls.enterClassContext(console_scene.Scene())
        cls.node = cls.scene.node
        cls.profile = cls.node.member_folder() / "profile.toml"
        cls.url = json.loads(tally("--json", "console", "open", "--profile", cls.profile, "--hours", "1").stdout)["url"]
        cls.page, cls.token = cls.url.split("#token=")
        cls.first, cls.second = str(cls.scene.first), str(cls.scene.second)

    def setUp(self):
        self.browser = self.enterContext(Browser())
        self.browser.size(1200, 900)

    def sign_in(self):
        self.browser.open(self.url)
        self.browser.see("meter-2")

    def go(self, place, *texts):
        self.browser.run(f"location.hash = {json.dumps(place)}")
        self.browser.until("!document.getElementById('content').hasAttribute('aria-busy') && "
                           f"location.hash === {json.dumps(place)}")
        for text in texts:
            self.browser.see(text)

    def shot(self, name):
        if PICTURES:
            self.browser.screenshot(pathlib.Path(PICTURES) / f"{name}.png")

    def views(self):
        """Each view and what it must show."""
        day = str(self.scene.days[console_scene.CORRUPT])
        return {
            "#/devices": ["meter-1", "north", "ALIVE", "GET /v1/devices", "GET /v1/liveness"],
            f"#/device/meter-1?to={self.scene.until}": [f"final: {len(self.scene.days) - 3}", "no record: 1", "before its first record", "device and operator differ: 1", "a record of zeros: 1"],
            f"#/day/meter-1/{day}?agreement=a1": ["MISMATCH", "99999", "Readings fit the signed root", "Readings of energy"],
            "#/refused": ["Refused and pending", "GET /v1/blocks", "Devices that wait for admission: none."],
            "#/agreements": ["a1", "ACTIVE"],
            "#/agreements/a1": [console_scene.TITLE, "Signatures", "Tariff", "0.25 EUR", "What would it cost?"],
            "#/invoices/a1": [self.scene.payable(self.scene.first), self.scene.payable(self.scene.second), "DISPUTED"],
            f"#/invoices/a1/{self.second}": ["Payable", self.scene.payable(self.scene.second), "meter-1: lines", "energy, tier 2", "period before"],
            "#/payments/a1": ["invoice 1", "bill B-7", "disputed"],
            "#/disputes/a1": ["<b>too much</b>", "TOO_MUCH", "1.00"],
            "#/audits/a1": ["check-1", "GAPS"],
            "#/audits/a1/check-1": ["RECONCILIATION", "days without a record"],
            "#/ledger": ["Checkpoint", "node1", "Blocks"],
            "#/ledger?block=1": ["Transactions", "register_schema"],
            "#/ledger?device=meter-1": ["registered", "record published"],
            "#/key": ["Make a key"],
        }

    def test_every_view_shows_what_is_on_the_ledger(self):
        self.sign_in()
        for place, texts in self.views().items():
            with self.subTest(place):
                self.go(place, *texts)
                self.shot(place.split("?")[0].strip("#/").replace("/", "-"))
        self.assertEqual(self.browser.problems, [])
        node = self.page.removesuffix("console/")
        strange = [url for url in self.browser.requests if not url.startswith((node, "data:", "blob:", "about:"))]
        self.assertEqual(strange, [])

    def test_every_view_fits_a_phone_light_and_dark(self):
        self.sign_in()
        self.browser.size(360, 740)
        for scheme in ("dark", "light"):
            self.browser.scheme(scheme)
            for place in self.views():
                with self.subTest(place, scheme=scheme):
                    self.go(place)
                    self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 360)
            ground = self.browser.run("getComputedStyle(document.body).backgroundColor")
            self.assertEqual(ground, {"dark": "rgb(20, 24, 28)", "light": "rgb(255, 255, 255)"}[scheme])
            self.go(f"#/device/meter-1?to={self.scene.until}")
            self.shot(f"phone-{scheme}")

    def test_text_of_the_ledger_is_never_read_as_html(self):
        self.sign_in()
        self.go("#/agreements/a1", console_scene.TITLE)
        self.go("#/disputes/a1", "<b>too much</b>")
        self.go("#/device/" + "%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D1%22%3E", "That did not work")
        self.go("#/%3Cb%3Eview%3C%2Fb%3E", '"<b>view</b>"')
        self.assertEqual(self.browser.run("document.querySelectorAll('main img, main b').length"), 0)
        self.assertNotEqual(self.browser.run("document.title"), "1")

    def test_the_policy_forbids_scripts_in_the_page(self):
        self.sign_in()
        self.browser.run("""(() => { const script = document.createElement('script');
            script.textContent = 'document.title = "injected"'; document.body.append(script); })()""")
        self.assertNotEqual(self.browser.run("document.title"), "injected")
        self.assertTrue(any("Content Security Policy" in each for each in self.browser.problems), self.browser.problems)
        with self.node.client() as stranger:
            answer = stranger.request("GET", "/console/")
            policy = answer.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertNotIn(b"<style", answer.body)
            self.assertEqual(stranger.request("GET", "/console/none.js").status, 404)
            self.assertEqual(stranger.request("POST", "/console/").status, 405)
            self.assertEqual(stranger.request("GET", "/console/main.js").headers["content-type"],
                             "text/javascript; charset=utf-8")
            moved = stranger.request("GET", "/", accept="text/html,*/*")
            self.assertEqual((moved.status, moved.headers["location"]), (303, "console/"))
            moved = stranger.request("GET", "/console")
            self.assertEqual((moved.status, moved.headers["location"]), (308, "console/"))

    def test_the_keyboard_alone_is_enough(self):
        self.sign_in()
        self.browser.open(self.page + "#/devices")
        self.browser.see("meter-2")
        seen = set()
        for _ in range(60):
            self.browser.press("Tab")
            name = self.browser.run("document.activeElement.textContent")
            seen.add(name)
            if name == "meter-2":
                break
        self.assertLessEqual({"To the content", "Devices", "Agreements", "Show", "List", "meter-2"}, seen)
        self.browser.press("Enter")
        self.browser.see("Device meter-2")

    def test_files_are_verified_without_the_node(self):
        folder, config = self.node.folder, self.node.network / "channel.json"
        profile = self.node.member_folder("admin") / "profile.toml"
        proof, answer = folder / "an.evidence", folder / "an.answer"
        tally("agreement", "audit", "a1", "--evidence", proof, "--from", self.first, "--until", self.second, "--readings",
              "--profile", profile)
        tally("query", "data", "days", '{"device": "meter-1"}', "--attest", answer, "--profile", profile)
        parts = evidence.read(proof)
        missing = parts[4][1][2].pop(4)  # of meter-2
        evidence.write(folder / "forged.evidence", parts)
        content = answer.read_bytes()
        at = content.index(b'"count":24') + 9
        (folder / "forged.answer").write_bytes(content[:at] + b"5" + content[at + 1:])
        spoilt = bytearray(self.scene.receipt)
        spoilt[len(spoilt) // 3] ^= 1
        (folder / "a.receipt").write_bytes(self.scene.receipt)
        (folder / "b.receipt").write_bytes(spoilt)
        self.assertGreater(len(missing), 100)

        self.sign_in()
        self.go("#/audits/verify", "Choose or drop")
        self.browser.offline(True)
        self.browser.choose_files("#channel-file", config)
        for name, texts in {
                "a.receipt": ["PROVEN: transaction", "data.publish", "a committer", "yes"],
                "b.receipt": ["NOT PROVEN"],
                "an.answer": ["PROVEN: data.days answered so after block", "the result's SHA-256"],
                "forged.answer": ["NOT PROVEN: the result's SHA-256: expected", "NO"],
                "an.evidence": ["PROVEN: audit", "invoices computed again", "the records of meter-2", "the audit has read all of the range"],
                "forged.evidence": [f"NOT PROVEN: meter-2 on {self.scene.days[4]}: expected record", "no such record in the file", "NO"]}.items():
            with self.subTest(name):
                self.browser.choose_files("#proof-file", folder / name)
                self.browser.see(texts[0])
                shown = self.browser.run("document.body.innerText")
                for text in texts:
                    self.assertIn(text, shown)
                self.assertEqual("NOT PROVEN" in shown, "NOT PROVEN" in texts[0])
                self.shot(name.replace(".", "-"))
        self.browser.choose_files("#channel-file", folder / "a.receipt")
        self.browser.see("not a channel's configuration")
        self.browser.run("""(async () => { const files = new DataTransfer();
            const file = async (bytes, name) => files.items.add(new File([Uint8Array.from(atob(bytes), each => each.charCodeAt(0))], name));
            await file(%s, "an.answer"); await file(%s, "channel.json");
            document.querySelector("form").parentElement.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true })); })()"""
                         % tuple(json.dumps(base64.b64encode(each.read_bytes()).decode()) for each in (answer, config)))
        self.browser.see("PROVEN: data.days answered so")
        self.assertEqual(self.browser.problems, [])
        self.assertFalse(any("receipt" in url and "/v1/" in url for url in self.browser.requests))

    def test_prices_are_calculated_and_tables_saved(self):
        self.sign_in()
        self.go("#/agreements/a1", "What would it cost?")
        for quantity, answer in (("161448", "37.29 EUR"), ("0.5", "0.00 EUR"), ("1e3", '"1e3" is not a decimal number')):
            self.browser.run(f"""(() => {{ const form = document.querySelector('input[name=quantity]').form;
                form.elements.quantity.value = {json.dumps(quantity)}; form.requestSubmit(); }})()""")
            self.browser.see(answer)
        saved = self.browser.run("""import('./dom.js').then(dom =>
            dom.csvText([['a,"b"', '=1+1', '-2.5', '-cmd', 'x'], ['two\\nlines', '', '+1', '@a', '0']]))""")
        self.assertEqual(saved, '"a,""b""",\'=1+1,-2.5,\'-cmd,x\r\n"two\nlines",,\'+1,\'@a,0\r\n')
        self.assertIn("Save as CSV", self.browser.run("document.body.innerText"))

    def test_a_token_is_for_reading_and_ends(self):
        reader = self.enterContext(Client(self.node.port, self.node.authorities))
        head = {"Authorization": "Bearer " + self.token}
        self.assertEqual(reader.request("GET", "/v1/devices", **head).status, 200)
        refused = reader.request("POST", "/v1/contracts/registry/list_devices", "{}", "application/json", **head)
        self.assertEqual((refused.status, refused.code), (403, "permission_denied"))
        member = self.node.member()
        bearer = lambda **claims: {"Authorization": "Bearer " + member.token("main", **claims)}
        self.assertEqual(reader.request("GET", "/v1/devices", **bearer(lifetime=3600)).status, 401)
        self.assertEqual(reader.request("GET", "/v1/devices", **bearer(lifetime=3600, scope="read")).status, 200)
        self.assertEqual(reader.request("GET", "/v1/devices", **bearer(lifetime=86401, scope="read")).status, 401)
        self.assertEqual(reader.request("GET", "/v1/devices", **bearer(scope="write")).status, 401)

        ended = member.token("main", issued=int(time.time()) - 7200, lifetime=3600, scope="read")
        self.browser.open(self.page + "#token=" + ended)
        self.browser.see("the token has expired")
        self.browser.see("tally console open")
        self.assertNotIn(ended, self.browser.run("location.href"))
        self.browser.open("about:blank")
        self.browser.open(self.page)
        self.browser.see("this needs a TLS client certificate or a bearer token")
        tally("console", "open", "--profile", self.profile, "--hours", "25", expect=2)

    def test_a_node_that_does_not_answer_is_reported(self):
        self.sign_in()
        self.browser.offline(True)
        self.go("#/ledger", "The node cannot be reached.")
        self.browser.offline(False)
        self.browser.run("[...document.querySelectorAll('button')].find(each => each.textContent === 'Try again').click()")
        self.browser.see("Checkpoint")
        self.node.process.send_signal(signal.SIGSTOP)
        try:
            self.go("#/agreements")
            self.browser.see("The node has not answered within 20 seconds", 40)
        finally:
            self.node.process.send_signal(signal.SIGCONT)
        self.go("#/devices", "meter-1")

    def test_a_key_of_the_browser_signs_in(self):
        self.browser.open(self.page + "#/key")
        self.browser.see("Make a key")
        self.browser.run(f"""(() => {{ const form = document.getElementById('make-key');
            form.elements.organization.value = {json.dumps(self.scene.organization)}; form.elements.name.value = 'phone';
            form.requestSubmit(); }})()""")
        self.browser.see("not yet")
        self.browser.until("document.getElementById('show-request').click() ?? true")
        request = self.browser.until("document.getElementById('request')?.textContent")
        folder = self.node.folder
        (folder / "phone.csr").write_text(request)
        shown = subprocess.run(["openssl", "req", "-in", folder / "phone.csr", "-noout", "-verify", "-subject"],
                               capture_output=True, text=True, check=True)
        self.assertRegex(shown.stdout + shown.stderr, "CN ?= ?phone")
        tally("identity", "issue", self.node.network / "organizations" / self.scene.organization, "phone", "--role", "client",
              "--csr", folder / "phone.csr")
        install = """(text => { const form = document.getElementById('install-chain');
            form.elements.chain.value = text; form.requestSubmit(); })"""
        other = (self.node.member_folder() / "certificate.pem").read_text()
        self.browser.run(f"{install}({json.dumps(other)})")
        self.browser.see("The certificate is for another key.")
        self.browser.run(f"{install}({json.dumps((self.node.member_folder('phone') / 'certificate.pem').read_text())})")
        self.browser.see("meter-2")
        self.browser.see("with this browser's key")


class ManyDevices(unittest.TestCase):
    def test_ten_thousand_devices_are_paged(self):
        node = self.enterContext(NodeUnderTest())
        node.start()
        devices = [Device(f"many-{number:05}", new_key(ES256), console_scene.FIELDS) for number in range(10_000)]
        node.register("meters", devices[:1])
        with node.client("admin") as admin:
            for start in range(1, len(devices), 500):
                admin.submit("registry", "import_devices", {"devices": [
                    device.registration("meters@1") for device in devices[start:start + 500]]})
        opened = tally("--json", "console", "open", "--profile", node.member_folder() / "profile.toml")
        browser = self.enterContext(Browser())
        browser.open(json.loads(opened.stdout)["url"])
        browser.see("many-00199")
        begun = time.monotonic()
        browser.run("[...document.querySelectorAll('a')].find(each => each.textContent === 'Next page').click()")
        browser.see("many-00399")
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(browser.run("document.querySelectorAll('tbody tr').length"), 200)
        browser.see("NEVER_HEARD")


if __name__ == "__main__":
    unittest.main()
