#pragma once
// A decimal number exactly as a device wrote it: units * 10^exponent. Nothing is rounded and nothing passes through
// floating point. Of a binary float (CBOR, Sparkplug B) it is the shortest decimal text that denotes the float: a
// decimal of up to 15 digits (6 for 32 bits) that a sender put into a float comes back as it was.
//
// Pure. Failures: malformed (no such text), invalid_argument (more than 36 digits, not finite).

#include <string_view>

#include "chaincode/records/decimal.h"
#include "crypto/error.h"

namespace tally::gateway::mqtt {

inline constexpr std::int64_t kEndOfTime_ms = 253'402'300'800'000;  // the year 10000

class ExactNumber {
  public:
    constexpr ExactNumber() = default;  // 0
    [[nodiscard]] static ExactNumber of(std::int64_t units, int exponent = 0);
    [[nodiscard]] static Result<ExactNumber> of(chaincode::WideInteger units, int exponent);
    [[nodiscard]] static Result<ExactNumber> parse(std::string_view text);  // as JSON writes numbers
    [[nodiscard]] static Result<ExactNumber> of_float(float value);
    [[nodiscard]] static Result<ExactNumber> of_double(double value);

    [[nodiscard]] Result<ExactNumber> plus(const ExactNumber& other) const;
    // The integer v with v * 10^scale = this number: invalid_argument when there is none of 64 bits.
    [[nodiscard]] Result<std::int64_t> at_scale(std::int64_t scale) const;
    // The largest integer v with v * 10^-3 <= this number: seconds as milliseconds.
    [[nodiscard]] Result<std::int64_t> milli_floor() const;
    [[nodiscard]] std::string text() const;
    friend bool operator==(const ExactNumber&, const ExactNumber&) = default;

  private:
    void normalize();

    chaincode::WideInteger units_ = 0;  // without a zero at its end, unless it is 0
    int exponent_ = 0;
};

}  // namespace tally::gateway::mqtt
