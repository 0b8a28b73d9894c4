#pragma once
// A project for a contract of a third party: made, tested and packed.

#include <filesystem>

#include "chaincode/host/package.h"

namespace tally::node::cli {

// Where find_package(Tally) finds the sources that this program was built from, or below `sources`.
[[nodiscard]] Result<std::filesystem::path> contract_sources(const std::filesystem::path& sources);

// Writes the project of an example that works: contract, main function, unit test, CMakeLists.txt, README.md.
// already_exists when the folder is there.
[[nodiscard]] Status write_project(const std::filesystem::path& folder, const std::string& name,
                                   const std::filesystem::path& sources);

// Builds the project and runs its tests; their output goes to the terminal. Gives the program.
[[nodiscard]] Result<std::filesystem::path> test_project(const std::filesystem::path& folder,
                                                         const std::filesystem::path& sources);

// Packs a program, and writes the package to `out`, or to NAME-VERSION.tallyc beside the program. Gives the file.
[[nodiscard]] Result<std::filesystem::path> pack_program(const std::filesystem::path& program,
                                                         const std::filesystem::path& out);

}  // namespace tally::node::cli
