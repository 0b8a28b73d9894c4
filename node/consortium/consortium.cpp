#include "node/consortium/consortium.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/config/node_config.h"
#include "node/consortium/authority.h"
#include "node/consortium/members.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/resolver.h"
#include "node/network/transport_key.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr std::uint16_t kNetworkPorts = 1000;  // a node's port between nodes is its HTTPS port and this

struct Place {  // of one node in the consortium
    std::string name;
    std::string organization;
    std::string host;
    std::uint16_t gateway_port = 0;
    std::uint16_t network_port = 0;
    std::filesystem::path folder;
    std::vector<std::string> roles;
    bool joins = false;  // later: the genesis block does not say where it listens
};

// What others dial, and a URL holds as it is: an address, or a name (RFC 1123) that has letters at its end.
Status check_host(const std::string& host) {
    if (is_ipv4(host)) return {};
    if (host == "localhost") return fail(Code::invalid_argument, "others do not find this machine as localhost");
    const auto is_label = [](std::string_view label) {
        const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; };
        return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(label, allowed);
    };
    const auto last = host.substr(host.rfind('.') + 1);
    bool good = host.size() <= 253 && !std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
    for (std::size_t at = 0; good && at <= host.size();) {
        const auto end = std::min(host.find('.', at), host.size());
        good = is_label(std::string_view(host).substr(at, end - at));
        at = end + 1;
    }
    if (good) return {};
    return fail(Code::invalid_argument,
                "the host \"{}\" is neither an IPv4 address like 10.0.0.11 nor a name like node1.example.org", host);
}

// Writes certificate and key as NAME.pem and NAME-key.pem; the public key is the result.
Result<crypto::PublicKey> write_identity(const Authority& authority, const std::filesystem::path& folder,
                                         const std::string& name, crypto::Issue what, crypto::Algorithm algorithm,
                                         int days) {
    const auto key = crypto::PrivateKey::generate(algorithm);
    what.key = key.public_key();
    const auto chain = TRY(issue_certificate(authority, std::move(what), days));
    TRY(storage::write_file(folder / (name + "-key.pem"), as_bytes(key.pem()), 0600));
    TRY(storage::write_file(folder / (name + ".pem"), as_bytes(chain_pem(chain))));
    return key.public_key();
}

crypto::Issue issue_for(std::string name, const std::string& organization, std::string role) {
    // The key is filled in by whoever makes it.
    return crypto::Issue{{std::move(name), organization, std::move(role)},
                         crypto::PrivateKey::generate(crypto::Algorithm::ed25519).public_key()};
}

std::string node_toml(const Place& place) {
    return fmt::format(R"(# A Tally node. Paths are relative to this file. `tally doctor` checks it and says what to do.
[node]
name = "{}"
roles = [{}]
data = "data"
genesis = "../../genesis.block"
log_level = "info"          # trace, debug, info, warning, error, off
workers = 2                 # threads for signatures and contracts

[identity.peer]             # endorses, and signs checkpoints
certificate = "identity/peer.pem"
key = "identity/peer-key.pem"

[identity.orderer]          # proposes blocks
certificate = "identity/orderer.pem"
key = "identity/orderer-key.pem"

[identity.client]           # signs the proposals that carry device records
certificate = "identity/client.pem"
key = "identity/client-key.pem"

[network]                   # between nodes
key = "identity/transport.key"{}

[gateway]                   # HTTPS for clients and devices
address = "{}"
port = {}
certificate = "identity/tls.pem"
key = "identity/tls-key.pem"

[storage]
min_free_bytes = 268435456  # below this the node refuses new work
)",
                       place.name, fmt::format("\"{}\"", fmt::join(place.roles, "\", \"")),
                       place.joins ? fmt::format("\nlisten = \"{}:{}\"", place.host, place.network_port) : "",
                       is_ipv4(place.host) ? place.host : "0.0.0.0", place.gateway_port);
}

// Writes the node's folder and adds it to the channel.
Status write_node(const Place& place, const Authority& authority, const ConsortiumOptions& options,
                  ChannelConfig& config) {
    const auto identity = place.folder / "identity";
    TRY(storage::make_directory(identity));
    const auto days = options.certificate_days;
    const auto& organization = place.organization;
    TRY(write_identity(authority, identity, "peer", issue_for(place.name + "-peer", organization, "peer"),
                       options.node_algorithm, days));
    const auto orderer =
        TRY(write_identity(authority, identity, "orderer", issue_for(place.name + "-orderer", organization, "orderer"),
                           options.node_algorithm, days));
    TRY(write_identity(authority, identity, "client", issue_for(place.name + "-gateway", organization, "client"),
                       options.node_algorithm, days));
    auto tls = issue_for(place.name, organization, "client");
    tls.tls_server = true;
    tls.dns_or_ip = {place.host};
    for (const char* name : {"localhost", "127.0.0.1"}) {
        if (place.host != name) tls.dns_or_ip.emplace_back(name);
    }
    TRY(write_identity(authority, identity, "tls", std::move(tls), crypto::Algorithm::p256, days));
    const auto transport = generate_transport_key();
    TRY(storage::write_file(identity / "transport.key", as_bytes(transport.secret_key + "\n"), 0600));
    TRY(storage::write_file(place.folder / "node.toml", as_bytes(node_toml(place))));
    TRY(storage::make_directory(place.folder / "data"));
    TRY(storage::write_file(first_start_marker(place.folder / "data"), as_bytes("")));
    if (std::find(place.roles.begin(), place.roles.end(), "orderer") != place.roles.end())
        config.orderers.push_back({place.name, organization, orderer.pem()});
    config.nodes.push_back({place.name, organization, fmt::format("{}:{}", place.host, place.network_port),
                            transport.public_key, place.roles});
    return {};
}

// The keys of a node that is a program of its own: drivers/NAME/transport.key.
Status write_driver(const std::string& name, std::size_t port, const ConsortiumOptions& options,
                    ChannelConfig& config) {
    const auto folder = options.directory / "drivers" / name;
    TRY(storage::make_directory(folder));
    const auto transport = generate_transport_key();
    TRY(storage::write_file(folder / "transport.key", as_bytes(transport.secret_key + "\n"), 0600));
    config.nodes.push_back({name,
                            options.organizations.front(),
                            fmt::format("{}:{}", options.hosts.front(), port),
                            transport.public_key,
                            {}});
    return {};
}

Status write_profile(const std::filesystem::path& folder, const std::string& channel, const std::string& url,
                     const std::string& roots) {
    TRY(storage::write_file(folder / "authorities.pem", as_bytes(roots)));
    return storage::write_file(
        folder / "profile.toml",
        as_bytes(fmt::format(R"(# A member of a Tally consortium: `export TALLY_PROFILE=<this file>`
channel = "{}"
url = "{}"
authorities = "authorities.pem"
certificate = "certificate.pem"
key = "key.pem"
genesis = "../../../../genesis.block"
)",
                             channel, url)));
}

// The organization's authorities, and what the channel must know of it.
Result<OrganizationConfig> write_organization(const std::string& organization, const ConsortiumOptions& options) {
    const auto folder = options.directory / "organizations" / organization / "ca";
    TRY(create_authority(folder, organization, options.algorithm));
    const auto authority = TRY(load_authority(folder));
    return OrganizationConfig{organization, {authority.root.pem()}, {authority.issuer.certificate().pem()}, {}};
}

// Its first members; their profiles.
Result<std::vector<std::filesystem::path>> write_members(const std::string& organization, const Place& home,
                                                         const std::string& roots, const ConsortiumOptions& options) {
    const auto folder = options.directory / "organizations" / organization;
    const auto url = fmt::format("https://{}:{}", home.host, home.gateway_port);
    std::vector<std::filesystem::path> profiles;
    for (const auto& [name, role] : {std::pair{"admin", "admin"}, {"client1", "client"}, {"auditor", "auditor"}}) {
        const auto member = folder / "members" / name;
        TRY(issue_member({folder, name, role, options.algorithm, options.certificate_days}, member));
        TRY(write_profile(member, options.channel, url, roots));
        profiles.push_back(member / "profile.toml");
    }
    return profiles;
}

std::vector<Place> places_of(const ConsortiumOptions& options) {
    std::vector<Place> places;
    std::map<std::string, std::uint16_t> next_port;  // by host
    for (const auto& organization : options.organizations) {
        for (unsigned i = 0; i < options.nodes_per_organization; ++i) {
            Place place;
            place.name = fmt::format("node{}", places.size() + 1);
            place.organization = organization;
            place.host = options.hosts[places.size() % options.hosts.size()];
            auto& port = next_port.try_emplace(place.host, options.first_port).first->second;
            place.gateway_port = port++;
            place.network_port = static_cast<std::uint16_t>(place.gateway_port + kNetworkPorts);
            place.folder = options.directory / "nodes" / place.name;
            place.roles = options.roles[places.size() % options.roles.size()];
            if (options.orderers != 0 && places.size() >= options.orderers) std::erase(place.roles, "orderer");
            places.push_back(std::move(place));
        }
    }
    return places;
}

// Where its members find a gateway: at a node of their own if there is one.
const Place& home_of(const std::string& organization, const std::vector<Place>& places) {
    const auto serves = [](const Place& place) {
        return std::find(place.roles.begin(), place.roles.end(), "gateway") != place.roles.end();
    };
    auto home = std::find_if(places.begin(), places.end(),
                             [&](const Place& place) { return place.organization == organization && serves(place); });
    if (home == places.end()) home = std::find_if(places.begin(), places.end(), serves);
    return home == places.end() ? places.front() : *home;
}

}  // namespace

Result<Consortium> create_consortium(const ConsortiumOptions& options) {
    if (std::filesystem::exists(options.directory) && !std::filesystem::is_empty(options.directory)) {
        return fail(Code::already_exists, "{} is not empty", options.directory.string());
    }
    if (options.hosts.empty()) return fail(Code::invalid_argument, "no host is named");
    for (const auto& host : options.hosts) TRY(check_host(host));
    for (const auto& organization : options.organizations) TRY(check_name(organization));
    Consortium out;
    auto& config = out.config;
    config.channel = options.channel;
    config.fault_model = options.fault_model;
    config.batch = options.batch;
    config.submission = options.submission;
    config.endorsement = options.endorsement;
    config.receipt = options.receipt;
    if (!options.residency.empty()) config.residency = options.residency;
    config.configuration = "MAJORITY";
    config.proposal_lifetime_ms = options.proposal_lifetime_ms;
    const auto newest = newest_versions();
    config.rules = newest.rules;
    config.contracts = newest.contracts;
    const auto places = places_of(options);
    if (places.empty() || places.size() > 1000)
        return fail(Code::invalid_argument, "{} nodes; 1 to 1000 are allowed", places.size());
    std::string roots;
    for (const auto& organization : options.organizations) {
        config.organizations.push_back(TRY(write_organization(organization, options)));
        roots += config.organizations.back().roots.front();
    }
    for (const auto& place : places) {
        const auto authority = TRY(load_authority(options.directory / "organizations" / place.organization / "ca"));
        TRY(write_node(place, authority, options, config));
        out.nodes.push_back(place.folder);
    }
    auto port = static_cast<std::size_t>(options.first_port) + kNetworkPorts - 1 + places.size();
    for (const auto& driver : options.drivers) TRY(write_driver(driver, ++port, options, config));
    for (const auto& organization : options.organizations) {
        const auto profiles = TRY(write_members(organization, home_of(organization, places), roots, options));
        out.profiles.insert(out.profiles.end(), profiles.begin(), profiles.end());
    }
    TRY(storage::write_file(options.directory / "tls-roots.pem", as_bytes(roots)));
    const auto json = channel_config_json(config);
    TRY(parse_channel_config(json));  // what we write is what nodes accept
    TRY(storage::write_file(options.directory / "channel.json", as_bytes(json)));
    TRY(storage::write_file(options.directory / "genesis.block",
                            storage::encode(make_genesis_block(config, now_ms()))));
    return out;
}

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
        const auto colon = node.address.rfind(':');
        const auto port = static_cast<std::uint16_t>(std::atoi(node.address.c_str() + colon + 1));
        first_port = ports.empty() ? port : std::min(first_port, port);
        auto& highest = ports[node.address.substr(0, colon)];
        highest = std::max(highest, port);
    }
    // HTTPS, behind those of its machine; a new machine begins where the others did.
    [[nodiscard]] std::uint16_t free_port(const std::string& host) const {
        const auto last = ports.find(host);
        return static_cast<std::uint16_t>((last == ports.end() ? first_port : last->second + 1) - kNetworkPorts);
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
    const auto first_port = in.first_port != 0 ? in.first_port : taken.free_port(in.host);
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
        home.gateway_port = first_port;
        TRY(write_members(in.organization, home, roots, options));
    }
    const auto authority = TRY(load_authority(organization / "ca"));
    for (unsigned i = 0; i < in.count; ++i) {
        Place place;
        place.name = names[i];
        place.organization = in.organization;
        place.host = in.host;
        place.gateway_port = static_cast<std::uint16_t>(first_port + i);
        place.network_port = static_cast<std::uint16_t>(first_port + kNetworkPorts + i);
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
