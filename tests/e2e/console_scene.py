"""What the console's test looks at: a node with two months of two meters, an agreement, its invoices, a bill, an audit."""

import datetime
import time
import zoneinfo
from fractions import Fraction

from node_under_test import NodeUnderTest
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

ZONE = zoneinfo.ZoneInfo("Europe/Vienna")  # days begin at 22:00 or 23:00 UTC, and two of them a year have 23 or 25 hours
FIELDS = [Field("energy", "Wh", 0)]
TITLE = '<img src=x onerror="document.title=1"> & "Power"'  # of the agreement: shown as it is
METERS = ("meter-1", "meter-2")
LOAD = [20, 15, 12, 10, 12, 25, 60, 110, 130, 90, 70, 65, 80, 75, 60, 55, 70, 120, 180, 210, 190, 140, 80, 40]  # by hour
MISSING, ZERO, CORRUPT = 3, 5, 7  # days of the first month, from 0 on


def midnight(day):
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())


def hours(day):
    return (midnight(day + datetime.timedelta(days=1)) - midnight(day)) // 3600


def zone(first, until):
    """As terms have it: the changes of the clocks in these days."""
    offset = lambda at: int(datetime.datetime.fromtimestamp(at, ZONE).utcoffset().total_seconds())
    begin, end = midnight(first) - DAY, midnight(until) + DAY
    shifts = [{"at_s": at, "offset_s": offset(at)} for at in range(begin, end, 3600) if offset(at) != offset(at - 1)]
    return {"name": "Europe/Vienna", "offset_s": offset(begin - 1), "shifts": shifts}


def month_before(day):
    return (day.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)


class Scene:
    def __init__(self):
        self.node = NodeUnderTest()
        self.today = datetime.datetime.fromtimestamp(time.time(), ZONE).date()
        self.until = self.today.replace(day=1)
        self.second = month_before(self.until)
        self.first = month_before(self.second)
        self.days = [self.first + datetime.timedelta(days=n) for n in range((self.until - self.first).days)]

    def __enter__(self):
        self.node.start()
        self.admin, self.client = self.node.client("admin"), self.node.client("client1")
        self.organization = self.admin.identity.organization
        self.receipt = self.measure()
        self.agree()
        self.bill()
        return self

    def __exit__(self, *arguments):
        self.admin.close()
        self.client.close()
        self.node.__exit__(*arguments)

    def payable(self, month):
        """Of the invoice of a month: two tiers for each meter and a fee, rounded at each line, and 20 % tax."""
        cents = lambda value: int(value * 100 + Fraction(1, 2))
        net = cents(Fraction("3.60"))
        for number in range(len(METERS)):
            days = [n for n, day in enumerate(self.days) if day.month == month.month and (number, n) != (0, MISSING)]
            used = sum(self.value(number, n, hour) for n in days for hour in range(hours(self.days[n])))
            net += cents(Fraction(min(used, 100_000)) / 4000) + cents(Fraction(max(used - 100_000, 0)) / 5000)
        total = net + int(Fraction(net, 5) + Fraction(1, 2))
        return f"{total // 100}.{total % 100:02}"

    @staticmethod
    def value(meter, day, hour):
        return 0 if day == ZERO else 100 + 37 * meter + 11 * (day % 9) + LOAD[hour % 24] * (8 + day % 4) // 5

    def measure(self):
        meters = [Device(name, new_key(ES256), FIELDS, interval=3600) for name in METERS]
        self.node.register("meters", meters)
        for number, meter in enumerate(meters):
            for n, day in enumerate(self.days):
                if number == 0 and n == MISSING:
                    continue
                rows = [[hour * 3600, self.value(number, n, hour)] for hour in range(hours(day))]
                record = meter.sign(meter.payload(midnight(day), rows, end=midnight(day) + hours(day) * 3600))
                last = self.client.publish(record, "committed" if n == len(self.days) - 1 else "accepted")
        return self.client.receipt(last["transaction"]["id"])

    def agree(self):
        roles = [{"organization": self.organization, "role": role} for role in ("OPERATOR", "RC", "DV", "SP")]
        self.admin.submit("agreement", "propose", {"id": "a1", "terms": {
            "title": TITLE, "from": str(self.first), "until": str(self.until), "period": "MONTH", "currency": "EUR", "rounding": "HALF_UP",
            "parties": roles, "scope": [{"shard": "north", "devices": list(METERS)}],
            "zone": zone(self.first, self.until),
            "fields": [{"field": "energy", "unit": "Wh", "measure": "SUM"}], "windows": [],
            "tariff": [{"name": "energy", "kind": "QUANTITY", "field": "energy", "base": "1000",
                        "prices": [{"from": "0", "price": "0.25"}, {"from": "100000", "price": "0.20"}],
                        "tax": {"category": "S", "percent": "20"}},
                       {"name": "service", "kind": "FEE", "per": "MONTH", "prices": [{"from": "0", "price": "3.60"}],
                        "tax": {"category": "S", "percent": "20"}},
                       {"name": "line", "kind": "FEE", "per": "MONTH", "prices": [{"from": "0", "price": "5"}],
                        "tax": {"category": "Z", "percent": "0"}, "provider": self.organization}],
            "reconciliation": {"cloud": "OPTIONAL", "window_minutes": 0, "on_mismatch": "DEVICE"},
            "payees": [{"organization": self.organization, "percent": "100"}], "payees_assignable": False,
            "confirmations": 1, "payment_days": 14, "dispute_days": 14, "keepalive_minutes": 60, "notice_days": 0}})
        corrupt = midnight(self.days[CORRUPT])
        self.admin.submit("data", "cloud_series", {
            "device": METERS[0], "from": corrupt, "to": corrupt + hours(self.days[CORRUPT]) * 3600,
            "fields": [{"field": "energy", "unit": "Wh", "count": hours(self.days[CORRUPT]), "sum": "99999"}]})

    def bill(self):
        for meter in METERS:
            for start in range(0, len(self.days), 31):
                self.admin.submit("data", "finalize", {"agreement": "a1", "days": [
                    {"device": meter, "day": str(day)} for day in self.days[start:start + 31]]})
        for month in (self.first, self.second):
            self.admin.submit("billing", "compute", {"agreement": "a1", "day": str(month)})
        self.admin.submit("billing", "post_bill", {
            "agreement": "a1", "day": str(self.first), "number": "B-7", "issued": str(self.second), "total": "6.00",
            "lines": [{"name": "line", "quantity": "1", "amount": "6.00", "tax": {"category": "Z", "percent": "0"}}]})
        self.admin.submit("billing", "dispute", {"agreement": "a1", "day": str(self.first), "reason": "<b>too much</b>"})
        self.admin.submit("audit", "run", {"agreement": "a1", "id": "check-1", "from": str(self.first),
                                           "until": str(self.second)})
