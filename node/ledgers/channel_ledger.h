#pragma once
// A channel's data directory: LOCK, SEAL, ledger/ (RocksDB) and log/ (the consensus log).

#include <filesystem>
#include <memory>

#include "node/channel/channel_config.h"
#include "storage/block_store.h"
#include "storage/directory_lock.h"
#include "storage/ledger.h"

namespace tally::node {

struct ChannelLedger {
    storage::DirectoryLock lock;
    std::unique_ptr<storage::Ledger> ledger;
};

[[nodiscard]] inline std::filesystem::path ledger_path(const std::filesystem::path& data) { return data / "ledger"; }
// Of a node that only orders.
[[nodiscard]] inline std::filesystem::path blocks_path(const std::filesystem::path& data) { return data / "blocks"; }
[[nodiscard]] inline std::filesystem::path log_path(const std::filesystem::path& data) { return data / "log"; }

// Lies in a new node's data directory until its orderer has begun its log: an orderer without log and marker has lost
// what it promised (consensus/simplex.h, R10).
[[nodiscard]] inline std::filesystem::path first_start_marker(const std::filesystem::path& data) {
    return data / "FIRST_START";
}

// Lies in the data directory of an orderer that was put back from a backup, which has no log, until the orderer has
// begun a new one.
[[nodiscard]] inline std::filesystem::path restored_marker(const std::filesystem::path& data) {
    return data / "RESTORED";
}

// Holds two checkpoints: this node's own, and what most committers signed instead. Lies there from the moment the node
// stopped for it; no node opens the ledger then (docs/operations.md says what to do).
[[nodiscard]] inline std::filesystem::path disagreement_file(const std::filesystem::path& data) {
    return data / "DISAGREEMENT";
}

// The same directory on a node that only orders: LOCK, SEAL, blocks/ and log/.
struct ChannelBlocks {
    storage::DirectoryLock lock;
    std::unique_ptr<storage::BlockStore> store;
};
[[nodiscard]] Result<ChannelBlocks> open_channel_blocks(const std::filesystem::path& data,
                                                        const storage::Block& genesis);

[[nodiscard]] Result<storage::Block> read_genesis(const std::filesystem::path& file);
// A configuration from channel.json, or from a genesis block.
[[nodiscard]] Result<ChannelConfig> read_channel_file(const std::filesystem::path& file);

// Takes the lock, checks and breaks the seal, opens the ledger, and writes the genesis block where there is none yet.
// wrong_channel when the ledger grew from another genesis block.
[[nodiscard]] Result<ChannelLedger> open_channel_ledger(const std::filesystem::path& data,
                                                        const storage::Block& genesis, std::size_t cache_bytes);
// Removes the transactions before a block from a stopped node's ledger and gives their room back; the first block whose
// transactions were there before. A seal is broken and made again.
[[nodiscard]] Result<storage::BlockNumber> prune_channel_ledger(const std::filesystem::path& data,
                                                                storage::BlockNumber before);
// For tools: nothing is changed. The seal, where there is one, must hold.
[[nodiscard]] Result<ChannelLedger> inspect_channel_ledger(const std::filesystem::path& data);

}  // namespace tally::node
