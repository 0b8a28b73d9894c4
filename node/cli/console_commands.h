#pragma once
// tally console: the web pages of a gateway, opened as a member.

#include "node/cli/commands.h"

namespace tally::node::cli {

void add_console(CLI::App& app, Choice& choice);

}  // namespace tally::node::cli
