#include "chaincode/contracts/data/archived_series.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/series_columns.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {
namespace {

Status check_range(const Series& arguments) {
    if (arguments.from >= 0 && arguments.to > arguments.from && arguments.to <= kLastSecond) return {};
    return fail(Code::invalid_argument, "\"from\" {} and \"to\" {} are no range", arguments.from, arguments.to);
}

// The records that may overlap the range, in the order of their ends: none ends later than the longest period after it.
Pager records_near(const Series& arguments, RecordKind kind) {
    Pager records({"end", arguments.device, enum_name(kind)});
    return records.from(padded(arguments.from + 1)).before(padded(arguments.to + kLongestPeriod_s));
}

SeriesSource source_of(const StoredRecord& record, std::optional<Withheld> withheld) {
    return {record.content_id,         record.transaction, record.sequence, record.from,          record.to,
            record.polling_interval_s, record.root,        record.rows,     withheld.has_value(), withheld};
}

// Adds the rows of a record that lie in the range.
Status add_rows(Stub& stub, const ArchivedSeries& archived, const Series& arguments, SeriesColumns& columns) {
    columns.begin(archived.record());
    auto rows = archived.rows();
    while (rows.next()) {
        const auto time = archived.record().start_s + rows.offset();
        if (time >= arguments.from && time < arguments.to) columns.add(rows.offset(), rows.values());
        TRY(stub.check_result_bytes(columns.bytes()));
    }
    TRY(rows.status());
    columns.end();
    return {};
}

}  // namespace

Result<SeriesPage> series(Stub& stub, const Series& arguments) {
    TRY(check_range(arguments));
    SeriesColumns columns(arguments.fields, arguments.interval_s);
    SeriesPage page{arguments.device, arguments.from, arguments.to, arguments.interval_s, {}, {}, {}};
    const PageArguments part{arguments.limit.value_or(kUsualSeriesPage), arguments.cursor};
    const auto records = records_near(arguments, arguments.kind.value_or(RecordKind::DAILY));
    page.next = TRY(records.read(stub, part, [&](const KeyValue& entry) -> Result<bool> {
        const auto record = TRY(record_at(stub, arguments.device, entry));
        if (record.from >= arguments.to) return false;
        const auto found = TRY(ArchivedSeries::find(stub, record));
        page.records.push_back(source_of(record, found ? std::nullopt : std::optional(found.error())));
        if (found) TRY(add_rows(stub, *found, arguments, columns));
        return true;
    }));
    page.fields = columns.take();
    return page;
}

}  // namespace tally::chaincode::data
