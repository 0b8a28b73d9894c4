// R2-R4, R6, R9: proposals, votes, certificates, views.

#include <algorithm>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

constexpr View kWindow = 8;  // how far ahead of its own view a member takes votes and proposals
constexpr std::uint32_t kMaxGrowth = 16;

constexpr std::size_t index(VoteKind kind) { return static_cast<std::size_t>(kind); }

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

// ---- What is known. -------------------------------------------------------------------------------------------------

bool Simplex::Core::may_vote(View view) const {
    return self_ && !sealed_ && !life_.forgetful &&
           std::pair(committee_.epoch, view) > std::pair(life_.silent_epoch, life_.silent_view);
}

const Certificate* Simplex::Core::certificate(View view, VoteKind kind) const {
    const auto found = views_.find(view);
    if (found == views_.end() || !found->second.certificates[index(kind)]) return nullptr;
    return &*found->second.certificates[index(kind)];
}

const Certificate* Simplex::Core::notarization(View view) const {
    const auto* finalized = certificate(view, VoteKind::finalize);
    return finalized != nullptr ? finalized : certificate(view, VoteKind::notarize);
}

bool Simplex::Core::nullified_between(View low, View high) const {
    for (View view = low + 1; view < high; ++view) {
        if (certificate(view, VoteKind::nullify) == nullptr) return false;
    }
    return true;
}

const storage::BlockHeader* Simplex::Core::header_of(const Hash& id) const {
    if (id == tip_.hash) return &tip_.header;
    const auto found = proposals_.find(id);
    return found == proposals_.end() ? nullptr : &found->second.header;
}

bool Simplex::Core::demand() const {
    if (lanes_.has_work(committee_.blocking_set(), self_)) return true;
    for (const auto& [view, state] : views_) {
        if (state.certificates[index(VoteKind::notarize)] || state.certificates[index(VoteKind::finalize)]) return true;
    }
    const auto current = views_.find(view_);
    if (current == views_.end()) return false;
    return current->second.votes[index(VoteKind::nullify)].size() >= committee_.blocking_set();
}

std::int64_t Simplex::Core::timeout() const {
    auto timeout = settings_.timeout_ms;
    for (std::uint32_t i = 0; i < std::min(nullified_in_a_row_, kMaxGrowth); ++i) timeout += timeout / 2;
    return std::min(timeout, settings_.max_timeout_ms);
}

void Simplex::Core::enter(View view, bool by_nullification) {
    if (view <= view_) return;
    view_ = view;
    view_since_ = progress_ms_ = now_;
    demand_since_ = -1;
    nullified_in_a_row_ = by_nullification ? nullified_in_a_row_ + 1 : 0;
    if (by_nullification) ++nullified_views_;
}

// ---- Votes and certificates. ----------------------------------------------------------------------------------------

Vote Simplex::Core::cast(VoteKind kind, View view, const Hash& id) {
    Vote vote{kind, committee_.epoch, view, id, *self_, {}};
    vote.signature = sign_(vote_statement(committee_.channel, kind, vote.epoch, view, id));
    append(RecordType::vote, storage::encode(vote));
    auto& state = views_[view];
    state.votes[index(kind)].try_emplace(*self_, Slot{vote, true});
    switch (kind) {
        case VoteKind::notarize: state.notarized = id; break;
        case VoteKind::nullify: state.nullified = true; break;
        case VoteKind::finalize: state.finalized = id; break;
    }
    return vote;
}

// Whoever votes for a block must be able to tell it after a restart.
void Simplex::Core::log_proposal(const Hash& id, const Proposal& proposal) {
    if (logged_proposals_.insert(id).second) append(RecordType::proposal, storage::encode(proposal));
}

void Simplex::Core::on_vote(Member from, Vote& vote) {
    if (vote.epoch != committee_.epoch || vote.signer != from || (vote.kind == VoteKind::nullify && vote.id != Hash{}))
        return;
    // Who still wants to leave a view that is over does not know how it ended.
    if (vote.view < view_ && vote.kind == VoteKind::nullify) answer(from, 0);
    if (vote.view <= tip_view() || vote.view > view_ + kWindow) return;
    auto& state = views_[vote.view];
    const auto contradicts = [&](VoteKind kind, std::string_view what) {
        const auto other = state.votes[index(kind)].find(from);
        if (other == state.votes[index(kind)].end() || (kind == vote.kind && other->second.vote.id == vote.id)) return;
        Slot second{vote, false};
        if (!verified(vote.view, other->second) || !verified(vote.view, second)) return;
        report(from, fmt::format("{} in view {}", what, vote.view), storage::encode(other->second.vote),
               storage::encode(vote));
    };
    switch (vote.kind) {
        case VoteKind::notarize: contradicts(VoteKind::notarize, "two blocks notarized"); break;
        case VoteKind::nullify: contradicts(VoteKind::finalize, "nullify together with finalize"); break;
        case VoteKind::finalize:
            contradicts(VoteKind::finalize, "two blocks finalized");
            contradicts(VoteKind::nullify, "nullify together with finalize");
            break;
    }
    const auto kind = vote.kind;
    const auto view = vote.view;
    state.votes[index(kind)].try_emplace(from, Slot{std::move(vote), false});
    count(view, kind);
}

bool Simplex::Core::verified(View view, Slot& slot) {
    if (slot.verified) return true;
    const auto& vote = slot.vote;
    slot.verified =
        verify_(vote.signer, vote_statement(committee_.channel, vote.kind, vote.epoch, view, vote.id), vote.signature);
    return slot.verified;
}

// Signatures are checked when there are enough votes to matter, and no more of them than a quorum needs.
void Simplex::Core::count(View view, VoteKind kind) {
    auto& state = views_[view];
    if (state.certificates[index(kind)]) return;
    auto& votes = state.votes[index(kind)];
    std::map<Hash, std::size_t> by_id;
    for (const auto& [signer, slot] : votes) ++by_id[slot.vote.id];
    for (const auto& [id, claimed] : by_id) {
        if (claimed < committee_.quorum()) continue;
        Certificate certificate{kind, committee_.epoch, view, id, {}, {}};
        std::vector<Member> liars;
        for (auto& [signer, slot] : votes) {
            if (slot.vote.id != id) continue;
            if (!verified(view, slot)) {
                liars.push_back(signer);
                continue;
            }
            certificate.signers.push_back(signer);
            certificate.signatures.push_back(slot.vote.signature);
            if (certificate.signers.size() == committee_.quorum()) break;
        }
        for (const auto liar : liars) votes.erase(liar);
        if (certificate.signers.size() == committee_.quorum()) {
            accept(std::move(certificate));
            return;
        }
    }
}

void Simplex::Core::on_certificate(Certificate& certificate) {
    if (certificate.epoch != committee_.epoch || certificate.view <= tip_view()) return;
    if (this->certificate(certificate.view, certificate.kind) != nullptr) return;
    if (certificate.kind == VoteKind::nullify && certificate.id != Hash{}) return;
    if (!verify_certificate(certificate, committee_, verify_)) return;
    accept(std::move(certificate));
}

void Simplex::Core::accept(Certificate certificate) {
    const auto kind = certificate.kind;
    const auto view = certificate.view;
    const auto id = certificate.id;
    auto& state = views_[view];
    if (state.certificates[index(kind)]) return;
    append(RecordType::certificate, storage::encode(certificate));
    if (kind == VoteKind::nullify) send(std::nullopt, CertificateMessage{{certificate}});
    state.certificates[index(kind)] = std::move(certificate);
    if (kind == VoteKind::notarize && !state.nullified && !state.finalized && may_vote(view)) {
        send(std::nullopt, VoteMessage{{cast(VoteKind::finalize, view, id)}});
        count(view, VoteKind::finalize);
    }
    enter(view + 1, kind == VoteKind::nullify);
}

void Simplex::Core::report(Member signer, std::string what, Bytes first, Bytes second) {
    ++evidence_;
    actions_.push_back(Evidence{signer, std::move(what), std::move(first), std::move(second)});
}

// ---- R3: somebody else's proposal. ----------------------------------------------------------------------------------

void Simplex::Core::on_proposal(Member from, ProposalMessage& message) {
    auto& proposal = message.proposal;
    const auto& header = proposal.header;
    const auto view = header.view;
    if (header.epoch != committee_.epoch || header.proposer != from || committee_.leader(view) != from) return;
    const auto id = header.hash();
    auto& vote = message.vote;
    if (vote.kind != VoteKind::notarize || vote.view != view || vote.id != id || !proposal.is_consistent()) return;
    for (auto& certificate : message.justification) on_certificate(certificate);
    if (sealed_ || view <= tip_view() || view > view_ + kWindow) return;
    auto& state = views_[view];
    if (!state.candidate) {
        proposals_.try_emplace(id, proposal);
        state.candidate = std::move(proposal);
    }
    on_vote(from, vote);
}

void Simplex::Core::try_notarize() {
    const auto found = views_.find(view_);
    if (found == views_.end() || !may_vote(view_) || backlog_) return;
    auto& state = found->second;
    if (!state.candidate || state.notarized || state.nullified) return;
    const Proposal& proposal = *state.candidate;
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

Simplex::Core::Verdict Simplex::Core::judge(const Proposal& proposal) {
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
        } else if (!is_linked(*held, before) ||
                   held->batch->header.sealing != ((header.flags & storage::BlockHeader::kSealing) != 0) ||
                   !follows(at[reference.lane], held->batch->header)) {
            return Verdict::bad;
        }
        at[reference.lane] = reference.at;
        before = held;
    }
    return all ? Verdict::good : Verdict::missing;
}

bool Simplex::Core::is_well_formed(const Proposal& proposal, const storage::BlockHeader& parent) {
    const auto& header = proposal.header;
    if (header.channel != committee_.channel || header.number != parent.number + 1) return false;
    if (header.time_ms < parent.time_ms || header.time_ms > std::max(parent.time_ms, now_ + settings_.ahead_ms))
        return false;
    std::uint8_t flags = header.flags & storage::BlockHeader::kSealing;
    if (is_sealed_above(parent) && parent.epoch == header.epoch) flags = storage::BlockHeader::kEmptyOnly;
    if (header.flags != flags) return false;
    if (flags == storage::BlockHeader::kEmptyOnly && !proposal.payload.empty()) return false;
    if (flags == storage::BlockHeader::kSealing && proposal.payload.size() != 1) return false;
    auto at = positions(parent.lanes);
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < proposal.payload.size(); ++i) {
        const auto& reference = proposal.payload[i];
        if (!is_member(reference.lane) || reference.at <= at[reference.lane]) return false;
        if (i > 0 && reference.lane < proposal.payload[i - 1].lane) return false;
        if (reference.bytes > settings_.max_block_bytes) return false;
        at[reference.lane] = reference.at;
        bytes += reference.bytes;
    }
    return bytes <= settings_.max_block_bytes && header.lanes == progress(parent.lanes, at);
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
    auto payload = lanes_.payload(positions(parent->lanes), committee_.blocking_set(), settings_.preferred_bytes,
                                  settings_.max_messages);
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
    header.time_ms = std::max(now_, parent.time_ms);
    header.epoch = committee_.epoch;
    header.view = view_;
    header.proposer = *self_;
    if (payload.sealing) header.flags = storage::BlockHeader::kSealing;
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

// ---- R6: giving a view up. ------------------------------------------------------------------------------------------

void Simplex::Core::try_time_out() {
    if (!demand()) {
        demand_since_ = -1;
        return;
    }
    if (demand_since_ < 0) demand_since_ = now_;
    if (!may_vote(view_)) return;
    auto& state = views_[view_];
    if (state.nullified || state.finalized) return;
    const auto leader = committee_.leader(view_);
    const bool heard = state.candidate || state.notarized;
    const auto due = demand_since_ + (heard ? 2 : 1) * timeout();
    const bool joined = state.votes[index(VoteKind::nullify)].size() >= committee_.blocking_set();
    const bool silent = !heard && leader != *self_ && peers_[leader].silent;
    if (!joined && !silent && now_ < due) {
        wake(due);
        return;
    }
    if (!joined && !heard && leader != *self_) peers_[leader].silent = true;
    nullify();
}

void Simplex::Core::nullify() {
    const auto view = view_;
    send(std::nullopt, VoteMessage{{cast(VoteKind::nullify, view, Hash{})}});
    count(view, VoteKind::nullify);
}

}  // namespace tally::consensus
