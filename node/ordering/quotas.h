#pragma once
// What each submitter has waiting, and the most that one may have: whoever floods an orderer, through however many
// gateways, leaves room for the others. Safe from any thread.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "crypto/error.h"

namespace tally::node {

class Quotas {
  public:
    struct Share {
        std::uint64_t transactions = 0;
        std::uint64_t bytes = 0;
    };
    using Shares = std::map<std::string, Share>;  // by submitter

    explicit Quotas(Share most) : most_(most) {}

    // All of them, or none: busy says whose is used up.
    [[nodiscard]] Status take(const Shares& shares);
    void give_back(const Shares& shares);

  private:
    const Share most_;
    std::mutex mutex_;
    Shares taken_;
};

}  // namespace tally::node
