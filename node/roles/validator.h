#pragma once
// The parallel part of validation: what can be said of one transaction without knowing the others. Pure but for the
// memory of signatures already verified; safe from any thread. Every committer comes to the same result.

#include "chaincode/contract.h"
#include "crypto/batch_signature.h"
#include "node/channel/membership.h"
#include "node/roles/worker_pool.h"
#include "storage/apply.h"
#include "storage/model/block.h"

namespace tally::node {

struct Judgement {
    storage::CheckedTransaction checked;
    std::string reason;                 // why not VALID
    std::optional<crypto::Hash> bytes;  // the transaction's SHA-256, when its id is not used up
};

// Judged at `time_ms`, the block's time. `memo` may be null. `sealing`: it is alone in a sealing block, the only place
// for a configuration update.
[[nodiscard]] Judgement check_transaction(ByteView bytes, std::int64_t time_ms, const Membership& membership,
                                          const chaincode::ContractSet& contracts, crypto::VerifiedSignatures* memo,
                                          bool sealing = false);

// The genesis transaction, which is valid by being block 0.
[[nodiscard]] Result<storage::CheckedTransaction> check_genesis(const storage::Block& block);

// Every transaction of a block. Without a pool it runs on the calling thread.
[[nodiscard]] std::vector<Judgement> check_block(const storage::Block& block, const Membership& membership,
                                                 const chaincode::ContractSet& contracts,
                                                 crypto::VerifiedSignatures* memo, WorkerPool* pool);

}  // namespace tally::node
