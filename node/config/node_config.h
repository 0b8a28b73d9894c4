#pragma once
// A node's own configuration: node.toml. Paths in it are relative to the file.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/error.h"

namespace tally::node {

struct IdentityFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

struct GatewayConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 7443;
    IdentityFiles tls;
    unsigned threads = 2;
    std::size_t max_connections = 4096;
    std::size_t max_connections_per_address = 1024;
    std::size_t max_body_bytes = 16U << 20;
    double requests_per_second = 5000;
    double burst = 10'000;
    std::int64_t idle_timeout_ms = 120'000;
    bool access_log = false;
};

// An MQTT broker from which devices' records and telemetry are taken (gateway/mqtt/bridge.h).
struct MqttConfig {
    std::string broker;  // mqtts://host:port; empty: none
    std::filesystem::path authorities;
    IdentityFiles identity;  // for a broker that asks for a certificate
    std::string share;
    std::size_t max_in_flight = 64;
    bool telemetry = false;
    bool sparkplug = false;
    bool registration = false;
    std::string admit_like;               // a device that asks is registered like this one; empty: people admit it
    std::int64_t telemetry_wait_s = 900;  // after a day's end and its last sample, before its figures go to the ledger
};

// Another channel beside the root.
struct ChannelEntry {
    std::filesystem::path genesis;
    std::filesystem::path data;
    std::string listen;                // of its network between nodes; empty: as its configuration says
    std::int64_t anchor_every_s = 60;  // its checkpoint goes onto the root channel; 0: never
};

struct NodeConfig {
    std::filesystem::path file;
    std::string name;
    std::set<std::string> roles;  // endorser, orderer, committer, gateway
    std::filesystem::path data;
    std::filesystem::path genesis;
    std::string residency;  // where its disks are, "EU"; empty: it does not say
    std::string log_level = "info";
    std::optional<IdentityFiles> peer;  // endorser and committer
    std::optional<IdentityFiles> orderer;
    std::optional<IdentityFiles> client;                 // the gateway's own proposals
    std::optional<std::filesystem::path> transport_key;  // of the network between nodes
    std::string listen;                                  // host:port of it; empty: as the channel's configuration says
    GatewayConfig gateway;
    MqttConfig mqtt;
    unsigned workers = 2;
    std::size_t cache_bytes = 256U << 20;
    std::uint64_t min_free_bytes = 256U << 20;
    std::uint64_t log_segment_bytes = 64U << 20;
    std::int64_t keep_days = 0;          // of transactions; 0: for ever
    std::int64_t settle_every_s = 3600;  // look for what is due under agreements; 0: never
    std::size_t order_queue = 20'000;
    std::uint64_t order_bytes = 256U << 20;
    bool allow_clock = false;  // packages run where the machine cannot hide its clock (chaincode/host/clock.h)
    std::vector<ChannelEntry> channels;

    // The same node in another of its channels: that channel's genesis block, data folder and address, and no others.
    [[nodiscard]] NodeConfig in(const ChannelEntry& channel) const;
    [[nodiscard]] bool has(std::string_view role) const { return roles.contains(std::string(role)); }
    [[nodiscard]] bool only_orders() const { return roles == std::set<std::string>{"orderer"}; }
    // It has an HTTPS address: a gateway serves clients there, other nodes serve their health and status.
    [[nodiscard]] bool serves() const { return !gateway.tls.certificate.empty(); }
};

// bad_configuration names the file, the key and what is wrong; unknown keys are refused.
[[nodiscard]] Result<NodeConfig> load_node_config(const std::filesystem::path& file);

}  // namespace tally::node
