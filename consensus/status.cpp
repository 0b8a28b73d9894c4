// R7, R10: where members are, and a member that has forgotten where it was.

#include <algorithm>
#include <tuple>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

constexpr std::size_t kMaxCertificates = 64;                  // in one answer
constexpr std::uint64_t kYearMs = 366ULL * 24 * 3600 * 1000;  // what a clock may have been wrong by

}  // namespace

StatusMessage Simplex::Core::own_status(bool answer, std::uint64_t nonce) const {
    return {committee_.epoch, view_, tip_.header.number, tip_view(), answer, nonce, {}, {}};
}

void Simplex::Core::tell_status() {
    const auto period = life_.forgetful ? settings_.resend_ms : settings_.status_ms;
    if (now_ >= status_ms_ + period) {
        status_ms_ = now_;
        if (self_) send(std::nullopt, own_status(false, life_.forgetful ? nonce_ : 0));
    }
    if (self_) wake(status_ms_ + period);
}

void Simplex::Core::on_status(Member from, const StatusMessage& status) {
    const bool behind =
        std::pair(status.epoch, status.final_number) < std::pair(committee_.epoch, tip_.header.number) ||
        (status.epoch == committee_.epoch && status.view < view_);
    if (!is_member(from)) {  // a newcomer: it has only its own word for where it is
        if (!status.answer && behind) send(from, own_status(true, status.nonce));
        return;
    }
    peers_[from].status = status;
    if (status.answer && life_.forgetful && status.nonce == nonce_) on_told(from, status);
    if (!status.answer && (behind || status.nonce != 0)) answer(from, status.nonce);
}

// Once per interval and peer; a question with a nonce has an interval of its own.
void Simplex::Core::answer(Member to, std::uint64_t nonce) {
    if (!is_member(to)) return;
    auto& last = nonce == 0 ? peers_[to].answered_ms : peers_[to].reminded_ms;
    if (last >= 0 && now_ < last + settings_.resend_ms / 2) return;
    last = peers_[to].answered_ms = now_;
    auto status = own_status(true, nonce);
    status.lane = std::max({lanes_.head(to).at, lanes_.final(to), LanePosition{peers_[to].life, 0}});
    if (nonce != 0) status.proof = way_here();
    send(to, status);
    CertificateMessage message;
    for (const auto& [view, state] : views_) {
        for (const auto& certificate : state.certificates) {
            if (certificate && message.certificates.size() < kMaxCertificates)
                message.certificates.push_back(*certificate);
        }
    }
    if (tip_certificate_) message.certificates.push_back(*tip_certificate_);
    if (!message.certificates.empty()) send(to, std::move(message));
}

// ---- R10. -----------------------------------------------------------------------------------------------------------

std::optional<Certificate> Simplex::Core::way_here() const {
    for (const auto kind : {VoteKind::finalize, VoteKind::notarize, VoteKind::nullify}) {
        if (const auto* ended = certificate(view_ - 1, kind)) return *ended;
    }
    return std::nullopt;
}

// An answer counts once I have come as far as it says, by certificates or blocks.
void Simplex::Core::on_told(Member from, const StatusMessage& status) {
    if (status.epoch > committee_.epoch || caught_.contains(from)) return;  // else I am asking again there
    if (own_head_.sequence == 0 && status.lane.incarnation <= static_cast<std::uint64_t>(wall_ms_) + kYearMs)
        life_.incarnation = std::max(life_.incarnation, status.lane.incarnation + 1);
    if (status.epoch == committee_.epoch) {
        auto proof = status.proof;
        bool lies = proof && !on_certificate(from, *proof);
        if (!lies && status.view > view_) {
            if (status.view - 1 <= status.final_view) return;  // blocks will prove it, or not
            lies = true;
            blame(from, "a view that it cannot prove");
        }
        if (lies) {
            caught_.insert(from);
            told_.erase(from);
            return;
        }
    }
    told_[from] = {status.epoch, status.view};
}

void Simplex::Core::try_remember() {
    if (!life_.forgetful) return;
    const auto liars = committee_.faulty() - std::min(committee_.faulty(), caught_.size());
    const auto others = committee_.size() - 1 - caught_.size();
    if (told_.size() < std::min(committee_.blocking_set() + liars, others)) return;
    View highest = 0;
    for (const auto& [peer, where] : told_) {
        if (where.first == committee_.epoch) highest = std::max(highest, where.second);
    }
    const std::pair silent(committee_.epoch, highest + 1);
    if (silent > std::pair(life_.silent_epoch, life_.silent_view))
        std::tie(life_.silent_epoch, life_.silent_view) = silent;
    if (own_head_.sequence == 0) life_.incarnation = std::max(life_.incarnation, lanes_.final(*self_).incarnation + 1);
    life_.forgetful = false;
    start_ticket_ = append(RecordType::start, storage::encode(life_));
    for (auto& submitted : std::exchange(early_submissions_, {})) on_submitted(submitted);
}

// What was lost may have been of this epoch too.
void Simplex::Core::ask_again_in_this_epoch() {
    if (life_.silent_view > 0 && life_.silent_epoch < committee_.epoch) life_.forgetful = true;
}

}  // namespace tally::consensus
