#pragma once
// What a simulation saw and wants to change. Committers compare what it saw with the state as it is when the
// transaction's turn comes, and apply what it wants only when nothing it depended on has moved.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::storage {

// Where a value was last written: (block, index of the transaction in the block).
struct Version {
    std::uint64_t block = 0;
    std::uint32_t transaction = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
    template <class A>
    void serialize(A& a) {
        a(block, transaction);
    }
};

struct StateKey {
    std::string space;  // the contract's name: each contract has a namespace of its own
    std::string key;

    friend auto operator<=>(const StateKey&, const StateKey&) = default;
    template <class A>
    void serialize(A& a) {
        a(space, key);
    }
};

struct Read {
    StateKey key;
    std::optional<Version> version;  // none: the key was absent

    template <class A>
    void serialize(A& a) {
        a(key, version);
    }
    friend bool operator==(const Read&, const Read&) = default;
};

// Keys in [start, end) of one namespace, with a digest over each (key, version) that was seen, in order. A scan that
// stopped early has its `end` just after the last key that it saw, so the digest never depends on what was not read.
struct RangeRead {
    std::string space;
    std::string start;
    std::string end;
    crypto::Hash digest;

    template <class A>
    void serialize(A& a) {
        a(space, start, end, digest);
    }
    friend bool operator==(const RangeRead&, const RangeRead&) = default;
};

struct Write {
    StateKey key;
    std::optional<Bytes> value;  // none: delete

    template <class A>
    void serialize(A& a) {
        a(key, value);
    }
    friend bool operator==(const Write&, const Write&) = default;
};

// A commutative update: reads nothing, so never conflicts. The stored value is the decimal text of an int64; an absent
// key counts as 0. The transaction is invalid when the sum would fall below `lower_bound` or overflow.
struct Increment {
    StateKey key;
    std::int64_t delta = 0;
    std::int64_t lower_bound = INT64_MIN;

    template <class A>
    void serialize(A& a) {
        a(key, delta, lower_bound);
    }
    friend bool operator==(const Increment&, const Increment&) = default;
};

struct ReadWriteSet {
    std::vector<Read> reads;
    std::vector<RangeRead> range_reads;
    std::vector<Write> writes;
    std::vector<Increment> increments;

    template <class A>
    void serialize(A& a) {
        a(reads, range_reads, writes, increments);
    }
    friend bool operator==(const ReadWriteSet&, const ReadWriteSet&) = default;
};

}  // namespace tally::storage
