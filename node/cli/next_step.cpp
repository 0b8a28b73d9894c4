#include "node/cli/next_step.h"

#include <algorithm>
#include <cctype>

#include "node/cli/output.h"
#include "node/consortium/consortium.h"

namespace tally::node::cli {

std::string shell_word(std::string_view text) {
    const auto harmless = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_-./:=,@%+").contains(c);
    };
    if (!text.empty() && std::ranges::all_of(text, harmless)) return std::string(text);
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string command_line(const std::vector<std::string>& words) {
    std::string line;
    for (const auto& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
    return line;
}

void say_next(const std::vector<std::string>& commands) {
    for (std::size_t i = 0; i < commands.size(); ++i) say((i == 0 ? "  next:  " : "         ") + commands[i]);
}

void say_allows_clock(const std::vector<std::string>& hosts) {
    if (std::ranges::none_of(hosts, allows_clock)) return;
    say("  This machine cannot hide its time-stamp counter (PR_SET_TSC). The new nodes run contracts of packages all "
        "the\n"
        "  same, as they are there to try things out: contracts.allow_clock in node.toml.");
}

}  // namespace tally::node::cli
