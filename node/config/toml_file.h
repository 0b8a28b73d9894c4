#pragma once
// A TOML file, read whole; bad_configuration names the file, the line and the fault.

#include <toml++/toml.h>
#include <filesystem>

#include "crypto/error.h"

namespace tally::node {

[[nodiscard]] Result<toml::table> read_toml(const std::filesystem::path& file);

}  // namespace tally::node
