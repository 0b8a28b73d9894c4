#include "bench/cluster/bench_load.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "node/cli/output.h"

namespace tally::node::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSomeIds = 100;
constexpr std::size_t kToldFailures = 20;

double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

bool is_unknown(Code code) { return code == Code::timeout || code == Code::unavailable; }

// What one thread gathers.
struct Part {
    LoadResult result;
    std::vector<std::pair<Clock::time_point, Sample>> ended;
};

void work(Requester& requester, const Load& load, Clock::time_point begin, std::atomic<std::size_t>& next,
          std::atomic<std::size_t>& finished, const std::atomic<bool>& interrupted, Part& out) {
    const auto every = std::max<std::size_t>(load.count / kSomeIds, 1);
    for (std::size_t i = next++; i < load.count && !interrupted; i = next++) {
        auto status = requester.prepare(load.first + i);
        auto due = Clock::now();
        if (load.rate > 0) {
            due = begin + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(static_cast<double>(i) / load.rate));
            std::this_thread::sleep_until(due);
        }
        const auto id = status ? requester.send() : Result<std::string>(std::unexpected(status.error()));
        const auto end = Clock::now();
        ++finished;
        if (id) {
            out.ended.push_back({end, {seconds_between(begin, due), seconds_between(due, end)}});
            if (i % every == 0) out.result.some_ids.push_back(*id);
            continue;
        }
        ++(is_unknown(id.error().code) ? out.result.unknown : out.result.refused);
        if (out.result.failures.size() < kToldFailures) ++out.result.failures[id.error().message];
    }
}

}  // namespace

LoadResult run_load(const std::vector<std::unique_ptr<Requester>>& requesters, const Load& load,
                    const std::atomic<bool>& interrupted) {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> finished{0};
    std::atomic<std::size_t> running{requesters.size()};
    std::vector<Part> parts(requesters.size());
    const auto begin = Clock::now();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < requesters.size(); ++i) {
        threads.emplace_back([&, i] {
            work(*requesters[i], load, begin, next, finished, interrupted, parts[i]);
            --running;
        });
    }
    Progress progress(load.what, load.count);
    while (running > 0) {
        progress.at(finished);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (auto& thread : threads) thread.join();
    LoadResult result;
    std::vector<std::pair<Clock::time_point, Sample>> ended;
    for (auto& part : parts) {
        ended.insert(ended.end(), part.ended.begin(), part.ended.end());
        result.refused += part.result.refused;
        result.unknown += part.result.unknown;
        for (const auto& [what, count] : part.result.failures) result.failures[what] += count;
        result.some_ids.insert(result.some_ids.end(), part.result.some_ids.begin(), part.result.some_ids.end());
    }
    std::sort(ended.begin(), ended.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [end, sample] : ended) result.samples.push_back(sample);
    result.seconds = seconds_between(begin, ended.empty() ? Clock::now() : ended.back().first);
    return result;
}

double percentile(const std::vector<double>& sorted, double p) {
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
}

double longest_pause_s(const std::vector<Sample>& samples) {
    double longest = 0;
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const auto end = [&](std::size_t which) { return samples[which].due_s + samples[which].latency_s; };
        longest = std::max(longest, end(i) - end(i - 1));
    }
    return longest;
}

std::vector<double> sorted_latencies(const std::vector<Sample>& samples) {
    std::vector<double> latencies;
    for (const auto& sample : samples) latencies.push_back(sample.latency_s);
    std::sort(latencies.begin(), latencies.end());
    return latencies;
}

}  // namespace tally::node::cli
