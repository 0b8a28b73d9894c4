#include "node/channel/membership_chain.h"

#include "node/roles/validator.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr storage::BlockNumber kLongestTrail = 1000;

const Bytes* config_written_by(const storage::Simulation& simulation) {
    for (const auto& write : simulation.read_write_set.writes) {
        if (write.key.space == kConfigSpace && write.key.key == kConfigKey && write.value) return &*write.value;
    }
    return nullptr;
}

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
    chain.config_ = *config_written_by(TRY(check_genesis(genesis)).simulation);
    chain.genesis_ = genesis.header.hash();
    chain.epoch_ = genesis.header.epoch;
    return chain;
}

Status MembershipChain::extend(const storage::Block& sealing, const chaincode::ContractSet& contracts) {
    const auto& header = sealing.header;
    const bool flagged = (header.flags & storage::BlockHeader::kSealing) != 0;
    if (!flagged || header.epoch != epoch_ || header.number <= last_) {
        return fail(Code::bad_proof, "block {} does not end epoch {}", header.number, epoch_);
    }
    TRY(check_data_root(sealing));
    const auto proof = storage::decode<consensus::FinalityProof>(sealing.metadata.finality_proof, "the finality proof");
    if (!proof) return fail(Code::bad_proof, "block {}: {}", header.number, proof.error().message);
    TRY(membership_->verify_finality(header, *proof));
    if (sealing.metadata.codes.size() != sealing.transaction_count()) {
        return fail(Code::bad_proof, "block {}: {} transactions and {} codes", header.number,
                    sealing.transaction_count(), sealing.metadata.codes.size());
    }
    const auto judgements = check_block(sealing, *membership_, contracts, nullptr, nullptr);
    for (std::size_t i = 0; i < judgements.size(); ++i) {
        if (sealing.metadata.codes[i] != storage::ValidationCode::VALID) continue;
        if (judgements[i].checked.code != storage::ValidationCode::VALID) {
            return fail(Code::bad_proof, "block {}: transaction {} is not valid: {}", header.number, i,
                        judgements[i].reason);
        }
        const auto* written = config_written_by(judgements[i].checked.simulation);
        if (written == nullptr) continue;
        membership_ = TRY(Membership::from(TRY(parse_channel_config(as_text(*written)))));
        config_ = *written;
    }
    last_ = header.number;
    ++epoch_;
    return {};
}

}  // namespace tally::node
