#pragma once
// The packages of contracts that a node has: files *.tallyc in the folder `packages` beside its node.toml. They are
// read when the node starts.

#include <filesystem>

#include "crypto/error.h"

namespace tally::node {

inline constexpr std::string_view kPackages = "packages";
inline constexpr std::string_view kPackageSuffix = ".tallyc";

// Starts each package in its sandbox and makes its contract known to this process (channel/known.h). A folder that is
// not there has none. The error names the file.
[[nodiscard]] Status install_packages(const std::filesystem::path& folder);

}  // namespace tally::node
