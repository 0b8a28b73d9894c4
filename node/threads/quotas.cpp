#include "node/threads/quotas.h"

namespace tally::node {
namespace {

Share sum(const Share& a, const Share& b) { return {a.count + b.count, a.bytes + b.bytes}; }
bool fits(const Share& taken, const Share& most) { return taken.count <= most.count && taken.bytes <= most.bytes; }

}  // namespace

Status Quotas::take(const Shares& shares) {
    const auto full = [this](const Share& taken, std::string_view of) {
        return fail(Code::busy, "{} {} of {} bytes{} are waiting; try again", taken.count, what_, taken.bytes, of);
    };
    const std::lock_guard lock(mutex_);
    auto by_all = taken_by_all_;
    for (const auto& [party, share] : shares) {
        const auto found = taken_.find(party);
        const auto taken = found == taken_.end() ? Share() : found->second;
        if (!fits(sum(taken, share), of_one_)) return full(taken, " from " + party);
        by_all = sum(by_all, share);
    }
    if (!fits(by_all, all_)) return full(taken_by_all_, "");
    for (const auto& [party, share] : shares) taken_[party] = sum(taken_[party], share);
    taken_by_all_ = by_all;
    return {};
}

void Quotas::give_back(const Shares& shares) {
    const std::lock_guard lock(mutex_);
    for (const auto& [party, share] : shares) {
        const auto found = taken_.find(party);
        if (found == taken_.end()) continue;
        found->second.count -= share.count;
        found->second.bytes -= share.bytes;
        if (found->second.count == 0) taken_.erase(found);
        taken_by_all_.count -= share.count;
        taken_by_all_.bytes -= share.bytes;
    }
}

}  // namespace tally::node
