#pragma once
// tally device ocmf-check

#include "node/cli/command.h"

namespace tally::node::cli {

void add_device_ocmf(CLI::App& device, Choice& choice);

}  // namespace tally::node::cli
