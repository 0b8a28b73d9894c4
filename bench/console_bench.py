#!/usr/bin/python3
"""How soon the console paints, and shows its devices, with few devices on the ledger and with many.

    TALLY=build/release/bin/tally bench/console_bench.py [--devices 10000] [--times 5]

Each time a new Chromium without a cache opens the page that `tally console open` names. `paint` is the browser's own
first contentful paint; `devices` is when the first page of devices stands in the table; both from the begin of the
navigation.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))
os.environ.setdefault("TALLY", str(ROOT / "build/release/bin/tally"))

from browser import Browser  # noqa: E402
from node_under_test import NodeUnderTest, tally  # noqa: E402
from tally.formats import ES256, new_key  # noqa: E402
from tally.records import Field  # noqa: E402
from tally_client import Device  # noqa: E402

FEW, AT_ONCE = 10, 500
FIELDS = [Field("energy", "Wh", 0)]
# Resolves with the moments, in ms after the navigation began.
MOMENTS = """new Promise(resolve => {
    const look = () => {
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        const shown = document.querySelectorAll("tbody tr").length >= ROWS;
        if (paint && shown) resolve([paint.startTime, performance.now()]); else requestAnimationFrame(look);
    };
    look();
})"""


def opened(node, rows):
    url = json.loads(tally("--json", "console", "open", "--profile", node.member_folder() / "profile.toml").stdout)["url"]
    with Browser() as browser:
        browser.open(url)
        browser.until("document.readyState !== 'loading' && location.protocol === 'https:'")
        return browser.run(MOMENTS.replace("ROWS", str(rows)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []
    with NodeUnderTest() as node:
        node.start()
        devices = [Device(f"meter-{number:05}", new_key(ES256), FIELDS) for number in range(options.devices)]
        node.register("meters", devices[:FEW])
        for count in (FEW, options.devices):
            with node.client("admin") as admin:
                for start in range(FEW, count, AT_ONCE):
                    admin.submit("registry", "import_devices", {"devices": [
                        device.registration("meters@1") for device in devices[start:min(start + AT_ONCE, count)]]})
            moments = [opened(node, FEW) for _ in range(options.times)]
            results.append({"devices": count, "paint_ms": sorted(round(paint) for paint, _ in moments),
                            "devices_ms": sorted(round(shown) for _, shown in moments)})
    if options.json:
        print(json.dumps({"work": "console", "results": results}))
        return
    for each in results:
        print(f"{each['devices']:>6} devices: first paint {statistics.median(each['paint_ms']):.0f} ms "
              f"({each['paint_ms'][0]} to {each['paint_ms'][-1]}), the devices {statistics.median(each['devices_ms']):.0f} ms "
              f"({each['devices_ms'][0]} to {each['devices_ms'][-1]})")


if __name__ == "__main__":
    main()
