#pragma once
// Whether a mirror holds what the channel's members have signed.
//
//   blocks             ->  each names the one before; their data roots; the last one's hash is the cursor's
//   transactions       ->  the root of the transaction log, which a checkpoint states
//   the checkpoint     ->  signed as the channel's receipt policy wants; the members follow from the genesis block on
//   rows of each block ->  made again, and compared with the database's by PostgreSQL itself
//
// Of a block whose transactions the node has pruned, only the log is compared: ids, codes and hashes of its
// transactions, as the database has them. One thread.

#include "node/channel/membership_chain.h"
#include "node/mirror/mirror.h"

namespace tally::node {

struct MirrorFacts {
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::uint64_t rows = 0;    // compared
    std::uint64_t pruned = 0;  // blocks of which the log alone was compared
    std::vector<std::string> signers;
};

class MirrorCheck {
  public:
    // `readings`: whether they are compared, where the mirror has them. The mirror must outlive the check.
    MirrorCheck(Mirror& mirror, crypto::Hash genesis, bool readings)
        : mirror_(mirror), genesis_(genesis), readings_(readings && mirror.has_readings()), maker_(readings_) {}

    // The blocks after those so far, whole. bad_proof names the first thing that is wrong.
    [[nodiscard]] Status take(std::span<const storage::Block> blocks);
    // The next block, whose header the node still has.
    [[nodiscard]] Status take_pruned(storage::BlockNumber number);
    [[nodiscard]] storage::BlockNumber next() const { return next_; }

    // After the block of the cursor.
    [[nodiscard]] Result<MirrorFacts> finish(const storage::Checkpoint& checkpoint);

  private:
    void add_leaf(const storage::LogLeaf& leaf);

    Mirror& mirror_;
    crypto::Hash genesis_;
    bool readings_;
    RowMaker maker_;
    storage::BlockNumber next_ = 0;
    crypto::Hash last_hash_;
    std::int64_t last_time_ms_ = 0;
    bool last_known_ = false;  // its hash is of the block itself, not of the database
    std::optional<MembershipChain> members_;
    crypto::MerkleFrontier log_;
    MirrorFacts facts_;
};

// Whether a block follows on the one with that hash, and its data are those of its header; bad_proof otherwise.
[[nodiscard]] Status check_follows(const storage::Block& block, const std::optional<MirrorPlace>& before,
                                   const std::string& channel);

}  // namespace tally::node
