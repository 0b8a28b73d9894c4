#include <algorithm>

#include "chaincode/contracts/data/archived_series.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;
constexpr std::size_t kMaxStretches = 100;  // told per day

json::object stretch(std::int64_t from, std::int64_t to) { return {{"from", from}, {"to", to}}; }

// Where rows are absent: stretches between rows that are further apart than the polling interval.
Result<json::array> absent_rows(const ArchivedSeries& archived, const StoredRecord& record) {
    json::array stretches;
    auto rows = archived.rows();
    auto expected = record.from;
    const auto note = [&](std::int64_t until) {
        if (until > expected && stretches.size() < kMaxStretches) stretches.push_back(stretch(expected, until));
    };
    while (rows.next()) {
        const auto time = record.from + rows.offset();
        note(time);
        expected = time + record.polling_interval_s;
    }
    TRY(rows.status());
    note(record.to);
    return stretches;
}

// What is missing inside a day; null when nothing is.
Result<json::value> day_gaps(Stub& stub, const StoredRecord& record) {
    const auto expected = (record.to - record.from) / record.polling_interval_s;
    json::object values;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (record.summary[i].missing > 0) values.emplace(record.fields[i].name, record.summary[i].missing);
    }
    const auto absent = std::max<std::int64_t>(expected - record.rows, 0);
    if (absent == 0 && values.empty()) return json::value(nullptr);
    json::object out{{"from", record.from},
                     {"to", record.to},
                     {"sequence", record.sequence},
                     {"expected_rows", expected},
                     {"rows", record.rows},
                     {"absent_rows", absent},
                     {"missing_values", std::move(values)}};
    if (absent == 0) return out;
    if (const auto archived = TRY(ArchivedSeries::find(stub, record)))
        out.emplace("absent", TRY(absent_rows(*archived, record)));
    return out;
}

Status add_days(Stub& stub, const Gaps& arguments, std::size_t limit, json::object& out) {
    json::array missing, incomplete;
    const auto to = std::min(arguments.to, stub.time_ms() / 1000);  // what is to come is not missing
    auto covered = arguments.from;
    const auto start = ends_from(arguments.device, RecordKind::DAILY, arguments.from + 1);
    const auto end = ends_from(arguments.device, RecordKind::DAILY, std::max(to, arguments.from) + kLongestPeriod_s);
    const auto page = TRY(stub.range(start, end, {.limit = limit}));
    for (const auto& entry : page.entries) {
        const auto record = TRY(record_at(stub, arguments.device, entry));
        if (record.from >= to) break;
        if (record.from > covered) missing.push_back(stretch(covered, record.from));
        covered = record.to;
        auto inside = TRY(day_gaps(stub, record));
        if (!inside.is_null()) incomplete.push_back(std::move(inside));
    }
    if (!page.more && covered < to) missing.push_back(stretch(covered, to));
    out.emplace("missing_days", std::move(missing));
    out.emplace("incomplete_days", std::move(incomplete));
    if (page.more) out.emplace("next_from", covered);
    return {};
}

// What a look through the records in the order of their sequences finds.
struct ChainFindings {
    json::array missing;       // sequences
    json::array broken_chain;  // records that do not name the one before (key 10)
    json::array broken_days;   // DAILY records that do not name the DAILY one before (key 13)
};

json::object broken(const StoredRecord& record, const std::optional<std::string>& names,
                    const std::optional<std::string>& predecessor) {
    return {{"sequence", record.sequence}, {"names", to_json(names)}, {"predecessor", to_json(predecessor)}};
}

// The DAILY record before a sequence.
Result<std::optional<StoredRecord>> day_before(Stub& stub, const std::string& device, std::int64_t sequence) {
    const auto page = TRY(
        stub.range(children_of({"daily", device}).first, daily_key(device, sequence), {.limit = 1, .reverse = true}));
    if (page.entries.empty()) return std::nullopt;
    return TRY(read_record(stub, device, unpadded(last_part(page.entries[0].key)).value_or(0)));
}

// The chain of DAILY records. Once one has named its predecessor, all later ones do.
class DailyChain {
  public:
    DailyChain(std::optional<StoredRecord> before, std::optional<std::int64_t> linked_since)
        : before_(before ? std::optional(before->content_id) : std::nullopt), linked_since_(linked_since) {}

    void add(const StoredRecord& record, ChainFindings& found) {
        if (record.kind != RecordKind::DAILY || record.corrects) return;
        const bool must = linked_since_ && *linked_since_ <= record.sequence;
        if (must && (!record.previous_daily || record.previous_daily != before_))
            found.broken_days.push_back(broken(record, record.previous_daily, before_));
        before_ = record.content_id;
    }

  private:
    std::optional<std::string> before_;  // content id
    std::optional<std::int64_t> linked_since_;
};

Result<DailyChain> daily_chain(Stub& stub, const std::string& device, std::int64_t from_sequence) {
    const auto since = TRY(stub.get(linked_key(device)));
    return DailyChain(TRY(day_before(stub, device, from_sequence)), since ? unpadded(*since) : std::nullopt);
}

Status add_sequences(Stub& stub, const Gaps& arguments, std::size_t limit, json::object& out) {
    ChainFindings found;
    auto expected = std::max<std::int64_t>(arguments.from_sequence.value_or(1), 1);
    auto behind = expected;  // the last entry that was looked at
    std::optional<StoredRecord> before;
    if (const auto text = TRY(stub.get(sequence_key(arguments.device, expected - 1)))) {
        before = TRY(read_document<StoredRecord>(*text, "a record"));
        if (before->format == "vitro") before.reset();
    }
    auto days = TRY(daily_chain(stub, arguments.device, expected));
    const auto end = children_of({"seq", arguments.device}).second;
    const auto page = TRY(stub.range(sequence_key(arguments.device, expected), end, {.limit = limit}));
    for (const auto& entry : page.entries) {
        auto record = TRY(read_document<StoredRecord>(entry.value, "a record"));
        behind = record.sequence + 1;
        if (record.format == "vitro") continue;  // these do not count
        if (record.sequence > expected) found.missing.push_back(stretch(expected, record.sequence - 1));
        const bool follows = before && before->sequence + 1 == record.sequence;
        const bool starts_anew = record.sequence > 1 && !record.previous;
        if (starts_anew || (follows && record.previous != before->content_id)) {
            found.broken_chain.push_back(
                broken(record, record.previous, follows ? std::optional(before->content_id) : std::nullopt));
        }
        days.add(record, found);
        expected = record.sequence + 1;
        before = std::move(record);
    }
    out.emplace("missing_sequences", std::move(found.missing));
    out.emplace("broken_chain", std::move(found.broken_chain));
    out.emplace("broken_days", std::move(found.broken_days));
    if (page.more) out.emplace("next_sequence", behind);
    return {};
}

}  // namespace

Result<json::value> gaps(Stub& stub, const Gaps& arguments) {
    TRY(check_identifier(arguments.device, "\"device\""));
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    if (arguments.from < 0 || arguments.to <= arguments.from || arguments.to > kLastSecond) {
        return fail(Code::invalid_argument, "\"from\" {} and \"to\" {} are no range", arguments.from, arguments.to);
    }
    json::object out{{"device", arguments.device}, {"from", arguments.from}, {"to", arguments.to}};
    TRY(add_days(stub, arguments, limit, out));
    TRY(add_sequences(stub, arguments, limit, out));
    return out;
}

}  // namespace tally::chaincode::data
