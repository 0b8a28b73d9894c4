#pragma once
// How many opaque transactions a second orderers put in order, durably, and how long one takes.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "crypto/error.h"

namespace tally::node::cli {

struct OrderBench {
    std::size_t nodes = 4;
    std::string fault_model = "byzantine";
    std::size_t transactions = 200'000;
    std::size_t bytes = 1024;       // of one
    std::size_t group = 32;         // transactions in one message to an orderer
    std::size_t window = 4096;      // transactions in flight
    double rate = 0;                // per second; 0: closed loop
    std::uint64_t block_bytes = 0;  // preferred; 0: the default
};

// Starts orderers of its own, measures, stops them and counts what each has kept. Prints the result.
[[nodiscard]] Status run_order_bench(const OrderBench& bench, const std::atomic<bool>& interrupted);

}  // namespace tally::node::cli
