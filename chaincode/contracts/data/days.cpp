#include "chaincode/contracts/data/figures.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/totals.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {
namespace {

// The index of days, by the second in which they begin.
Result<Pager> days_between(Pager days, std::int64_t from, std::int64_t to) {
    from = std::max<std::int64_t>(from, 0);
    to = std::min(to, kLastSecond);
    if (to < from) return fail(Code::invalid_argument, "\"to\" is {}, before \"from\", {}", to, from);
    return days.from(padded(from)).before(padded(to));
}

}  // namespace

Result<std::optional<RecordPlace>> find(Stub& stub, const Find& arguments) {
    const auto id = TRY(crypto::Hash::from_hex(arguments.content_id)).hex();
    const auto [start, end] = children_of({"content", id});
    const auto page = TRY(arguments.device ? stub.range(content_key(id, *arguments.device),
                                                        content_key(id, *arguments.device) + '\0', {.limit = 1})
                                           : stub.range(start, end, {.limit = 1}));
    if (page.entries.empty()) return std::nullopt;
    const std::string device(last_part(page.entries[0].key));
    const auto here = TRY(read_document<ContentEntry>(page.entries[0].value, "a content entry"));
    const auto record = TRY(read_record(stub, device, here.sequence));
    return RecordPlace{{id, record.transaction, device, record.kind, record.sequence, record.from, record.to},
                       record.received_ms,
                       TRY(series_transaction(stub, record))};
}

Result<DayPage> days(Stub& stub, const Days& arguments) {
    const auto subject = TRY(subject_of(stub, arguments.device, arguments.shard, arguments.organization));
    const auto index =
        subject.is_device ? Pager({"day", subject.name}) : Pager({"shardday", subject.organization, subject.name});
    const auto wanted = TRY(days_between(index, arguments.from.value_or(0), arguments.to.value_or(kLastSecond)));
    DayPage page;
    page.next = TRY(wanted.read(stub, arguments, [&](const KeyValue& entry) -> Result<bool> {
        const auto device = subject.is_device ? subject.name : std::string(last_part(entry.key));
        const auto record = TRY(record_at(stub, device, entry));
        DayView day{record, figures_of(record.fields, record.summary, arguments.fields), {}};
        if (const auto by = TRY(correction_of(stub, record)))
            day.corrected_by = Correction{by->sequence, by->content_id};
        page.days.push_back(std::move(day));
        return true;
    }));
    return page;
}

Result<ProofPage> proofs(Stub& stub, const Proofs& arguments) {
    const auto wanted = TRY(days_between(Pager({"day", arguments.device}), arguments.from, arguments.to));
    ProofPage page{arguments.device, {}, {}};
    page.next = TRY(wanted.read(stub, arguments, [&](const KeyValue& entry) -> Result<bool> {
        const auto record = TRY(record_at(stub, arguments.device, entry));
        page.proofs.push_back({.from = record.from,
                               .to = record.to,
                               .sequence = record.sequence,
                               .content_id = record.content_id,
                               .previous = record.previous,
                               .previous_daily = record.previous_daily,
                               .root = record.root,
                               .rows_per_leaf = record.rows_per_leaf,
                               .rows = record.rows,
                               .series = record.series,
                               .series_transaction = TRY(series_transaction(stub, record)),
                               .signature = record.signature,
                               .epoch = record.epoch,
                               .transaction = record.transaction,
                               .received_ms = record.received_ms});
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::data
