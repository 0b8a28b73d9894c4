#pragma once
// What a meter's CSV file looks like: filled from the command line, from a profile file (TOML), or from a profile that
// is shipped; csv_layout.h finds what it leaves open. A value; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/device_sdk/csv_times.h"
#include "gateway/device_sdk/time_text.h"

namespace tally::gateway::device_sdk {

enum class CsvEncoding { automatic, utf8, utf16le, utf16be, cp1252 };

// A column of the file, and the field with its unit that it is, like {"Energiemenge in kWh", "energy_kWh"}.
struct CsvColumn {
    std::string source;
    std::string field;
};

// Only rows whose cell in the column is one of the values are read.
struct CsvFilter {
    std::string column;
    std::vector<std::string> values;
};

// A file with one series after the other in the same columns: `column` says which series a row is of, `value` has the
// number. Several series may be one field as long as they have different times (a day and a night register). A series
// whose field is empty is left out; one that is not named is refused.
struct CsvPivot {
    std::string column;
    std::string value;
    std::vector<CsvColumn> series;
};

struct CsvProfile {
    std::string name = {};         // of the profile, for lists and messages
    std::string description = {};  // one line

    CsvEncoding encoding = CsvEncoding::automatic;
    std::optional<char> delimiter = std::nullopt;
    std::optional<char> decimal = std::nullopt;   // '.' or ','
    std::string grouping = {};                    // one of . , ' or a space (every kind of it); empty: none
    std::size_t skip_lines = 0;                   // lines before the header, empty ones counted
    std::vector<std::string> header = {};         // the columns' names, for a file without a header
    std::optional<bool> unit_row = std::nullopt;  // whether the row below the header has units

    std::vector<std::string> time_columns = {};  // one, or a date and a time of day; empty: found
    TimeFormat time_format = TimeFormat::automatic;
    TimeOptions times = {};
    // The second time column has numbers of hours, and the first hour of a day is this one, 0 or 1. They count hours as
    // they pass: a day has 23 to 25.
    std::optional<int> hours_from = std::nullopt;
    bool interval_end = false;    // times are the ends of intervals: they are moved back by the interval
    std::int64_t interval_s = 0;  // of `interval_end`; 0: the most frequent distance of two rows

    std::vector<CsvColumn> columns = {};    // the only ones that are read; empty: all
    std::vector<std::string> ignored = {};  // left out, of those that would be read; need not be in the file
    std::vector<std::string> missing = {};  // further texts that stand for no value; any makes -9999 a number
    std::vector<CsvFilter> filters = {};    // all must hold
    std::optional<CsvPivot> pivot = std::nullopt;
    // A day in each row: every column whose name begins with a time of day, like "00:15" or "00:15-00:30", is this
    // field at that time. Empty: not so.
    std::string wide = {};

    std::size_t max_bytes = 256U << 20;
};

// Settings that contradict each other, like one sign for decimals and for columns. invalid_argument.
[[nodiscard]] Status check_profile(const CsvProfile& profile);

}  // namespace tally::gateway::device_sdk
