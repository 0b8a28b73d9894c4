// R2, R3: proposals, somebody else's and my own.

#include <algorithm>

#include "consensus/core.h"

namespace tally::consensus {
namespace {

bool is_sealed_above(const storage::BlockHeader& parent) {
    return (parent.flags & (storage::BlockHeader::kSealing | storage::BlockHeader::kEmptyOnly)) != 0;
}

// Batches of one lane and incarnation that stand side by side name each other.
bool is_linked(const Held& held, const Held* before) {
    const auto& header = held.batch->header;
    if (before == nullptr || before->batch->header.lane != header.lane ||
        before->batch->header.at.incarnation != header.at.incarnation) {
        return true;
    }
    return header.previous == before->hash;
}

}  // namespace

// ---- R3: somebody else's proposal. ----------------------------------------------------------------------------------

void Simplex::Core::on_proposal(Member from, ProposalMessage& message) {
    auto& proposal = message.proposal;
    const auto& header = proposal.header;
    const auto view = header.view;
    if (header.epoch != committee_.epoch || header.proposer != from || committee_.leader(view) != from) return;
    const auto id = header.hash();
    auto& vote = message.vote;
    if (proposal.payload.size() > kMaxReferences) return blame(from, "a proposal of too many batches");
    if (vote.kind != VoteKind::notarize || vote.view != view || vote.id != id || !proposal.is_consistent()) return;
    for (auto& certificate : message.justification) {
        if (!on_certificate(from, certificate)) return;
    }
    if (sealed_ || view <= tip_view() || view > view_ + kWindow) return;
    auto& state = views_[view];
    if (!state.candidate) {
        proposals_.try_emplace(id, proposal);
        state.candidate = std::move(proposal);
    }
    (void)on_vote(from, vote);
}

void Simplex::Core::try_notarize() {
    const auto found = views_.find(view_);
    if (found == views_.end() || !may_vote(view_) || backlog_) return;
    auto& state = found->second;
    if (!state.candidate || state.notarized || state.nullified) return;
    const BlockProposal& proposal = *state.candidate;
    switch (judge(proposal)) {
        case Verdict::missing: return;
        case Verdict::bad: nullify(); return;
        case Verdict::good: break;
    }
    const auto view = view_;
    const auto id = proposal.header.hash();
    log_proposal(id, proposal);
    send(std::nullopt, VoteMessage{{cast(VoteKind::notarize, view, id)}});
    count(view, VoteKind::notarize);
}

Simplex::Core::Verdict Simplex::Core::judge(const BlockProposal& proposal) {
    const auto& header = proposal.header;
    const auto leader = header.proposer;
    // The justification: what it proved is in views_ by now.
    if (proposal.parent_view < tip_view() || proposal.parent_view >= header.view) return Verdict::bad;
    if (proposal.parent_view == tip_view()) {
        if (header.previous_hash != tip_.hash) return Verdict::bad;
    } else {
        const auto* parent = notarization(proposal.parent_view);
        if (parent == nullptr) return Verdict::missing;
        if (parent->id != header.previous_hash) return Verdict::bad;
    }
    if (!nullified_between(proposal.parent_view, header.view)) return Verdict::missing;
    const auto* parent = header_of(header.previous_hash);
    if (parent == nullptr) {
        need_proposal(header.previous_hash, leader);
        return Verdict::missing;
    }
    if (!is_well_formed(proposal, *parent)) return Verdict::bad;
    bool all = true;
    auto at = positions(parent->lanes);
    const Held* before = nullptr;
    for (const auto& reference : proposal.payload) {
        const auto* held = lanes_.find(reference);
        if (held == nullptr) {
            need_batch(reference, leader);
            all = false;
        } else if (!is_linked(*held, before) || (held->batch->header.sealing && proposal.payload.size() != 1) ||
                   !follows(at[reference.lane], held->batch->header)) {
            return Verdict::bad;
        }
        at[reference.lane] = reference.at;
        before = held;
    }
    if (!all) return Verdict::missing;
    const bool flagged = (header.flags & storage::BlockHeader::kSealing) != 0;
    const auto right = proposal.payload.size() == 1 ? seals(proposal.payload.front(), header.time_ms) : false;
    return right.value_or(flagged) == flagged ? Verdict::good : Verdict::bad;
}

// R8: whether a block with this batch alone, which is held, is a sealing one; none: this program cannot tell.
std::optional<bool> Simplex::Core::seals(const BatchReference& only, std::int64_t time_ms) const {
    const auto* held = lanes_.find(only);
    if (held == nullptr || !held->batch->header.sealing) return false;
    return changes_configuration_(held->batch->transactions.front(), time_ms);
}

bool Simplex::Core::is_well_formed(const BlockProposal& proposal, const storage::BlockHeader& parent) {
    const auto& header = proposal.header;
    if (header.channel != committee_.channel || header.number != parent.number + 1) return false;
    if (header.time_ms < parent.time_ms || header.time_ms > std::max(parent.time_ms, wall_ms_ + settings_.ahead_ms))
        return false;
    if (header.time_ms < wall_ms_ - settings_.behind_ms) return false;
    std::uint8_t flags = header.flags & storage::BlockHeader::kSealing;
    if (is_sealed_above(parent) && parent.epoch == header.epoch) flags = storage::BlockHeader::kEmptyOnly;
    if (header.flags != flags) return false;
    if (flags == storage::BlockHeader::kEmptyOnly && !proposal.payload.empty()) return false;
    if (flags == storage::BlockHeader::kSealing && proposal.payload.size() != 1) return false;
    auto at = positions(parent.lanes);
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    for (std::size_t i = 0; i < proposal.payload.size(); ++i) {
        const auto& reference = proposal.payload[i];
        if (!is_member(reference.lane) || reference.at <= at[reference.lane]) return false;
        if (i > 0 && reference.lane < proposal.payload[i - 1].lane) return false;
        if (reference.count == 0 || reference.bytes < reference.count) return false;
        if (reference.bytes > settings_.max_block_bytes) return false;
        at[reference.lane] = reference.at;
        bytes += reference.bytes;
        messages += reference.count;
    }
    return bytes <= settings_.max_block_bytes && messages <= settings_.max_block_messages &&
           header.lanes == progress(parent.lanes, at);
}

// ---- R2: my own proposal. -------------------------------------------------------------------------------------------

// The highest view below this one whose block can be a parent; none when a certificate or the block itself is missing.
std::optional<View> Simplex::Core::parent_for(View view) const {
    for (View parent = view - 1; parent > tip_view(); --parent) {
        if (notarization(parent) != nullptr) return parent;
        if (certificate(parent, VoteKind::nullify) == nullptr) return std::nullopt;
    }
    return tip_view();
}

void Simplex::Core::try_propose() {
    if (committee_.leader(view_) != self_ || !may_vote(view_) || backlog_) return;
    const auto found = views_.find(view_);
    if (found != views_.end() && (found->second.notarized || found->second.nullified)) return;
    const auto parent_view = parent_for(view_);
    if (!parent_view) return;
    const bool in_flight = *parent_view != tip_view();
    const auto parent_id = in_flight ? notarization(*parent_view)->id : tip_.hash;
    const auto* parent = header_of(parent_id);
    if (parent == nullptr) {
        need_proposal(parent_id, others_first(*self_));
        return;
    }
    if (in_flight && is_sealed_above(*parent)) {
        propose(*parent_view, *parent, parent_id, {});
        return;
    }
    const auto first = static_cast<Member>((parent->number + 1) % committee_.size());
    auto payload = lanes_.payload(positions(parent->lanes), committee_.blocking_set(), settings_.preferred_bytes,
                                  settings_.max_messages, first);
    bool ready = false;
    if (!payload.references.empty()) {
        const auto due = payload.oldest_ms + settings_.block_timeout_ms;
        ready = !in_flight || payload.full || payload.sealing || now_ >= due;
        if (!ready) wake(due);
    } else if (in_flight) {
        const auto due = view_since_ + timeout() / 2;
        ready = now_ >= due;
        if (!ready) wake(due);
    }
    if (ready) propose(*parent_view, *parent, parent_id, std::move(payload));
}

void Simplex::Core::propose(View parent_view, const storage::BlockHeader& parent, const Hash& parent_id,
                            Lanes::Payload payload) {
    ProposalMessage message;
    auto& proposal = message.proposal;
    auto& header = proposal.header;
    header.channel = committee_.channel;
    header.number = parent.number + 1;
    header.previous_hash = parent_id;
    header.time_ms = std::max(wall_ms_, parent.time_ms);
    header.epoch = committee_.epoch;
    header.view = view_;
    header.proposer = *self_;
    if (payload.sealing && seals(payload.references.front(), header.time_ms).value_or(true))
        header.flags = storage::BlockHeader::kSealing;
    if (is_sealed_above(parent) && parent.epoch == header.epoch) header.flags = storage::BlockHeader::kEmptyOnly;
    auto at = positions(parent.lanes);
    for (const auto& reference : payload.references) at[reference.lane] = reference.at;
    header.lanes = progress(parent.lanes, at);
    proposal.parent_view = parent_view;
    proposal.payload = std::move(payload.references);
    header.payload = proposal.payload_hash();
    header.data_root = proposal.data_root();

    const auto id = header.hash();
    const auto view = view_;
    if (parent_view != tip_view())
        message.justification.push_back(*notarization(parent_view));
    else if (tip_certificate_)
        message.justification.push_back(*tip_certificate_);
    for (View between = parent_view + 1; between < view; ++between) {
        message.justification.push_back(*certificate(between, VoteKind::nullify));
    }
    proposals_.try_emplace(id, proposal);
    log_proposal(id, proposal);
    message.vote = cast(VoteKind::notarize, view, id);
    views_[view].own = message;
    send(std::nullopt, std::move(message));
    count(view, VoteKind::notarize);
}

}  // namespace tally::consensus
