#include "node/consortium/consortium.h"

#include <algorithm>
#include <map>

#include "node/consortium/folders.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

struct Ports {
    std::size_t gateway = 0;
    std::size_t network = 0;
};

Ports first_ports(const ConsortiumOptions& options) {
    const std::size_t first = options.first_port;
    return {first, options.first_node_port != 0 ? options.first_node_port : first + kNetworkPorts};
}

Result<std::vector<Place>> places_of(const ConsortiumOptions& options) {
    std::vector<Place> places;
    std::map<std::string, Ports> next_ports;  // by host
    for (const auto& organization : options.organizations) {
        for (unsigned i = 0; i < options.nodes_per_organization; ++i) {
            Place place;
            place.name = fmt::format("node{}", places.size() + 1);
            place.organization = organization;
            place.host = options.hosts[places.size() % options.hosts.size()];
            auto& ports = next_ports.try_emplace(place.host, first_ports(options)).first->second;
            place.gateway_port = TRY(port_from(ports.gateway++));
            place.network_port = TRY(port_from(ports.network++));
            place.folder = options.directory / "nodes" / place.name;
            place.roles = options.roles[places.size() % options.roles.size()];
            if (options.orderers != 0 && places.size() >= options.orderers) std::erase(place.roles, "orderer");
            places.push_back(std::move(place));
        }
    }
    for (const auto& [host, next] : next_ports) {
        const auto first = first_ports(options);
        if (first.gateway < next.network && first.network < next.gateway) {
            return fail(Code::invalid_argument, "the ports {} to {} for clients and {} to {} between nodes overlap",
                        first.gateway, next.gateway - 1, first.network, next.network - 1);
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

Result<Consortium> write_consortium(const ConsortiumOptions& options) {
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
    const auto places = TRY(places_of(options));
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
    auto port = first_ports(options).network + places.size();
    for (const auto& driver : options.drivers) TRY(write_driver(driver, TRY(port_from(port++)), options, config));
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

}  // namespace

Result<Consortium> create_consortium(const ConsortiumOptions& options) {
    return fill_whole(options.directory, [&] { return write_consortium(options); });
}

}  // namespace tally::node
