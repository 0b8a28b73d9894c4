"""Chromium without a window, driven by its DevTools protocol over a pipe (two file descriptors, JSON that ends with 0)."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

CHROMIUM = shutil.which("chromium") or "chromium"


class Browser:
    """One page. `problems` has what it reported: exceptions, console errors, violations of its policy."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tally-browser-")
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()
        # The protocol's descriptors are 3 and 4. Root has no sandbox; the node's certificate is of the test's authority.
        command = (f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}')
        self.process = subprocess.Popen(
            ["bash", "-c", command, CHROMIUM, "--headless=new", "--remote-debugging-pipe", "--no-sandbox",
             "--ignore-certificate-errors", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", f"--user-data-dir={self.folder}"],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.answers, self.arrived, self.last, self.session = {}, threading.Condition(), 0, None
        self.problems, self.requests, self.dead = [], [], False
        threading.Thread(target=self._read, daemon=True).start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.output)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self):
        pending = b""
        while chunk := os.read(self.input, 1 << 16):
            *messages, pending = (pending + chunk).split(b"\0")
            for message in map(json.loads, messages):
                with self.arrived:
                    self._take(message)
                    self.arrived.notify_all()
        with self.arrived:
            self.dead = True
            self.arrived.notify_all()
        os.close(self.input)

    def _take(self, message):
        kind, body = message.get("method"), message.get("params", {})
        if "id" in message:
            self.answers[message["id"]] = message
        elif kind == "Runtime.exceptionThrown":
            details = body["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif kind == "Log.entryAdded" and body["entry"]["level"] == "error" and body["entry"]["source"] != "network":
            self.problems.append(body["entry"]["text"])
        elif kind == "Network.requestWillBeSent":
            self.requests.append(body["request"]["url"])

    def call(self, method, timeout=60, **parameters):
        self.last += 1
        number = self.last
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers or self.dead, timeout) or self.dead:
                raise AssertionError(f"the browser does not answer {method}")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url):
        self.call("Page.navigate", url=url)

    def run(self, expression):
        """The value of a JavaScript expression; of a promise, what it resolves to."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def until(self, expression, seconds=30):
        """The first value of the expression that is true."""
        end, problem = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                if value := self.run(expression):
                    return value
            except AssertionError as error:  # while a page loads
                problem = error
            time.sleep(0.05)
        text = self.run("document.body.innerText")
        raise AssertionError(f"not so within {seconds} s: {expression}; {problem or ''}; {self.problems}\n{text}")

    def see(self, text, seconds=30):
        """Waits until the page shows a text."""
        return self.until(f"document.body.innerText.includes({json.dumps(text)})", seconds)

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def scheme(self, name):
        """light or dark."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def offline(self, is_offline):
        self.call("Network.emulateNetworkConditions", offline=is_offline, latency=0, downloadThroughput=-1,
                  uploadThroughput=-1)

    def press(self, key, code=None):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key,
                      **({"text": "\r", "windowsVirtualKeyCode": 13} if key == "Enter" and kind == "keyDown" else
                         {"windowsVirtualKeyCode": 9} if key == "Tab" else {}))

    def choose_files(self, selector, *files):
        """Into an <input type=file>."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def screenshot(self, path):
        picture = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(picture))
