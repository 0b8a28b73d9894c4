#pragma once
// Rows as a file has them -> measurements: in the order of time, each time once, with a report of what was dropped. The
// last step of every reader of files. Pure.

#include <optional>
#include <span>
#include <vector>

#include "gateway/device_sdk/meter_csv.h"

namespace tally::gateway::device_sdk {

using OptionalIntegers = std::vector<std::optional<std::int64_t>>;

// Fills measurements, whose fields are there, and report. `moments`: of each row; none: the row was refused. `values`:
// row by row, one for each field. `series`: each row has one field alone, and those of one time are one row.
void arrange(std::span<const RowTime> rows, const OptionalIntegers& moments, const OptionalIntegers& values,
             bool series, MeterCsv& out, CsvFindings& findings);

// Of rising times; the smallest of those that are equally frequent; 0: there is none but zero.
[[nodiscard]] std::int64_t most_frequent_distance(std::span<const std::int64_t> times_s);

}  // namespace tally::gateway::device_sdk
