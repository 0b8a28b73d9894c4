#pragma once
// Edits of a channel's configuration on the command line, and what differs between two. Pure but for the files that
// the edits name.

#include <filesystem>
#include <string>
#include <vector>

#include "node/channel/channel_config.h"

namespace tally::node::cli {

struct ConfigEdits {
    std::vector<std::string> set;            // NAME=VALUE
    std::vector<std::filesystem::path> add;  // files of node::Additions
    std::vector<std::string> remove;         // KIND/ID
    std::vector<std::string> crls;           // ORGANIZATION=FILE
    bool upgrade = false;                    // to the newest contracts and rules that this program knows
};
// invalid_argument or not_found names the edit that cannot be made. The result is not checked as a whole.
[[nodiscard]] Status edit_config(ChannelConfig& config, const ConfigEdits& edits);

struct ConfigDifference {
    std::string path;    // batch.max_messages, nodes[node5].address
    std::string before;  // a certificate, list or key by its name, fingerprint and dates; empty: it was not there
    std::string after;   // empty: it is not there any more
};
// Entries of lists are told apart by their id (or contract).
[[nodiscard]] Result<std::vector<ConfigDifference>> config_differences(std::string_view before, std::string_view after);

}  // namespace tally::node::cli
