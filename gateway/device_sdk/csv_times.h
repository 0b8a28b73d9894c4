#pragma once
// From the texts of a file's time column to moments. A column is read as a whole: single texts would be ambiguous.
// Pure. Failures: malformed, naming the line.

#include <optional>
#include <span>

#include "gateway/device_sdk/parse_time.h"

namespace tally::gateway::device_sdk {

struct TimeOptions {
    bool assume_utc = false;                      // times without a zone are UTC
    std::optional<TimeZone> zone = std::nullopt;  // or of this zone
    bool epoch = false;                           // numbers are seconds since 1970, even if they could be dates
};

// A local time that a clock shows twice, when it is set back, must be in the file twice: the first in the order of the
// file is the earlier one, or the later one where the file's times fall. One that no clock shows is refused. So is a
// column of numbers that all could be dates (YYMMDDhhmm), unless options say that they are none.
[[nodiscard]] Result<std::vector<std::int64_t>> moments_of(std::span<const WrittenTime> times,
                                                           std::span<const std::size_t> lines,
                                                           const TimeOptions& options);

}  // namespace tally::gateway::device_sdk
