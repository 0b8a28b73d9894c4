#pragma once
// Counts what each party has waiting, and bounds it: a party that floods a queue, through any number of gateways,
// leaves room for the others. Safe from any thread.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::node {

// How much one party has, or may have, of what is counted.
struct Share {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
};

class Quotas {
  public:
    using Shares = std::map<std::string, Share>;  // by party

    // `what` is counted, for messages. `all`: of all parties together.
    Quotas(std::string_view what, Share of_one, Share all = {UINT64_MAX, UINT64_MAX})
        : what_(what), of_one_(of_one), all_(all) {}

    // All of them, or none: busy says whose is used up.
    [[nodiscard]] Status take(const Shares& shares);
    void give_back(const Shares& shares);

  private:
    const std::string what_;
    const Share of_one_, all_;
    std::mutex mutex_;
    Shares taken_;
    Share taken_by_all_;
};

}  // namespace tally::node
