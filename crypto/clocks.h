#pragma once
// The two clocks of a process. Which one a time comes from decides what a clock that is set does to it.

#include <chrono>
#include <cstdint>

namespace tally {

// The time of day, since 1970. It jumps when the clock is set. Only for times that are judged or written: of blocks,
// proposals, certificates and tokens, and for what is kept for a number of days.
[[nodiscard]] inline std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Never goes back, since an arbitrary moment that differs between processes. For everything that waits, expires or is
// repeated: deadlines, intervals, caches, and the timers of the agreement protocol.
[[nodiscard]] inline std::int64_t steady_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace tally
