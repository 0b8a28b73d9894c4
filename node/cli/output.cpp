#include "node/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "crypto/printable.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 100;
}

// Code points, as all that we print is one column wide.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool looks_like_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.-+, %") == std::string_view::npos;
}

constexpr std::array<std::string_view, 7> kCodes{"0", "1", "2", "32", "33", "31", "36"};

// Of a text that begins with an escape: the size of the colour code of `paint` there; 0: it is none.
std::size_t colour_at(std::string_view text) {
    for (const auto code : kCodes) {
        const auto whole = fmt::format("\x1b[{}m", code);
        if (text.starts_with(whole)) return whole.size();
    }
    return 0;
}

// Lines as they may be written to a terminal: with line ends and the colours of `paint`, and nothing else that acts on
// it.
std::string shown(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto plain = std::min(text.find_first_of("\n\x1b"), text.size());
        out += printable(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto size = text.front() == '\n' ? 1 : colour_at(text);
        out += size == 0 ? printable(text.substr(0, 1)) : std::string(text.substr(0, size));
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

void write_indented(std::string& out, const json::value& value, std::size_t indent) {
    const std::string pad(indent + 2, ' ');
    if (value.is_object() && !value.get_object().empty()) {
        out += "{\n";
        std::size_t left = value.get_object().size();
        for (const auto& [key, member] : value.get_object()) {
            out += pad + json::serialize(json::value(key)) + ": ";
            write_indented(out, member, indent + 2);
            out += --left != 0 ? ",\n" : "\n";
        }
        out += std::string(indent, ' ') + "}";
    } else if (value.is_array() && !value.get_array().empty() &&
               (value.get_array()[0].is_object() || value.get_array()[0].is_array())) {
        out += "[\n";
        std::size_t left = value.get_array().size();
        for (const auto& element : value.get_array()) {
            out += pad;
            write_indented(out, element, indent + 2);
            out += --left != 0 ? ",\n" : "\n";
        }
        out += std::string(indent, ' ') + "]";
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

Exit exit_of(Kind kind) {
    switch (kind) {
        case Kind::not_found:
        case Kind::gone: return Exit::not_found;
        case Kind::limited:
        case Kind::unavailable:
        case Kind::timed_out: return Exit::unavailable;
        case Kind::damaged:
        case Kind::untrusted:
        case Kind::not_proven: return Exit::not_proven;
        case Kind::failed:
        case Kind::invalid:
        case Kind::unauthenticated:
        case Kind::forbidden:
        case Kind::conflict:
        case Kind::too_large:
        case Kind::refused: return Exit::failed;
    }
    return Exit::failed;
}

Style& style() {
    static Style value{
        .json = false, .colour = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr, .quiet = false};
    return value;
}

std::string paint(Colour colour, std::string_view text) {
    if (!style().colour || colour == Colour::plain) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(colour)], text);
}

void say(std::string_view lines) {
    if (!style().json && !style().quiet) fmt::print("{}\n", shown(lines));
}

void say_done(std::string_view line) { say(fmt::format("{} {}", paint(Colour::green, "✔"), line)); }

void print_json(const json::value& value) {
    std::string text;
    if (::isatty(STDOUT_FILENO) != 0 || !style().json)
        write_indented(text, value, 0);
    else
        text = json::serialize(value);
    fmt::print("{}\n", text);
}

void print_error(const Error& error) {
    if (style().json) {
        fmt::print(stderr, "{}\n",
                   json::serialize(json::object{{"code", error.code.name()}, {"detail", error.message}}));
    } else {
        fmt::print(stderr, "tally: {} [{}]\n", printable(error.message), error.code.name());
    }
}

Status close_output() {
    // An earlier write may have failed, whose reason is gone.
    int reason = std::ferror(stdout) != 0 || !std::cout ? EIO : 0;
    if (std::fflush(stdout) != 0 || !std::cout.flush()) reason = errno;
    if (std::fclose(stdout) != 0 && reason == 0) reason = errno;
    if (reason == 0) return {};
    return fail(storage::code_of_errno(reason), "the standard output cannot be written: {}", std::strerror(reason));
}

void warn(std::string_view line) { fmt::print(stderr, "tally: warning: {}\n", printable(line)); }

void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& given) {
    auto rows = given;
    for (auto& row : rows) {
        for (auto& cell : row) cell = printable(cell);
    }
    std::vector<std::size_t> widths(head.size());
    std::vector<bool> numeric(head.size(), !rows.empty());
    for (std::size_t c = 0; c < head.size(); ++c) {
        widths[c] = width_of(head[c]);
        for (const auto& row : rows) {
            widths[c] = std::max(widths[c], width_of(row[c]));
            numeric[c] = numeric[c] && (row[c].empty() || looks_like_number(row[c]));
        }
    }
    const auto line = [&](const std::vector<std::string>& cells, Colour colour) {
        std::string text;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const std::string pad(widths[c] - width_of(cells[c]), ' ');
            text +=
                (c == 0 ? "  " : "   ") + (numeric[c] ? pad + cells[c] : cells[c] + (c + 1 < cells.size() ? pad : ""));
        }
        fmt::print("{}\n", paint(colour, text));
    };
    line(head, Colour::bold);
    for (const auto& row : rows) line(row, Colour::plain);
}

void print_facts(const std::vector<std::pair<std::string, std::string>>& facts) {
    std::size_t width = 0;
    for (const auto& [name, value] : facts) width = std::max(width, width_of(name));
    for (const auto& [name, value] : facts) {
        fmt::print("  {}{}  {}\n", paint(Colour::dim, name), std::string(width - width_of(name), ' '), shown(value));
    }
}

void print_chart(std::string_view title, const std::vector<double>& values, const std::vector<bool>& missing,
                 std::string_view unit) {
    static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr std::size_t kHeight = 6;
    if (values.empty()) return;
    const auto columns = std::min<std::size_t>(values.size(), std::min<std::size_t>(terminal_width() - 14, 96));
    std::vector<double> buckets(columns, 0);
    std::vector<std::size_t> counts(columns, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (missing[i]) continue;
        const auto column = i * columns / values.size();
        buckets[column] += values[i];
        ++counts[column];
    }
    double low = INFINITY;
    double high = -INFINITY;
    for (std::size_t c = 0; c < columns; ++c) {
        if (counts[c] == 0) continue;
        buckets[c] /= static_cast<double>(counts[c]);
        low = std::min(low, buckets[c]);
        high = std::max(high, buckets[c]);
    }
    if (!std::isfinite(low)) return;
    if (low > 0 && low < high / 2) low = 0;
    const double span = high > low ? high - low : 1;
    fmt::print("  {}\n", paint(Colour::bold, printable(title)));
    for (std::size_t line = kHeight; line-- > 0;) {
        std::string text;
        for (std::size_t c = 0; c < columns; ++c) {
            const double level = counts[c] == 0 ? 0 : (buckets[c] - low) / span * (kHeight * 8 - 1) + 1;
            const auto eighths = std::clamp(static_cast<int>(level) - static_cast<int>(line * 8), 0, 8);
            text += kBlocks[eighths];
        }
        const auto label = line == kHeight - 1 ? fmt::format("{:.6g}", high)
                           : line == 0         ? fmt::format("{:.6g}", low)
                                               : std::string();
        fmt::print("  {:>9} {}\n", label, paint(Colour::cyan, text));
    }
    fmt::print("  {:>9} 00:00{:>{}}\n", unit, "24:00", columns > 10 ? columns - 5 : 5);
}

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(total),
      visible_(::isatty(STDERR_FILENO) != 0 && !style().json && !style().quiet) {}

Progress::~Progress() {
    if (visible_ && drawn_ != std::chrono::steady_clock::time_point{}) fmt::print(stderr, "\r\x1b[K");
}

void Progress::at(std::uint64_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (!visible_ || (done < total_ && now - drawn_ < std::chrono::milliseconds(100))) return;
    drawn_ = now;
    constexpr std::size_t kWidth = 30;
    const auto filled = total_ == 0 ? 0 : done * kWidth / total_;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double left = done == 0 ? 0 : seconds * static_cast<double>(total_ - done) / static_cast<double>(done);
    std::string bar;
    for (std::size_t i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
    fmt::print(stderr, "\r\x1b[K{} {} {}/{} {:.0f}/s, {:.0f} s left", what_, bar, done, total_,
               static_cast<double>(done) / std::max(seconds, 1e-3), left);
}

}  // namespace tally::node::cli
