// R7, R10: where members are, and a member that has forgotten where it was.

#include <algorithm>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

constexpr std::size_t kCertificatesAtOnce = 64;  // in one answer

}  // namespace

StatusMessage Simplex::Core::own_status(bool answer, std::uint64_t nonce) const {
    return {committee_.epoch, view_, tip_.header.number, tip_view(), answer, nonce, {}, {}};
}

void Simplex::Core::tell_status() {
    const auto period = life_.is_forgetful() ? settings_.resend_ms : settings_.status_ms;
    if (now_ >= status_ms_ + period) {
        status_ms_ = now_;
        if (self_) send(std::nullopt, own_status(false, life_.is_forgetful() ? life_.nonce() : 0));
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
    catch_up_.claims(from, status.final_number);
    if (life_.listens_to(from, status, committee_.epoch)) on_told(from, status);
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
            if (certificate && message.certificates.size() < kCertificatesAtOnce)
                message.certificates.push_back(*certificate);
        }
    }
    if (tip_certificate_) message.certificates.push_back(*tip_certificate_);
    if (!message.certificates.empty()) send(to, std::move(message));
}

// ---- R10. -----------------------------------------------------------------------------------------------------------

std::optional<QuorumCertificate> Simplex::Core::way_here() const {
    for (const auto kind : {VoteKind::finalize, VoteKind::notarize, VoteKind::nullify}) {
        if (const auto* ended = certificate(view_ - 1, kind)) return *ended;
    }
    return std::nullopt;
}

// An answer counts once I have come as far as it says, by certificates or blocks.
void Simplex::Core::on_told(Member from, const StatusMessage& status) {
    if (own_head_.sequence == 0) life_.lane_was(status.lane.incarnation, wall_ms_);
    if (status.epoch == committee_.epoch) {
        auto proof = status.proof;
        bool lies = proof && !on_certificate(from, *proof);
        if (!lies && status.view > view_) {
            if (status.view - 1 <= status.final_view) return;  // blocks will prove it, or not
            lies = true;
            blame(from, "a view that it cannot prove");
        }
        if (lies) {
            life_.lied(from);
            return;
        }
    }
    life_.told(from, status.epoch, status.view);
}

void Simplex::Core::try_remember() {
    const auto least = own_head_.sequence == 0 ? lanes_.final(*self_).incarnation + 1 : 0;
    if (!life_.remember(committee_, least)) return;
    start_ticket_ = append(RecordType::start, storage::encode(life_.record()));
    for (auto& submitted : std::exchange(early_submissions_, {})) on_submitted(submitted);
}

}  // namespace tally::consensus
