#pragma once
// The figures of a record that has a salted commitment (key 16) in their place.
//
// The commitment is the SHA-256 of the opening: a salt of 32 random bytes, then the CBOR array [summary, root], which
// are encoded as the record's keys 8 and 9 are. The opening travels beside the record (label -70007), and lies with the
// keepers of a collection. Without the salt nobody finds the figures by trying them out.
//
// What keepers hold of a record ("kept form") is its packed series (packed_series.h); of a record with a commitment it
// is the CBOR array [opening, packed series], where a series that was withheld is an empty byte string.
//
// Pure; from any thread. Failures: malformed, too_large, commitment_mismatch (an opening of another record).

#include <optional>

#include "chaincode/records/device_record.h"

namespace tally::chaincode {

inline constexpr std::size_t kSaltBytes = 32;

[[nodiscard]] Bytes make_opening(const DeviceRecord& record, ByteView salt);
// The record with the commitment to its figures in their place.
[[nodiscard]] DeviceRecord conceal(DeviceRecord record, ByteView opening);
// The record with its figures in the place of the commitment.
[[nodiscard]] Result<DeviceRecord> reveal(DeviceRecord record, ByteView opening);

[[nodiscard]] Bytes kept_form(const std::optional<Bytes>& opening, ByteView packed);

struct KeptReadings {
    DeviceRecord record;           // with its figures
    std::optional<Bytes> opening;  // of a record with a commitment
    std::optional<Bytes> rows;     // CBOR; whether they are the record's is check_series' to say. None: withheld
};
// `record`: with the figures or the commitment that the device has signed.
[[nodiscard]] Result<KeptReadings> read_kept_form(DeviceRecord record, ByteView kept);

}  // namespace tally::chaincode
