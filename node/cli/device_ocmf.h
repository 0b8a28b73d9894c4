#pragma once
// tally device ocmf-check | ocmf-register, and --ocmf of tally device publish

#include "gateway/ocmf/container.h"
#include "node/cli/commands.h"

namespace tally::node::cli {

void add_device_ocmf(CLI::App& device, Choice& choice);
void add_device_ocmf_register(CLI::App& device, Choice& choice);

// The files of a folder in the order of their names; of a file, itself.
[[nodiscard]] Result<std::vector<std::filesystem::path>> ocmf_files(const std::filesystem::path& path);
// The places of the records, and the error, name the file too.
[[nodiscard]] Result<std::vector<gateway::ocmf::Entry>> read_ocmf_file(const std::filesystem::path& file);

// A key that was given: the text of the file that it names (a file of DER: in hex), or itself. A key that cannot be
// read is refused.
[[nodiscard]] Result<std::string> ocmf_key_text(const std::string& key);

// Sends the records of files and folders. What is refused or cannot be read is reported and delays nothing. `device`:
// whose they are, if the serial in the records is not its id; empty: it is.
[[nodiscard]] Status publish_ocmf_files(const std::filesystem::path& profile,
                                        const std::vector<std::filesystem::path>& paths, const std::string& device);

}  // namespace tally::node::cli
