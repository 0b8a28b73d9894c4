#pragma once
// The payload of Sparkplug B (Eclipse Tahu's sparkplug_b.proto, protobuf encoding), as far as telemetry needs it.
//
//   Payload  1 timestamp, 2 metrics, 3 seq
//   Metric   1 name, 2 alias, 3 timestamp, 4 datatype, 5 is_historical, 7 is_null, 9 properties, and the value:
//            10 int, 11 long, 12 float, 13 double, 14 boolean; 15 to 19 are texts, bytes, data sets and templates
//   PropertySet  1 keys, 2 values; of a PropertyValue 8, a text. Only the property engUnit is kept.
//
// Read by a decoder of its own, as generated code would cost more to build than these fields, and would keep what is
// thrown away here. Unknown fields are skipped. At most kMostMetrics metrics; memory in proportion to the payload.
// Pure. Failures: malformed, with the byte.

#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "gateway/mqtt/exact_number.h"

namespace tally::gateway::mqtt {

inline constexpr std::size_t kMostMetrics = 10'000;

struct SparkplugMetric {
    std::string name;  // empty: the alias stands for it
    std::optional<std::uint64_t> alias;
    std::optional<std::int64_t> timestamp_ms;
    std::uint64_t datatype = 0;         // 0: not said; data leaves it to the birth
    std::optional<std::uint64_t> bits;  // an integer, as it is encoded
    std::optional<ExactNumber> number;  // a float
    std::string unit;                   // the property engUnit; empty: none

    // The value of the type that the metric, or else its birth, names. None: null, or no number.
    [[nodiscard]] std::optional<ExactNumber> value(std::uint64_t datatype_of_birth) const;
};

struct SparkplugPayload {
    std::optional<std::int64_t> timestamp_ms;
    std::optional<std::uint64_t> seq;
    std::vector<SparkplugMetric> metrics;
};

[[nodiscard]] Result<SparkplugPayload> read_sparkplug(ByteView payload);
// NCMD "Node Control/Rebirth" = true.
[[nodiscard]] Bytes rebirth_request(std::int64_t now_ms);

}  // namespace tally::gateway::mqtt
