#include "node/config/consortium.h"

#include <arpa/inet.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/channel/channel_ledger.h"
#include "node/config/authority.h"
#include "node/config/node_config.h"
#include "node/net/transport_key.h"
#include "node/roles/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

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

// What a node can listen on, others dial, and a URL hold as it is.
Status check_host(const std::string& host) {
    in_addr address{};
    if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return {};
    return fail(Code::invalid_argument, "the host \"{}\" is not an IPv4 address like 10.0.0.11", host);
}

Status make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Code::io_error, "{}: {}", folder.string(), error.message());
    return {};
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
                       place.host, place.gateway_port);
}

// Writes the node's folder and adds it to the channel.
Status write_node(const Place& place, const Authority& authority, const ConsortiumOptions& options,
                  ChannelConfig& config) {
    const auto identity = place.folder / "identity";
    TRY(make_folder(identity));
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
    TRY(make_folder(place.folder / "data"));
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
    TRY(make_folder(folder));
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
            place.network_port = static_cast<std::uint16_t>(place.gateway_port + 1000);
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
    auto port = static_cast<std::size_t>(options.first_port) + 999 + places.size();
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

// The names and ports that the folder's nodes have.
struct Taken {
    unsigned highest_number = 0;
    std::uint16_t first_port = 0;                    // the lowest
    std::map<std::string, std::uint16_t> last_port;  // by host

    [[nodiscard]] std::uint16_t free_port(const std::string& host) const {
        const auto last = last_port.find(host);
        return last == last_port.end() ? first_port : static_cast<std::uint16_t>(last->second + 1);
    }
};

Result<Taken> taken_in(const std::filesystem::path& nodes) {
    Taken taken;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(nodes, error)) {
        const auto name = entry.path().filename().string();
        const auto config = TRY(load_node_config(entry.path() / "node.toml"));
        const auto port = config.gateway.port;
        taken.first_port = taken.first_port == 0 ? port : std::min(taken.first_port, port);
        auto& last = taken.last_port[config.gateway.address];
        last = std::max(last, port);
        unsigned number = 0;
        if (std::sscanf(name.c_str(), "node%u", &number) == 1)
            taken.highest_number = std::max(taken.highest_number, number);
    }
    if (error) return fail(Code::not_found, "{}: {}", nodes.string(), error.message());
    if (taken.last_port.empty()) return fail(Code::not_found, "{} holds no node", nodes.string());
    return taken;
}

}  // namespace

Result<AddedNodes> add_nodes(const NewNodes& in) {
    TRY(check_host(in.host));
    const auto genesis = TRY(config_of_genesis(TRY(read_genesis(in.directory / "genesis.block"))));
    const auto taken = TRY(taken_in(in.directory / "nodes"));
    ConsortiumOptions options;
    options.directory = in.directory;
    options.channel = genesis.channel;
    options.hosts = {in.host};
    options.algorithm = in.algorithm;
    options.node_algorithm = in.node_algorithm;
    options.certificate_days = in.certificate_days;
    if (in.count == 0 || in.count > 100)
        return fail(Code::invalid_argument, "{} nodes; 1 to 100 are allowed", in.count);

    AddedNodes out;
    Additions additions;
    const auto organization = in.directory / "organizations" / in.organization;
    const auto first_port = in.first_port != 0 ? in.first_port : taken.free_port(in.host);
    out.new_organization = !std::filesystem::exists(organization / "ca");
    if (out.new_organization) {
        additions.organizations.push_back(TRY(write_organization(in.organization, options)));
        const auto roots =
            TRY(storage::read_file(in.directory / "tls-roots.pem")) + additions.organizations.back().roots.front();
        TRY(storage::write_file(in.directory / "tls-roots.pem", as_bytes(roots)));
        Place home;
        home.host = in.host;
        home.gateway_port = first_port;
        TRY(write_members(in.organization, home, roots, options));
    }
    const auto authority = TRY(load_authority(organization / "ca"));
    for (unsigned i = 0; i < in.count; ++i) {
        Place place;
        place.name = fmt::format("node{}", taken.highest_number + 1 + i);
        place.organization = in.organization;
        place.host = in.host;
        place.gateway_port = static_cast<std::uint16_t>(first_port + i);
        place.network_port = static_cast<std::uint16_t>(first_port + 1000 + i);
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

Result<crypto::Certificate> issue_member(const NewMember& member, const std::filesystem::path& folder) {
    if (std::filesystem::exists(folder / "key.pem"))
        return fail(Code::already_exists, "{} exists already", (folder / "key.pem").string());
    const auto authority = TRY(load_authority(member.organization / "ca"));
    TRY(make_folder(folder));
    const auto key = crypto::PrivateKey::generate(member.algorithm);
    auto what = issue_for(member.name, authority.issuer.certificate().subject().organization, member.role);
    what.key = key.public_key();
    what.tls_client = true;
    const auto chain = TRY(issue_certificate(authority, std::move(what), member.days));
    TRY(storage::write_file(folder / "key.pem", as_bytes(key.pem()), 0600));
    TRY(storage::write_file(folder / "certificate.pem", as_bytes(chain_pem(chain))));
    return chain.front();
}

Result<std::filesystem::path> revoke_members(const std::filesystem::path& organization,
                                             const std::vector<std::filesystem::path>& certificates, int days) {
    const auto authority = TRY(load_authority(organization / "ca"));
    const auto& issuer = authority.issuer.certificate();
    const auto list = organization / "ca" / "revoked.txt";  // a serial number a line
    auto text = std::filesystem::exists(list) ? TRY(storage::read_file(list)) : std::string();
    for (const auto& file : certificates) {
        const auto certificate = TRY(crypto::Certificate::chain_from_pem(TRY(storage::read_file(file)))).front();
        if (certificate.issuer() != issuer.subject())
            return fail(Code::invalid_argument, "{} was not issued by {}", file.string(), issuer.subject_text());
        if (text.find(certificate.serial_hex()) == std::string::npos) text += certificate.serial_hex() + "\n";
    }
    std::vector<std::string> serials;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        serials.push_back(text.substr(at, end - at));
    const auto now = now_ms();
    const auto crl = TRY(crypto::issue_crl(authority.issuer.key, issuer, serials, static_cast<std::uint64_t>(now),
                                           now - 3'600'000, now + days * kDayMs));
    TRY(storage::write_file(list, as_bytes(text)));
    const auto out = organization / "ca" / "crl.pem";
    TRY(storage::write_file(out, as_bytes(crl.pem())));
    return out;
}

Result<crypto::Certificate> renew_member(const std::filesystem::path& organization,
                                         const std::filesystem::path& certificate, int days) {
    const auto authority = TRY(load_authority(organization / "ca"));
    const auto old = TRY(crypto::Certificate::chain_from_pem(TRY(storage::read_file(certificate)))).front();
    crypto::Issue what{old.subject(), old.public_key()};
    what.dns_or_ip = old.dns_names();
    what.dns_or_ip.insert(what.dns_or_ip.end(), old.ip_addresses().begin(), old.ip_addresses().end());
    what.tls_server = !what.dns_or_ip.empty();
    what.tls_client = !what.tls_server;
    const auto chain = TRY(issue_certificate(authority, std::move(what), days));
    TRY(storage::write_file(certificate, as_bytes(chain_pem(chain))));
    return chain.front();
}

}  // namespace tally::node
