#include "chaincode/contracts/data/archived_series.h"

#include <algorithm>

#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/contracts/registry/api.h"
#include "chaincode/records/opening.h"
#include "chaincode/records/packed_series.h"

namespace tally::chaincode::data {
namespace {

ArchivedSeries::Found withheld(Withheld why) { return std::unexpected(why); }

}  // namespace

Result<ArchivedSeries::Found> ArchivedSeries::find(Stub& stub, const StoredRecord& record) {
    if (record.collection) return find_kept(stub, record);
    if (record.series == kEncrypted) return withheld(Withheld::ENCRYPTED);
    const auto carrier = TRY(series_transaction(stub, record));
    if (!carrier) return withheld(Withheld::BY_HOLDER);
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

Result<ArchivedSeries::Found> ArchivedSeries::find_kept(Stub& stub, const StoredRecord& record) {
    const auto collection = TRY(registry::api::get_collection(stub, {*record.collection}));
    const auto& caller = stub.caller().organization;
    const bool is_keeper = std::ranges::find(collection.keepers, caller) != collection.keepers.end();
    if (!is_keeper && caller != record.organization) return withheld(Withheld::NOT_A_KEEPER);
    if (TRY(erasure_of(stub, record))) return withheld(Withheld::ERASED);
    const auto packed = TRY(stub.kept_series(record.device, TRY(crypto::Hash::from_hex(record.content_id))));
    if (!packed) return withheld(Withheld::NOT_HERE);
    // A kept series that cannot be read counts as missing: another keeper has it.
    auto kept = read_kept_form(TRY(signed_figures(record)), *packed);
    if (!kept) return withheld(Withheld::NOT_HERE);
    if (!kept->rows) return withheld(Withheld::BY_HOLDER);
    if (!check_root(kept->record, *kept->rows)) return withheld(Withheld::NOT_HERE);
    ArchivedSeries out;
    out.signed_.record = std::move(kept->record);
    out.unpacked_ = std::move(*kept->rows);
    return out;
}

}  // namespace tally::chaincode::data
