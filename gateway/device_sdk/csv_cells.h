#pragma once
// The cells of CSV text, times and numbers in them: the lower half of meter_csv. Borrows the text; pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace tally::gateway::device_sdk {

// Line by line; a line ends with LF, CRLF or CR, and empty ones are skipped.
class CsvLines {
  public:
    explicit CsvLines(std::string_view text);

    // False at the end.
    bool next();
    [[nodiscard]] std::size_t number() const { return number_; }  // of the line, from 1
    // The line's cells, trimmed, quotes taken off. Fails with malformed, naming the line.
    [[nodiscard]] Status split(std::vector<std::string>& cells) const;

  private:
    std::string_view rest_;
    std::string_view line_;
    std::size_t number_ = 0;
    char separator_ = ',';
};

// digits * 10^-decimals, with as few decimals as its value needs.
struct Decimal {
    std::int64_t digits = 0;
    int decimals = 0;
};

[[nodiscard]] bool is_missing(std::string_view cell);
// -9999, -999.9 and their like: nines alone, four or more. Many programs write it where they have no value.
[[nodiscard]] bool may_mean_missing(std::string_view cell);
// A number as programs write it: "-0.50", "+1.", ".5", "1.5e3". Exact: zeros at the end of the decimals and an exponent
// change nothing. Failures (malformed, a sentence about the number): no number, more decimals than kMaxDecimals, does
// not fit 64 bits.
inline constexpr int kMaxDecimals = 9;
[[nodiscard]] Result<Decimal> parse_decimal(std::string_view cell);

// What the end of a column's name says.
struct ColumnMeaning {
    std::string name;
    std::string unit;
    int exponent = 0;  // of the prefix: 3 for kilo
};
// Malformed where the name has no letter or digit, or names a unit in brackets that is not known.
[[nodiscard]] Result<ColumnMeaning> meaning_of(std::string_view column);

}  // namespace tally::gateway::device_sdk
