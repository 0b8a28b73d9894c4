#pragma once
// What a ledger is made of. Internal to the ledger: ledger.cpp writes, ledger_read.cpp reads.

#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>

#include "storage/ledger.h"
#include "storage/rocks/certificates.h"
#include "storage/rocks/database.h"
#include "storage/rocks/history_filter.h"
#include "storage/rocks/ledger_records.h"
#include "storage/state_digest.h"

namespace tally::storage {

inline constexpr unsigned kNumberWidth = 8;  // of a block's number in keys

struct Ledger::Impl {
    LedgerOptions options;
    std::unique_ptr<rocks::Database> database;
    std::shared_ptr<rocks::HistoryFilter> history;
    std::optional<rocks::Certificates> certificates;
    std::optional<Tip> tip_value;               // guarded by mutex
    std::shared_ptr<const LedgerState> latest;  // guarded by mutex
    mutable std::mutex mutex;                   // never held across I/O
    crypto::MerkleFrontier frontier;            // the committer's
    crypto::MultisetHash state;                 // the committer's
    BlockNumber first_block = 0;                // the blocks before it are not here
    std::atomic<BlockNumber> first_whole_block{0};

    [[nodiscard]] Status load();

    // From any thread: the height is read from the state itself, and an older state replaces no newer one.
    [[nodiscard]] Status publish();

    [[nodiscard]] crypto::NodeReader nodes() const;

    [[nodiscard]] Status compact(rocks::Family family, const rocksdb::Slice* until, Reclaim what) const;

    void put_signature(rocksdb::WriteBatch& batch, BlockNumber block, CheckpointSignature signature,
                       rocks::Certificates::Added& added);

    [[nodiscard]] Status signatures_from(BlockNumber block, const VisitSignature& visit) const;

    [[nodiscard]] Result<rocks::StoredHeader> header(BlockNumber number) const;

    [[nodiscard]] Error not_whole(BlockNumber number) const;

    [[nodiscard]] Error not_kept(BlockNumber number) const;

    [[nodiscard]] Status check_follows(const Block& block, const std::vector<TransactionId>& ids,
                                       const BlockEffects& effects) const;
};

}  // namespace tally::storage
