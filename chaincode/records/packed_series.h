#pragma once
// A series in packed form: what a device sends beside its record, and what lies in blocks. A Zstandard frame
// (zstd_frame.h) of columns:
//
//   rows      varint
//   fields    varint
//   offsets   a number for each row
//   and for each field of the record, in order:
//     nulls   ceil(rows / 8) bytes: bit i % 8 of byte i / 8, counted from the lowest, is set where row i has no value;
//             the bits after the last row are 0
//     values  a number for each row that has a value
//
// A number is the difference to the one before it in its column (the first: to 0), modulo 2^64 and taken as signed, in
// zigzag form (0, -1, 1, -2, ... are 0, 1, 2, 3, ...), as a varint: seven bits a byte, the lowest first, the highest
// bit set in every byte but the last; no longer than needed.
//
// The root is computed over the rows' CBOR (series.h), which follows from the columns exactly; packed bytes are never
// hashed or compared. Pure; from any thread. What unpacking allocates is bounded by the record's rows and fields, and
// by kMaxSeriesBytes. Failures: malformed, too_large.

#include "chaincode/records/device_record.h"

namespace tally::chaincode {

// Of the rows' CBOR, and of the columns: a day of a reading a second of seven fields has 2 MB.
inline constexpr std::size_t kMaxSeriesBytes = 4U << 20;

// Of a series that RowReader reads.
[[nodiscard]] Result<Bytes> pack_series(const DeviceRecord& record, ByteView series);
// The rows' CBOR. Whether they are the record's is check_series' to say.
[[nodiscard]] Result<Bytes> unpack_series(const DeviceRecord& record, ByteView packed);

}  // namespace tally::chaincode
