#pragma once
// The packages of contracts that a node has: files *.tallyc in the folder `packages` beside its node.toml. They are
// read when the node starts.

#include <filesystem>
#include <vector>

#include "crypto/error.h"

namespace tally::node {

inline constexpr std::string_view kPackages = "packages";
inline constexpr std::string_view kPackageSuffix = ".tallyc";

// Starts each package in its sandbox and makes its contract known to this process (channel/known.h). A folder that is
// not there has none. The error names the file. `allow_clock`: see NodeConfig; the log warns of it where it matters.
[[nodiscard]] Status install_packages(const std::filesystem::path& folder, bool allow_clock);

// Their files, in the order of their names. io_error.
[[nodiscard]] Result<std::vector<std::filesystem::path>> packages_in(const std::filesystem::path& folder);

}  // namespace tally::node
