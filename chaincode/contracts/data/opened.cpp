#include "chaincode/contracts/data/opened.h"

#include <algorithm>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/settle.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/contracts/data/settled_state.h"
#include "chaincode/records/opening.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {
namespace {

struct OpenedRecord {
    StoredRecord record;  // with its figures
    std::optional<Bytes> rows;
};

Result<OpenedRecord> open_record(Stub& stub, const std::string& device, const std::string& content_id) {
    const auto entry = TRY(get_document<ContentEntry>(stub, content_key(content_id, device), "a content entry"));
    if (!entry) return fail(Code::corrupt, "the record {} of {} is not there", content_id, device);
    OpenedRecord out;
    out.record = TRY(read_record(stub, device, entry->sequence));
    const auto withheld = [&](std::string_view why) {
        return fail(refusals::figures_withheld,
                    "the figures of record {} of \"{}\" are kept by the collection \"{}\": {}", out.record.sequence,
                    device, out.record.collection.value_or(""), why);
    };
    if (TRY(erasure_of(stub, out.record))) return withheld("they were erased");
    const auto kept = TRY(stub.kept_series(device, TRY(crypto::Hash::from_hex(content_id))));
    if (!kept) return withheld("this node does not have them");
    auto opened = read_kept_form(TRY(signed_figures(out.record)), *kept);
    if (!opened) return withheld(opened.error().message);
    if (opened->rows) TRY(check_series(opened->record, *opened->rows));
    out.record.summary = opened->record.summary;
    out.record.root = opened->record.root.hex();
    out.record.rows = opened->record.rows();
    out.record.commitment.reset();
    out.rows = std::move(opened->rows);
    return out;
}

Result<SettledDay> figures_of(Stub& stub, SettledDay day, const SettledDay* before) {
    const auto version = TRY(agreement::api::get_version(stub, {day.agreement, day.version}));
    const auto opened = TRY(open_record(stub, day.device, day.content_id.value_or("")));
    DayFacts facts;
    facts.record = &opened.record;
    facts.before = before;
    if (!version.terms.windows.empty()) {
        if (!opened.rows) {
            return fail(refusals::figures_withheld, "the terms have windows, and the readings of {} on {} are withheld",
                        day.device, day.day.text());
        }
        facts.rows = *opened.rows;
    }
    day.fields = TRY(settle_fields(version.terms, facts));
    day.match = std::ranges::max(day.fields, {}, &SettledField::match).match;
    return day;
}

Result<SettledDay> open_day(Stub& stub, SettledDay day) {
    if (day.match != Match::COMMITTED) return day;
    auto before = TRY(day_before_as_known(stub, day));
    // Of the day before only the last readings count, which do not depend on a day before it.
    if (before && before->match == Match::COMMITTED) before = TRY(figures_of(stub, std::move(*before), nullptr));
    return figures_of(stub, std::move(day), before ? &*before : nullptr);
}

}  // namespace

Result<SettledPage> opened_days(Stub& stub, const Settled& in) {
    auto page = TRY(settled(stub, in));
    for (auto& day : page.days) day = TRY(open_day(stub, std::move(day)));
    return page;
}

Result<Revisions> opened_revisions(Stub& stub, const RevisionsFrom& in) {
    auto out = TRY(revisions(stub, in));
    for (auto& day : out.revisions) day = TRY(open_day(stub, std::move(day)));
    return out;
}

}  // namespace tally::chaincode::data
