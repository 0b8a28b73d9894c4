#include "node/ordering/block_requests.h"

#include <algorithm>
#include <limits>

namespace tally::node {

std::int64_t BlockRequests::may_ms(consensus::Member who) const {
    const auto answered = answered_ms_.find(who);
    return answered == answered_ms_.end() ? 0 : answered->second + kSpacingMs;
}

// Who was answered longest ago comes first.
std::optional<consensus::ServeBlocks> BlockRequests::next(storage::BlockNumber here, std::int64_t now_ms) {
    std::erase_if(wishes_, [&](const auto& each) { return each.second.from > here && !each.second.patient; });
    const std::pair<const consensus::Member, Wish>* first = nullptr;
    for (const auto& each : wishes_) {
        if (each.second.from > here || now_ms < may_ms(each.first)) continue;
        if (first == nullptr || may_ms(each.first) < may_ms(first->first)) first = &each;
    }
    if (first == nullptr) return std::nullopt;
    const consensus::ServeBlocks wanted{first->first, first->second.from};
    answered_ms_[wanted.to] = now_ms;
    wishes_.erase(wanted.to);
    return wanted;
}

std::optional<std::int64_t> BlockRequests::due_ms(storage::BlockNumber here) const {
    std::optional<std::int64_t> due;
    for (const auto& [who, wish] : wishes_) {
        if (wish.from <= here) due = std::min(due.value_or(std::numeric_limits<std::int64_t>::max()), may_ms(who));
    }
    return due;
}

}  // namespace tally::node
