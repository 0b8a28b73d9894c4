#pragma once
// How many streams each organization has open. Bounded: each stream asks the workers for a page after every commit, so
// one organization's streams must leave room for the others'. Any thread; places may outlive it.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "crypto/error.h"

namespace tally::gateway {

class StreamPlaces {
  public:
    explicit StreamPlaces(unsigned of_one) : of_one_(of_one) {}

    // busy when the organization has as many as it may. The place is given back when the handle is destroyed.
    [[nodiscard]] Result<std::shared_ptr<void>> take(const std::string& organization) {
        const std::lock_guard lock(taken_->mutex);
        auto& count = taken_->streams[organization];
        if (count >= of_one_)
            return fail(Code::busy, "{} has {} streams open at this node already; end one first", organization, count);
        ++count;
        return std::shared_ptr<void>(nullptr, [taken = taken_, organization](void*) {
            const std::lock_guard inner(taken->mutex);
            const auto at = taken->streams.find(organization);
            if (--at->second == 0) taken->streams.erase(at);
        });
    }

  private:
    struct Taken {
        std::mutex mutex;
        std::map<std::string, unsigned> streams;
    };
    const unsigned of_one_;
    const std::shared_ptr<Taken> taken_ = std::make_shared<Taken>();
};

}  // namespace tally::gateway
