// Connections never take the descriptors that the ledger, the log and the other nodes need.

#include "node/network/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace tally::node {
namespace {

TEST(Descriptors, WhatIsWantedIsGivenWhereThereIsRoom) {
    EXPECT_EQ(http_connections(1'048'576, 4096, 1, 3), 4096U);
    EXPECT_EQ(http_connections(65'536, 4096, 8, 24), 4096U);
}

TEST(Descriptors, AReserveIsKeptBelowTheLimit) {
    for (const std::uint64_t limit : {256, 512, 1024, 4096}) {
        const auto connections = http_connections(limit, 4096, 1, 3);
        EXPECT_GE(connections, kFewestConnections) << limit;
        EXPECT_GE(limit - connections, 170U) << limit;  // an idle node of four has about 90 of its own
    }
    EXPECT_LT(http_connections(1024, 4096, 8, 24), http_connections(1024, 4096, 1, 3));
    EXPECT_EQ(http_connections(64, 4096, 1, 3), kFewestConnections);
}

TEST(Descriptors, TheLimitIsRaisedToWhatIsAllowed) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    auto low = before;
    low.rlim_cur = std::min<rlim_t>(before.rlim_max, 128);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace tally::node
