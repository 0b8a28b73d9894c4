#pragma once
// The lines and cells of CSV text (RFC 4180, without line ends in quotes). Borrows the text, which must outlive it and
// the cells. One thread.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace tally::gateway::device_sdk {

[[nodiscard]] std::string_view trimmed(std::string_view text);  // without spaces and tabs at its ends

// Line by line; a line ends with LF, CRLF or CR, and empty ones are skipped.
class CsvLines {
  public:
    explicit CsvLines(std::string_view text, char delimiter = ',') : rest_(text), delimiter_(delimiter) {}

    // False at the end.
    bool next();
    // Passes over so many lines, empty ones counted.
    void skip(std::size_t lines);
    void set_delimiter(char delimiter) { delimiter_ = delimiter; }

    [[nodiscard]] std::size_t number() const { return number_; }  // of the line, from 1
    [[nodiscard]] std::string_view line() const { return line_; }
    // The line's cells, trimmed, quotes taken off; good until the next call. Fails with malformed, a sentence about
    // the line.
    [[nodiscard]] Status split(std::vector<std::string_view>& cells);

  private:
    void take_line();
    [[nodiscard]] Result<std::string_view> quoted(std::size_t& at);

    std::string_view rest_;
    std::string_view line_;
    std::size_t number_ = 0;
    char delimiter_ = ',';
    std::deque<std::string> unescaped_;  // cells of this line with quotes in them
};

}  // namespace tally::gateway::device_sdk
