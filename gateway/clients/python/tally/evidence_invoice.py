"""An invoice of an evidence file: one that the audit has computed again, its items, its totals, its lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import Checks, NotProven
from .formats import sha256
from .pricing import Segment, date, period_of_terms, price_device, totals_of
from .receipts import Receipt

Json = dict[str, Any]


def check_invoice(receipt: Receipt, texts: Sequence[str], run: Json, versions: Mapping[int, Json],
                  settled: Mapping[str, Mapping[str, Json]], checks: Checks) -> int:
    """1; 0 where the audit is of a part of the invoice's period, so that no lines could be computed again."""
    invoice = json.loads(receipt.result)
    name = f"the invoice from {invoice['from']} on"
    checks.same(f"{name}, of the agreement", run["agreement"], invoice["agreement"])
    checks.must(any(each["items"] == invoice["items"] for each in run["invoices"]), name,
                "one that the audit has computed again", f"items {invoice['items']}")
    checks.same(f"{name}, its items", invoice["items"], sha256(b"".join(sha256(text.encode()) for text in texts)).hex())
    segments = [segment_of(part, versions) for part in invoice["versions"]]
    if not segments:
        raise NotProven(f"{name} names no version of the terms")
    items = [json.loads(text) for text in texts]
    recomputed = sum(check_item(name, invoice, segments, item, settled[item["item"]], checks)
                     for item in items if item["item"] in settled)
    lines = [line for item in items for line in item["lines"]]
    checks.same(f"{name}, its totals", text_of(totals_of(segments[-1].terms, lines)), text_of(invoice["totals"]))
    checks.held(f"{name}, its lines", "as terms and FINAL days give them", f"of {recomputed} devices computed again")
    return int(recomputed > 0)


def segment_of(part: Json, versions: Mapping[int, Json]) -> Segment:
    if part["version"] not in versions:
        raise NotProven(f"version {part['version']} of the terms is not in the file")
    terms = dict(versions[part["version"]]["terms"])
    terms["tariff"] = [line for line in terms["tariff"] if "provider" not in line]  # those are on providers' bills
    return Segment(part["version"], date(part["from"]), date(part["until"]), terms)


def check_item(name: str, invoice: Json, segments: Sequence[Segment], item: Json, settled: Mapping[str, Json],
               checks: Checks) -> int:
    """The lines of one device, computed again: 1; 0 when not all of its days are proven."""
    days = []
    for cited in item["days"]:
        final = settled.get(cited["day"])
        if final is None:
            return 0
        what = f"{name}, {item['item']} on {cited['day']}"
        checks.must(final.get("content_id") == cited.get("content_id"), what, final.get("content_id", "no record"),
                    cited.get("content_id", "no record"))
        checks.must(cited_readings(final) == cited.get("sessions"), f"{what}, its readings", "those of the FINAL day",
                    "others")
        days.append(final)
    lines = price_device(segments, period_of_terms(segments[-1].terms, invoice["from"]), item["item"], days)
    checks.must(lines == item["lines"], f"{name}, the lines of {item['item']}", text_of(lines), text_of(item["lines"]))
    return 1


def cited_readings(day: Json) -> list[str] | None:
    """Of OCMF meters: the content ids of every record that the day's quantities come from."""
    found = {session for field in day["fields"] for session in field.get("sessions", [])}
    return sorted(found) or None


def text_of(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
