#include "gateway/device_sdk/csv_cells.h"

#include <algorithm>
#include <array>

#include "chaincode/records/identifier.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
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
    {"_Wh", "Wh", 0},
    {"_MW", "W", 6},
    {"_kW", "W", 3},
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
    const auto header = rest_.substr(0, rest_.find('\n'));
    for (const char candidate : {',', ';', '\t'}) {
        if (header.find(candidate) != std::string_view::npos) {
            separator_ = candidate;
            break;
        }
    }
}

bool CsvLines::next() {
    while (!rest_.empty()) {
        const auto end = rest_.find('\n');
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++number_;
        if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
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

std::optional<Decimal> parse_decimal(std::string_view cell) {
    const bool negative = !cell.empty() && cell.front() == '-';
    if (negative || (!cell.empty() && cell.front() == '+')) cell.remove_prefix(1);
    Decimal out;
    bool point = false;
    std::size_t digits = 0;
    for (const char c : cell) {
        if (c == '.' && !point) {
            point = true;
        } else if (c < '0' || c > '9' || __builtin_mul_overflow(out.digits, 10, &out.digits) ||
                   __builtin_add_overflow(out.digits, c - '0', &out.digits)) {
            return std::nullopt;
        } else {
            ++digits;
            if (point && ++out.decimals > 18) return std::nullopt;
        }
    }
    if (digits == 0) return std::nullopt;
    if (negative) out.digits = -out.digits;
    return out;
}

ColumnMeaning meaning_of(std::string_view column) {
    for (const auto& [suffix, unit, exponent] : kUnits) {
        if (column.size() > suffix.size() && column.ends_with(suffix)) {
            return {as_identifier(column.substr(0, column.size() - suffix.size())), std::string(unit), exponent};
        }
    }
    return {as_identifier(column), "/", 0};
}

}  // namespace tally::gateway::device_sdk
