#pragma once
// The commands that a person is to type next, printed so that they can be typed as they stand.

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

}  // namespace tally::node::cli
