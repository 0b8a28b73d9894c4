#pragma once
// The cells of CSV text, times and numbers in them: the lower half of meter_csv. Borrows the text; pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace tally::gateway::device_sdk {

// Line by line; empty lines are skipped.
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

// digits * 10^-decimals
struct Decimal {
    std::int64_t digits = 0;
    int decimals = 0;
};

[[nodiscard]] bool is_missing(std::string_view cell);
// None when the text is no decimal number, or has more than 18 digits.
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view cell);

// What the end of a column's name says.
struct ColumnMeaning {
    std::string name;
    std::string unit;
    int exponent = 0;  // of the prefix: 3 for kilo
};
[[nodiscard]] ColumnMeaning meaning_of(std::string_view column);

}  // namespace tally::gateway::device_sdk
