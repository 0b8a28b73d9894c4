// What keeping costs: encoding, appending blocks, reading state, applying a block, and the consensus log beside a plain
// write and fdatasync in the same run. Directories are made where TMPDIR says: it should be the disk that is asked
// about.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "bench/growing.h"
#include "consensus/mempool.h"
#include "storage/consensus_log.h"
#include "storage/model/archive.h"
#include "storage/rocks/database.h"
#include "storage/rocks/file_checksum.h"
#include "storage/state_digest.h"

namespace {

using namespace tally;
using namespace tally::storage;
using namespace tally::bench;

Transaction sample_transaction() {
    Simulation simulation;
    simulation.contract = "data";
    simulation.function = "publish";
    for (std::uint64_t i = 0; i < 5; ++i) {
        simulation.read_write_set.reads.push_back({{"data", key_of(i)}, Version{i, 0}});
        simulation.read_write_set.writes.push_back({{"data", key_of(i)}, Bytes(60, 1)});
    }
    return {Transaction::Kind::contract, Bytes(700, 2), encode(simulation), {{Bytes(500, 3), Bytes(64, 4)}}};
}

void archive_encode(benchmark::State& state) {
    const auto transaction = sample_transaction();
    std::size_t bytes = 0;
    for (auto _ : state) {
        auto encoded = encode(transaction);
        bytes = encoded.size();
        benchmark::DoNotOptimize(encoded);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}
BENCHMARK(archive_encode);

void archive_decode(benchmark::State& state) {
    const auto encoded = encode(sample_transaction());
    for (auto _ : state) {
        const auto transaction = decode<Transaction>(encoded, "a transaction");
        auto simulation = decode<Simulation>(transaction->simulation, "a simulation");
        benchmark::DoNotOptimize(simulation);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(encoded.size()) * state.iterations());
}
BENCHMARK(archive_decode);

void batch_digest_of_1000(benchmark::State& state) {
    Batch batch;
    for (std::uint64_t i = 0; i < 1000; ++i) batch.push_back(transaction_of(i));
    for (auto _ : state) benchmark::DoNotOptimize(batch_digest(batch));
    state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(batch_digest_of_1000)->Unit(benchmark::kMicrosecond);

// apply_block and append together, without a sync: what a committer does after the signatures.
void append_block(benchmark::State& state) {
    Growing growing;
    const auto count = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        if (!growing.grow(count)) state.SkipWithError("the block was not appended");
    }
    state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(append_block)
    ->ArgName("transactions")
    ->Arg(1)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

void apply_block_of_1000(benchmark::State& state) {
    Growing growing;
    (void)growing.grow(1000);
    const auto all = growing.transactions(1000);
    for (auto _ : state) benchmark::DoNotOptimize(growing.effects_of(all, 1));
    state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(apply_block_of_1000)->Unit(benchmark::kMicrosecond);

// What the state's digest costs per write of 100 bytes: to a new key (0), or over an old value (1), which is read and
// taken out of the digest first; beside SHA-256 of the same entry.
void state_digest_per_write(benchmark::State& state) {
    Growing growing;
    growing.grow(1000);
    std::vector<StateUpdate> updates;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const auto number = state.range(0) == 0 ? i + 1000 : i;
        updates.push_back({{std::string(kSpace), key_of(number)}, Bytes(100, 2), {1, static_cast<std::uint32_t>(i)}});
    }
    crypto::MultisetHash digest;
    const auto before = growing.ledger->state();
    for (auto _ : state) {
        if (!update_state_digest(digest, *before, updates)) std::abort();
    }
    benchmark::DoNotOptimize(digest);
    state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(state_digest_per_write)->ArgName("old")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void state_entry_sha256(benchmark::State& state) {
    const StateKey key{std::string(kSpace), key_of(7)};
    const Bytes value(100, 2);
    for (auto _ : state) benchmark::DoNotOptimize(state_entry_hash(key, {1, 7}, value));
}
BENCHMARK(state_entry_sha256);

constexpr std::uint64_t kKeys = 100'000;

void state_get(benchmark::State& state) {
    Growing growing;
    while (growing.written < kKeys) (void)growing.grow(1000);
    const bool cold = state.range(0) != 0;
    if (cold) {  // flushed, and a cache that has nothing yet
        (void)growing.ledger->close();
        growing.open(false);
    }
    std::uint64_t number = 0;
    for (auto _ : state) {
        number = (number + 7919) % kKeys;
        auto value = growing.ledger->state()->get({std::string(kSpace), key_of(cold ? number : number % 1000)});
        if (!value || !*value) state.SkipWithError("a value is missing");
        benchmark::DoNotOptimize(value);
    }
}
BENCHMARK(state_get)->ArgName("cold")->Arg(0)->Iterations(100'000);
BENCHMARK(state_get)->ArgName("cold")->Arg(1)->Iterations(10'000);

void state_scan_of_1000(benchmark::State& state) {
    Growing growing;
    while (growing.written < 20'000) (void)growing.grow(1000);
    for (auto _ : state) {
        std::size_t seen = 0;
        (void)growing.ledger->state()->scan(kSpace, key_of(5000), key_of(6000), false,
                                            [&](std::string_view, const VersionedValue&) {
                                                ++seen;
                                                return true;
                                            });
        if (seen != 1000) state.SkipWithError("keys are missing");
    }
    state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(state_scan_of_1000)->Unit(benchmark::kMicrosecond);

// In segments of 64 MiB; with `spare` each is written over one that was released, as in a log that has run for a while.
void consensus_log_append_and_sync(benchmark::State& state) {
    const Directory directory;
    auto log = ConsensusLog::open({directory.path, 64U << 20}, [](std::uint8_t, ByteView) -> Status { return {}; });
    const Bytes record(static_cast<std::size_t>(state.range(0)), 0x5a);
    std::uint64_t height = 0;
    const auto roll = [&] {
        ++height;
        if (!(*log)->roll(height) || (state.range(1) != 0 && !(*log)->release(height)))
            state.SkipWithError("no segment was begun");
    };
    if (state.range(1) != 0) {
        (*log)->append(1, {Bytes(64U << 20, 0x5a)});
        roll();
        (*log)->append(1, {Bytes(64U << 20, 0x5a)});
        roll();
    }
    for (auto _ : state) {
        (*log)->append(1, {record});
        if (!(*log)->sync()) state.SkipWithError("the log was not synced");
        if ((*log)->segment_is_full()) roll();
    }
    state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(consensus_log_append_and_sync)
    ->ArgNames({"bytes", "spare"})
    ->ArgsProduct({{512, 1 << 20}, {0, 1}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime()
    ->MinTime(1);

void plain_write_and_fdatasync(benchmark::State& state) {
    const Directory directory;
    const int file = ::open((directory.path / "file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const Bytes record(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state) {
        if (::write(file, record.data(), record.size()) != static_cast<ssize_t>(record.size()) ||
            ::fdatasync(file) != 0) {
            state.SkipWithError("the file was not written");
        }
    }
    ::close(file);
    state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(plain_write_and_fdatasync)->Arg(512)->Arg(1 << 20)->Unit(benchmark::kMicrosecond)->UseRealTime()->MinTime(1);

// What RocksDB asks for behind every file that it writes: by its own generator and by the ledger's.
void file_checksum_of_a_mebibyte(benchmark::State& state) {
    const auto factory = state.range(0) != 0 ? rocks::file_checksums() : rocksdb::GetFileChecksumGenCrc32cFactory();
    const std::string bytes(1U << 20, 'x');
    for (auto _ : state) {
        const auto generator = factory->CreateFileChecksumGenerator({});
        generator->Update(bytes.data(), bytes.size());
        generator->Finalize();
        benchmark::DoNotOptimize(generator->GetChecksum());
    }
    state.SetBytesProcessed((1 << 20) * state.iterations());
}
BENCHMARK(file_checksum_of_a_mebibyte)->ArgName("ours")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// A mebibyte past the page cache, from memory that begins at a page or inside of one, where RocksDB by itself begins.
void direct_write_of_a_mebibyte(benchmark::State& state) {
    const Directory directory;
    const int file = ::open((directory.path / "direct").c_str(), O_WRONLY | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
    const std::unique_ptr<void, decltype(&std::free)> memory(std::aligned_alloc(4096, (1U << 20) + 4096), &std::free);
    std::memset(memory.get(), 'x', (1U << 20) + 4096);
    const auto* from = static_cast<const char*>(memory.get()) + state.range(0);
    off_t at = 0;
    for (auto _ : state) {
        if (::pwrite(file, from, 1U << 20, at) != 1 << 20) state.SkipWithError("this disk takes no direct writes");
        at = (at + (1 << 20)) % (64 << 20);
    }
    ::close(file);
    state.SetBytesProcessed((1 << 20) * state.iterations());
}
BENCHMARK(direct_write_of_a_mebibyte)
    ->ArgName("behind_a_page")
    ->Arg(0)
    ->Arg(512)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// 32 MiB of blocks in a node that only orders, and the sync behind them: CPU is that of all threads. Without `apart` as
// a BlockStore keeps them; with it the payloads lie in blob files beside the tables.
void keep_blocks_of_a_mebibyte(benchmark::State& state) {
    const Directory directory;
    rocks::DatabaseOptions options;
    options.directory = directory.path / "blocks";
    options.create = true;
    options.blob_files = state.range(0) != 0;
    const auto database = rocks::Database::open(options);
    const std::string payload(1U << 20, 'x');
    std::uint64_t number = 0;
    for (auto _ : state) {
        for (int i = 0; i < 32; ++i) {
            rocksdb::WriteBatch batch;
            batch.Put((*database)->family(rocks::Family::blocks), rocks::block_key(++number, 1), payload);
            if (!(*database)->write(batch, "writing", false)) state.SkipWithError("the block was not written");
        }
        if (!(*database)->flush()) state.SkipWithError("the blocks were not synced");
    }
    state.SetBytesProcessed((32 << 20) * state.iterations());
}
BENCHMARK(keep_blocks_of_a_mebibyte)
    ->ArgName("apart")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(16);

void mempool_add_and_cut_1000(benchmark::State& state) {
    const auto transaction = transaction_of(0);
    for (auto _ : state) {
        consensus::Mempool pool({}, 64U << 20);
        for (int i = 0; i < 1000; ++i) (void)pool.add(transaction, 0);
        benchmark::DoNotOptimize(pool.cut());
    }
    state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(mempool_add_and_cut_1000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
