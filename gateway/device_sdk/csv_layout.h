#pragma once
// How a CSV file is to be read: what its profile says, and for what it leaves open, what the file shows. What the file
// may mean in two ways is refused, with the option that settles it. Pure. Failures: malformed, too_large.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/device_sdk/csv_header.h"
#include "gateway/device_sdk/csv_numbers.h"
#include "gateway/device_sdk/csv_time_columns.h"
#include "gateway/device_sdk/csv_units.h"

namespace tally::gateway::device_sdk {

struct CsvLayout {
    CsvHeader header;
    TimeColumns time;
    TimeFormat time_format = TimeFormat::automatic;
    bool utc = false;  // the column's name or unit says so
    NumberFormat numbers;
    std::vector<ColumnMeaning> fields;
    struct TimeOfDay {
        std::size_t column = 0;
        std::int64_t second = 0;
    };
    std::vector<TimeOfDay> wide;            // the columns of a day in each row; the only field
    std::vector<std::size_t> columns;       // of each field; with series: of none
    std::vector<std::string> units_unread;  // columns whose last word is a unit, which is not where units are read

    struct Filter {
        std::size_t column = 0;
        std::vector<std::string> values;
    };
    std::vector<Filter> filters;

    struct Series {
        std::size_t column = 0;
        std::size_t value = 0;
        std::map<std::string, std::optional<std::size_t>, std::less<>> fields;  // by name of the series; none: left out
    };
    std::optional<Series> series;
};

[[nodiscard]] Result<CsvLayout> find_layout(std::string_view text, const CsvProfile& profile, CsvFindings& findings);

}  // namespace tally::gateway::device_sdk
