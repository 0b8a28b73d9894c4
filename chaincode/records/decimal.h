#pragma once
// Scaled integers as exact decimal text, for people: 24315 at scale -2 is "243.15", 5 at scale 3 is "5000". Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "chaincode/json/fields.h"

namespace tally::chaincode {

// Holds the sum of any number of 64-bit values that fits in memory.
__extension__ typedef __int128 WideInteger;

// value * 10^scale, with as many decimals as the scale has; scale within [-30, 30].
[[nodiscard]] std::string decimal_text(WideInteger value, std::int64_t scale);

// sum / count * 10^scale with three decimals more than the scale has, rounded half to even; count > 0.
[[nodiscard]] std::string mean_text(WideInteger sum, std::int64_t count, std::int64_t scale);

// One value of a field: an integer and the field's scale, which is text in JSON.
class Reading {
  public:
    static const TextForm kForm;

    Reading() = default;  // 0
    Reading(std::int64_t value, std::int64_t scale) : value_(value), scale_(static_cast<std::int32_t>(scale)) {}
    // What decimal_text writes. invalid_argument: it is not, or it has more digits than a value.
    [[nodiscard]] static Result<Reading> parse(std::string_view text);

    [[nodiscard]] std::string text() const { return decimal_text(value_, scale_); }
    void append_to(std::string& out) const;

  private:
    std::int64_t value_ = 0;
    std::int32_t scale_ = 0;
};

}  // namespace tally::chaincode
