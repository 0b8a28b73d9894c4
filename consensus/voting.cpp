// R4, R6, R9: votes, certificates, views.

#include <algorithm>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

constexpr std::uint32_t kMaxGrowth = 16;

}  // namespace

// ---- What is known. -------------------------------------------------------------------------------------------------

bool Simplex::Core::may_vote(View view) const { return self_ && !sealed_ && life_.may_vote(committee_.epoch, view); }

const QuorumCertificate* Simplex::Core::certificate(View view, VoteKind kind) const {
    const auto found = views_.find(view);
    if (found == views_.end() || !found->second.certificates[index(kind)]) return nullptr;
    return &*found->second.certificates[index(kind)];
}

const QuorumCertificate* Simplex::Core::notarization(View view) const {
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
    vote_ticket_ = append(RecordType::vote, storage::encode(vote));
    auto& state = views_[view];
    state.votes[index(kind)].try_emplace(*self_, Slot{vote, true});
    switch (kind) {
        case VoteKind::notarize: state.notarized = id; break;
        case VoteKind::nullify: state.nullified = true; break;
        case VoteKind::finalize: state.finalized = id; break;
    }
    return vote;
}

// A member that has voted for a block must be able to send the block to others after a restart.
void Simplex::Core::log_proposal(const Hash& id, const BlockProposal& proposal) {
    if (logged_proposals_.insert(id).second) append(RecordType::proposal, storage::encode(proposal));
}

bool Simplex::Core::on_vote(Member from, Vote& vote) {
    if (vote.epoch != committee_.epoch || vote.signer != from || (vote.kind == VoteKind::nullify && vote.id != Hash{}))
        return true;
    if (vote.view + committee_.size() >= view_) peers_[from].silent = false;
    // Who still wants to leave a view that is over does not know how it ended.
    if (vote.view < view_ && vote.kind == VoteKind::nullify) answer(from, 0);
    if (vote.view <= tip_view() || vote.view > view_ + kWindow) return true;
    bool good = true;
    switch (vote.kind) {
        case VoteKind::notarize: good = is_consistent(vote, VoteKind::notarize, "two blocks notarized"); break;
        case VoteKind::nullify: good = is_consistent(vote, VoteKind::finalize, "nullify together with finalize"); break;
        case VoteKind::finalize:
            good = is_consistent(vote, VoteKind::finalize, "two blocks finalized") &&
                   is_consistent(vote, VoteKind::nullify, "nullify together with finalize");
            break;
    }
    if (!good) return false;
    const auto kind = vote.kind;
    const auto view = vote.view;
    views_[view].votes[index(kind)].try_emplace(from, Slot{std::move(vote), false});
    count(view, kind);
    return true;
}

// Reports a vote that contradicts what its signer voted before. False when one of the two is signed falsely.
bool Simplex::Core::is_consistent(const Vote& vote, VoteKind other, std::string_view what) {
    auto& state = views_[vote.view];
    const auto before = state.votes[index(other)].find(vote.signer);
    if (before == state.votes[index(other)].end() || (other == vote.kind && before->second.vote.id == vote.id))
        return true;
    if (state.reported.contains({vote.signer, what})) return true;
    Slot second{vote, false};
    if (!verified(vote.view, before->second) || !verified(vote.view, second)) {
        blame(vote.signer, fmt::format("a vote in view {} that it did not sign", vote.view));
        return false;
    }
    state.reported.emplace(vote.signer, what);
    report(vote.signer, fmt::format("{} in view {}", what, vote.view), storage::encode(before->second.vote),
           storage::encode(vote));
    return true;
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
        QuorumCertificate certificate{kind, committee_.epoch, view, id, {}, {}};
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
        for (const auto liar : liars) {
            votes.erase(liar);
            blame(liar, fmt::format("a vote in view {} that it did not sign", view));
        }
        if (certificate.signers.size() == committee_.quorum()) {
            accept(std::move(certificate));
            return;
        }
    }
}

bool Simplex::Core::on_certificate(Member from, QuorumCertificate& certificate) {
    if (certificate.epoch != committee_.epoch || certificate.view <= tip_view()) return true;
    if (this->certificate(certificate.view, certificate.kind) != nullptr) return true;
    const bool is_one = certificate.kind != VoteKind::nullify || certificate.id == Hash{};
    if (!is_one || !verify_certificate(certificate, committee_, verify_)) {
        blame(from, fmt::format("a false certificate of view {}", certificate.view));
        return false;
    }
    accept(std::move(certificate));
    return true;
}

void Simplex::Core::accept(QuorumCertificate certificate) {
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

void Simplex::Core::blame(Member member, std::string why) {
    ++blamed_;
    actions_.push_back(Blame{member, std::move(why)});
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
