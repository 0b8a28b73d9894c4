#pragma once
// What a person is to know next: the commands to type, printed so that they can be typed as they stand, and what new
// nodes allow.

#include <string>
#include <string_view>
#include <vector>

namespace tally::node::cli {

// One word of a command line; quoted where the shell would take it apart.
[[nodiscard]] std::string shell_word(std::string_view text);
// A command of words.
[[nodiscard]] std::string command_line(const std::vector<std::string>& words);
// "next:" and the commands, one a line; silent with --json or --quiet.
void say_next(const std::vector<std::string>& commands);
// That new nodes on these hosts let contracts of packages read a clock; silent where they do not, and as say_next.
void say_allows_clock(const std::vector<std::string>& hosts);

}  // namespace tally::node::cli
