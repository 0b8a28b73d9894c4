#pragma once
// Random values of everything that is stored, repeatable from a seed.

#include <random>

#include "storage/model/block.h"
#include "storage/model/transaction.h"

namespace tally::storage {

class RandomValues {
  public:
    explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    std::uint64_t number() { return engine_() >> below(64); }
    std::int64_t signed_number() { return static_cast<std::int64_t>(engine_()); }
    Bytes bytes() {
        Bytes out(below(12));
        for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
        return out;
    }
    std::string text() { return std::string(as_text(bytes())); }
    crypto::Hash hash() { return crypto::sha256(bytes()); }
    template <class Make>
    auto list(Make make) {
        std::vector<decltype(make())> out;
        for (auto count = below(4); count > 0; --count) out.push_back(make());
        return out;
    }

    Version version() { return {number(), static_cast<std::uint32_t>(engine_())}; }
    StateKey key() { return {text(), text()}; }
    ReadWriteSet read_write_set() {
        ReadWriteSet set;
        set.reads = list([&] { return Read{key(), below(2) == 0 ? std::optional(version()) : std::nullopt}; });
        set.range_reads = list([&] { return RangeRead{text(), text(), text(), hash()}; });
        set.writes = list([&] { return Write{key(), below(2) == 0 ? std::optional(bytes()) : std::nullopt}; });
        set.increments = list([&] { return Increment{key(), signed_number(), signed_number()}; });
        return set;
    }
    Simulation simulation() {
        return {hash(),          text(), static_cast<std::uint32_t>(engine_()),
                text(),          text(), list([&] { return Event{text(), text()}; }),
                read_write_set()};
    }
    Transaction transaction() {
        return {static_cast<Transaction::Kind>(below(2)), bytes(), bytes(),
                list([&] { return Endorsement{bytes(), bytes()}; })};
    }
    BlockHeader header() {
        return {text(),
                number(),
                hash(),
                hash(),
                hash(),
                signed_number(),
                number(),
                number(),
                static_cast<std::uint32_t>(engine_()),
                static_cast<std::uint8_t>(engine_()),
                list([&] { return LaneProgress{number(), {number(), number()}}; })};
    }
    Checkpoint checkpoint() {
        return {text(), number(), hash(), number(), hash(), hash(), list([&] {
                    return CheckpointSignature{text(), bytes(), bytes(), bytes()};
                })};
    }
    Block block() {
        Block out;
        out.header = header();
        out.batches = list([&] { return list([&] { return bytes(); }); });
        out.metadata = {bytes(), bytes(), bytes(), list([&] { return static_cast<ValidationCode>(below(103)); }),
                        checkpoint()};
        return out;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace tally::storage
