// R1, R7: batches, acknowledgements, fetching, sending again.

#include <algorithm>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

constexpr std::uint64_t kResendBytes = 1U << 20;
constexpr std::uint64_t kRelayBytes = 256U << 10;  // of one lane to one member, at a time
constexpr std::size_t kRelayBatches = 4;
constexpr std::size_t kVotesAtOnce = 64;
constexpr std::uint32_t kMaxDoublings = 2;
constexpr std::int64_t kHeardPeriods = 3;  // a peer that sent nothing for so many status periods is taken to be away

}  // namespace

// ---- R1: batches. ---------------------------------------------------------------------------------------------------

void Simplex::Core::on_submitted(Submitted& submitted) {
    if (!self_) return;
    if (life_.is_forgetful()) return early_submissions_.push_back(std::move(submitted));
    auto batch = std::make_shared<LaneBatch>();
    auto& header = batch->header;
    header.lane = committee_.lanes[*self_];
    header.at = {life_.incarnation(), own_head_.sequence + 1};
    if (own_head_.sequence == 0) header.after = unfinished_;
    header.previous = own_head_hash_;
    header.digest = submitted.digest;
    header.count = static_cast<std::uint32_t>(submitted.transactions.size());
    for (const auto& transaction : submitted.transactions) header.bytes += transaction.size();
    header.sealing = submitted.sealing;
    batch->transactions = std::move(submitted.transactions);
    TALLY_INVARIANT(!unsound(*batch, settings_.max_block_bytes, settings_.max_block_messages),
                    "a member's own batches keep to the rules");
    batch->signature = sign_(batch_statement(committee_.channel, header));
    own_head_ = header.at;
    own_head_hash_ = header.hash();
    keep_batch(*self_, batch);
    if (committee_.size() > 1) {
        // Only the start of this life must be durable before its batches are seen.
        actions_.push_back(Send{std::nullopt, BatchMessage{batch}, start_ticket_});
    }
}

void Simplex::Core::on_batch(Member from, const BatchPtr& batch) {
    const auto& header = batch->header;
    const auto found = std::find(committee_.lanes.begin(), committee_.lanes.end(), header.lane);
    if (found == committee_.lanes.end()) return;
    const auto lane = static_cast<Member>(found - committee_.lanes.begin());
    const auto reference = reference_to(lane, header);
    if (header.at <= lanes_.final(lane) || lanes_.find(reference) != nullptr) return;
    const auto fate = lanes_.fate(lane, header);
    const auto* other = fate == Lanes::Stored::equivocation ? lanes_.at(lane, header.at) : nullptr;
    const bool tells = other != nullptr && !reported_batches_.contains({lane, header.at});
    const bool wanted = fetching_.needs(reference);
    const bool fits =
        fate == Lanes::Stored::stored || fate == Lanes::Stored::early || (fate == Lanes::Stored::full && lane == self_);
    if (!wanted && !tells && !fits) return;
    if (const auto why = unsound(*batch, settings_.max_block_bytes, settings_.max_block_messages))
        return blame(from, fmt::format("a batch with {}", *why));
    if (!verify_(lane, batch_statement(committee_.channel, header), batch->signature))
        return blame(from, "a batch that its author did not sign");
    if (tells) {
        const auto evidence = [](const LaneBatch& of) {
            return storage::encode(LaneBatch{of.header, of.signature, {}});
        };
        reported_batches_.emplace(lane, header.at);
        report(lane, fmt::format("two batches at {}.{} of its lane", header.at.incarnation, header.at.sequence),
               evidence(*other->batch), evidence(*batch));
    }
    keep_batch(lane, batch);
    if (wanted && lanes_.find(reference) == nullptr) keep_loose(lane, batch);
    while (auto next = lanes_.take_early(lane)) keep_batch(lane, next);
}

void Simplex::Core::keep_batch(Member lane, const BatchPtr& batch) {
    const auto stored = lane == *self_ ? lanes_.keep(lane, batch, now_) : lanes_.store(lane, batch, now_);
    if (stored != Lanes::Stored::stored) return;
    append(RecordType::batch, storage::encode(*batch));
    lanes_.acknowledged(*self_, lanes_.head(lane));
}

// R11: a proposal needs this batch, and it is not the lane's next.
void Simplex::Core::keep_loose(Member lane, const BatchPtr& batch) {
    if (lanes_.has_much_loose(lane)) lanes_.let_loose_go(lane, named_batches());
    lanes_.store_loose(lane, batch, now_);
    append(RecordType::batch, storage::encode(*batch));
}

// By proposals that may still become final as far as this member's own word goes, and by their ancestors.
std::set<Hash> Simplex::Core::named_batches() const {
    std::vector<Hash> live;
    for (const auto& [view, state] : views_) {
        if (state.candidate && view >= view_) live.push_back(state.candidate->header.hash());
        if (state.notarized) live.push_back(*state.notarized);
        if (const auto* certified = notarization(view)) live.push_back(certified->id);
    }
    std::set<Hash> batches;
    std::set<Hash> seen;
    while (!live.empty()) {
        const auto id = live.back();
        live.pop_back();
        const auto proposal = proposals_.find(id);
        if (proposal == proposals_.end() || !seen.insert(id).second) continue;
        for (const auto& reference : proposal->second.payload) batches.insert(reference.digest);
        live.push_back(proposal->second.header.previous_hash);
    }
    return batches;
}

void Simplex::Core::send_acks() {
    std::vector<LaneAck> heads;
    for (Member lane = 0; lane < committee_.size(); ++lane) heads.push_back(lanes_.head(lane));
    if (heads == acked_) return;
    AckMessage message{committee_.epoch, life_.incarnation(), {}};
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (acked_.empty() || heads[i] != acked_[i]) message.acks.push_back(heads[i]);
    }
    acked_ = std::move(heads);
    actions_.push_back(Send{std::nullopt, std::move(message), start_ticket_});  // R1: held, not durable
}

void Simplex::Core::on_acks(Member from, const AckMessage& message) {
    if (message.epoch != committee_.epoch) return;
    if (message.acks.size() > committee_.size()) return blame(from, "more acknowledgements than lanes");
    auto& life = peers_[from].life;
    if (message.life < life) return;
    if (std::exchange(life, message.life) < message.life) lanes_.forget_acknowledgements(from);
    for (const auto& ack : message.acks) {
        if (!is_member(ack.lane)) return;
        lanes_.acknowledged(from, ack);
    }
}

// ---- Fetching. ------------------------------------------------------------------------------------------------------

Member Simplex::Core::others_first(Member after) const {
    auto next = static_cast<Member>((after + 1) % committee_.size());
    if (next == self_) next = static_cast<Member>((next + 1) % committee_.size());
    return next;
}

void Simplex::Core::need_batch(const BatchReference& reference, Member first) {
    fetching_.need(reference.digest, FetchBatch{committee_.epoch, reference},
                   first == self_ ? others_first(first) : first, now_ + settings_.fetch_ms);
}

void Simplex::Core::need_proposal(const Hash& id, Member first) {
    fetching_.need(id, FetchProposal{committee_.epoch, id}, first == self_ ? others_first(first) : first, now_);
}

void Simplex::Core::ask_for_what_is_missing() {
    if (!demand()) return;
    const auto next = [this](Member after) { return others_first(after); };
    for (const auto& due : fetching_.due(now_, settings_.resend_ms, next)) send(due.to, due.request);
    wake(fetching_.wake_at());
}

void Simplex::Core::on_fetch_batch(Member from, const FetchBatch& message) {
    if (message.epoch != committee_.epoch) return;
    const auto* held = lanes_.find(message.reference);
    if (held == nullptr) return answer(from, 0);
    if (may_serve(from, cost(held->batch->header))) send(from, BatchMessage{held->batch});
}

void Simplex::Core::on_fetch_proposal(Member from, const FetchProposal& message) {
    const auto known = proposals_.find(message.id);
    if (known == proposals_.end()) return answer(from, 0);
    const auto bytes = sizeof(BlockProposal) + known->second.payload.size() * sizeof(BatchReference);
    if (may_serve(from, bytes)) send(from, FetchedProposal{known->second});
}

// R7: to each member a block's worth of bytes per interval, and what passes that.
bool Simplex::Core::may_serve(Member to, std::uint64_t bytes) {
    auto& peer = peers_[to];
    if (peer.served_since_ms < 0 || now_ >= peer.served_since_ms + settings_.resend_ms) {
        peer.served_since_ms = now_;
        peer.served_bytes = 0;
    }
    if (peer.served_bytes >= settings_.max_block_bytes) return false;
    peer.served_bytes += bytes;
    return true;
}

void Simplex::Core::on_fetched_proposal(const BlockProposal& proposal) {
    const auto id = proposal.header.hash();
    if (proposal.header.epoch != committee_.epoch || !fetching_.needs(id)) return;
    if (!proposal.is_consistent()) return;
    proposals_.try_emplace(id, proposal);
}

// ---- R7: sending again. ---------------------------------------------------------------------------------------------

void Simplex::Core::send_again() {
    if (committee_.size() == 1 || !demand()) return;
    if (progress_ms_ > sent_again_ms_) times_sent_again_ = 0;
    const auto due =
        std::max(progress_ms_, sent_again_ms_) + (settings_.resend_ms << std::min(times_sent_again_, kMaxDoublings));
    if (now_ < due) {
        wake(due);
        return;
    }
    sent_again_ms_ = now_;
    ++times_sent_again_;
    wake(now_ + settings_.resend_ms);
    VoteMessage votes;
    for (auto each = views_.rbegin(); each != views_.rend() && votes.votes.size() < kVotesAtOnce; ++each) {
        for (const auto& of_kind : each->second.votes) {
            if (const auto own = of_kind.find(*self_); own != of_kind.end()) votes.votes.push_back(own->second.vote);
        }
    }
    if (!votes.votes.empty()) send(std::nullopt, std::move(votes));
    const auto current = views_.find(view_);
    if (current != views_.end() && current->second.own) send(std::nullopt, *current->second.own);
    send(std::nullopt, own_status(false, 0));
    acked_.clear();  // acknowledgements may have been lost too
    relay();
}

// Batches whose author may be away: each member that holds them passes them on, else the others never learn of them.
void Simplex::Core::relay() {
    for (Member peer = 0; peer < committee_.size(); ++peer) {
        if (peer == *self_ || now_ - peers_[peer].heard_ms > kHeardPeriods * settings_.status_ms) continue;
        for (Member lane = 0; lane < committee_.size(); ++lane) {
            if (lane == *self_) continue;  // retransmit's; the peer's own may be gone with its disk
            const auto acked = std::max(lanes_.acknowledgement(peer, lane).at, lanes_.final(lane));
            auto batches = lanes_.behind(lane, acked, kRelayBytes);
            batches.resize(std::min(batches.size(), kRelayBatches));
            for (auto& batch : batches) send(peer, BatchMessage{std::move(batch)});
        }
    }
}

// The author's part: what a member that is there has not acknowledged for an interval is sent again, a window at a
// time.
void Simplex::Core::retransmit() {
    if (committee_.size() == 1) return;
    const auto head = lanes_.head(*self_).at;
    for (Member peer = 0; peer < committee_.size(); ++peer) {
        auto& state = peers_[peer];
        if (peer == *self_ || lanes_.behind(*self_, lanes_.final(*self_), 1).empty()) continue;
        const auto acked = lanes_.acknowledgement(peer, *self_).at;
        if (acked >= head || acked != state.acked || state.stalled_ms < 0) {
            state.acked = acked;
            state.stalled_ms = now_;
        }
        if (acked >= head || now_ - state.heard_ms > kHeardPeriods * settings_.status_ms) continue;
        const auto due = state.stalled_ms + settings_.resend_ms;
        if (now_ >= due) {
            for (auto& batch : lanes_.behind(*self_, acked, kResendBytes)) send(peer, BatchMessage{std::move(batch)});
            state.stalled_ms = now_;
        }
        wake(state.stalled_ms + settings_.resend_ms);
    }
}

}  // namespace tally::consensus
