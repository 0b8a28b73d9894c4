#include "gateway/device_sdk/csv_units.h"

#include <algorithm>
#include <array>
#include <optional>

#include "chaincode/records/identifier.h"
#include "gateway/device_sdk/csv_lines.h"

namespace tally::gateway::device_sdk {
namespace {

struct UnitSuffix {
    std::string_view suffix;
    std::string_view unit;
    int exponent;
};

// Longer suffixes before those that they end in.
constexpr auto kSuffixes = std::to_array<UnitSuffix>({
    {"_kWh_per_m2", "Wh/m2", 3},
    {"_Wh_per_m2", "Wh/m2", 0},
    {"_kW_per_m2", "W/m2", 3},
    {"_W_per_m2", "W/m2", 0},
    {"_m_per_s", "m/s", 0},
    {"_MWh", "Wh", 6},
    {"_kWh", "Wh", 3},
    {"_kwh", "Wh", 3},
    {"_Wh", "Wh", 0},
    {"_wh", "Wh", 0},
    {"_MW", "W", 6},
    {"_kW", "W", 3},
    {"_kw", "W", 3},
    {"_W", "W", 0},
    {"_kvarh", "varh", 3},
    {"_varh", "varh", 0},
    {"_kvar", "var", 3},
    {"_var", "var", 0},
    {"_kVA", "VA", 3},
    {"_VA", "VA", 0},
    {"_kV", "V", 3},
    {"_mV", "V", -3},
    {"_V", "V", 0},
    {"_mA", "A", -3},
    {"_A", "A", 0},
    {"_Hz", "Hz", 0},
    {"_degC", "Cel", 0},
    {"_K", "K", 0},
    {"_kPa", "Pa", 3},
    {"_hPa", "Pa", 2},
    {"_Pa", "Pa", 0},
    {"_pct", "%", 0},
    {"_m3", "m3", 0},
    {"_l", "l", 0},
    {"_MJ", "J", 6},
    {"_kJ", "J", 3},
    {"_J", "J", 0},
});

std::string as_identifier(std::string_view text) {
    std::string name(text.substr(0, chaincode::kMaxIdentifier));
    for (auto& c : name) {
        if (!chaincode::check_identifier(std::string{'a', c}, "")) c = '_';
    }
    return name;
}

// Other spellings of units that stand in brackets.
constexpr auto kSpellings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"\xc2\xb0"
     "C",
     "degC"},
    {"C", "degC"},
    {"%", "pct"},
    {"m\xc2\xb3", "m3"},
    {"m/s", "m_per_s"},
    {"W/m2", "W_per_m2"},
    {"W/m\xc2\xb2", "W_per_m2"},
    {"kW/m2", "kW_per_m2"},
    {"kW/m\xc2\xb2", "kW_per_m2"},
    {"Wh/m2", "Wh_per_m2"},
    {"Wh/m\xc2\xb2", "Wh_per_m2"},
    {"kWh/m2", "kWh_per_m2"},
    {"kWh/m\xc2\xb2", "kWh_per_m2"},
});

// "Power (kW)" and "Power [kW]": the name and the unit.
std::optional<std::pair<std::string_view, std::string_view>> bracketed(std::string_view column) {
    for (const auto& [open, close] : {std::pair('(', ')'), std::pair('[', ']')}) {
        const auto at = column.rfind(open);
        if (column.ends_with(close) && at != std::string_view::npos && at > 0)
            return std::pair(trimmed(column.substr(0, at)), trimmed(column.substr(at + 1, column.size() - at - 2)));
    }
    return std::nullopt;
}

Result<ColumnMeaning> named(std::string_view name, std::string_view unit, int exponent) {
    ColumnMeaning out{as_identifier(name), std::string(unit), exponent};
    if (const auto status = chaincode::check_identifier(out.name, "the name of a column"); !status)
        return fail(Code::malformed,
                    "the column \"{}\" has no letter or digit of ASCII in its name; give it one "
                    "with --columns SOURCE=FIELD_UNIT",
                    name.substr(0, 64));
    return out;
}

// The suffix of a unit as it stands in brackets.
const UnitSuffix* unit_named(std::string_view unit) {
    const auto spelling = std::ranges::find(kSpellings, unit, &std::pair<std::string_view, std::string_view>::first);
    const auto wanted = spelling == kSpellings.end() ? unit : spelling->second;
    const auto known =
        std::ranges::find_if(kSuffixes, [&](const auto& each) { return each.suffix.substr(1) == wanted; });
    return known == kSuffixes.end() ? nullptr : &*known;
}

}  // namespace

Result<ColumnMeaning> meaning_of(std::string_view column) {
    if (const auto parts = bracketed(column)) {
        const auto [name, unit] = *parts;
        const auto* known = unit_named(unit);
        if (known == nullptr) {
            return fail(Code::malformed,
                        "the unit \"{}\" of the column \"{}\" is not known; name its field with "
                        "--columns SOURCE=FIELD_UNIT, or leave it out with --ignore",
                        unit.substr(0, 32), column.substr(0, 64));
        }
        return named(name, known->unit, known->exponent);
    }
    for (const auto& [suffix, unit, exponent] : kSuffixes) {
        if (column.size() > suffix.size() && column.ends_with(suffix))
            return named(column.substr(0, column.size() - suffix.size()), unit, exponent);
    }
    return named(column, "/", 0);
}

std::string_view without_brackets(std::string_view text) {
    for (const auto& [open, close] : {std::pair('(', ')'), std::pair('[', ']')}) {
        if (text.size() > 2 && text.front() == open && text.back() == close)
            return trimmed(text.substr(1, text.size() - 2));
    }
    return text;
}

bool is_unit(std::string_view text) { return unit_named(without_brackets(text)) != nullptr; }

}  // namespace tally::gateway::device_sdk
