#include "consensus/catch_up.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tally::consensus {
namespace {

constexpr std::uint64_t kFarBehind = 8;  // blocks: more than messages that are on their way
constexpr std::int64_t kAnswerMs = 2000;

}  // namespace

void CatchUp::begin_epoch(std::size_t members) {
    claims_.assign(members, 0);
    behind_since_ = until_ = -1;
}

std::optional<Member> CatchUp::look(std::int64_t now, storage::BlockNumber tip, std::optional<Member> self,
                                    std::int64_t patience_ms) {
    wake_ = std::numeric_limits<std::int64_t>::max();
    const auto highest = claims_.empty() ? 0 : *std::max_element(claims_.begin(), claims_.end());
    if (highest <= tip) return std::nullopt;
    if (behind_since_ < 0) behind_since_ = now;
    const bool far = highest > tip + kFarBehind || !self;
    const auto due = std::max(until_, far ? now : behind_since_ + patience_ms);
    if (now < due) {
        wake_ = due;
        return std::nullopt;
    }
    for (std::size_t i = 0; i < claims_.size(); ++i) {
        source_ = static_cast<Member>((source_ + 1) % claims_.size());
        if (claims_[source_] > tip && source_ != self) break;
    }
    until_ = wake_ = now + kAnswerMs;
    claim_ = std::exchange(claims_[source_], 0);  // counts again when it was true, or repeated
    return source_;
}

void CatchUp::answered() {
    until_ = -1;
    claims_[source_] = std::max(claims_[source_], claim_);
}

}  // namespace tally::consensus
