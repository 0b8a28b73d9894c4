#pragma once
// The parallel part of validation: what can be said of one transaction without knowing the others of its block. Every
// committer comes to the same result: it is a function of the transaction, the configuration in force, the block's time
// and the state before the block. What is remembered (signatures, simulations) saves work and changes no verdict. Safe
// from any thread.
//
// The order of the checks decides which code a transaction gets:
//   1. form and bounds, creator, times, contract and version in force, endorsements and policies
//   2. its id is used up: DUPLICATE_TXID
//   3. what it says that it read, compared with the state before the block: MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT
//   4. its function is run again on that state: SIMULATION_MISMATCH when it refuses or gives anything else
// So endorsers, even all of them together, cannot put anything on the ledger that the contract does not give.

#include <functional>

#include "crypto/batch_signature.h"
#include "node/channel/membership.h"
#include "node/channel/remembered_simulations.h"
#include "node/threads/worker_pool.h"
#include "storage/apply.h"
#include "storage/ledger.h"
#include "storage/model/block.h"

namespace tally::node {

struct Judgement {
    storage::CheckedTransaction checked;
    std::string reason;                 // why not VALID
    std::optional<crypto::Hash> bytes;  // the transaction's SHA-256, when its id is not used up
};

// The state before a block.
struct StateBefore {
    const storage::StateReader& state;  // read from many threads
    std::function<Result<bool>(const storage::TransactionId&)> id_is_used;
    const RememberedSimulations* remembered = nullptr;  // null: everything is run

    // Of a ledger whose tip is the block before. Borrows both.
    StateBefore(const storage::LedgerState& ledger_state, const storage::Ledger& ledger);
    StateBefore(const storage::StateReader& reader, std::function<Result<bool>(const storage::TransactionId&)> is_used)
        : state(reader), id_is_used(std::move(is_used)) {}
};

struct Circumstances {
    std::int64_t time_ms = 0;  // the block's
    const Membership& membership;
    // Null where that state is not here (a pruned ledger, a receipt): steps 2 to 4 are left out.
    const StateBefore* before = nullptr;
    crypto::VerifiedSignatures* memo = nullptr;
    bool sealing = false;  // alone in a sealing block, the only place for a configuration update
};

// Fails only when this node itself does: the state cannot be read. Then nothing is known of the transaction.
[[nodiscard]] Result<Judgement> check_transaction(ByteView bytes, const Circumstances& circumstances);

// The genesis transaction, which is valid by being block 0.
[[nodiscard]] Result<storage::CheckedTransaction> check_genesis(const storage::Block& block);

// Every transaction of a block. Without a pool it runs on the calling thread. Fails as check_transaction does.
[[nodiscard]] Result<std::vector<Judgement>> check_block(const storage::Block& block, const Membership& membership,
                                                         const StateBefore* before, crypto::VerifiedSignatures* memo,
                                                         WorkerPool* pool);

}  // namespace tally::node
