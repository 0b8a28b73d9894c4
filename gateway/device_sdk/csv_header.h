#pragma once
// Where a CSV file's header is, what separates its columns, and what they are called. The lower half of csv_layout.
// Pure. Failures: malformed.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/device_sdk/csv_findings.h"
#include "gateway/device_sdk/csv_lines.h"
#include "gateway/device_sdk/csv_profile.h"

namespace tally::gateway::device_sdk {

struct CsvHeader {
    std::vector<std::string> names;  // without the empty last one of lines that end with a delimiter
    std::vector<std::string> units;  // of the row below; empty: there is none
    std::size_t line = 0;            // 0: the names are the profile's
    bool trailing = false;           // lines end with a delimiter
    CsvLines rows{""};               // what follows the header; borrows the text

    [[nodiscard]] std::size_t cells() const { return names.size() + (trailing ? 1 : 0); }
    // Of the only column of this name; malformed where there is none, or several.
    [[nodiscard]] Result<std::size_t> column(std::string_view name) const;
};

// The header is the first line that is not empty; where a profile names columns, the first that has all of these.
[[nodiscard]] Result<CsvHeader> find_header(std::string_view text, const CsvProfile& profile, CsvFindings& findings);

// "time", "timestamp", "datetime", "date_time", "date", in any case, and with "_utc".
[[nodiscard]] bool is_time_name(std::string_view name);

// For an error's end: which line further down may be the header; empty: none.
[[nodiscard]] std::string advice_on_preamble(std::string_view text, const CsvProfile& profile);

}  // namespace tally::gateway::device_sdk
