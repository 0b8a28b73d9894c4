#pragma once
// tally device ocmf-check | ocmf-register, and --ocmf of tally device publish

#include "gateway/ocmf/container.h"
#include "node/cli/command.h"

namespace tally::node::cli {

void add_device_ocmf(CLI::App& device, Choice& choice);
void add_device_ocmf_register(CLI::App& device, Choice& choice);

struct OcmfFile {
    std::filesystem::path path;
    std::vector<gateway::ocmf::Entry> entries;  // `place` names the file too
};
// Of a file, or of every file of a folder in the order of their names. The error names the file.
[[nodiscard]] Result<std::vector<OcmfFile>> read_ocmf_files(const std::filesystem::path& path);

// A key that was given: the text of the file that it names, or itself. A key that cannot be read is refused.
[[nodiscard]] Result<std::string> ocmf_key_text(const std::string& key);

// Sends the records of files and folders; what is refused delays nothing and is reported. `device`: whose they are, if
// the serial in the records is not its id; empty: it is.
[[nodiscard]] Status publish_ocmf_files(const std::filesystem::path& profile,
                                        const std::vector<std::filesystem::path>& paths, const std::string& device);

}  // namespace tally::node::cli
