#include "chaincode/contracts/data/attach_series.h"

#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {
namespace {

Result<StoredRecord> record_of(Stub& stub, const AttachSeries& in) {
    const auto id = TRY(crypto::Hash::from_hex(in.content_id)).hex();
    const auto entry = TRY(get_document<ContentEntry>(stub, content_key(id, in.device), "a content entry"));
    if (!entry) return fail(Code::not_found, "the device \"{}\" has published no record {}", in.device, id);
    return read_record(stub, in.device, entry->sequence);
}

}  // namespace

Result<SeriesAttached> attach_series(Stub& stub, const AttachSeries& arguments) {
    const auto record = TRY(record_of(stub, arguments));
    if (record.format != "record") return fail(Code::invalid_argument, "an IoT block has no series");
    if (const auto transaction = TRY(series_transaction(stub, record))) {
        return fail(Code::already_exists, "the series of record {} of \"{}\" is on the ledger, in transaction {}",
                    record.sequence, record.device, *transaction);
    }
    TRY(check_open(record));
    const auto figures = TRY(signed_figures(record));
    TRY(check_series(figures, TRY(unpack_series(figures, stub.attachments()[0]))));
    const auto transaction = stub.transaction_id().hex();
    TRY(stub.put(series_key(record.device, record.sequence), transaction));
    SeriesAttached attached{record.device, record.sequence, record.content_id, transaction};
    emit(stub, "series_attached", attached);
    return attached;
}

}  // namespace tally::chaincode::data
