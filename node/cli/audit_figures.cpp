#include "node/cli/audit_figures.h"

#include <algorithm>

#include "chaincode/contracts/data/figures.h"
#include "chaincode/contracts/data/series_columns.h"
#include "chaincode/records/series.h"

namespace tally::node::cli {

namespace json = boost::json;

using chaincode::DeviceRecord;

namespace {

json::object stretch(std::int64_t from, std::int64_t to) { return {{"from", from}, {"to", to}}; }

bool has_rows(const DeviceEvidence::Record& day) {
    const auto& record = day.message.record;
    return !day.series.empty() || (record.rows() == 0 && !record.commitment);
}

// What is missing inside a day; none when nothing is.
std::optional<json::object> inside(const DeviceRecord& record) {
    if (record.commitment) return std::nullopt;  // how many rows it has is not on the ledger
    const auto expected = (record.end_s - record.start_s) / record.polling_interval_s;
    json::object values;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (record.summary[i].missing > 0) values.emplace(record.fields[i].name, record.summary[i].missing);
    }
    const auto absent = std::max<std::int64_t>(expected - record.rows(), 0);
    if (absent == 0 && values.empty()) return std::nullopt;
    return json::object{{"from", record.start_s},
                        {"to", record.end_s},
                        {"sequence", record.sequence},
                        {"expected_rows", expected},
                        {"rows", record.rows()},
                        {"absent_rows", absent},
                        {"missing_values", std::move(values)}};
}

}  // namespace

std::vector<const DeviceEvidence::Record*> days_in(const DeviceEvidence& evidence, AuditRange range) {
    std::vector<const DeviceEvidence::Record*> days;
    for (const auto& [sequence, each] : evidence.records()) {
        const auto& record = each.message.record;
        if (record.kind == chaincode::RecordKind::DAILY && record.start_s >= range.from && record.start_s < range.to)
            days.push_back(&each);
    }
    std::ranges::sort(days, {}, [](const auto* day) { return day->message.record.start_s; });
    return days;
}

json::object day_json(const DeviceEvidence::Record& day) {
    const auto& record = day.message.record;
    return {{"from", record.start_s},
            {"to", record.end_s},
            {"sequence", record.sequence},
            {"content_id", day.message.content_id.hex()},
            {"transaction", day.facts.id.hex()},
            {"root", record.root.hex()},
            {"rows", record.rows()},
            {"fields", chaincode::to_json(chaincode::data::figures_of(record.fields, record.summary))},
            {"recomputed", has_rows(day) && day.series_holds.has_value()},
            {"epoch", day.key_epoch},
            {"signers", json::array(day.facts.signers.begin(), day.facts.signers.end())}};
}

json::object gaps_json(const DeviceEvidence& evidence, AuditRange range, bool from_sequence_1) {
    json::array missing_days, incomplete_days, missing_sequences, broken_chain;
    auto covered = range.from;
    for (const auto* day : days_in(evidence, range)) {
        const auto& record = day->message.record;
        if (record.start_s > covered) missing_days.push_back(stretch(covered, record.start_s));
        covered = record.end_s;
        if (auto gap = inside(record)) incomplete_days.push_back(std::move(*gap));
    }
    if (covered < range.to) missing_days.push_back(stretch(covered, range.to));
    const DeviceEvidence::Record* before = nullptr;
    if (from_sequence_1 && !evidence.records().empty() && evidence.records().begin()->first > 1)
        missing_sequences.push_back(stretch(1, evidence.records().begin()->first - 1));
    for (const auto& [sequence, each] : evidence.records()) {
        const auto& record = each.message.record;
        if (before != nullptr && sequence > before->message.record.sequence + 1)
            missing_sequences.push_back(stretch(before->message.record.sequence + 1, sequence - 1));
        const bool follows = before != nullptr && before->message.record.sequence + 1 == sequence;
        if (follows ? record.previous != before->message.content_id : sequence > 1 && !record.previous) {
            broken_chain.push_back(
                json::object{{"sequence", sequence},
                             {"names", record.previous ? json::value(record.previous->hex()) : json::value(nullptr)}});
        }
        before = &each;
    }
    return {{"missing_days", std::move(missing_days)},
            {"incomplete_days", std::move(incomplete_days)},
            {"missing_sequences", std::move(missing_sequences)},
            {"broken_chain", std::move(broken_chain)}};
}

Result<json::array> series_json(const std::vector<const DeviceEvidence::Record*>& days,
                                const std::vector<std::string>& names, std::optional<std::int64_t> interval_s) {
    chaincode::data::SeriesColumns columns(names, interval_s);
    for (const auto* day : days) {
        if (!day->series_holds || day->series.empty()) continue;
        columns.begin(day->message.record);
        chaincode::RowReader rows(day->message.record, day->series);
        while (rows.next()) columns.add(rows.offset(), rows.values());
        TRY(rows.status());
        columns.end();
    }
    return chaincode::to_json(columns.take()).as_array();
}

}  // namespace tally::node::cli
