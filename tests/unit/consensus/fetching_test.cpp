#include "consensus/fetching.h"

#include <gtest/gtest.h>

namespace tally::consensus {
namespace {

Member after(Member member) { return (member + 1) % 4; }

TEST(Fetching, OneMemberAfterAnotherIsAskedUntilItIsNotNeededAnyMore) {
    Fetching fetching;
    const auto key = crypto::sha256(as_bytes("a proposal"));
    const auto need = [&] {
        fetching.begin_step();
        fetching.need(key, FetchProposal{0, key}, 2, 100);
        fetching.end_step();
    };
    need();
    EXPECT_TRUE(fetching.needs(key));
    EXPECT_EQ(fetching.wake_at(), 100);
    EXPECT_TRUE(fetching.due(99, 50, after).empty());
    for (const auto& [now, to] : std::vector<std::pair<std::int64_t, Member>>{{100, 2}, {150, 3}, {200, 0}}) {
        need();
        const auto due = fetching.due(now, 50, after);
        ASSERT_EQ(due.size(), 1U);
        EXPECT_EQ(due[0].to, to);
        EXPECT_EQ(fetching.wake_at(), now + 50);
    }
    fetching.begin_step();
    fetching.end_step();
    EXPECT_FALSE(fetching.needs(key));
}

TEST(Fetching, ABatchIsNeededByItsWholeReference) {
    Fetching fetching;
    const BatchReference wanted{1, {1, 1}, crypto::sha256(as_bytes("a batch")), 1, 10};
    auto other = wanted;
    other.lane = 2;
    fetching.begin_step();
    fetching.need(wanted.digest, FetchBatch{0, wanted}, 1, 0);
    fetching.end_step();
    EXPECT_TRUE(fetching.needs(wanted));
    EXPECT_FALSE(fetching.needs(other));
}

}  // namespace
}  // namespace tally::consensus
