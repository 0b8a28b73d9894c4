#pragma once
// A ledger that benchmarks let grow, in a directory of its own that goes with it.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "storage/apply.h"
#include "storage/ledger.h"

namespace tally::bench {

using namespace storage;  // NOLINT: a benchmark's own header

inline constexpr std::string_view kSpace = "bench";

class Directory {
  public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "tally-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path = name;
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    std::filesystem::path path;
};

inline Bytes transaction_of(std::uint64_t number, std::size_t size = 1024) {
    Bytes bytes(size, 0x5a);
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}

inline std::string key_of(std::uint64_t number) { return fmt::format("key {:010}", number); }

// A ledger and the next block for it: `count` transactions of 1 KiB, each of which writes one value of 100 bytes.
struct Growing {
    Directory directory;
    std::unique_ptr<Ledger> ledger;
    std::uint64_t written = 0;  // keys

    Growing() { open(true); }
    void open(bool create) {
        ledger.reset();
        LedgerOptions options;
        options.directory = directory.path / "ledger";
        options.create = create;
        options.channel = "bench";
        ledger = std::move(*Ledger::open(std::move(options)));
    }
    [[nodiscard]] std::vector<CheckedTransaction> transactions(std::size_t count) const {
        std::vector<CheckedTransaction> all(count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto key = key_of(written + i);
            all[i].id = crypto::sha256(as_bytes(key));
            all[i].simulation.read_write_set.writes.push_back({{std::string(kSpace), key}, Bytes(100, 1)});
        }
        return all;
    }
    [[nodiscard]] Block block(std::size_t count, std::size_t bytes = 1024) const {
        Block next;
        auto& batch = next.batches.emplace_back();
        for (std::size_t i = 0; i < count; ++i) batch.push_back(transaction_of(written + i, bytes));
        const auto tip = ledger->tip();
        next.header.channel = "bench";
        next.header.number = tip ? tip->number + 1 : 0;
        if (tip) next.header.previous_hash = tip->hash;
        next.header.data_root = data_root({batch_digest(batch)});
        return next;
    }
    [[nodiscard]] BlockEffects effects_of(const std::vector<CheckedTransaction>& all, std::uint64_t number) const {
        const auto state = ledger->state();
        for (const auto& each : all) {
            (void)ledger->id_is_used(each.id);
            (void)check_reads(each.simulation.read_write_set, *state);
        }
        return *apply_block(number, all, *state);
    }
    // Whether all of them were valid, and are on the ledger; `bytes` is the size of each as it is kept.
    bool append(const std::vector<CheckedTransaction>& all, std::size_t bytes = 1024) {
        auto next = block(all.size(), bytes);
        std::vector<TransactionId> ids;
        for (const auto& each : all) ids.push_back(each.id);
        const auto effects = effects_of(all, next.header.number);
        const auto valid = std::ranges::count(effects.codes, ValidationCode::VALID);
        return valid == std::ssize(all) && ledger->append(next, ids, effects, nullptr).has_value();
    }
    bool grow(std::size_t count, std::size_t bytes = 1024) {
        const bool good = append(transactions(count), bytes);
        written += count;
        return good;
    }
};

}  // namespace tally::bench
