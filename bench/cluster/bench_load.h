#pragma once
// A load: requests over kept connections, one in flight on each, in a closed loop (as fast as the answers come) or in
// an open one (each request is due at its time, and its latency counts from then, however late it was sent).
//
// Threads: `run` starts one per connection and returns when all have ended; a Requester belongs to one of them.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/error.h"

namespace tally::node::cli {

// One connection's work: make request i, outside of the measured time; then send it and wait for its answer.
class Requester {
  public:
    virtual ~Requester() = default;
    [[nodiscard]] virtual Status prepare(std::size_t i) = 0;
    [[nodiscard]] virtual Result<std::string> send() = 0;  // the transaction's id
};

struct Load {
    std::size_t first = 0;
    std::size_t count = 0;
    double rate = 0;   // per second; 0: closed loop
    std::string what;  // for the progress line
};

struct Sample {
    double due_s = 0;  // since the load began
    double latency_s = 0;
};

struct LoadResult {
    std::vector<Sample> samples;        // of what was committed, in the order of their ends
    std::vector<std::string> some_ids;  // of what was committed, spread over the load
    double seconds = 0;
    std::size_t refused = 0;
    std::size_t unknown = 0;  // no answer: it may have been committed
    std::map<std::string, std::size_t> failures;

    [[nodiscard]] std::size_t done() const { return samples.size(); }
};

[[nodiscard]] LoadResult run_load(const std::vector<std::unique_ptr<Requester>>& requesters, const Load& load,
                                  const std::atomic<bool>& interrupted);

// p between 0 and 1, of values that are sorted.
[[nodiscard]] double percentile(const std::vector<double>& sorted, double p);
// The longest time in which nothing ended, but for the time before the first: how long a fault was felt.
[[nodiscard]] double longest_pause_s(const std::vector<Sample>& samples);
[[nodiscard]] std::vector<double> sorted_latencies(const std::vector<Sample>& samples);

}  // namespace tally::node::cli
