#include "chaincode/contracts/data/archived_series.h"

namespace tally::chaincode::data {

Result<ArchivedSeries> ArchivedSeries::fetch(Stub& stub, const StoredRecord& record) {
    if (record.series == kAbsent) {
        return fail(Code::not_found, "the series of record {} of \"{}\" is not on the ledger", record.sequence,
                    record.device);
    }
    const auto transaction = TRY(crypto::Hash::from_hex(record.transaction));
    ArchivedSeries out;
    out.message_ = TRY(stub.attachment_of(transaction, 0));
    out.signed_ = TRY(decode_record(out.message_));
    if (record.series == kAttached) out.attached_ = TRY(stub.attachment_of(transaction, 1));
    out.series_ = out.signed_.record.series.value_or(out.attached_);
    if (out.signed_.content_id.hex() != record.content_id) {
        return fail(Code::corrupt, "transaction {} does not hold record {} of \"{}\"", record.transaction,
                    record.sequence, record.device);
    }
    TRY(check_root(out.signed_.record, out.series_));
    return out;
}

}  // namespace tally::chaincode::data
