#include "gateway/device_sdk/csv_cells.h"

#include <algorithm>
#include <array>
#include <optional>

#include "chaincode/records/identifier.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

struct UnitSuffix {
    std::string_view suffix;
    std::string_view unit;
    int exponent;
};

// Longer suffixes before those that they end in.
constexpr auto kUnits = std::to_array<UnitSuffix>({
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

}  // namespace

CsvLines::CsvLines(std::string_view text) : rest_(text) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
    const auto header = rest_.substr(0, rest_.find_first_of("\r\n"));
    for (const char candidate : {',', ';', '\t'}) {
        if (header.find(candidate) != std::string_view::npos) {
            separator_ = candidate;
            break;
        }
    }
}

bool CsvLines::next() {
    while (!rest_.empty()) {
        const auto end = std::min(rest_.find_first_of("\r\n"), rest_.size());
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (!rest_.empty()) rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
        ++number_;
        if (!trimmed(line_).empty()) return true;
    }
    return false;
}

Status CsvLines::split(std::vector<std::string>& cells) const {
    cells.clear();
    std::size_t at = 0;
    while (true) {
        while (at < line_.size() && line_[at] == ' ') ++at;
        std::string cell;
        if (at < line_.size() && line_[at] == '"') {
            for (++at;; ++at) {
                if (at >= line_.size()) return fail(Code::malformed, "line {}: a quote is not closed", number_);
                if (line_[at] != '"') {
                    cell.push_back(line_[at]);
                } else if (at + 1 < line_.size() && line_[at + 1] == '"') {
                    cell.push_back('"');
                    ++at;
                } else {
                    break;
                }
            }
            ++at;
            while (at < line_.size() && line_[at] == ' ') ++at;
            if (at < line_.size() && line_[at] != separator_) {
                return fail(Code::malformed, "line {}: text follows a closing quote", number_);
            }
            cells.emplace_back(trimmed(cell));
        } else {
            const auto end = std::min(line_.find(separator_, at), line_.size());
            cells.emplace_back(trimmed(line_.substr(at, end - at)));
            at = end;
        }
        if (at >= line_.size()) return {};
        ++at;  // the separator; a line that ends with one has an empty last cell
    }
}

bool is_missing(std::string_view cell) {
    static constexpr auto kMarkers =
        std::to_array<std::string_view>({"", "?", "-", "na", "n/a", "nan", "null", "none"});
    std::string lower(cell.substr(0, 8));
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(kMarkers.begin(), kMarkers.end(), lower) != kMarkers.end();
}

bool may_mean_missing(std::string_view cell) {
    if (!cell.starts_with('-')) return false;
    cell.remove_prefix(1);
    return std::count(cell.begin(), cell.end(), '9') >= 4 && cell.find_first_not_of("9.") == std::string_view::npos;
}

namespace {

// The digits of a number without its decimal point, and how many of them follow the point.
struct Digits {
    bool negative = false;
    std::string digits;
    int decimals = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<int> exponent_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 2 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return negative ? -value : value;
}

std::optional<Digits> digits_of(std::string_view cell) {
    Digits out;
    out.negative = cell.starts_with('-');
    if (out.negative || cell.starts_with('+')) cell.remove_prefix(1);
    const auto e = std::min(cell.find_first_of("eE"), cell.size());
    const auto mantissa = cell.substr(0, e);
    if (e < cell.size()) {
        const auto exponent = exponent_of(cell.substr(e + 1));
        if (!exponent) return std::nullopt;
        out.decimals = -*exponent;
    }
    bool point = false;
    for (const char c : mantissa) {
        if (c == '.' && !point) {
            point = true;
        } else if (is_digit(c)) {
            out.digits.push_back(c);
            if (point) ++out.decimals;
        } else {
            return std::nullopt;
        }
    }
    return out.digits.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view cell) {
    const auto shown = cell.substr(0, 40);
    auto parts = digits_of(cell);
    if (!parts) {
        const bool comma = cell.find(',') != std::string_view::npos &&
                           cell.find_first_not_of("+-0123456789., '") == std::string_view::npos;
        return fail(Code::malformed, "\"{}\" is no number{}", shown,
                    comma ? ": write decimals with a point, and nothing between thousands" : "");
    }
    auto& [negative, digits, decimals] = *parts;
    while (decimals > 0 && digits.size() > 1 && digits.back() == '0') {
        digits.pop_back();
        --decimals;
    }
    if (digits.find_first_not_of('0') == std::string::npos) return Decimal{0, 0};
    if (decimals > kMaxDecimals) {
        return fail(Code::malformed, "\"{}\" has {} decimals; {} are allowed: round it where it is written", shown,
                    decimals, kMaxDecimals);
    }
    for (; decimals < 0; ++decimals) digits.push_back('0');
    Decimal out{0, decimals};
    for (const char c : digits) {
        if (__builtin_mul_overflow(out.digits, 10, &out.digits) ||
            __builtin_add_overflow(out.digits, c - '0', &out.digits))
            return fail(Code::malformed, "\"{}\" is a number that does not fit 64 bits", shown);
    }
    if (negative) out.digits = -out.digits;
    return out;
}

namespace {

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
        return fail(Code::malformed, "the column \"{}\" has no letter or digit of ASCII in its name; give it another",
                    name.substr(0, 64));
    return out;
}

}  // namespace

Result<ColumnMeaning> meaning_of(std::string_view column) {
    if (const auto parts = bracketed(column)) {
        const auto [name, unit] = *parts;
        const auto spelling =
            std::find_if(kSpellings.begin(), kSpellings.end(), [&](const auto& each) { return each.first == unit; });
        const auto wanted = fmt::format("_{}", spelling == kSpellings.end() ? unit : spelling->second);
        const auto known =
            std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& each) { return each.suffix == wanted; });
        if (known == kUnits.end()) {
            return fail(Code::malformed, "the unit \"{}\" of the column \"{}\" is not known; rename the column",
                        unit.substr(0, 32), column.substr(0, 64));
        }
        return named(name, known->unit, known->exponent);
    }
    for (const auto& [suffix, unit, exponent] : kUnits) {
        if (column.size() > suffix.size() && column.ends_with(suffix))
            return named(column.substr(0, column.size() - suffix.size()), unit, exponent);
    }
    return named(column, "/", 0);
}

}  // namespace tally::gateway::device_sdk
