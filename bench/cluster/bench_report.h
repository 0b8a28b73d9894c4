#pragma once
// What a benchmark found, as figures for people, as JSON and as a picture.

#include "bench/cluster/bench_ground.h"
#include "bench/cluster/bench_load.h"

namespace tally::node::cli {

struct BenchReport {
    std::string work;  // "order", "ledger", "records"
    std::string unit;  // "transactions", "records"
    std::size_t organizations = 0;
    std::string fault_model;
    std::size_t window = 0;       // transactions in flight
    std::size_t connections = 0;  // with one request in flight on each
    std::size_t group = 1;        // transactions in one request
    double rate = 0;
    std::size_t warm_up = 0;
    std::size_t request_bytes = 0;  // of one request
    LoadResult load;
    std::map<std::string, NodeReading> before;
    std::map<std::string, NodeReading> after;
    double driver_cpu_seconds = 0;
    Holdings holdings;
    std::vector<std::string> not_running;  // nodes of the cluster that took no part from the beginning
    std::vector<std::string> lost;         // nodes that ended or were paused under the load; not counted
    std::size_t sampled = 0;               // transactions asked for at every node
    std::size_t everywhere = 0;            // of these, committed and valid there

    [[nodiscard]] std::size_t transactions(std::size_t requests) const { return requests * group; }
    [[nodiscard]] double rate_reached() const {
        return load.seconds > 0 ? static_cast<double>(transactions(load.done())) / load.seconds : 0;
    }
};

[[nodiscard]] boost::json::object report_json(const BenchReport& report);
void print_report(const BenchReport& report);
// Latency and rate over time.
[[nodiscard]] std::string plot_svg(const BenchReport& report);

// corrupt when the ledgers do not hold what was answered; transaction_invalid when requests failed.
[[nodiscard]] Status judge(const BenchReport& report, bool others_use_it);

}  // namespace tally::node::cli
