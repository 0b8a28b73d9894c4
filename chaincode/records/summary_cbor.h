#pragma once
// A summary (key 8 of a record) as CBOR: an array of [count, missing, sum, min, max, first, last], where the last four
// are null while count is 0.

#include <vector>

#include "chaincode/records/device_record.h"
#include "crypto/cbor.h"

namespace tally::chaincode {

void write_summary(crypto::CborWriter& writer, const std::vector<FieldSummary>& summary);
void read_summary(crypto::CborReader& reader, std::vector<FieldSummary>& summary);
// An array of so many items; another number is a fault of the reader.
void read_array_of(crypto::CborReader& reader, std::uint64_t size, std::string_view what);
// A byte string of 32 bytes.
[[nodiscard]] crypto::Hash read_hash(crypto::CborReader& reader);

}  // namespace tally::chaincode
