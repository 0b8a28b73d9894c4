#pragma once
// Where a stopped node has the ledgers of its channels.

#include <filesystem>
#include <string>
#include <vector>

#include "node/cli/commands.h"
#include "node/config/node_config.h"

namespace tally::node::cli {

struct LedgerPlace {
    std::string channel;  // its name, as its genesis block says; empty: only the data folder was named
    std::filesystem::path data;
};

// Of a node's folder, the ledger of each of its channels, or of the one that is named; of a data folder, that one.
// not_found when the node is in no such channel.
[[nodiscard]] Result<std::vector<LedgerPlace>> ledgers_at(const std::filesystem::path& given,
                                                          const std::string& channel);
// The same of one channel: the root, where none is named.
[[nodiscard]] Result<LedgerPlace> ledger_at(const std::filesystem::path& given, const std::string& channel);
// The node's configuration in the channel that is named; empty: the root.
[[nodiscard]] Result<NodeConfig> config_in(const NodeConfig& config, const std::string& channel);

CLI::Option* add_channel_option(CLI::App& command, std::string& channel, const char* about);

}  // namespace tally::node::cli
