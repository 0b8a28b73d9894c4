#include "node/channel/evidence_invoice.h"

#include <algorithm>

#include "chaincode/contracts/billing/model.h"
#include "chaincode/contracts/data/settle_figures.h"

namespace tally::node {

namespace agreement = chaincode::agreement;
namespace billing = chaincode::billing;
namespace data = chaincode::data;
using chaincode::Date;
using evidence::must;
using evidence::parsed;
using evidence::status_of;
using evidence::text_of;
using evidence::verified_call;

namespace {

// The lines of one device, computed again: 1; 0 when the audit is of a part of the period.
Result<std::int64_t> check_item(const std::string& name, const billing::Invoice& invoice,
                                std::span<const billing::Segment> segments, const billing::Item& item,
                                const std::map<Date, data::SettledDay>& settled, Checks& checks) {
    std::vector<data::SettledDay> days;
    for (const auto& cited : item.days) {
        const auto found = settled.find(cited.day);
        if (found == settled.end()) return 0;
        TRY(must(checks, found->second.content_id == cited.content_id,
                 fmt::format("{}, {} on {}", name, item.item, cited.day.text()),
                 found->second.content_id.value_or("no record"), cited.content_id.value_or("no record")));
        TRY(must(checks, data::cited_readings(found->second) == cited.sessions,
                 fmt::format("{}, {} on {}, its readings", name, item.item, cited.day.text()), "those of the FINAL day",
                 "others"));
        days.push_back(found->second);
    }
    const auto calendar = billing::period_of(segments.back().terms->period, invoice.from);
    const auto lines =
        TRY(checks.need(fmt::format("{}, the lines of {}", name, item.item), "lines that follow from the terms",
                        billing::price_device(segments, calendar, item.item, days)));
    const auto expected = text_of(lines);
    const auto found = text_of(item.lines);
    TRY(must(checks, expected == found, fmt::format("{}, the lines of {}", name, item.item), expected, found));
    return 1;
}

}  // namespace

Result<CheckedInvoice> check_invoice_proof(const InvoiceProof& proof, const Configurations& configurations,
                                           const ProvenFigures& proven, Checks& checks) {
    const auto facts = verified_call(proof.receipt, configurations, "billing.compute");
    TRY(checks.judged("an invoice's receipt", "a VALID billing.compute", facts ? facts->id.hex() : "",
                      status_of(facts)));
    TRY(must(checks, facts->channel == proven.channel, "an invoice's receipt", "of the channel " + proven.channel,
             facts->channel));
    CheckedInvoice out;
    out.invoice.invoice = TRY(parsed<billing::Invoice>(checks, facts->result, "the invoice"));
    const auto& invoice = out.invoice.invoice;
    const auto name = fmt::format("the invoice from {} on", invoice.from.text());
    TRY(checks.same(name + ", of the agreement", proven.run.agreement, invoice.agreement));
    const bool audited =
        std::ranges::any_of(proven.run.invoices, [&](const auto& each) { return each.items == invoice.items; });
    TRY(must(checks, audited, name, "one that the audit has computed again", "items " + invoice.items));
    crypto::Sha256 hash;
    for (const auto& item : proof.items) hash.update(crypto::sha256(to_bytes(item)).view());
    TRY(checks.same(name + ", its items", invoice.items, hash.finish().hex()));
    std::vector<agreement::Terms> terms;
    terms.reserve(invoice.versions.size());
    std::vector<billing::Segment> segments;
    for (const auto& part : invoice.versions) {
        const auto version = proven.versions.find(part.version);
        TRY(must(checks, version != proven.versions.end(), name, fmt::format("version {} of the terms", part.version),
                 "not in the file"));
        terms.push_back(version->second.terms);
        agreement::keep_lines_of(terms.back(), std::nullopt);
        segments.push_back({part.version, part.from, part.until, &terms.back()});
    }
    TRY(must(checks, !segments.empty(), name, "a version of the terms", "it names none"));
    billing::Sum sum(*segments.back().terms);
    for (const auto& text : proof.items) {
        out.invoice.items.push_back(TRY(parsed<billing::Item>(checks, text, "an item of the invoice")));
        const auto& item = out.invoice.items.back();
        for (const auto& line : item.lines) TRY(must(checks, name, "lines that can be added", sum.add(line)));
        const auto settled = proven.settled.find(item.item);
        if (settled == proven.settled.end()) continue;
        out.recomputed += TRY(check_item(name, invoice, segments, item, settled->second, checks));
        for (const auto& [day, each] : settled->second) {
            if (day >= invoice.from && day < invoice.until) out.invoice.days.push_back(each);
        }
    }
    const auto totals = TRY(checks.need(name + ", its totals", "those of its lines", sum.totals()));
    TRY(checks.same(name + ", its totals", text_of(totals), text_of(invoice.totals)));
    TRY(checks.judged(name + ", its lines", "as terms and FINAL days give them",
                      fmt::format("of {} devices computed again", out.recomputed), {}));
    const auto& last = proven.versions.at(segments.back().version);
    out.invoice.terms = last.terms;
    out.invoice.version = last.version;
    return out;
}

}  // namespace tally::node
