// R7, R10: where members are, and a member that has forgotten where it was.

#include <algorithm>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

constexpr std::size_t kMaxCertificates = 64;  // in one answer

}  // namespace

StatusMessage Simplex::Core::own_status(bool answer, std::uint64_t nonce) const {
    return {committee_.epoch, view_, tip_.header.number, tip_view(), answer, nonce, {}};
}

void Simplex::Core::tell_status() {
    const auto period = life_.forgetful ? settings_.resend_ms : settings_.status_ms;
    if (now_ >= status_ms_ + period) {
        status_ms_ = now_;
        if (self_) send(std::nullopt, own_status(false, life_.forgetful ? life_.incarnation : 0));
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
    if (status.answer && life_.forgetful && status.nonce == life_.incarnation) {
        told_[from] = {status.epoch, status.view};
        life_.incarnation = std::max(life_.incarnation, status.lane.incarnation + 1);
        remember_view();
    }
    if (!status.answer && (behind || status.nonce != 0)) answer(from, status.nonce);
}

// Once per interval and peer; a question with a nonce at any time.
void Simplex::Core::answer(Member to, std::uint64_t nonce) {
    if (!is_member(to)) return;
    auto& peer = peers_[to];
    if (nonce == 0 && peer.answered_ms >= 0 && now_ < peer.answered_ms + settings_.resend_ms / 2) return;
    peer.answered_ms = now_;
    auto status = own_status(true, nonce);
    status.lane = std::max(lanes_.head(to).at, lanes_.final(to));
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

// R10: enough others have said where they are.
void Simplex::Core::remember_view() {
    if (told_.size() < std::min(committee_.blocking_set(), committee_.size() - 1)) return;
    for (const auto& [peer, where] : told_) {
        const auto [epoch, view] = where;
        if (std::pair(epoch, view + 1) > std::pair(life_.silent_epoch, life_.silent_view)) {
            life_.silent_epoch = epoch;
            life_.silent_view = view + 1;
        }
    }
    life_.forgetful = false;
    start_ticket_ = append(RecordType::start, storage::encode(life_));
    for (auto& submitted : std::exchange(early_submissions_, {})) on_submitted(submitted);
}

}  // namespace tally::consensus
