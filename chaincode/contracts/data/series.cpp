#include <algorithm>

#include "chaincode/contracts/data/archived_series.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/series_columns.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kUsualPage = 7, kLargestPage = 31;

Status check_arguments(const Series& arguments) {
    TRY(check_identifier(arguments.device, "\"device\""));
    if (arguments.from < 0 || arguments.to <= arguments.from || arguments.to > kLastSecond) {
        return fail(Code::invalid_argument, "\"from\" {} and \"to\" {} are no range", arguments.from, arguments.to);
    }
    if (arguments.interval_s && (*arguments.interval_s < 1 || *arguments.interval_s > kLongestPeriod_s)) {
        return fail(Code::invalid_argument, "\"interval_s\" is {}; 1 to {} are allowed", *arguments.interval_s,
                    kLongestPeriod_s);
    }
    return {};
}

// Where records may be found that overlap the range: in the order of their ends, up to the longest period behind it.
Result<std::pair<std::string, std::string>> scan_of(const Series& arguments, RecordKind kind) {
    auto start = ends_from(arguments.device, kind, arguments.from + 1);
    auto end = ends_from(arguments.device, kind, arguments.to + kLongestPeriod_s);
    if (arguments.cursor) {
        const auto dot = arguments.cursor->find('.');
        const auto last_end = unpadded(arguments.cursor->substr(0, dot));
        const auto sequence = dot == std::string::npos ? std::nullopt : unpadded(arguments.cursor->substr(dot + 1));
        if (!last_end || !sequence) {
            return fail(Code::invalid_argument, "\"cursor\" is \"{}\", which no page ended with",
                        arguments.cursor->substr(0, 64));
        }
        start = std::max(start, just_behind(end_key(arguments.device, kind, *last_end, *sequence)));
    }
    return std::pair(std::move(start), std::move(end));
}

json::object source_json(const StoredRecord& record, bool withheld) {
    return {{"content_id", record.content_id},
            {"transaction", record.transaction},
            {"sequence", record.sequence},
            {"from", record.from},
            {"to", record.to},
            {"polling_interval_s", record.polling_interval_s},
            {"root", record.root},
            {"rows", record.rows},
            {"withheld", withheld}};
}

}  // namespace

Result<json::value> series(Stub& stub, const Series& arguments) {
    TRY(check_arguments(arguments));
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    const auto kind = arguments.kind.value_or(RecordKind::DAILY);
    const auto [start, end] = TRY(scan_of(arguments, kind));
    const auto page = start < end ? TRY(stub.range(start, end, {.limit = limit})) : Page{};
    SeriesColumns columns(arguments.fields, arguments.interval_s);
    json::array sources;
    std::string next;
    for (const auto& entry : page.entries) {
        const auto record = TRY(record_at(stub, arguments.device, entry));
        next = fmt::format("{}.{}", record.to, record.sequence);
        if (record.from >= arguments.to) continue;
        const auto archived = TRY(ArchivedSeries::find(stub, record));
        sources.push_back(source_json(record, !archived));
        if (!archived) continue;
        columns.begin(archived->record());
        auto rows = archived->rows();
        while (rows.next()) {
            const auto time = record.from + rows.offset();
            if (time >= arguments.from && time < arguments.to) columns.add(rows.offset(), rows.values());
            TRY(stub.check_result_bytes(columns.bytes()));
        }
        TRY(rows.status());
        columns.end();
    }
    json::object out{{"device", arguments.device}, {"from", arguments.from}, {"to", arguments.to}};
    if (arguments.interval_s) out.emplace("interval_s", *arguments.interval_s);
    out.emplace("records", std::move(sources));
    out.emplace("fields", columns.take());
    if (page.more) out.emplace("next", next);
    return out;
}

}  // namespace tally::chaincode::data
