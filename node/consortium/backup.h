#pragma once
// A backup of a stopped node: a folder from which the node can be put back, on this machine or another one.
//
//   MANIFEST             "tally-backup-1" and the SHA-256 of the rest; then a line per file: SHA-256, size, path
//   node.toml            as it is
//   identity/            certificates and keys that node.toml names, by their use: peer.pem, peer-key.pem, ...
//   channels/N/          of the root (0) and of each [[channels]]: genesis.block, and ledger/ (blocks/ of an orderer)
//
// The consensus log is not in it: since the backup the node may have voted, and without its log it asks the others
// before it votes again (consensus/simplex.h, R10). The keys are in it, so it is readable by its owner only.
// Tools only. One thread.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/error.h"

namespace tally::node {

struct BackupSummary {
    struct Channel {
        std::string name;
        std::optional<std::uint64_t> block;  // the last one; none of an orderer's blocks
    };
    std::string node;
    std::vector<Channel> channels;  // the root first
    std::size_t files = 0;
    std::uint64_t bytes = 0;
};

// locked when the node runs; conflict when it was not closed in order, as blocks may then be in the log only; corrupt
// when its files are not as it left them; already_exists when `out` is there and not empty.
[[nodiscard]] Result<BackupSummary> make_backup(const std::filesystem::path& node, const std::filesystem::path& out);

// Puts the node back at `node`, with its data, keys and genesis blocks where its node.toml names them. Every file of
// the backup is checked first: corrupt names the one that is damaged or missing, and nothing is written. The same when
// a folder that it needs is in use (locked) or not empty, or another file is where a key or genesis block must be
// (already_exists).
[[nodiscard]] Result<BackupSummary> restore_backup(const std::filesystem::path& backup,
                                                   const std::filesystem::path& node);

}  // namespace tally::node
