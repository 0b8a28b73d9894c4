#include "chaincode/records/opening.h"

#include "chaincode/records/packed_series.h"
#include "chaincode/records/refusals.h"
#include "chaincode/records/summary_cbor.h"

namespace tally::chaincode {

Bytes make_opening(const DeviceRecord& record, ByteView salt) {
    TALLY_INVARIANT(salt.size() == kSaltBytes, fmt::format("a salt of {} bytes", salt.size()));
    TALLY_INVARIANT(!record.commitment, "the record has a commitment already");
    crypto::CborWriter writer;
    writer.reserve(64 + 64 * record.summary.size());
    writer.raw(salt).array(2);
    write_summary(writer, record.summary);
    writer.bytes(record.root.view());
    return writer.take();
}

DeviceRecord conceal(DeviceRecord record, ByteView opening) {
    record.commitment = crypto::sha256(opening);
    record.summary.clear();
    record.root = {};
    record.series.reset();
    return record;
}

Result<DeviceRecord> reveal(DeviceRecord record, ByteView opening) {
    if (!record.commitment) return fail(Code::malformed, "the record has figures, and an opening beside it");
    if (crypto::sha256(opening) != *record.commitment)
        return fail(refusals::commitment_mismatch, "the SHA-256 of the opening is {}; the device has signed {}",
                    crypto::sha256(opening).hex(), record.commitment->hex());
    if (opening.size() < kSaltBytes) return fail(Code::malformed, "the opening is shorter than its salt");
    crypto::CborReader reader(opening.subspan(kSaltBytes), "the opening");
    read_array_of(reader, 2, "the opening");
    record.summary.clear();
    read_summary(reader, record.summary);
    record.root = read_hash(reader);
    TRY(reader.finish());
    record.commitment.reset();
    TRY(check_summary(record));
    return record;
}

Bytes kept_form(const std::optional<Bytes>& opening, ByteView packed) {
    if (!opening) return to_bytes(packed);
    crypto::CborWriter writer;
    writer.reserve(16 + opening->size() + packed.size());
    return writer.array(2).bytes(*opening).bytes(packed).take();
}

Result<KeptReadings> read_kept_form(DeviceRecord record, ByteView kept) {
    KeptReadings out;
    auto packed = kept;
    if (record.commitment) {
        crypto::CborReader reader(kept, "the kept readings");
        read_array_of(reader, 2, "the kept readings");
        out.opening = to_bytes(reader.bytes());
        packed = reader.bytes();
        TRY(reader.finish());
        record = TRY(reveal(std::move(record), *out.opening));
    }
    out.record = std::move(record);
    if (!out.opening || !packed.empty()) out.rows = TRY(unpack_series(out.record, packed));
    return out;
}

}  // namespace tally::chaincode
