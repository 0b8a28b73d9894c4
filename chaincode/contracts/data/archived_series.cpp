#include "chaincode/contracts/data/archived_series.h"

#include "chaincode/records/packed_series.h"

namespace tally::chaincode::data {

Result<std::optional<ArchivedSeries>> ArchivedSeries::find(Stub& stub, const StoredRecord& record) {
    const auto carrier = TRY(series_transaction(stub, record));
    if (!carrier) return std::nullopt;
    ArchivedSeries out;
    out.message_ = TRY(stub.attachment_of(TRY(crypto::Hash::from_hex(record.transaction)), 0));
    out.signed_ = TRY(decode_record(out.message_));
    const auto& in = out.signed_.record;
    if (out.signed_.content_id.hex() != record.content_id) {
        return fail(Code::corrupt, "transaction {} does not hold record {} of \"{}\"", record.transaction,
                    record.sequence, record.device);
    }
    if (record.series == kAbsent) {
        out.unpacked_ = TRY(unpack_series(in, TRY(stub.attachment_of(TRY(crypto::Hash::from_hex(*carrier)), 0))));
    } else if (out.signed_.packed) {
        out.unpacked_ = TRY(unpack_series(in, *out.signed_.packed));
    }
    TRY(check_root(in, in.series.value_or(out.unpacked_)));
    return out;
}

}  // namespace tally::chaincode::data
