#include "node/threads/quotas.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;
using storage::message_of;

TEST(OneSubmittersShare, IsBoundedInTransactionsAndInBytesAndLeavesTheOthersTheirs) {
    Quotas quotas("transactions", {3, 1000});
    EXPECT_TRUE(quotas.take({{"a", {2, 10}}}).has_value());
    EXPECT_EQ(code_of(quotas.take({{"a", {2, 10}}})), Code::busy);
    EXPECT_TRUE(quotas.take({{"a", {1, 990}}}).has_value());
    const auto refused = quotas.take({{"a", {1, 0}}});
    EXPECT_EQ(code_of(refused), Code::busy);
    EXPECT_NE(message_of(refused).find("3 transactions of 1000 bytes from a"), std::string::npos)
        << message_of(refused);
    EXPECT_EQ(code_of(quotas.take({{"b", {1, 1001}}})), Code::busy);
    EXPECT_TRUE(quotas.take({{"b", {1, 1000}}}).has_value());
}

TEST(OneSubmittersShare, IsTakenWithThoseOfTheOthersOrNotAtAll) {
    Quotas quotas("transactions", {3, 1000});
    EXPECT_TRUE(quotas.take({{"b", {3, 3}}}).has_value());
    EXPECT_EQ(code_of(quotas.take({{"a", {3, 3}}, {"b", {1, 1}}})), Code::busy);
    EXPECT_TRUE(quotas.take({{"a", {3, 3}}}).has_value());
}

TEST(OneSubmittersShare, IsFreeAgainWhenItIsGivenBack) {
    Quotas quotas("transactions", {3, 1000});
    EXPECT_TRUE(quotas.take({{"a", {3, 30}}}).has_value());
    quotas.give_back({{"a", {1, 10}}});
    EXPECT_TRUE(quotas.take({{"a", {1, 980}}}).has_value());
    EXPECT_EQ(code_of(quotas.take({{"a", {1, 0}}})), Code::busy);
    quotas.give_back({{"a", {3, 1000}}});
    EXPECT_TRUE(quotas.take({{"a", {3, 1000}}}).has_value());
}

TEST(OneSubmittersShare, IsOfWhatAllTogetherMayHave) {
    Quotas quotas("transactions", {3, 1000}, {4, 1500});
    EXPECT_TRUE(quotas.take({{"a", {3, 900}}}).has_value());
    EXPECT_EQ(code_of(quotas.take({{"b", {1, 700}}})), Code::busy);
    EXPECT_TRUE(quotas.take({{"b", {1, 600}}}).has_value());
    const auto refused = quotas.take({{"c", {1, 0}}});
    EXPECT_EQ(code_of(refused), Code::busy);
    EXPECT_NE(message_of(refused).find("4 transactions of 1500 bytes are"), std::string::npos) << message_of(refused);
    quotas.give_back({{"a", {1, 300}}});
    EXPECT_TRUE(quotas.take({{"c", {1, 300}}}).has_value());
}

}  // namespace
}  // namespace tally::node
