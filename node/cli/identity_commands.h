#pragma once
// Subcommands of `tally identity` that have a file of their own.

#include "node/cli/commands.h"

namespace tally::node::cli {

void add_transport(CLI::App& identity, Choice& choice);
void add_orderer(CLI::App& identity, Choice& choice);

}  // namespace tally::node::cli
