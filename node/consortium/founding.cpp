#include "node/consortium/founding.h"

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/consortium/folders.h"
#include "node/ledgers/channel_ledger.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

namespace fs = std::filesystem;

fs::path founding_file(const fs::path& directory) { return directory / "founding.json"; }

std::vector<std::string> names_for(const NewNodes& in) {
    if (!in.name.empty() && in.count == 1) return {in.name};
    auto stem = in.name.empty() ? in.organization : in.name;
    std::ranges::transform(stem, stem.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::vector<std::string> names;
    for (unsigned i = 1; i <= in.count; ++i) names.push_back(fmt::format("{}{}", stem, i));
    return names;
}

Result<Additions> read_founding(const fs::path& file) {
    const auto json = TRY(chaincode::parse_json(TRY(storage::read_file(file, 1U << 20)), file.string()));
    auto part = chaincode::from_json<Additions>(json);
    if (!part) return std::unexpected(part.error().within(file.string()));
    return part;
}

// One organization, and nodes of its own alone.
Status check_part(const Additions& part, const fs::path& file) {
    if (part.organizations.size() != 1)
        return fail(Code::invalid_argument, "{} names {} organizations; a founder's file names its own", file.string(),
                    part.organizations.size());
    const auto& id = part.organizations.front().id;
    const auto foreign = [&](const auto& each) { return each.organization != id; };
    if (std::ranges::any_of(part.nodes, foreign) || std::ranges::any_of(part.orderers, foreign))
        return fail(Code::invalid_argument, "{} is of {} and names a node of another organization", file.string(), id);
    if (part.nodes.empty()) return fail(Code::invalid_argument, "{} names no node", file.string());
    return {};
}

// Adds a part, unless something in it is there already.
class FoundingParts {
  public:
    Status add(const Additions& part, const fs::path& file, ChannelConfig& config) {
        TRY(check_part(part, file));
        if (config.channel.empty()) config.channel = part.channel;
        if (part.channel != config.channel)
            return fail(Code::invalid_argument, "{} is for the channel {}, the files before it for {}", file.string(),
                        part.channel, config.channel);
        TRY(claim("organization", part.organizations.front().id, file));
        for (const auto& node : part.nodes) {
            TRY(claim("node", node.id, file));
            TRY(claim("address", node.address, file));
            TRY(claim("transport key", node.transport_key, file));
        }
        config.organizations.push_back(part.organizations.front());
        config.nodes.insert(config.nodes.end(), part.nodes.begin(), part.nodes.end());
        config.orderers.insert(config.orderers.end(), part.orderers.begin(), part.orderers.end());
        return {};
    }

  private:
    Status claim(std::string_view what, const std::string& value, const fs::path& file) {
        const auto [entry, is_new] = claimed_.emplace(fmt::format("{} {}", what, value), file);
        if (is_new) return {};
        return fail(Code::invalid_argument, "{} and {} both have the {} {}", entry->second.string(), file.string(),
                    what, value);
    }

    std::map<std::string, fs::path> claimed_;
};

std::string tls_roots(const ChannelConfig& config) {
    std::string roots;
    for (const auto& organization : config.organizations) {
        for (const auto& root : organization.roots) roots += root;
    }
    return roots;
}

Status write_channel(const fs::path& directory, const ChannelConfig& config, ByteView genesis) {
    const auto file = directory / "genesis.block";
    if (fs::exists(file) && TRY(storage::read_file(file)) != as_text(genesis))
        return fail(Code::already_exists, "{} is the genesis block of another channel", file.string());
    TRY(storage::write_file(directory / "channel.json", as_bytes(channel_config_json(config))));
    TRY(storage::write_file(directory / "tls-roots.pem", as_bytes(tls_roots(config))));
    return storage::write_file(file, genesis);
}

// The entries of an organization, as text that two sources can be compared by.
template <class Entry>
std::set<std::string> entries_of(const std::vector<Entry>& all, const std::string& organization) {
    std::set<std::string> out;
    for (const auto& each : all) {
        if (each.organization == organization) out.insert(chaincode::json_text(chaincode::to_json(each)));
    }
    return out;
}

Status check_own_part(const ChannelConfig& config, const Additions& own, const fs::path& genesis) {
    const auto& organization = own.organizations.front();
    if (config.channel != own.channel)
        return fail(Code::invalid_argument, "{} is of the channel {}, and {} prepared for {}", genesis.string(),
                    config.channel, organization.id, own.channel);
    const auto there = std::ranges::find(config.organizations, organization.id, &OrganizationConfig::id);
    if (there == config.organizations.end())
        return fail(Code::invalid_argument, "{} does not name {}", genesis.string(), organization.id);
    if (chaincode::to_json(*there) != chaincode::to_json(organization))
        return fail(Code::invalid_argument, "{} has other authorities for {} than its founding.json", genesis.string(),
                    organization.id);
    if (entries_of(config.nodes, organization.id) != entries_of(own.nodes, organization.id) ||
        entries_of(config.orderers, organization.id) != entries_of(own.orderers, organization.id))
        return fail(Code::invalid_argument, "{} has other nodes for {} than its founding.json", genesis.string(),
                    organization.id);
    return {};
}

}  // namespace

namespace {

Result<Founder> write_founder(const NewNodes& in, const std::string& channel) {
    TRY(check_host(in.host));
    TRY(check_name(in.organization));
    TRY(check_name(channel));
    if (in.count == 0 || in.count > 100)
        return fail(Code::invalid_argument, "{} nodes; 1 to 100 are allowed", in.count);
    ConsortiumOptions options;
    options.directory = in.directory;
    options.channel = channel;
    options.algorithm = in.algorithm;
    options.node_algorithm = in.node_algorithm;
    options.certificate_days = in.certificate_days;
    const std::size_t first_port = in.first_port != 0 ? in.first_port : options.first_port;
    const std::size_t first_node_port = in.first_node_port != 0 ? in.first_node_port : first_port + kNetworkPorts;
    TRY(port_from(std::max(first_port, first_node_port) + in.count - 1));
    Additions part;
    part.channel = channel;
    part.organizations.push_back(TRY(write_organization(in.organization, options)));
    Place home;
    home.host = in.host;
    home.gateway_port = TRY(port_from(first_port));
    TRY(write_members(in.organization, home, part.organizations.front().roots.front(), options));
    const auto authority = TRY(load_authority(in.directory / "organizations" / in.organization / "ca"));
    Founder out{founding_file(in.directory), {}};
    ChannelConfig config;
    for (const auto& name : names_for(in)) {
        TRY(check_name(name));
        Place place;
        place.name = name;
        place.organization = in.organization;
        place.host = in.host;
        place.gateway_port = TRY(port_from(first_port + out.nodes.size()));
        place.network_port = TRY(port_from(first_node_port + out.nodes.size()));
        place.folder = in.directory / "nodes" / name;
        place.roles = in.roles;
        TRY(write_node(place, authority, options, config));
        out.nodes.push_back(place.folder);
    }
    part.nodes = config.nodes;
    part.orderers = config.orderers;
    TRY(storage::write_file(out.file, as_bytes(chaincode::json_text(chaincode::to_json(part)) + "\n")));
    return out;
}

}  // namespace

Result<Founder> prepare_founder(const NewNodes& in, const std::string& channel) {
    return fill_whole(in.directory, [&] { return write_founder(in, channel); });
}

Result<Founded> found_channel(const Founding& in) {
    if (in.files.empty()) return fail(Code::invalid_argument, "no founding.json is named");
    ChannelConfig config;
    config.channel.clear();
    config.fault_model = in.fault_model;
    config.batch = in.batch;
    config.endorsement = in.endorsement;
    config.receipt = in.receipt;
    config.configuration = in.configuration;
    config.submission = ConsortiumOptions().submission;
    config.proposal_lifetime_ms = ConsortiumOptions().proposal_lifetime_ms;
    if (!in.residency.empty()) config.residency = in.residency;
    const auto newest = newest_versions();
    config.rules = newest.rules;
    config.contracts = newest.contracts;
    FoundingParts parts;
    for (const auto& file : in.files) TRY(parts.add(TRY(read_founding(file)), file, config));
    TRY(parse_channel_config(channel_config_json(config)));  // what we write is what nodes accept
    const auto block = make_genesis_block(config, now_ms());
    TRY(storage::make_directory(in.directory));
    TRY(write_channel(in.directory, config, storage::encode(block)));
    return Founded{std::move(config), block.header.hash().hex()};
}

Result<Founded> accept_genesis(const fs::path& directory, const fs::path& genesis) {
    const auto file = founding_file(directory);
    const auto own = TRY(read_founding(file));
    TRY(check_part(own, file));
    const auto block = TRY(read_genesis(genesis));
    auto config = TRY(config_of_genesis(block));
    TRY(check_own_part(config, own, genesis));
    TRY(write_channel(directory, config, storage::encode(block)));
    TRY(write_member_roots(directory / "organizations" / own.organizations.front().id, tls_roots(config)));
    return Founded{std::move(config), block.header.hash().hex()};
}

}  // namespace tally::node
