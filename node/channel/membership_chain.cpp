#include "node/channel/membership_chain.h"

#include "node/channel/config_update.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr storage::BlockNumber kLongestTrail = 1000;

}  // namespace

Status check_data_root(const storage::Block& block) {
    std::vector<crypto::Hash> digests;
    for (const auto& batch : block.batches) digests.push_back(storage::batch_digest(batch));
    if (block.header.data_root == storage::data_root(digests)) return {};
    return fail(Code::corrupt, "block {}: its transactions do not give its data root", block.header.number);
}

Result<Bytes> finality_proof_of(const storage::Ledger& ledger, storage::BlockNumber number) {
    std::vector<storage::BlockHeader> trail;
    for (auto at = number; at <= ledger.tip()->number && at - number < kLongestTrail; ++at) {
        auto block = TRY(ledger.block_header(at));
        if (at > number) trail.push_back(std::move(block.header));
        if (block.metadata.finality_proof.empty()) continue;
        if (at == number) return block.metadata.finality_proof;
        auto proof = TRY(storage::decode<consensus::FinalityProof>(block.metadata.finality_proof, "a finality proof"));
        proof.trail.insert(proof.trail.begin(), trail.begin(), trail.end());
        return storage::encode(proof);
    }
    return Bytes();
}

Result<storage::Block> sealing_block(const storage::Ledger& ledger, storage::BlockNumber number) {
    auto block = TRY(ledger.block(number));
    block.metadata.finality_proof = TRY(finality_proof_of(ledger, number));
    return block;
}

Result<MembershipChain> MembershipChain::from(const storage::Block& genesis) {
    TRY(check_data_root(genesis));
    MembershipChain chain;
    chain.membership_ = TRY(Membership::from(TRY(config_of_genesis(genesis))));
    chain.genesis_ = genesis.header.hash();
    chain.epoch_ = genesis.header.epoch;
    return chain;
}

Status MembershipChain::extend(const storage::Block& sealing) {
    const auto& header = sealing.header;
    const bool flagged = (header.flags & storage::BlockHeader::kSealing) != 0;
    if (!flagged || header.epoch != epoch_ || header.number <= last_) {
        return fail(Code::bad_proof, "block {} does not end epoch {}", header.number, epoch_);
    }
    TRY(check_data_root(sealing));
    const auto proof = storage::decode<consensus::FinalityProof>(sealing.metadata.finality_proof, "the finality proof");
    if (!proof) return fail(Code::bad_proof, "block {}: {}", header.number, proof.error().message);
    TRY(membership_->verify_finality(header, *proof));
    membership_ = TRY(membership_after(header, sealing.batches, membership_));
    last_ = header.number;
    ++epoch_;
    return {};
}

}  // namespace tally::node
