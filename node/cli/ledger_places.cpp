#include "node/cli/ledger_places.h"

#include <fmt/ranges.h>

#include "node/cli/command.h"
#include "node/ledgers/channel_ledger.h"

namespace tally::node::cli {
namespace {

Result<std::string> name_of(const NodeConfig& config) { return TRY(read_genesis(config.genesis)).header.channel; }

std::vector<NodeConfig> parts_of(const NodeConfig& config) {
    std::vector<NodeConfig> parts{config};
    for (const auto& each : config.channels) parts.push_back(config.in(each));
    return parts;
}

}  // namespace

Result<std::vector<LedgerPlace>> ledgers_at(const std::filesystem::path& given, const std::string& channel) {
    std::vector<LedgerPlace> places;
    const auto file = std::filesystem::is_directory(given) ? given / "node.toml" : given;
    if (!std::filesystem::is_regular_file(file)) {
        if (!channel.empty())
            return fail(Code::invalid_argument, "{} is no node's folder: --channel is one of a node's channels",
                        given.string());
        places.push_back({"", given});
        return places;
    }
    const auto config = TRY(load_node_config(file));
    if (!channel.empty()) {
        places.push_back({channel, TRY(config_in(config, channel)).data});
        return places;
    }
    for (const auto& part : parts_of(config)) places.push_back({TRY(name_of(part)), part.data});
    return places;
}

Result<LedgerPlace> ledger_at(const std::filesystem::path& given, const std::string& channel) {
    return TRY(ledgers_at(given, channel)).front();
}

Result<NodeConfig> config_in(const NodeConfig& config, const std::string& channel) {
    if (channel.empty()) return config;
    std::vector<std::string> names;
    for (const auto& part : parts_of(config)) {
        names.push_back(TRY(name_of(part)));
        if (names.back() == channel) return part;
    }
    return fail(Code::not_found, "{} is not in a channel {}; it is in {}", config.name, channel,
                fmt::join(names, ", "));
}

CLI::Option* add_channel_option(CLI::App& command, std::string& channel, const char* about) {
    return command.add_option("--channel", channel, about);
}

}  // namespace tally::node::cli
