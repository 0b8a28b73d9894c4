#include "node/consortium/further_channel.h"

#include <algorithm>
#include <charconv>

#include "node/addresses/host_port.h"
#include "node/ledgers/channel_ledger.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr unsigned kPortsApart = 100;  // between the networks of a node's channels

Result<std::string> shifted(const std::string& address, unsigned by) {
    const auto at = TRY(HostPort::parse(address));
    if (at.port + by > 65535)
        return fail(Code::invalid_argument, "there is no port for another channel above that of {}", address);
    return HostPort{at.host, static_cast<std::uint16_t>(at.port + by)}.text();
}

template <class Entry>
void keep_of(std::vector<Entry>& entries, const std::vector<std::string>& organizations) {
    std::erase_if(entries, [&](const Entry& entry) {
        return std::find(organizations.begin(), organizations.end(), entry.organization) == organizations.end();
    });
}

Result<ChannelConfig> further_channel_of(ChannelConfig config, const NewChannel& options, unsigned number) {
    auto chosen = options.organizations;
    if (chosen.empty()) chosen = config.organization_ids();
    for (const auto& id : chosen) {
        const auto known = config.organization_ids();
        if (std::find(known.begin(), known.end(), id) == known.end())
            return fail(Code::not_found, "there is no organization \"{}\" in channel {}", id, config.channel);
    }
    config.channel = options.name;
    config.version = 0;
    if (!options.residency.empty()) config.residency = options.residency;
    std::erase_if(config.organizations, [&](const OrganizationConfig& each) {
        return std::find(chosen.begin(), chosen.end(), each.id) == chosen.end();
    });
    keep_of(config.nodes, chosen);
    keep_of(config.orderers, chosen);
    for (auto& node : config.nodes) node.address = TRY(shifted(node.address, number * kPortsApart));
    return parse_channel_config(channel_config_json(config));
}

Status add_to_node(const std::filesystem::path& folder, const std::string& name) {
    const auto data = folder / ("data-" + name);
    TRY(storage::make_directory(data));
    TRY(storage::write_file(first_start_marker(data), as_bytes("")));
    const auto file = folder / "node.toml";
    const auto text = TRY(storage::read_file(file)) + fmt::format(R"(
[[channels]]                # a further channel
genesis = "../../channels/{0}/genesis.block"
data = "data-{0}"
anchor_every_s = 60         # its checkpoint goes onto the root channel
)",
                                                                  name);
    return storage::write_file(file, as_bytes(text));
}

// The same member at the same gateway, in the other channel.
Result<std::vector<std::filesystem::path>> write_profiles(const std::filesystem::path& members, const std::string& root,
                                                          const std::string& name) {
    std::vector<std::filesystem::path> made;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(members, error)) {
        const auto profile = entry.path() / "profile.toml";
        if (!std::filesystem::exists(profile)) continue;
        auto text = TRY(storage::read_file(profile));
        const auto channel = fmt::format("channel = \"{}\"", root);
        const auto at = text.find(channel);
        const auto url = text.find("url = \"");
        const auto end = url == std::string::npos ? url : text.find('"', url + 7);
        if (at == std::string::npos || end == std::string::npos)
            return fail(Code::bad_configuration, "{} names no channel {} and no url", profile.string(), root);
        text.insert(end, "/channels/" + name);
        text.replace(at, channel.size(), fmt::format("channel = \"{}\"", name));
        constexpr std::string_view kGenesis = "/genesis.block\"";
        if (const auto genesis = text.find(kGenesis); genesis != std::string::npos)
            text.insert(genesis, "/channels/" + name);
        made.push_back(entry.path() / fmt::format("profile-{}.toml", name));
        TRY(storage::write_file(made.back(), as_bytes(text)));
    }
    return made;
}

}  // namespace

Result<MadeChannel> create_channel(const NewChannel& options) {
    const auto& directory = options.directory;
    const auto channels = directory / "channels";
    const auto folder = channels / options.name;
    if (std::filesystem::exists(folder)) return fail(Code::already_exists, "{} exists already", folder.string());
    auto root = options.config.empty() ? TRY(config_of_genesis(TRY(read_genesis(directory / "genesis.block"))))
                                       : TRY(parse_channel_config(TRY(storage::read_file(options.config))));
    if (options.name == root.channel) return fail(Code::already_exists, "{} is the root channel", root.channel);
    unsigned number = 1;
    std::error_code error;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(channels, error)) ++number;
    MadeChannel made;
    made.config = TRY(further_channel_of(root, options, number));
    TRY(storage::make_directory(folder));
    TRY(storage::write_file(folder / "channel.json", as_bytes(channel_config_json(made.config))));
    TRY(storage::write_file(folder / "genesis.block", storage::encode(make_genesis_block(made.config, now_ms()))));
    for (const auto& node : made.config.nodes) {
        if (node.roles.empty()) continue;
        made.nodes.push_back(directory / "nodes" / node.id);
        TRY(add_to_node(made.nodes.back(), options.name));
    }
    for (const auto& organization : made.config.organizations) {
        const auto profiles =
            TRY(write_profiles(directory / "organizations" / organization.id / "members", root.channel, options.name));
        made.profiles.insert(made.profiles.end(), profiles.begin(), profiles.end());
    }
    return made;
}

}  // namespace tally::node
