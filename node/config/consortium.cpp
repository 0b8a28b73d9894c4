#include "node/config/consortium.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "node/channel/channel_ledger.h"
#include "node/config/authority.h"
#include "node/net/transport_key.h"
#include "node/roles/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

struct Place {  // of one node in the consortium
    std::string name;
    std::string organization;
    std::uint16_t gateway_port = 0;
    std::uint16_t network_port = 0;
    std::filesystem::path folder;
    std::vector<std::string> roles;
};

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

std::string node_toml(const Place& place, const ConsortiumOptions& options) {
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
key = "identity/transport.key"

[gateway]                   # HTTPS for clients and devices
address = "{}"
port = {}
certificate = "identity/tls.pem"
key = "identity/tls-key.pem"

[storage]
min_free_bytes = 268435456  # below this the node refuses new work
)",
                       place.name, fmt::format("\"{}\"", fmt::join(place.roles, "\", \"")), options.host,
                       place.gateway_port);
}

// Writes the node's folder and adds it to the channel.
Status write_node(const Place& place, const Authority& authority, const ConsortiumOptions& options,
                  ChannelConfig& config) {
    const auto identity = place.folder / "identity";
    TRY(make_folder(identity));
    const auto days = options.certificate_days;
    const auto& organization = place.organization;
    TRY(write_identity(authority, identity, "peer", issue_for(place.name + "-peer", organization, "peer"),
                       options.algorithm, days));
    const auto orderer =
        TRY(write_identity(authority, identity, "orderer", issue_for(place.name + "-orderer", organization, "orderer"),
                           options.algorithm, days));
    TRY(write_identity(authority, identity, "client", issue_for(place.name + "-gateway", organization, "client"),
                       options.algorithm, days));
    auto tls = issue_for(place.name, organization, "client");
    tls.tls_server = true;
    tls.dns_or_ip = {options.host};
    for (const char* name : {"localhost", "127.0.0.1"}) {
        if (options.host != name) tls.dns_or_ip.emplace_back(name);
    }
    TRY(write_identity(authority, identity, "tls", std::move(tls), crypto::Algorithm::p256, days));
    const auto transport = generate_transport_key();
    TRY(storage::write_file(identity / "transport.key", as_bytes(transport.secret_key + "\n"), 0600));
    TRY(storage::write_file(place.folder / "node.toml", as_bytes(node_toml(place, options))));
    TRY(make_folder(place.folder / "data"));
    TRY(storage::write_file(first_start_marker(place.folder / "data"), as_bytes("")));
    if (std::find(place.roles.begin(), place.roles.end(), "orderer") != place.roles.end())
        config.orderers.push_back({place.name, organization, orderer.pem()});
    config.nodes.push_back({place.name, organization, fmt::format("{}:{}", options.host, place.network_port),
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
    config.nodes.push_back(
        {name, options.organizations.front(), fmt::format("{}:{}", options.host, port), transport.public_key, {}});
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

std::vector<Place> places_of(const ConsortiumOptions& options) {
    std::vector<Place> places;
    for (const auto& organization : options.organizations) {
        for (unsigned i = 0; i < options.nodes_per_organization; ++i) {
            Place place;
            place.name = fmt::format("node{}", places.size() + 1);
            place.organization = organization;
            place.gateway_port = static_cast<std::uint16_t>(options.first_port + places.size());
            place.network_port = static_cast<std::uint16_t>(options.first_port + 1000 + places.size());
            place.folder = options.directory / "nodes" / place.name;
            place.roles = options.roles;
            if (options.orderers != 0 && places.size() >= options.orderers) std::erase(place.roles, "orderer");
            places.push_back(std::move(place));
        }
    }
    return places;
}

}  // namespace

Result<Consortium> create_consortium(const ConsortiumOptions& options) {
    if (std::filesystem::exists(options.directory) && !std::filesystem::is_empty(options.directory)) {
        return fail(Code::already_exists, "{} is not empty", options.directory.string());
    }
    Consortium out;
    auto& config = out.config;
    config.channel = options.channel;
    config.fault_model = options.fault_model;
    config.batch = options.batch;
    config.endorsement = options.endorsement;
    config.receipt = options.receipt;
    config.proposal_lifetime_ms = options.proposal_lifetime_ms;
    const auto places = places_of(options);
    if (places.empty() || places.size() > 1000)
        return fail(Code::invalid_argument, "{} nodes; 1 to 1000 are allowed", places.size());
    std::string roots;
    for (const auto& organization : options.organizations) {
        const auto folder = options.directory / "organizations" / organization;
        TRY(create_authority(folder / "ca", organization, options.algorithm));
        const auto authority = TRY(load_authority(folder / "ca"));
        config.organizations.push_back(
            {organization, {authority.root.pem()}, {authority.issuer.certificate().pem()}, {}});
        roots += authority.root.pem();
    }
    for (const auto& place : places) {
        const auto authority = TRY(load_authority(options.directory / "organizations" / place.organization / "ca"));
        TRY(write_node(place, authority, options, config));
        out.nodes.push_back(place.folder);
    }
    auto port = static_cast<std::size_t>(places.back().network_port);
    for (const auto& driver : options.drivers) TRY(write_driver(driver, ++port, options, config));
    for (const auto& organization : options.organizations) {
        const auto folder = options.directory / "organizations" / organization;
        const auto home = std::find_if(places.begin(), places.end(),
                                       [&](const Place& place) { return place.organization == organization; });
        for (const auto& [name, role] : {std::pair{"admin", "admin"}, {"client1", "client"}, {"auditor", "auditor"}}) {
            const auto member = folder / "members" / name;
            TRY(issue_member({folder, name, role, options.algorithm, options.certificate_days}, member));
            TRY(write_profile(member, options.channel, fmt::format("https://{}:{}", options.host, home->gateway_port),
                              roots));
            out.profiles.push_back(member / "profile.toml");
        }
    }
    TRY(storage::write_file(options.directory / "tls-roots.pem", as_bytes(roots)));
    const auto json = channel_config_json(config);
    TRY(parse_channel_config(json));  // what we write is what nodes accept
    TRY(storage::write_file(options.directory / "channel.json", as_bytes(json)));
    TRY(storage::write_file(options.directory / "genesis.block",
                            storage::encode(make_genesis_block(config, now_ms()))));
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
