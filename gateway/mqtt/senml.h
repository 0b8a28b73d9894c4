#pragma once
// Sensor Measurement Lists (SenML, RFC 8428) as JSON and as CBOR: a pack of records, resolved to samples.
//
// A pack has at most kMostSenmlRecords records and versions up to 10. Base fields hold from the record that has them
// on. A record is one of: base fields alone; exactly one value ("v", "vs", "vb", "vd"), with or without a sum; a sum
// alone ("s"). Only "v" is a sample here: the other values make the pack invalid, since no field of a schema is text,
// and a sum is read and left out. Times below 2^28 are relative to `now`. Unknown labels are ignored, unless they end
// in "_", and a label that occurs twice is an error. Fractions of a millisecond are cut off.
//
// Pure; memory in proportion to the text. Failures: malformed and invalid_argument, with the record's number.

#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "gateway/mqtt/exact_number.h"

namespace tally::gateway::mqtt {

inline constexpr std::size_t kMostSenmlRecords = 10'000;

struct SenmlSample {
    std::string name;  // base name and name
    std::string unit;  // empty: none is said
    ExactNumber value;
    std::int64_t time_ms = 0;  // since the epoch
    bool is_relative = false;  // the time counts from the arrival
};

struct SenmlPack {
    std::vector<SenmlSample> samples;
    bool has_relative_times = false;
};

// JSON when the first character that is no white space is '[', else CBOR.
[[nodiscard]] Result<SenmlPack> read_senml(ByteView payload, std::int64_t now_ms);

}  // namespace tally::gateway::mqtt
