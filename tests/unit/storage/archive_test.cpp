#include "storage/model/archive.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "tests/unit/storage/random_values.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

// Decoding gives a value that encodes to the same bytes, and each byte is needed: no shorter and no longer input is
// taken.
template <class T>
void check_round_trip(const T& value) {
    const Bytes encoded = encode(value);
    const auto decoded = decode<T>(encoded, "a value");
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(encode(*decoded), encoded);
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        EXPECT_EQ(code_of(decode<T>(ByteView(encoded).first(size), "a value")), Code::malformed) << size;
    }
    for (const int byte : {0, 1, 255}) {
        Bytes longer = encoded;
        longer.push_back(static_cast<std::uint8_t>(byte));
        EXPECT_EQ(code_of(decode<T>(longer, "a value")), Code::malformed);
    }
}

TEST(Archive, RandomValuesRoundTripAndNothingShorterOrLongerIsTaken) {
    RandomValues random(20240611);
    for (int i = 0; i < 60; ++i) {
        check_round_trip(random.header());
        check_round_trip(random.transaction());
        check_round_trip(random.simulation());
        check_round_trip(random.checkpoint());
        check_round_trip(random.block());
    }
}

TEST(Archive, DecodedValuesEqualTheOriginals) {
    RandomValues random(7);
    for (int i = 0; i < 200; ++i) {
        const auto simulation = random.simulation();
        EXPECT_EQ(decode<Simulation>(encode(simulation), "a simulation"), simulation);
        const auto header = random.header();
        EXPECT_EQ(decode<BlockHeader>(encode(header), "a header"), header);
    }
}

TEST(Archive, IntegersAreLittleEndianAndStringsCarryTheirLength) {
    EXPECT_EQ(to_hex(encode(std::uint32_t{0x01020304})), "04030201");
    EXPECT_EQ(to_hex(encode(std::int64_t{-2})), "feffffffffffffff");
    EXPECT_EQ(to_hex(encode(std::string("ab"))), "020000006162");
    EXPECT_EQ(to_hex(encode(std::vector<std::uint16_t>{1, 2})), "0200000001000200");
    EXPECT_EQ(to_hex(encode(std::optional<std::uint8_t>{7})), "0107");
    EXPECT_EQ(to_hex(encode(std::optional<std::uint8_t>{})), "00");
    EXPECT_EQ(to_hex(encode(Transaction::Kind::contract)), "01");
}

TEST(Archive, ABoolIsZeroOrOne) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const Bytes encoded{static_cast<std::uint8_t>(byte)};
        const auto decoded = decode<bool>(encoded, "a bool");
        EXPECT_EQ(decoded.has_value(), byte < 2) << byte;
        if (decoded) {
            EXPECT_EQ(*decoded, byte == 1);
        }
        EXPECT_EQ(decode<std::optional<bool>>(Bytes{static_cast<std::uint8_t>(byte), 0}, "an optional").has_value(),
                  byte == 1);
    }
}

TEST(Archive, AnEnumerationHasOnlyTheValuesBelowItsLimit) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const Bytes encoded{static_cast<std::uint8_t>(byte)};
        EXPECT_EQ(decode<Transaction::Kind>(encoded, "a kind").has_value(), byte < 3) << byte;
        EXPECT_EQ(decode<ValidationCode>(encoded, "a code").has_value(), byte <= 102) << byte;
    }
}

TEST(Archive, AFaultNamesTheInputTheByteAndTheReason) {
    const auto fault = decode<std::string>(Bytes{9, 0, 0, 0, 'a'}, "the label");
    EXPECT_EQ(message_of(fault), "the label: a length of 9 is claimed where 1 bytes remain (at byte 4 of 5)");
    EXPECT_EQ(message_of(decode<std::uint8_t>(Bytes{1, 2, 3}, "the flag")), "the flag: 2 bytes follow its end");
}

// The address space may grow by no more than `bytes` while this lives: a larger allocation throws or aborts.
class MemoryLimit {
  public:
    explicit MemoryLimit(std::uint64_t bytes) {
        ::getrlimit(RLIMIT_AS, &before_);
        std::uint64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        rlimit limit = before_;
        limit.rlim_cur = pages * 4096 + bytes;
        EXPECT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
    }
    ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
    MemoryLimit(const MemoryLimit&) = delete;
    MemoryLimit& operator=(const MemoryLimit&) = delete;

  private:
    rlimit before_{};
};

TEST(Archive, HostileLengthsAllocateNothing) {
    RandomValues random(3);
    const Bytes block = encode(random.block());
    const MemoryLimit limit(256U << 20);
    for (const std::uint32_t length : {0xffffffffU, 0x7fffffffU, 0x80000000U, 0x10000000U}) {
        Bytes encoded = encode(length);
        EXPECT_EQ(code_of(decode<std::string>(encoded, "a text")), Code::malformed);
        EXPECT_EQ(code_of(decode<Bytes>(encoded, "bytes")), Code::malformed);
        EXPECT_EQ(code_of(decode<std::vector<crypto::Hash>>(encoded, "hashes")), Code::malformed);
        EXPECT_EQ(code_of(decode<std::vector<Batch>>(encoded, "batches")), Code::malformed);
        for (std::size_t at = 0; at + 4 <= block.size(); ++at) {
            Bytes hostile = block;
            std::memcpy(hostile.data() + at, &length, 4);
            (void)decode<Block>(hostile, "a block");
        }
    }
}

TEST(Archive, AListOfManyEmptyThingsIsNoLongerThanItsBytes) {
    // A count may equal the bytes that remain, as an element takes at least one; then the elements must be there.
    Bytes encoded = encode(std::uint32_t{8});
    encoded.resize(encoded.size() + 8);
    EXPECT_EQ(code_of(decode<std::vector<crypto::Hash>>(encoded, "hashes")), Code::malformed);
    EXPECT_EQ(decode<std::vector<std::uint64_t>>(encoded, "numbers").has_value(), false);
    EXPECT_EQ(decode<Bytes>(encoded, "bytes"), Bytes(8));
}

}  // namespace
}  // namespace tally::storage
