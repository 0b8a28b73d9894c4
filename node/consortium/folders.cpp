#include "node/consortium/folders.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/host/clock.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/addresses/host_port.h"
#include "node/config/node_config.h"
#include "node/consortium/authority.h"
#include "node/consortium/members.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/transport_key.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

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
    // The caller replaces the key.
    return crypto::Issue{{std::move(name), organization, std::move(role)},
                         crypto::PrivateKey::generate(crypto::Algorithm::ed25519).public_key()};
}

std::string node_toml(const Place& place) {
    return fmt::format(
        R"(# A Tally node. Paths are relative to this file. `tally doctor` checks it and says what to do.
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
{})",
        place.name, fmt::format("\"{}\"", fmt::join(place.roles, "\", \"")),
        place.joins ? fmt::format("\nlisten = \"{}\"", HostPort{place.host, place.network_port}.text()) : "",
        is_ip(place.host) ? place.host : "0.0.0.0", place.gateway_port,
        allows_clock(place.host) ? "\n[contracts]                 # this machine cannot hide its clock from packages\n"
                                   "allow_clock = true\n"
                                 : "");
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

}  // namespace

Result<std::uint16_t> port_from(std::size_t number) {
    if (number >= 1 && number <= 65'535) return static_cast<std::uint16_t>(number);
    return fail(Code::invalid_argument,
                "port {} would be needed, and there are 65535: choose lower ones (--port, --node-port)", number);
}

Status check_host(const std::string& host) {
    if (is_ip(host)) return {};
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
    return fail(
        Code::invalid_argument,
        "the host \"{}\" is neither an IP address, like 10.0.0.11 or 2001:db8::11, nor a name like node1.example.org",
        host);
}

bool allows_clock(const std::string& host) {
    return (host.starts_with("127.") || host == "::1") && !chaincode::host::can_hide_the_clock();
}

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
    config.nodes.push_back(
        {place.name, organization, HostPort{place.host, place.network_port}.text(), transport.public_key, place.roles});
    return {};
}

Status write_driver(const std::string& name, std::uint16_t port, const ConsortiumOptions& options,
                    ChannelConfig& config) {
    const auto folder = options.directory / "drivers" / name;
    TRY(storage::make_directory(folder));
    const auto transport = generate_transport_key();
    TRY(storage::write_file(folder / "transport.key", as_bytes(transport.secret_key + "\n"), 0600));
    config.nodes.push_back(
        {name, options.organizations.front(), HostPort{options.hosts.front(), port}.text(), transport.public_key, {}});
    return {};
}

Result<OrganizationConfig> write_organization(const std::string& organization, const ConsortiumOptions& options) {
    const auto folder = options.directory / "organizations" / organization / "ca";
    TRY(create_authority(folder, organization, options.algorithm));
    const auto authority = TRY(load_authority(folder));
    return OrganizationConfig{organization, {authority.root.pem()}, {authority.issuer.certificate().pem()}, {}};
}

Status write_member_roots(const std::filesystem::path& organization, const std::string& roots) {
    std::error_code error;
    for (std::filesystem::directory_iterator each(organization / "members", error), end; !error && each != end;
         each.increment(error)) {
        if (each->is_directory()) TRY(storage::write_file(each->path() / "authorities.pem", as_bytes(roots)));
    }
    if (error) return fail(Code::io_error, "{}: {}", (organization / "members").string(), error.message());
    return {};
}

Result<std::vector<std::filesystem::path>> write_members(const std::string& organization, const Place& home,
                                                         const std::string& roots, const ConsortiumOptions& options) {
    const auto folder = options.directory / "organizations" / organization;
    const auto url = "https://" + HostPort{home.host, home.gateway_port}.text();
    std::vector<std::filesystem::path> profiles;
    for (const auto& [name, role] : {std::pair{"admin", "admin"}, {"client1", "client"}, {"auditor", "auditor"}}) {
        const auto member = folder / "members" / name;
        TRY(issue_member({folder, name, role, options.algorithm, options.certificate_days}, member));
        TRY(write_profile(member, options.channel, url, roots));
        profiles.push_back(member / "profile.toml");
    }
    return profiles;
}

}  // namespace tally::node
