// What a ledger costs that has grown: the same work with few keys behind it, and with ten million in 100,000 blocks.
// Minutes go by while it grows. TMPDIR says on which disk, which needs 6 GiB.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <random>
#include <set>

#include "bench/growing.h"

namespace {

using namespace tally;
using namespace tally::bench;

constexpr std::uint64_t kFewKeys = 10'000;
constexpr std::uint64_t kKeysPerBlock = 100;
constexpr std::size_t kBlock = 100;  // transactions in a block that is measured

// One for all: what is measured first finds few keys behind it.
Growing& grown_to(std::uint64_t keys) {
    static Growing growing;
    const auto first = growing.written;
    while (growing.written < keys) {
        if (!growing.grow(kKeysPerBlock, 64)) std::abort();
        if (growing.written % 100'000 == 0 && keys > kFewKeys)
            std::fprintf(stderr, "\r%9llu of %llu keys", static_cast<unsigned long long>(growing.written),
                         static_cast<unsigned long long>(keys));
    }
    if (growing.written != first && keys > kFewKeys) {
        std::fputc('\n', stderr);
        (void)growing.ledger->close();  // what is cached is what the work itself has used
        growing.open(false);
    }
    return growing;
}

// Each transaction reads a key's newest version, wherever it lies, and writes it anew; then the block is validated
// against the state and appended.
void transactions_over_old_keys(benchmark::State& state) {
    auto& growing = grown_to(static_cast<std::uint64_t>(state.range(0)));
    std::mt19937_64 random(7);
    static std::uint64_t number = 0;
    for (auto _ : state) {
        const auto before = growing.ledger->state();
        std::vector<CheckedTransaction> all(kBlock);
        std::set<std::uint64_t> chosen;
        for (auto& each : all) {
            std::uint64_t key = 0;
            do key = random() % growing.written;
            while (!chosen.insert(key).second);
            const StateKey name{std::string(kSpace), key_of(key)};
            each.id = crypto::sha256(as_bytes(fmt::format("old {}", number++)));
            auto& set = each.simulation.read_write_set;
            const auto old = before->get(name);
            if (!old || !*old) std::abort();
            set.reads.push_back({name, (*old)->version});
            set.writes.push_back({name, Bytes(100, 2)});
        }
        if (!growing.append(all)) state.SkipWithError("the block was not appended");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(kBlock) * state.iterations());
}

void transactions_over_new_keys(benchmark::State& state) {
    auto& growing = grown_to(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        if (!growing.grow(kBlock)) state.SkipWithError("the block was not appended");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(kBlock) * state.iterations());
}

void open_and_close(benchmark::State& state) {
    auto& growing = grown_to(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        (void)growing.ledger->close();
        growing.open(false);
    }
}

// In this order, as the ledger only grows.
void each_with(std::int64_t keys) {
    const auto blocks = [&](const char* name, void (*work)(benchmark::State&)) {
        auto* registered = benchmark::RegisterBenchmark(name, work);
        registered->ArgName("keys")->Arg(keys)->Iterations(1000)->UseRealTime()->Unit(benchmark::kMicrosecond);
    };
    blocks("transactions_over_new_keys", transactions_over_new_keys);
    blocks("transactions_over_old_keys", transactions_over_old_keys);
    auto* opening = benchmark::RegisterBenchmark("open_and_close", open_and_close);
    opening->ArgName("keys")->Arg(keys)->Iterations(5)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
    each_with(kFewKeys);
    each_with(10'000'000);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
