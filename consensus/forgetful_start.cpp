#include "consensus/forgetful_start.h"

#include <algorithm>
#include <tuple>

namespace tally::consensus {
namespace {

constexpr std::uint64_t kYearMs = 366ULL * 24 * 3600 * 1000;  // what a clock may have been wrong by

}  // namespace

void ForgetfulStart::begin_life(Epoch epoch, std::uint64_t lane, std::int64_t wall_ms) {
    if (life_.incarnation == 0) life_.forgetful = !first_start_;
    if (is_distrusted_) life_.forgetful = true;
    if (is_trusted_ && life_.incarnation != 0) life_ = {life_.incarnation, false, 0, 0};
    begin_epoch(epoch);
    // A clock that was put back must not begin a life below an earlier one.
    life_.incarnation = std::max(life_.incarnation, lane);
    life_.incarnation = std::max(life_.incarnation + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ms, 1)));
    nonce_ = life_.incarnation;
}

// What was lost may have been of this epoch too.
void ForgetfulStart::begin_epoch(Epoch epoch) {
    told_.clear();
    liars_.clear();
    if (life_.silent_view > 0 && life_.silent_epoch < epoch) life_.forgetful = true;
}

bool ForgetfulStart::listens_to(Member from, const StatusMessage& status, Epoch epoch) const {
    return life_.forgetful && status.answer && status.nonce == nonce_ && status.epoch <= epoch &&
           !liars_.contains(from);
}

void ForgetfulStart::lane_was(std::uint64_t incarnation, std::int64_t wall_ms) {
    if (incarnation <= static_cast<std::uint64_t>(wall_ms) + kYearMs)
        life_.incarnation = std::max(life_.incarnation, incarnation + 1);
}

void ForgetfulStart::lied(Member from) {
    liars_.insert(from);
    told_.erase(from);
}

bool ForgetfulStart::remember(const Committee& committee, std::uint64_t least_incarnation) {
    if (!life_.forgetful) return false;
    const auto liars = committee.faulty() - std::min(committee.faulty(), liars_.size());
    const auto others = committee.size() - 1 - liars_.size();
    if (told_.size() < std::min(committee.blocking_set() + liars, others)) return false;
    View highest = 0;
    for (const auto& [peer, where] : told_) {
        if (where.first == committee.epoch) highest = std::max(highest, where.second);
    }
    const std::pair silent(committee.epoch, highest + 1);
    if (silent > std::pair(life_.silent_epoch, life_.silent_view))
        std::tie(life_.silent_epoch, life_.silent_view) = silent;
    life_.incarnation = std::max(life_.incarnation, least_incarnation);
    life_.forgetful = false;
    return true;
}

}  // namespace tally::consensus
