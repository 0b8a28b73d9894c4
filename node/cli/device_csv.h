#pragma once
// tally device csv-check | csv-profiles

#include "node/cli/commands.h"

namespace tally::node::cli {

// Ends with Exit::failed where something would be refused, and prints the whole check all the same.
void add_device_csv_check(CLI::App& device, Choice& choice);
void add_device_csv_profiles(CLI::App& device, Choice& choice);

}  // namespace tally::node::cli
