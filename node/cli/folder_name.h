#pragma once
// The last name of a folder's path, however it is written: "meters/m1", "meters/m1/" and, within it, ".". Pure but for
// the current folder.

#include <filesystem>
#include <string>

namespace tally::node::cli {

[[nodiscard]] inline std::string folder_name(const std::filesystem::path& folder) {
    const auto whole = std::filesystem::absolute(folder).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace tally::node::cli
