#pragma once
// A TOML file, read whole; bad_configuration names the file, the line and the fault.

#include <toml++/toml.h>
#include <filesystem>

#include "crypto/error.h"

namespace tally::node {

[[nodiscard]] Result<toml::table> read_toml(const std::filesystem::path& file);
// Of a text; `name` is what errors call it.
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text, const std::string& name);

}  // namespace tally::node
