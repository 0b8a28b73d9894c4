#include "gateway/invoices/units.h"

#include <algorithm>
#include <array>

namespace tally::gateway::invoices {
namespace {

using chaincode::Decimal;

constexpr std::string_view kOne = "C62";
constexpr std::int64_t kThousand = 1000;
constexpr int kThousandDecimals = 3;

struct Code {
    std::string_view unit;
    std::string_view code;
    std::string_view thousands = {};  // the unit of a thousand, and its code
    std::string_view thousands_code = {};
};

// UN/ECE Recommendation 20. Var hours have a code for thousands only.
constexpr auto kCodes = std::to_array<Code>({
    {"Wh", "WHR", "kWh", "KWH"},
    {"kWh", "KWH"},
    {"MWh", "MWH"},
    {"W", "WTT", "kW", "KWT"},
    {"kW", "KWT"},
    {"var", "D44", "kvar", "KVR"},
    {"varh", kOne, "kvarh", "K3"},
    {"kvarh", "K3"},
    {"VA", "D46", "kVA", "KVA"},
    {"kVA", "KVA"},
    {"J", "JOU", "kJ", "KJO"},
    {"m3", "MTQ"},
    {"l", "LTR"},
    {"kg", "KGM"},
    {"m", "MTR"},
    {"m2", "MTK"},
    {"A", "AMP"},
    {"V", "VLT"},
    {"Hz", "HTZ"},
    {"Cel", "CEL"},
    {"K", "KEL"},
    {"%", "P1"},
    {"s", "SEC"},
    {"h", "HUR"},
    {"days", "DAY"},
    {"months", "MON"},
    {"bytes", "AD"},
});

bool is_whole_thousands(const Decimal& base) {
    const auto whole = base.rounded(0, chaincode::Rounding::DOWN);
    return whole && *whole == base && whole->units() > 0 && whole->units() % kThousand == 0;
}

}  // namespace

Measured measured(const Decimal& quantity, const Decimal& base, std::string_view unit) {
    const auto found = std::ranges::find(kCodes, unit, &Code::unit);
    if (found == kCodes.end()) return {quantity, base, std::string(unit), std::string(kOne)};
    const auto in_thousands = Decimal::of(quantity.units(), quantity.decimals() + kThousandDecimals);
    if (found->thousands.empty() || !is_whole_thousands(base) || !in_thousands)
        return {quantity, base, std::string(unit), std::string(found->code)};
    const auto units = base.rounded(0, chaincode::Rounding::DOWN).value().units() / kThousand;
    return {*in_thousands, Decimal::of(units, 0).value(), std::string(found->thousands),
            std::string(found->thousands_code)};
}

}  // namespace tally::gateway::invoices
