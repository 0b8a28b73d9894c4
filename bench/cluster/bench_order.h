#pragma once
// tally bench order: transactions straight to the orderers, over the network between nodes, of which this program is
// one; each request is answered when all of it is final.

#include "bench/cluster/bench_work.h"

namespace tally::node::cli {

inline constexpr auto kBenchDriver = "bench";  // drivers/bench/transport.key in the consortium's folder

struct OrderWork {
    std::size_t bytes = 1024;  // of one transaction, about
    std::size_t group = 32;    // transactions in one request
    bool is_signed = false;    // else opaque bytes
};

// not_found when the consortium does not name the driver; signed transactions are made before the clock starts.
[[nodiscard]] Result<std::unique_ptr<BenchWork>> make_order_work(Ground& ground, const OrderWork& options,
                                                                 std::size_t count,
                                                                 const std::atomic<bool>& interrupted);

}  // namespace tally::node::cli
