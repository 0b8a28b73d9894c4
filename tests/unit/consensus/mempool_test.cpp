#include "consensus/mempool.h"

#include <gtest/gtest.h>

namespace tally::consensus {
namespace {

constexpr BatchLimits kLimits{.max_messages = 4, .preferred_bytes = 100, .absolute_max_bytes = 150, .timeout_ms = 250};

Bytes transaction(std::size_t size, std::uint8_t mark = 0) { return Bytes(size, mark); }

TEST(Mempool, EmptyIsNeverReadyAndHasNoDeadline) {
    Mempool pool(kLimits, 1000);
    EXPECT_FALSE(pool.ready(1'000'000, true));
    EXPECT_FALSE(pool.deadline_ms().has_value());
    EXPECT_TRUE(pool.cut().empty());
}

TEST(Mempool, IsReadyAtOnceWhenNothingIsInFlight) {
    Mempool pool(kLimits, 1000);
    ASSERT_TRUE(pool.add(transaction(1), 10).has_value());
    EXPECT_TRUE(pool.ready(10, true));
    EXPECT_FALSE(pool.ready(10, false));
}

TEST(Mempool, WithBlocksInFlightItWaitsForTheOldestsTimeout) {
    Mempool pool(kLimits, 1000);
    ASSERT_TRUE(pool.add(transaction(1), 1000).has_value());
    ASSERT_TRUE(pool.add(transaction(1), 1200).has_value());
    EXPECT_EQ(pool.deadline_ms(), 1250);
    EXPECT_FALSE(pool.ready(1249, false));
    EXPECT_TRUE(pool.ready(1250, false));
    EXPECT_EQ(pool.cut().size(), 2U);
    EXPECT_FALSE(pool.deadline_ms().has_value());
}

TEST(Mempool, WithBlocksInFlightItWaitsForEnoughMessagesOrBytes) {
    Mempool many(kLimits, 1000);
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(many.ready(0, false));
        ASSERT_TRUE(many.add(transaction(1), 0).has_value());
    }
    EXPECT_TRUE(many.ready(0, false));
    Mempool large(kLimits, 1000);
    ASSERT_TRUE(large.add(transaction(99), 0).has_value());
    EXPECT_FALSE(large.ready(0, false));
    ASSERT_TRUE(large.add(transaction(1), 0).has_value());
    EXPECT_TRUE(large.ready(0, false));
}

TEST(Mempool, ABatchHoldsTheOldestInOrderUpToTheLimits) {
    Mempool pool(kLimits, 1000);
    for (std::uint8_t i = 0; i < 10; ++i) ASSERT_TRUE(pool.add(transaction(10, i), 0).has_value());
    std::uint8_t next = 0;
    for (const std::size_t expected : {4U, 4U, 2U, 0U}) {
        const auto batch = pool.cut();
        ASSERT_EQ(batch.size(), expected);
        for (const auto& each : batch) EXPECT_EQ(each, transaction(10, next++));
    }
    EXPECT_EQ(pool.bytes(), 0U);
}

TEST(Mempool, ABatchStopsBeforeThePreferredBytesAreExceeded) {
    Mempool pool(kLimits, 1000);
    for (const std::size_t size : {60U, 40U, 1U}) ASSERT_TRUE(pool.add(transaction(size), 0).has_value());
    EXPECT_EQ(pool.cut().size(), 2U) << "60 + 40 is just what is preferred";
    ASSERT_TRUE(pool.add(transaction(100), 0).has_value());
    EXPECT_EQ(pool.cut().size(), 1U) << "1 + 100 would be more";
    EXPECT_EQ(pool.cut().size(), 1U);
}

TEST(Mempool, ATransactionBeyondThePreferredBytesGetsABatchOfItsOwn) {
    Mempool pool(kLimits, 1000);
    ASSERT_TRUE(pool.add(transaction(150), 0).has_value());
    ASSERT_TRUE(pool.add(transaction(1), 0).has_value());
    EXPECT_EQ(pool.cut().size(), 1U);
    EXPECT_EQ(pool.cut(), storage::Batch{transaction(1)});
}

TEST(Mempool, RefusesWhatIsTooLargeForAnyBatch) {
    Mempool pool(kLimits, 1000);
    const auto status = pool.add(transaction(151), 0);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, Code::too_large);
    EXPECT_EQ(pool.count(), 0U);
}

TEST(Mempool, IsBusyWhenItsCapacityIsUsedAndNoLongerOnceABatchIsCut) {
    Mempool pool(kLimits, 120);
    ASSERT_TRUE(pool.add(transaction(70), 0).has_value());
    ASSERT_TRUE(pool.add(transaction(50), 0).has_value());
    const auto status = pool.add(transaction(1), 0);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, Code::busy);
    EXPECT_EQ(pool.bytes(), 120U);
    EXPECT_EQ(pool.cut().size(), 1U);
    EXPECT_EQ(pool.bytes(), 50U);
    EXPECT_TRUE(pool.add(transaction(70), 0).has_value());
    EXPECT_EQ(pool.count(), 2U);
}

}  // namespace
}  // namespace tally::consensus
