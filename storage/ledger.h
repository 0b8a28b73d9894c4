#pragma once
// The ledger of one channel: blocks, world state, history, indexes and the transaction log, in one RocksDB.
//
// Threads: `append` and `sync` belong to one thread (the committer); everything else may be called from any thread at
// any time. States must not outlive the ledger. A block and all its effects become visible together or not at all.
// Durability: append does not sync. What it wrote survives the process; it survives a power loss once `sync` returned,
// and until then the consensus log (storage/consensus_log.h) feeds it again.
// Damage: every read checks RocksDB's checksums and fails with `corrupt`; nothing damaged is served.
//
// Column families (keys in bytewise order, integers big-endian so that they sort):
//   headers  number(8)                -> header, batch sizes, metadata, name of the writer's certificate
//   blocks   number(8) index+1(4)     -> transaction bytes without its certificates (rocks/stored_transaction.h)
//   index    't' id(32)               -> block, index, code: the one that used the id up
//            'r' id(32)               -> block, index, code: the newest refused one
//            'h' block hash(32)       -> number; written so that ledgers of all versions are equal, read by nobody
//            's' number(8)            -> nothing: this block is sealing
//   state    space 0x00 key           -> version(12) value
//   history  length(4) space 0x00 key number(8) index(4) -> 0 (deleted) or 1 value
//   log      level(1) index(8)        -> hash of a complete subtree of the transaction log; level 0: the leaf, opened
//   signatures  number(8) first 16 bytes of the committer's certificate's name -> signature of the checkpoint, name
//   certificates  name(32): the SHA-256 of the certificate -> certificate, DER
//   meta     "format", "channel", "tip", "frontier", "state" (the set hash of the world state), "base" (first_block),
//   "kept" (first_whole_block)

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crypto/merkle.h"
#include "storage/apply.h"
#include "storage/chain.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::storage {

struct LedgerOptions {
    std::filesystem::path directory;
    bool create = false;     // an empty directory becomes a ledger of `channel`; else not_found
    bool read_only = false;  // for tools; does not replay into the files
    std::string channel;     // with create
    std::size_t cache_bytes = 256U << 20;
    std::set<std::string, std::less<>> spaces_with_whole_history;  // pruning leaves the history of these alone
    std::function<void(std::string_view)> warn;                    // what RocksDB has to say, from its threads
};

struct TransactionLocation {
    BlockNumber block = 0;
    std::uint32_t index = 0;
    ValidationCode code = ValidationCode::VALID;
    std::uint64_t log_index = 0;  // its leaf in the transaction log

    template <class A>
    void serialize(A& a) {
        a(block, index, code, log_index);
    }
};

// Walks over stored entries; must not outlive the ledger. The views last until the next call.
class EntryCursor {
  public:
    virtual ~EntryCursor() = default;
    [[nodiscard]] virtual Result<bool> next() = 0;  // false after the last entry
    [[nodiscard]] virtual ByteView key() const = 0;
    [[nodiscard]] virtual ByteView value() const = 0;
};

enum class Reclaim : std::uint8_t { whole_files, everything };

using SignCheckpoint = std::function<std::vector<CheckpointSignature>(const Checkpoint&)>;

class Ledger : public Chain {
  public:
    // Fails with locked (another process), not_found, already_exists, corrupt, io_error or disk_full.
    [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(LedgerOptions options);
    ~Ledger() override;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // The block must follow the tip (number, previous hash, data root, time) and `ids` and `effects` must be one per
    // transaction: corrupt otherwise, and nothing is written. Fills the block's codes and checkpoint; `sign` adds
    // signatures to the latter. disk_full may be tried again.
    [[nodiscard]] Status append(Block& block, const std::vector<TransactionId>& ids, const BlockEffects& effects,
                                const SignCheckpoint& sign);
    // Another committer's signature of the checkpoint after `block`, which the caller has verified. From any thread.
    [[nodiscard]] Status add_signature(BlockNumber block, const CheckpointSignature& signature);
    [[nodiscard]] Status sync() override;
    [[nodiscard]] Status close();  // flushes everything; called once by an orderly stop

    [[nodiscard]] const std::string& channel() const;
    [[nodiscard]] std::optional<Tip> tip() const override;
    // A ledger that began with a snapshot (ledger_import.h) has no blocks before this one, but for block 0, the sealing
    // blocks, and the header of the one before. Asking for another is `not_kept`. 0 elsewhere.
    [[nodiscard]] BlockNumber first_block() const;
    // The transactions of earlier blocks are not here, but for those of block 0 and the sealing blocks; asking for them
    // is `not_kept`, and so is the history of most namespaces. Headers, log, index and state are here.
    [[nodiscard]] BlockNumber first_whole_block() const;
    // Makes `before` that block, by removing what came before it: transactions, signatures of checkpoints (a receipt
    // for a transaction that is kept needs none of them) and history; it may be the tip at most, and an earlier one
    // than now changes nothing. From one thread, which need not be the committer's. Cheap: room is free after
    // `reclaim`.
    [[nodiscard]] Status prune(BlockNumber before);
    // Gives the room of pruned transactions and signatures back to the disk. `whole_files` costs what was pruned since
    // the last time; `everything` also writes the rest of files that hold pruned transactions again.
    [[nodiscard]] Status reclaim(Reclaim what);
    // The same for the history, which is read whole. RocksDB's own compactions drop what they meet of it meanwhile.
    [[nodiscard]] Status reclaim_history();

    [[nodiscard]] Result<Block> block(BlockNumber number) const override;
    [[nodiscard]] Result<Block> block_header(BlockNumber number) const override;
    // The blocks that changed the channel's configuration, ascending; they are kept on every node.
    [[nodiscard]] Result<std::vector<BlockNumber>> sealing_blocks() const;
    // The transaction that used the id up (uses_id); else the newest refused one that bears it.
    [[nodiscard]] Result<std::optional<TransactionLocation>> find(const TransactionId& id) const;
    [[nodiscard]] Result<bool> id_is_used(const TransactionId& id) const;
    [[nodiscard]] Result<Bytes> transaction(BlockNumber block, std::uint32_t index) const;

    // The signatures of checkpoints from `block` on, ascending, until `visit` returns false.
    using VisitSignature = std::function<bool(BlockNumber block, CheckpointSignature signature)>;
    [[nodiscard]] Status signatures_from(BlockNumber block, const VisitSignature& visit) const;

    // The ledger after the latest block; later blocks do not change it. Cheap, shared by callers.
    [[nodiscard]] std::shared_ptr<const LedgerState> state() const;
    [[nodiscard]] std::uint64_t estimated_entries() const;  // of the world state, for progress bars

    [[nodiscard]] Result<std::vector<crypto::Hash>> inclusion_path(std::uint64_t log_index,
                                                                   std::uint64_t log_size) const;
    [[nodiscard]] Result<std::vector<crypto::Hash>> consistency_path(std::uint64_t old_size,
                                                                     std::uint64_t new_size) const;

    // The entries of one column family in key order, for verification.
    [[nodiscard]] Result<std::unique_ptr<EntryCursor>> entries(std::string_view family) const;
    // Reads every file once and compares with the checksum that was computed when it was written.
    [[nodiscard]] Status check_files() const;

    struct Impl;

  private:
    explicit Ledger(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
