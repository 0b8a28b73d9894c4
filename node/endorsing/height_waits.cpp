#include "node/endorsing/height_waits.h"

namespace tally::node {

Status HeightWaits::add(const std::string& party, storage::BlockNumber height, std::uint64_t bytes,
                        Clock::time_point until, Run run) {
    {
        const std::lock_guard lock(mutex_);
        if (height > reached_) {
            auto& taken = taken_[party];
            if (taken.count >= most_.count || (taken.count > 0 && taken.bytes + bytes > most_.bytes)) {
                return fail(Code::busy, "{} questions of {} bytes of {} wait for blocks; try again", taken.count,
                            taken.bytes, party);
            }
            ++taken.count;
            taken.bytes += bytes;
            waiting_.emplace(height, Question{party, bytes, until, std::move(run)});
            return {};
        }
    }
    run(true);
    return {};
}

HeightWaits::Run HeightWaits::take(std::multimap<storage::BlockNumber, Question>::iterator at) {
    auto question = std::move(at->second);
    waiting_.erase(at);
    const auto taken = taken_.find(question.party);
    taken->second.bytes -= question.bytes;
    if (--taken->second.count == 0) taken_.erase(taken);
    return std::move(question.run);
}

void HeightWaits::reached(storage::BlockNumber height) {
    std::vector<Run> due;
    {
        const std::lock_guard lock(mutex_);
        reached_ = std::max(reached_, height);
        while (!waiting_.empty() && waiting_.begin()->first <= reached_) due.push_back(take(waiting_.begin()));
    }
    for (const auto& run : due) run(true);
}

void HeightWaits::expire(Clock::time_point now) {
    std::vector<Run> due;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = waiting_.begin(); at != waiting_.end();) {
            const auto each = at++;
            if (each->second.until <= now) due.push_back(take(each));
        }
    }
    for (const auto& run : due) run(false);
}

}  // namespace tally::node
