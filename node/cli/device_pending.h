#pragma once
// tally device pending | admit

#include "node/cli/commands.h"

namespace tally::node::cli {

void add_device_pending(CLI::App& device, Choice& choice);

}  // namespace tally::node::cli
