#include "tests/simulation/ledger.h"

namespace tally::simulation {

Ledger::Ledger(std::vector<NodeId> first_members) {
    storage::BlockHeader genesis;
    genesis.channel = kChannel;
    const auto hash = genesis.hash();
    blocks_.push_back({std::move(genesis), hash, {}, {}, Membership{0, std::move(first_members)}});
}

void Ledger::crash(Random& random) {
    durable_ += random.below(blocks_.size() - durable_ + 1);
    blocks_.resize(durable_);
}

void Ledger::wipe() {
    blocks_.resize(1);
    durable_ = 1;
}

std::optional<consensus::FetchedBlocks> Ledger::serve(storage::BlockNumber from) const {
    constexpr std::size_t kAtMost = 5;
    if (from == 0 || from >= blocks_.size()) return std::nullopt;
    consensus::FetchedBlocks answer;
    auto end = from;  // behind the last block with a proof
    for (auto number = from; number < blocks_.size() && end < from + kAtMost; ++number) {
        if (blocks_[number].header.epoch != blocks_[from].header.epoch) break;
        if (!blocks_[number].proof.finalization.signatures.empty()) end = number + 1;
    }
    if (end == from) return std::nullopt;
    for (auto number = from; number < end; ++number)
        answer.blocks.push_back({blocks_[number].header, blocks_[number].batches});
    answer.proof = blocks_[end - 1].proof;
    return answer;
}

}  // namespace tally::simulation
