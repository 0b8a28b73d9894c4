#!/usr/bin/env python3
"""Makes tests/golden/evidence: what verifiers in every language must accept, and what they must refuse.

  audit.evidence    an audit of two devices and their invoice, whose lines are of every kind
  part.evidence     an audit of fewer days
  run.receipt       the receipt of the first audit; a.answer an attested answer of FINAL days
  channel.json      the configuration, under which they hold

forgeries.json, which is written by hand, says how the files are altered and which check must name it. The files are
frozen: make them anew only when their formats change. Keys in them are of this chain alone.
"""

import json
import pathlib
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import evidence  # noqa: E402
from cluster_under_test import ClusterUnderTest  # noqa: E402
from node_under_test import tally  # noqa: E402
from tally.formats import DAY, EDDSA, ES256, new_key  # noqa: E402
from tally.records import Field  # noqa: E402
from tally.series import pack  # noqa: E402
from tally_client import Device  # noqa: E402

OUT = HERE / "evidence"
FIELDS = [Field("energy", "Wh", 0), Field("counter", "kWh", -2), Field("power", "W", -1)]
FIRST, DAYS = "2024-02-28", 5  # 29 February is among them
START = 1709078400
STANDARD, REDUCED = {"category": "S", "percent": "20"}, {"category": "S", "percent": "10"}
EXEMPT = {"category": "E", "percent": "0", "reason": "none is due"}


def line(name, kind, price, tax=STANDARD, **more):
    prices = price if isinstance(price, list) else [{"from": "0", "price": price}]
    return {"name": name, "kind": kind, "prices": prices, "tax": tax, **more}


TERMS = {
    "title": "Ströme & \"Zähler\"", "from": FIRST, "until": "2024-03-04", "period": "QUARTER", "currency": "EUR",
    "rounding": "HALF_EVEN", "cash_rounding": "0.05",
    "parties": [{"organization": organization, "role": role}
                for organization, role in zip("ABCD", ("OPERATOR", "RC", "DV", "SP"))],
    "scope": [{"shard": "north", "devices": []}], "zone": {"name": "UTC", "offset_s": 0, "shifts": []},
    "fields": [{"field": "energy", "unit": "Wh", "measure": "SUM"},
               {"field": "counter", "unit": "kWh", "measure": "REGISTER_DIFFERENCE", "modulus": "10000"},
               {"field": "power", "unit": "W", "measure": "SUM"}],
    "windows": [{"name": "peak", "days": ["MON", "TUE", "WED"], "from_minute": 420, "to_minute": 1200}],
    "tariff": [
        line("energy", "QUANTITY", [{"from": "0", "price": "0.24567"}, {"from": "1000.5", "price": "0.1999"},
                                    {"from": "50000", "price": "0.151"}], field="energy", base="1000"),
        line("peak hours", "QUANTITY", "0.0333", REDUCED, field="energy", window="peak", base="1000"),
        line("counter", "QUANTITY", "0.07", EXEMPT, field="counter",
             escalator={"percent": "2.5", "first": "2024-03-01"}),
        line("highest power", "PEAK", "31.7", field="power", base="1000"),
        line("messages", "TRAFFIC", "0.001", REDUCED, counts="MESSAGE"),
        line("bytes", "TRAFFIC", "0.02", counts="BYTE", base="1024"),
        line("each day", "FEE", "0.11", per="DAY", each_device=True),
        line("each month", "FEE", "3.60", per="MONTH", each_device=True),
        line("each year", "FEE", "36.5", REDUCED, per="YEAR_BY_DAYS", each_device=True),
        line("each year of 365", "FEE", "36.5", per="YEAR_BY_365", each_device=True),
        line("each year by months", "FEE", "12", per="YEAR_BY_MONTHS", each_device=True),
        line("for all", "FEE", "7", per="MONTH"),
        line("taken at least", "MINIMUM_TAKE", "0.05", field="energy", quantity="9000000", base="1000"),
    ],
    "reconciliation": {"cloud": "NONE", "window_minutes": 0, "on_mismatch": "DEVICE"},
    "payees": [{"organization": "A", "percent": "33.333333"}, {"organization": "D", "percent": "66.666667"}],
    "payees_assignable": False, "confirmations": 1, "payment_days": 14, "dispute_days": 14, "keepalive_minutes": 60,
    "notice_days": 0,
}


def rows(device, day):
    """Every quarter of an hour; of the second device's counter the last days begin again at 0."""
    out = []
    for quarter in range(96):
        counter = (999_400 + 1_000 * device * day + 2 * quarter + 200 * day) % 1_000_000
        out.append([900 * quarter, None if quarter == 13 * day else 40 + (7 * quarter + 11 * day + 3 * device) % 90, counter,
                    1_000 + (quarter * quarter * (device + 2)) % 4_001 - 500])
    return out


class Evidence(unittest.TestCase):
    def test_make(self):
        cluster = self.enterContext(ClusterUnderTest())
        tally("network", "create", cluster.network, *cluster.options)
        cluster.run("up")
        members = {name: cluster.client(number, "admin") for number, name in enumerate("ABCD", 1)}
        admin = members["A"]
        admin.submit("registry", "register_schema", {"id": "meter", "version": 1, "fields": [
            {"name": f.name, "unit": f.unit, "scale": f.scale} for f in FIELDS]})
        devices = [Device("meter-1", new_key(ES256), FIELDS, interval=900), Device("meter-2", new_key(EDDSA), FIELDS, interval=900)]
        admin.submit("registry", "register_device", devices[0].registration("meter@1", organization="A"))
        admin.submit("registry", "import_devices", {"devices": [devices[1].registration("meter@1", organization="A")]})
        admin.submit("agreement", "propose", {"id": "a1", "terms": TERMS})
        for name in "BCD":
            version = members[name].ask("agreement", "get_version", {"id": "a1", "version": 1})
            members[name].submit("agreement", "sign", {"id": "a1", "version": 1, "hash": version["hash"]})
        for number, device in enumerate(devices):
            for day in range(DAYS):
                counters = [3 + day, 4711 * (day + 1), 96]
                payload = device.payload(START + day * DAY, rows(number, day), counters=counters)
                if number == 0 and day == 2:  # the rows come later
                    del payload[12]
                    outcome = admin.publish(device.sign(payload))
                    late = [pack(rows(number, day), len(FIELDS))]
                    admin.submit("data", "attach_series", {"device": device.id, "content_id": outcome["content_id"]},
                                 attachments=late)
                elif number == 1 and day == 3:
                    continue  # a day without a record
                else:
                    admin.publish(device.sign(payload))
        cluster.agreed()
        profile = lambda name: cluster.network / f"organizations/{name}/members/admin/profile.toml"
        settle = lambda: json.loads(tally("--json", "agreement", "settle", "a1", "--profile", profile("A")).stdout)
        settle()  # up to the day whose rows came later, which is named with them
        admin.submit("data", "finalize", {"agreement": "a1", "days": [{"device": "meter-1", "day": "2024-03-01"}]},
                     attachments=late)
        self.assertEqual(len(settle()["invoices"]), 1)
        OUT.mkdir(exist_ok=True)
        options = ["--from", FIRST, "--until", "2024-03-04", "--readings"]
        run = json.loads(tally("--json", "agreement", "audit", "a1", "--evidence", OUT / "audit.evidence", *options,
                               "--profile", profile("C")).stdout)
        tally("agreement", "audit", "a1", "--evidence", OUT / "part.evidence", "--from", FIRST, "--until", "2024-03-02",
              "--device", "meter-1", "--profile", profile("B"))
        parts = evidence.read(OUT / "audit.evidence")
        (OUT / "run.receipt").write_bytes(parts[2])
        (OUT / "a.answer").write_bytes(parts[4][0][4][0])
        shutil.copy(cluster.network / "channel.json", OUT)
        print(run["run"]["verdict"], {file.name: file.stat().st_size for file in OUT.iterdir()})


if __name__ == "__main__":
    unittest.main()
