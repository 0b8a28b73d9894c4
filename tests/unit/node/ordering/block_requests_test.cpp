#include "node/ordering/block_requests.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

TEST(BlockRequests, AnswersToOneNodeAreSpacedAndTheLastWishCounts) {
    BlockRequests requests;
    std::size_t answered = 0;
    for (std::int64_t now = 1000; now < 2000; ++now) {
        requests.add({1, static_cast<storage::BlockNumber>(now)}, false);
        if (const auto wanted = requests.next(10'000, now)) {
            ++answered;
            EXPECT_EQ(wanted->from, static_cast<storage::BlockNumber>(now));
        }
    }
    EXPECT_EQ(answered, 1000 / BlockRequests::kSpacingMs);
    EXPECT_EQ(requests.due_ms(10'000), 1950 + BlockRequests::kSpacingMs);
}

TEST(BlockRequests, WhoeverWaitedLongestComesFirst) {
    BlockRequests requests;
    requests.add({1, 5}, false);
    EXPECT_EQ(requests.next(10, 1000)->to, 1U);
    requests.add({1, 5}, false);
    requests.add({2, 5}, false);
    EXPECT_EQ(requests.next(10, 2000)->to, 2U);
    EXPECT_EQ(requests.next(10, 2000)->to, 1U);
    EXPECT_FALSE(requests.next(10, 2000).has_value());
}

TEST(BlockRequests, OnlyThePatientWaitForABlockThatIsNotThereYet) {
    BlockRequests requests;
    requests.add({1, 11}, false);
    requests.add({2, 11}, true);
    EXPECT_FALSE(requests.next(10, 1000).has_value());
    EXPECT_FALSE(requests.due_ms(10).has_value());
    EXPECT_EQ(requests.next(11, 1000)->to, 2U);
    EXPECT_FALSE(requests.next(11, 1000).has_value());
}

}  // namespace
}  // namespace tally::node
