#pragma once
// The rows of a CSV file as it has them: times as they are written, numbers with their decimals. The middle of
// meter_csv, between the layout and the measurements. Pure. Failures: malformed, naming line and column.

#include <vector>

#include "gateway/device_sdk/csv_layout.h"

namespace tally::gateway::device_sdk {

struct CsvCell {
    std::int64_t digits = 0;
    std::int8_t decimals = -1;  // -1: no value
};

struct CsvRows {
    std::vector<RowTime> times;
    std::vector<CsvCell> cells;  // row by row, one for each field
    std::vector<int> decimals;   // the most in each field
    std::size_t filtered = 0;    // rows that a filter or a series without a field leaves out
    std::size_t fractions = 0;   // times whose fraction of a second is cut off
};

// Rows that are refused are not in the result, where `findings` goes on.
[[nodiscard]] Result<CsvRows> read_rows(const CsvLayout& layout, const CsvProfile& profile, CsvFindings& findings);

}  // namespace tally::gateway::device_sdk
