#include "consensus/fetching.h"

#include <algorithm>
#include <limits>

namespace tally::consensus {

void Fetching::end_step() {
    std::erase_if(needs_, [&](const auto& need) { return !needed_.contains(need.first); });
}

void Fetching::need(const Hash& key, Message request, Member first, std::int64_t due_ms) {
    needed_.insert(key);
    needs_.try_emplace(key, Need{std::move(request), first, due_ms});
}

bool Fetching::needs(const BatchReference& reference) const {
    const auto need = needs_.find(reference.digest);
    if (need == needs_.end()) return false;
    const auto* wanted = std::get_if<FetchBatch>(&need->second.request);
    return wanted != nullptr && wanted->reference == reference;
}

std::vector<Fetching::Due> Fetching::due(std::int64_t now, std::int64_t interval_ms, const Next& next) {
    std::vector<Due> due;
    for (auto& [key, need] : needs_) {
        if (now < need.next_ms) continue;
        due.push_back({need.first, need.request});
        need.first = next(need.first);
        need.next_ms = now + interval_ms;
    }
    return due;
}

std::int64_t Fetching::wake_at() const {
    auto wake = std::numeric_limits<std::int64_t>::max();
    for (const auto& [key, need] : needs_) wake = std::min(wake, need.next_ms);
    return wake;
}

}  // namespace tally::consensus
