#pragma once
// Founds a channel of several organizations, each of which makes its own keys.
//
//   1. prepare_founder   each organization, on its own machine: authorities, members, nodes, and founding.json,
//                        which the others need: certificates, public keys and addresses, no secret
//   2. found_channel     one of them, from all founding.json files: channel.json, genesis.block and tls-roots.pem
//   3. accept_genesis    each organization: checks that the genesis block has its own part as it prepared it, and no
//                        node of its own beside; then takes it into its folder
//
// The block's hash covers everything: founders who see the same hash have the same channel. Failures: invalid_argument
// (which entry of which file), already_exists, not_found, io_error.

#include <filesystem>
#include <string>
#include <vector>

#include "node/consortium/consortium.h"

namespace tally::node {

// `in.directory` becomes the organization's folder. Without a name, its nodes are called after it: operator1, ...
struct Founder {
    std::filesystem::path file;                // founding.json
    std::vector<std::filesystem::path> nodes;  // folders
};
[[nodiscard]] Result<Founder> prepare_founder(const NewNodes& in, const std::string& channel);

struct Founding {
    std::filesystem::path directory;  // for channel.json, genesis.block, tls-roots.pem; may be a founder's folder
    std::vector<std::filesystem::path> files;  // founding.json of every founder
    std::string fault_model = "byzantine";
    std::string endorsement = "MAJORITY";
    std::string receipt = "MAJORITY";
    std::string configuration = "MAJORITY";
    std::string residency;
    BatchConfig batch;
};
// What people compare.
struct Founded {
    ChannelConfig config;
    std::string genesis_hash;  // hex
};
[[nodiscard]] Result<Founded> found_channel(const Founding& in);

[[nodiscard]] Result<Founded> accept_genesis(const std::filesystem::path& directory,
                                             const std::filesystem::path& genesis);

}  // namespace tally::node
