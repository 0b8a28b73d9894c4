#pragma once
// What the name of a column says: the field's name and its unit (meter_csv.h has the table). Pure.

#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::gateway::device_sdk {

struct ColumnMeaning {
    std::string name;
    std::string unit;
    int exponent = 0;  // of the prefix: 3 for kilo
};
// Malformed where the name has no letter or digit of ASCII, or names a unit in brackets that is not known.
[[nodiscard]] Result<ColumnMeaning> meaning_of(std::string_view column);

// Whether a text is a unit alone, in brackets or not: "[kWh]", "kWh". A row of these below the header is a row of
// units.
[[nodiscard]] bool is_unit(std::string_view text);
// The unit without the brackets around it.
[[nodiscard]] std::string_view without_brackets(std::string_view text);

}  // namespace tally::gateway::device_sdk
