#include "node/ordering/quotas.h"

namespace tally::node {

Status Quotas::take(const Shares& shares) {
    const std::lock_guard lock(mutex_);
    for (const auto& [submitter, share] : shares) {
        const auto found = taken_.find(submitter);
        const auto taken = found == taken_.end() ? Share() : found->second;
        if (taken.transactions + share.transactions > most_.transactions || taken.bytes + share.bytes > most_.bytes) {
            return fail(Code::busy, "{} transactions of {} bytes from {} are waiting to be ordered; try again",
                        taken.transactions, taken.bytes, submitter);
        }
    }
    for (const auto& [submitter, share] : shares) {
        auto& taken = taken_[submitter];
        taken.transactions += share.transactions;
        taken.bytes += share.bytes;
    }
    return {};
}

void Quotas::give_back(const Shares& shares) {
    const std::lock_guard lock(mutex_);
    for (const auto& [submitter, share] : shares) {
        const auto found = taken_.find(submitter);
        if (found == taken_.end()) continue;
        found->second.transactions -= share.transactions;
        found->second.bytes -= share.bytes;
        if (found->second.transactions == 0) taken_.erase(found);
    }
}

}  // namespace tally::node
