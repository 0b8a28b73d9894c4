#pragma once
// `tally bench`: measures a cluster of nodes of its own, on this machine.

#include "node/cli/commands.h"

namespace tally::node::cli {

void add_bench(CLI::App& app, Choice& choice);

}  // namespace tally::node::cli
