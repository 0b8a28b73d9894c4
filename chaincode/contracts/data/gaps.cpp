#include <algorithm>

#include "chaincode/contracts/data/archived_series.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kMaxStretches = 100;  // reported per day

// Where rows are absent: stretches between rows that are further apart than the polling interval.
Result<std::vector<Stretch>> absent_rows(const ArchivedSeries& archived, const StoredRecord& record) {
    std::vector<Stretch> stretches;
    auto rows = archived.rows();
    auto expected = record.from;
    const auto note = [&](std::int64_t until) {
        if (until > expected && stretches.size() < kMaxStretches) stretches.push_back({expected, until});
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

// What is missing inside a day; none when nothing is.
Result<std::optional<IncompleteDay>> day_gaps(Stub& stub, const StoredRecord& record) {
    if (record.commitment) return std::nullopt;  // how many rows it has is not on the ledger
    const auto expected = (record.to - record.from) / record.polling_interval_s;
    IncompleteDay day{.from = record.from,
                      .to = record.to,
                      .sequence = record.sequence,
                      .expected_rows = expected,
                      .rows = record.rows,
                      .absent_rows = std::max<std::int64_t>(expected - record.rows, 0),
                      .missing_values = {},
                      .absent = {}};
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (record.summary[i].missing > 0) day.missing_values[record.fields[i].name] = record.summary[i].missing;
    }
    if (day.absent_rows == 0 && day.missing_values.empty()) return std::nullopt;
    if (day.absent_rows == 0) return day;
    if (const auto found = TRY(ArchivedSeries::find(stub, record))) day.absent = TRY(absent_rows(*found, record));
    return day;
}

Status add_days(Stub& stub, const Gaps& arguments, std::size_t limit, GapReport& out) {
    const auto to = std::min(arguments.to, stub.time_ms() / 1000);  // what is to come is not missing
    auto covered = arguments.from;
    const auto start = ends_from(arguments.device, RecordKind::DAILY, arguments.from + 1);
    const auto end = ends_from(arguments.device, RecordKind::DAILY, std::max(to, arguments.from) + kLongestPeriod_s);
    const auto page = TRY(stub.range(start, end, {.limit = limit}));
    for (const auto& entry : page.entries) {
        const auto record = TRY(record_at(stub, arguments.device, entry));
        if (record.from >= to) break;
        if (record.from > covered) out.missing_days.push_back({covered, record.from});
        covered = record.to;
        if (auto day = TRY(day_gaps(stub, record))) out.incomplete_days.push_back(std::move(*day));
    }
    if (!page.more && covered < to) out.missing_days.push_back({covered, to});
    if (page.more) out.next_from = covered;
    return {};
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

    void add(const StoredRecord& record, GapReport& out) {
        if (record.kind != RecordKind::DAILY || record.corrects) return;
        const bool must = linked_since_ && *linked_since_ <= record.sequence;
        if (must && (!record.previous_daily || record.previous_daily != before_))
            out.broken_days.push_back({record.sequence, record.previous_daily, before_});
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

Status add_sequences(Stub& stub, const Gaps& arguments, std::size_t limit, GapReport& out) {
    auto expected = std::max<std::int64_t>(arguments.from_sequence.value_or(1), 1);
    auto next = expected;  // the sequence after the last entry that was read
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
        next = record.sequence + 1;
        if (record.format == "vitro") continue;  // these do not count
        if (record.sequence > expected) out.missing_sequences.push_back({expected, record.sequence - 1});
        const bool follows = before && before->sequence + 1 == record.sequence;
        const bool starts_anew = record.sequence > 1 && !record.previous;
        if (starts_anew || (follows && record.previous != before->content_id)) {
            out.broken_chain.push_back(
                {record.sequence, record.previous, follows ? std::optional(before->content_id) : std::nullopt});
        }
        days.add(record, out);
        expected = record.sequence + 1;
        before = std::move(record);
    }
    if (page.more) out.next_sequence = next;
    return {};
}

}  // namespace

Result<GapReport> gaps(Stub& stub, const Gaps& arguments) {
    const auto limit = static_cast<std::size_t>(arguments.limit.value_or(kUsualPage));
    if (arguments.from < 0 || arguments.to <= arguments.from || arguments.to > kLastSecond)
        return fail(Code::invalid_argument, "\"from\" {} and \"to\" {} are no range", arguments.from, arguments.to);
    GapReport report;
    report.device = arguments.device;
    report.from = arguments.from;
    report.to = arguments.to;
    TRY(add_days(stub, arguments, limit, report));
    TRY(add_sequences(stub, arguments, limit, report));
    return report;
}

}  // namespace tally::chaincode::data
