// Nodes for a consortium that is there.

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/addresses/host_port.h"
#include "node/consortium/folders.h"
#include "node/ledgers/channel_ledger.h"
#include "storage/files.h"

namespace tally::node {
namespace {

// The names and ports that are taken: of the genesis block's nodes, and of those that joined from this folder.
struct Taken {
    std::set<std::string> names;
    unsigned highest_number = 0;                                                // of nodeN
    std::map<std::string, std::uint16_t> ports;                                 // between nodes: the highest, by host
    std::uint16_t first_port = ConsortiumOptions().first_port + kNetworkPorts;  // the lowest of all

    void take(const NodeEntry& node) {
        names.insert(node.id);
        unsigned number = 0;
        if (std::sscanf(node.id.c_str(), "node%u", &number) == 1) highest_number = std::max(highest_number, number);
        const auto address = HostPort::parse(node.address);  // as the genesis block and the node's own files have it
        if (!address) return;
        first_port = ports.empty() ? address->port : std::min(first_port, address->port);
        auto& highest = ports[address->host];
        highest = std::max(highest, address->port);
    }
    // HTTPS, behind those of its machine; a new machine begins where the others did.
    [[nodiscard]] Result<std::uint16_t> free_port(const std::string& host) const {
        const auto last = ports.find(host);
        const std::size_t network = last == ports.end() ? first_port : last->second + std::size_t{1};
        if (network <= kNetworkPorts)
            return fail(Code::invalid_argument,
                        "the nodes' ports are chosen ones: choose these too (--port, --node-port)");
        return port_from(network - kNetworkPorts);
    }
};

Result<Taken> taken_in(const std::filesystem::path& directory, const ChannelConfig& genesis) {
    Taken taken;
    for (const auto& node : genesis.nodes) {
        if (!node.roles.empty()) taken.take(node);
    }
    for (const auto& [folder, joined] : TRY(joined_nodes(directory))) {
        for (const auto& node : joined.nodes) taken.take(node);
    }
    return taken;
}

// nodeN behind the highest number that is known here, or as asked: NAME, or NAME1, NAME2, ...
Result<std::vector<std::string>> names_for(const NewNodes& in, const Taken& taken) {
    std::vector<std::string> names;
    for (unsigned i = 1; i <= in.count; ++i) {
        if (in.name.empty())
            names.push_back(fmt::format("node{}", taken.highest_number + i));
        else
            names.push_back(in.count == 1 ? in.name : fmt::format("{}{}", in.name, i));
        TRY(check_name(names.back()));
        if (taken.names.contains(names.back()))
            return fail(Code::already_exists, "there is a node {} already", names.back());
    }
    return names;
}

// Where clients find the roots of all organizations; made from the genesis block where only that is there.
Result<std::string> tls_roots(const std::filesystem::path& directory, const ChannelConfig& genesis) {
    const auto file = directory / "tls-roots.pem";
    if (std::filesystem::exists(file)) return storage::read_file(file);
    std::string roots;
    for (const auto& organization : genesis.organizations) {
        for (const auto& root : organization.roots) roots += root;
    }
    return roots;
}

}  // namespace

Result<std::vector<JoinedNode>> joined_nodes(const std::filesystem::path& directory) {
    std::vector<JoinedNode> joined;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "nodes", none)) {
        const auto file = entry.path() / "join.json";
        if (!std::filesystem::exists(file)) continue;
        const auto json = TRY(chaincode::parse_json(TRY(storage::read_file(file)), file.string()));
        joined.push_back({entry.path(), TRY(chaincode::from_json<Additions>(json))});
    }
    std::ranges::sort(joined, {}, &JoinedNode::folder);
    return joined;
}

Result<AddedNodes> add_nodes(const NewNodes& in) {
    TRY(check_host(in.host));
    const auto genesis = TRY(config_of_genesis(TRY(read_genesis(in.directory / "genesis.block"))));
    const auto taken = TRY(taken_in(in.directory, genesis));
    ConsortiumOptions options;
    options.directory = in.directory;
    options.channel = genesis.channel;
    options.hosts = {in.host};
    options.algorithm = in.algorithm;
    options.node_algorithm = in.node_algorithm;
    options.certificate_days = in.certificate_days;
    if (in.count == 0 || in.count > 100)
        return fail(Code::invalid_argument, "{} nodes; 1 to 100 are allowed", in.count);

    const auto names = TRY(names_for(in, taken));
    AddedNodes out;
    Additions additions;
    additions.channel = genesis.channel;
    const auto organization = in.directory / "organizations" / in.organization;
    if (in.first_node_port != 0 && in.first_port == 0)
        return fail(Code::invalid_argument, "with a port between nodes the HTTPS port must be named too");
    const std::size_t first_port = in.first_port != 0 ? in.first_port : TRY(taken.free_port(in.host));
    const std::size_t first_node_port = in.first_node_port != 0 ? in.first_node_port : first_port + kNetworkPorts;
    TRY(port_from(std::max(first_port, first_node_port) + in.count - 1));
    out.new_organization = !std::filesystem::exists(organization / "ca");
    if (out.new_organization) {
        TRY(check_name(in.organization));
        if (std::ranges::count(genesis.organization_ids(), in.organization) != 0)
            return fail(Code::already_exists, "{} is an organization of the channel, and its authorities are not in {}",
                        in.organization, (organization / "ca").string());
        additions.organizations.push_back(TRY(write_organization(in.organization, options)));
        const auto roots = TRY(tls_roots(in.directory, genesis)) + additions.organizations.back().roots.front();
        TRY(storage::write_file(in.directory / "tls-roots.pem", as_bytes(roots)));
        Place home;
        home.host = in.host;
        home.gateway_port = TRY(port_from(first_port));
        TRY(write_members(in.organization, home, roots, options));
    }
    const auto authority = TRY(load_authority(organization / "ca"));
    for (unsigned i = 0; i < in.count; ++i) {
        Place place;
        place.name = names[i];
        place.organization = in.organization;
        place.host = in.host;
        place.gateway_port = TRY(port_from(first_port + i));
        place.network_port = TRY(port_from(first_node_port + i));
        place.folder = in.directory / "nodes" / place.name;
        place.roles = in.roles;
        place.joins = true;
        ChannelConfig added;
        TRY(write_node(place, authority, options, added));
        additions.nodes = added.nodes;
        additions.orderers = added.orderers;
        TRY(storage::write_file(place.folder / "join.json",
                                as_bytes(chaincode::json_text(chaincode::to_json(additions)) + "\n")));
        out.nodes.push_back(place.folder);
    }
    return out;
}

}  // namespace tally::node
