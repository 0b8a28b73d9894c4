#pragma once
// From the times of a file's rows to moments. They are read as a whole: single ones would be ambiguous. Pure.

#include <optional>
#include <span>
#include <vector>

#include "gateway/device_sdk/csv_findings.h"
#include "gateway/device_sdk/parse_time.h"

namespace tally::gateway::device_sdk {

struct TimeOptions {
    bool assume_utc = false;                      // times without a zone are UTC
    std::optional<TimeZone> zone = std::nullopt;  // or of this zone
    bool epoch = false;                           // numbers are seconds since 1970, even if they could be dates
};

struct RowTime {
    WrittenTime written;
    std::size_t line = 0;
    std::int64_t after_s = 0;  // so long after the time that is written, which is a midnight: hours as they pass
    std::uint32_t series = 0;  // of a file with several in one column
};

// One moment for each row; none for a row that is refused, where `findings` goes on.
//
// A local time that a clock shows twice, when it is set back, must be in the file twice for its series: the first in
// the order of the file is the earlier one, or the later one where the file's times fall. One that no clock shows is
// refused. So is an hour that the day does not have, and a column of numbers that all could be dates (YYMMDDhhmm),
// unless options say that they are none.
[[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> moments_of(std::span<const RowTime> rows,
                                                                          const TimeOptions& options,
                                                                          CsvFindings& findings);

}  // namespace tally::gateway::device_sdk
