// R5, R8: what is final is delivered; catching up with blocks.

#include <algorithm>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

// Of the blocks that one finalization made final at once, those near its own have a proof, and of the others one in so
// many: proofs of all of them would grow with the square of what a member missed.
constexpr std::size_t kShortTrail = 4;
constexpr std::size_t kProofEvery = 128;

bool is_sealing(const storage::BlockHeader& header) { return (header.flags & storage::BlockHeader::kSealing) != 0; }

}  // namespace

// The highest finalization decides: its block and all ancestors are final. Nothing is delivered until every one of them
// is here with its batches.
void Simplex::Core::try_deliver() {
    const QuorumCertificate* finalization = nullptr;
    for (auto each = views_.rbegin(); each != views_.rend() && finalization == nullptr; ++each) {
        finalization = certificate(each->first, VoteKind::finalize);
    }
    if (finalization == nullptr || sealed_) return;
    const auto source = finalization->signers.front();
    std::vector<BlockProposal> chain;
    for (auto id = finalization->id; id != tip_.hash; id = chain.back().header.previous_hash) {
        const auto found = proposals_.find(id);
        if (found == proposals_.end()) {
            need_proposal(id, source);
            return;
        }
        chain.push_back(found->second);
        TALLY_INVARIANT(
            chain.back().header.number > tip_.header.number,
            "a final block does not descend from the last one: more members are faulty than the quorum allows");
    }
    std::reverse(chain.begin(), chain.end());
    bool all = true;
    for (const auto& proposal : chain) {
        for (const auto& reference : proposal.payload) {
            if (lanes_.find(reference) != nullptr) continue;
            need_batch(reference, proposal.header.proposer);
            all = false;
        }
        if (is_sealing(proposal.header)) break;
    }
    if (all) deliver_chain(chain, QuorumCertificate(*finalization));
}

void Simplex::Core::deliver_chain(const std::vector<BlockProposal>& chain, const QuorumCertificate& finalization) {
    std::vector<std::vector<BatchPtr>> batches(chain.size());
    for (std::size_t i = 0; i < chain.size(); ++i) {
        for (const auto& reference : chain[i].payload) {
            if (const auto* held = lanes_.find(reference)) batches[i].push_back(held->batch);
        }
    }
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto& proposal = chain[i];
        log_proposal(proposal.header.hash(), proposal);
        Deliver block{proposal.header, std::move(batches[i]), {}, {}, 0};
        const auto behind = chain.size() - 1 - i;
        // What seals an epoch is the last block there to be served: no later one's proof will speak for it.
        if (is_sealing(proposal.header) || behind <= kShortTrail || behind % kProofEvery == 0) {
            block.proof.finalization = finalization;
            for (std::size_t next = i + 1; next < chain.size(); ++next) block.proof.trail.push_back(chain[next].header);
        }
        block.after = vote_ticket_;
        const auto* own = notarization(proposal.header.view);
        auto certificate = own == nullptr ? std::nullopt : std::optional(*own);
        actions_.emplace_back(std::move(block));
        become_final(proposal.header, proposal.payload);
        tip_certificate_ = std::move(certificate);
        if (sealed_) return;
    }
}

void Simplex::Core::become_final(const storage::BlockHeader& header, const std::vector<BatchReference>& payload) {
    tip_ = {header, header.hash()};
    tip_certificate_.reset();
    lanes_.finalize(positions(header.lanes), payload);
    std::erase_if(reported_batches_, [&](const auto& each) { return each.second <= lanes_.final(each.first); });
    sealed_ = is_sealing(header);
    const auto view = header.view;
    views_.erase(views_.begin(), views_.upper_bound(view));
    std::erase_if(proposals_, [&](const auto& each) { return each.second.header.view <= view; });
    std::erase_if(logged_proposals_, [&](const auto& id) { return !proposals_.contains(id); });
    enter(view + 1, false);
    progress_ms_ = now_;
    catch_up_.progressed();
    if (!self_) return;
    for (Member lane = 0; lane < committee_.size(); ++lane) {
        while (auto next = lanes_.take_early(lane)) keep_batch(lane, next);
    }
}

// ---- Catching up. ---------------------------------------------------------------------------------------------------

void Simplex::Core::try_catch_up() {
    if (sealed_) return;
    const auto source = catch_up_.look(now_, tip_.header.number, self_, settings_.resend_ms);
    wake(catch_up_.wake_at());
    if (source) send(*source, FetchBlocks{tip_.header.number + 1});
}

// Blocks prove themselves: links up to a final one. Those that this member has already are skipped.
void Simplex::Core::on_blocks(Member from, FetchedBlocks& message) {
    if (!catch_up_.expects(from, now_) || sealed_) return;
    auto& blocks = message.blocks;
    const auto known = std::find_if(blocks.begin(), blocks.end(),
                                    [&](const auto& block) { return block.header.number > tip_.header.number; });
    blocks.erase(blocks.begin(), known);
    if (blocks.empty()) return;
    auto previous = tip_;
    for (const auto& block : blocks) {
        const auto& header = block.header;
        std::vector<Hash> digests;
        digests.reserve(block.batches.size());
        for (const auto& batch : block.batches) digests.push_back(storage::batch_digest(batch));
        if (header.channel != committee_.channel || header.number != previous.header.number + 1 ||
            header.previous_hash != previous.hash || header.epoch != committee_.epoch ||
            header.data_root != storage::data_root(digests) || (is_sealing(header) && &block != &blocks.back())) {
            return;
        }
        previous = {header, header.hash()};
    }
    if (!verify_finality(blocks.back().header, message.proof, committee_, verify_)) return;
    append(RecordType::certificate, storage::encode(message.proof.finalization));
    for (auto& block : blocks) {
        const bool last = &block == &blocks.back();
        Deliver deliver{block.header, {}, std::move(block.batches), {}, vote_ticket_};
        if (last) deliver.proof = message.proof;
        actions_.emplace_back(std::move(deliver));
        become_final(block.header, {});
    }
    catch_up_.answered();
}

}  // namespace tally::consensus
