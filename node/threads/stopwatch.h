#pragma once
// Elapsed time, and the clocks (crypto/clocks.h).

#include <chrono>

#include "crypto/clocks.h"

namespace tally::node {

class Stopwatch {
  public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace tally::node
