#pragma once
// The configuration of a channel: what its members agreed on before the first block, kept on the ledger as JSON under
// ("config", "channel"). Immutable once parsed; safe to share between threads.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "consensus/committee.h"
#include "consensus/mempool.h"
#include "crypto/error.h"
#include "node/channel/known.h"
#include "storage/model/block.h"
#include "storage/state_reader.h"

namespace tally::node {

struct OrganizationConfig {
    std::string id;                          // the O of its members' certificates
    std::vector<std::string> roots;          // PEM
    std::vector<std::string> intermediates;  // PEM
    std::vector<std::string> crls;           // PEM
};
BOOST_DESCRIBE_STRUCT(OrganizationConfig, (), (id, roots, intermediates, crls))

struct OrdererConfig {
    std::string id;
    std::string organization;
    std::string public_key;  // PEM: members are known by key
};
BOOST_DESCRIBE_STRUCT(OrdererConfig, (), (id, organization, public_key))

// A node of the network between nodes. An orderer's id is its node's.
struct NodeEntry {
    std::string id;
    std::string organization;
    std::string address;             // host:port
    std::string transport_key;       // its CURVE public key, Z85
    std::vector<std::string> roles;  // endorser, orderer, committer, gateway
};
BOOST_DESCRIBE_STRUCT(NodeEntry, (), (id, organization, address, transport_key, roles))

struct BatchConfig {
    std::uint32_t max_messages = 4000;
    std::uint64_t preferred_bytes = 4U << 20;
    std::uint64_t absolute_max_bytes = 16U << 20;
    std::int64_t timeout_ms = 250;
};
BOOST_DESCRIBE_STRUCT(BatchConfig, (), (max_messages, preferred_bytes, absolute_max_bytes, timeout_ms))

struct ContractPolicy {
    std::string contract;
    std::string policy;
};
BOOST_DESCRIBE_STRUCT(ContractPolicy, (), (contract, policy))

struct ChannelConfig {
    std::string channel;
    std::uint64_t version = 0;                          // one more with every change, so that no configuration returns
    std::uint32_t rules = 0;                            // the level by which transactions are judged (known.h)
    std::vector<chaincode::ContractVersion> contracts;  // in force, by name; `config` is one of them
    std::string fault_model;                            // "byzantine" or "crash"
    std::vector<OrganizationConfig> organizations;
    std::vector<NodeEntry> nodes;
    std::vector<OrdererConfig> orderers;
    BatchConfig batch;
    std::string submission;                 // what orderers take: "signed" by a member, or "any" bytes
    std::string endorsement;                // the policy of contracts that have none of their own
    std::vector<ContractPolicy> policies;   // by contract
    std::string receipt;                    // who must have signed a checkpoint for a receipt to count
    std::string configuration;              // which admins must approve a change of this
    std::int64_t proposal_lifetime_ms = 0;  // from creation to the block that holds it
    std::optional<std::string> residency;   // where its data may lie, as its members say: "EU"

    [[nodiscard]] std::vector<std::string> organization_ids() const;
    [[nodiscard]] const NodeEntry* node(std::string_view id) const;  // null: there is none
    [[nodiscard]] std::vector<const NodeEntry*> nodes_with(std::string_view role) const;
    [[nodiscard]] consensus::FaultModel model() const;
    [[nodiscard]] consensus::BatchLimits batch_limits() const;
    [[nodiscard]] Versions versions() const { return {rules, contracts}; }
};
BOOST_DESCRIBE_STRUCT(ChannelConfig, (),
                      (channel, version, rules, contracts, fault_model, organizations, nodes, orderers, batch,
                       submission, endorsement, policies, receipt, configuration, proposal_lifetime_ms, residency))

// What the network between nodes can carry.
inline constexpr std::uint64_t kMaxTransactionBytes = 64U << 20;
inline constexpr std::string_view kAnySubmission = "any";
inline constexpr std::string_view kConfigSpace = "config";
inline constexpr std::string_view kConfigKey = "channel";

// What channels, organizations, nodes and orderers may be called; the names are those of folders too.
[[nodiscard]] Status check_name(std::string_view name);

// Parses and checks everything: names, certificates, keys, policies, limits. bad_configuration names the field.
// needs_upgrade when it names a level of rules or a version of a contract that this program does not know: then the
// rest is not looked at, for it may have another form.
[[nodiscard]] Result<ChannelConfig> parse_channel_config(std::string_view json_text);
// What a configuration says in every form that there will ever be: the members "channel", "version", "rules" and
// "contracts". bad_configuration when one is missing.
struct ConfigHead {
    std::string channel;
    std::uint64_t version = 0;
    Versions needs;
};
[[nodiscard]] Result<ConfigHead> head_of_config(std::string_view json_text);
// For a node that says where its disks are (`where`; empty: it does not): bad_configuration when the channel says that
// its data lies elsewhere.
[[nodiscard]] Status check_residency(const ChannelConfig& config, const std::string& where);
// Of the same channel, one version on.
[[nodiscard]] Status check_follows(const ConfigHead& next, const ConfigHead& current);
[[nodiscard]] std::string channel_config_json(const ChannelConfig& config);
// What may follow `current`: the text as channel_config_json writes it, of the same channel, one version on.
[[nodiscard]] Result<ChannelConfig> next_channel_config(std::string_view json_text, const ChannelConfig& current);

// Block 0: one transaction that writes the configuration.
[[nodiscard]] storage::Block make_genesis_block(const ChannelConfig& config, std::int64_t time_ms);
[[nodiscard]] Result<ChannelConfig> config_of_genesis(const storage::Block& block);
// The configuration that a state holds; corrupt when there is none.
[[nodiscard]] Result<ChannelConfig> config_of_state(const storage::StateReader& state);

}  // namespace tally::node
