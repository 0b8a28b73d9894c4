#pragma once
// How the command line speaks: tables and colours where a person looks, JSON where a program does, errors on stderr.
// What comes from outside cannot draw on the terminal: control characters are written as escapes here (printable.h), in
// every line, cell, fact and error. Only colours of `paint` pass. One process, one thread.

#include <boost/json/value.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace tally::node::cli {

// Scripts can rely on these.
enum class Exit : int {
    ok = 0,
    failed = 1,  // refused, invalid, or anything that has no number of its own
    usage = 2,   // the command line itself is wrong
    not_found = 3,
    unavailable = 4,  // the node cannot be reached, is busy, or took too long: try again
    not_proven = 5,   // a check that was asked for failed: damaged, forged or untrusted
};
[[nodiscard]] Exit exit_of(Kind kind);

struct Style {
    bool json = false;
    bool colour = false;
    bool quiet = false;
};
[[nodiscard]] Style& style();

enum class Colour { plain, bold, dim, green, yellow, red, cyan };
[[nodiscard]] std::string paint(Colour colour, std::string_view text);

void say(std::string_view lines);                  // for people; silent with --json or --quiet
void say_done(std::string_view line);              // with a check mark
void print_json(const boost::json::value& value);  // indented on a terminal, one line otherwise
void print_error(const Error& error);
// Ends the standard output: what was printed is written, or the error says why not. Nothing is printed after it.
[[nodiscard]] Status close_output();
// What a person or a program must know even with --quiet or --json: one line on stderr.
void warn(std::string_view line);

// Columns are as wide as their widest cell; cells that look like numbers are set to the right.
void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);
// Name and value, one pair a line.
void print_facts(const std::vector<std::pair<std::string, std::string>>& facts);
// A chart of the series, `height` lines high and as wide as the terminal allows; missing values leave a gap.
void print_chart(std::string_view title, const std::vector<double>& values, const std::vector<bool>& missing,
                 std::string_view unit);

// A bar on stderr that is redrawn at most ten times a second; silent where stderr is not a terminal.
class Progress {
  public:
    Progress(std::string what, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void at(std::uint64_t done);

  private:
    std::string what_;
    std::uint64_t total_;
    bool visible_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace tally::node::cli
