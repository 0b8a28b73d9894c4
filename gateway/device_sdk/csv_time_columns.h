#pragma once
// Which columns of a CSV file are the time. Pure. Failures: malformed.

#include <optional>
#include <string>
#include <vector>

#include "gateway/device_sdk/csv_header.h"

namespace tally::gateway::device_sdk {

struct TimeColumns {
    std::size_t time = 0;                // a date with or without a time of day, or seconds
    std::optional<std::size_t> clock{};  // the time of day, in a column of its own
    std::vector<std::size_t> ends{};     // the end of the interval whose start is the time: not read

    [[nodiscard]] bool has(std::size_t column) const;
};

// The ones that the profile names. Else, with the cells of the first row: the only column that is named as the time is,
// or the only one of dates; a date and the only time of day beside it; the start of "Start" and "End", in eleven
// languages, where both are in the file.
[[nodiscard]] Result<TimeColumns> find_time_columns(const CsvHeader& header, const std::vector<std::string_view>& first,
                                                    const CsvProfile& profile, CsvFindings& findings);

}  // namespace tally::gateway::device_sdk
