#pragma once
// Creates a consortium on disk: certificate authorities, members, nodes and the genesis block.
//
//   channel.json                      the channel's configuration: all that an offline verifier needs
//   genesis.block                     block 0, which every node starts from
//   tls-roots.pem                     the roots of all organizations, for clients' TLS
//   organizations/ORG/ca/             root.pem root-key.pem intermediate.pem intermediate-key.pem
//   organizations/ORG/members/NAME/   certificate.pem key.pem authorities.pem profile.toml   (admin, client1, auditor)
//   drivers/NAME/                     transport.key
//   nodes/NODE/                       node.toml, identity/{peer,orderer,client,tls}[-key].pem, data/
//
// Keys are written with mode 0600. Nothing that exists is overwritten, and what fails leaves nothing behind.

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/key.h"
#include "node/channel/channel_config.h"

namespace tally::node {

struct ConsortiumOptions {
    std::filesystem::path directory;
    std::string channel = "main";
    std::vector<std::string> organizations{"Operator"};
    unsigned nodes_per_organization = 1;
    std::vector<std::string> hosts{"127.0.0.1"};  // IPv4 addresses or names of the nodes' machines, in turn
    std::uint16_t first_port = 7443;              // of the first node of each host; its others follow
    std::uint16_t first_node_port = 0;            // between nodes, in the same way; 0: 1000 above first_port
    std::string fault_model = "byzantine";
    std::string submission = "signed";
    std::string endorsement = "MAJORITY";
    std::string receipt = "MAJORITY";
    std::string residency;                                          // where its data may lie; empty: nothing is said
    crypto::Algorithm algorithm = crypto::Algorithm::p256;          // of authorities and members
    crypto::Algorithm node_algorithm = crypto::Algorithm::ed25519;  // of what nodes sign for one another: votes,
                                                                    // endorsements, checkpoints. Their TLS keys: P-256
    // Of the nodes, in turn: the first of the first node, and of the one after as many nodes as there are here.
    std::vector<std::vector<std::string>> roles{{"endorser", "orderer", "committer", "gateway"}};
    unsigned orderers = 0;             // only so many of the first nodes order; 0: all that may
    std::vector<std::string> drivers;  // nodes of the network that only submit: benchmarks and tools
    BatchConfig batch;
    std::int64_t proposal_lifetime_ms = 300'000;
    int certificate_days = 365;
};

// Whether the node.toml of a new node on this host says contracts.allow_clock = true: where this machine cannot hide
// its clock (chaincode/host/clock.h), of nodes that it alone can reach, which are there to try things out.
[[nodiscard]] bool allows_clock(const std::string& host);

struct Consortium {
    ChannelConfig config;
    std::vector<std::filesystem::path> nodes;     // folders
    std::vector<std::filesystem::path> profiles;  // of the members
};

[[nodiscard]] Result<Consortium> create_consortium(const ConsortiumOptions& options);

// More nodes for a consortium, of an organization that is there or of a new one. Everything lies where
// create_consortium would have put it; what the channel must be told is in nodes/NODE/join.json, in the form that
// `tally config propose --add` takes. The folder needs to hold genesis.block and nothing else: an organization that
// joins makes its keys on its own machine.
struct NewNodes {
    std::filesystem::path directory;
    std::string organization;
    unsigned count = 1;
    std::string name;  // of the node, or what its and its siblings' names begin with; empty: nodeN, the next ones
    std::string host = "127.0.0.1";
    std::uint16_t first_port = 0;       // 0: above the ports of the host's nodes; of a new host: the lowest of all
    std::uint16_t first_node_port = 0;  // between nodes; 0: 1000 above first_port
    std::vector<std::string> roles{"endorser", "orderer", "committer", "gateway"};
    crypto::Algorithm algorithm = crypto::Algorithm::p256;  // as in ConsortiumOptions
    crypto::Algorithm node_algorithm = crypto::Algorithm::ed25519;
    int certificate_days = 365;
};
// What a configuration update must add to the channel: each entry is added, or replaces the one with its id.
struct Additions {
    std::string channel;  // that they are for
    std::vector<OrganizationConfig> organizations;
    std::vector<NodeEntry> nodes;
    std::vector<OrdererConfig> orderers;
};
BOOST_DESCRIBE_STRUCT(Additions, (), (channel, organizations, nodes, orderers))

struct AddedNodes {
    bool new_organization = false;
    std::vector<std::filesystem::path> nodes;  // folders
};
[[nodiscard]] Result<AddedNodes> add_nodes(const NewNodes& options);

// The nodes that were added in this folder, by name.
struct JoinedNode {
    std::filesystem::path folder;
    Additions additions;
};
[[nodiscard]] Result<std::vector<JoinedNode>> joined_nodes(const std::filesystem::path& directory);

}  // namespace tally::node
