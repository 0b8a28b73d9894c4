#include "chaincode/contracts/data/figures.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {

Result<RecordPage> records(Stub& stub, const Records& arguments) {
    const bool by_sequence = arguments.order.value_or(Order::SEQUENCE) == Order::SEQUENCE;
    RecordPage page{arguments.device, {}, {}};
    const Pager index({by_sequence ? "seq" : "log", arguments.device});
    page.next = TRY(index.read(stub, arguments, [&](const KeyValue& entry) -> Result<bool> {
        const auto record = by_sequence ? TRY(read_document<StoredRecord>(entry.value, "a record"))
                                        : TRY(record_at(stub, arguments.device, entry));
        if (arguments.kind && record.kind != *arguments.kind) return false;
        // The record and its index entries were written together, so the entry's block is the record's.
        page.records.push_back({record, figures_of(record.fields, record.summary),
                                TRY(series_transaction(stub, record)), static_cast<std::int64_t>(entry.version.block)});
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::data
