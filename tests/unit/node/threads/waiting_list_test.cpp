// Callers who wait for an answer: one party's are bounded, and an entry that is looked at keeps its place.

#include "node/threads/waiting_list.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;

class Waiters : public testing::Test {
  protected:
    WaitingList<std::string> list{"letters", {2, 100}, {3, 1000}};
    Status add(const std::string& party, std::string entry, std::uint64_t bytes = 1) {
        return list.add(party, bytes, entry);
    }
    [[nodiscard]] std::vector<std::string> answer(const std::string& first_letters) {
        std::vector<std::string> answered;
        list.look([&](std::string& entry) {
            if (first_letters.find(entry[0]) == std::string::npos) return false;
            answered.push_back(entry);
            return true;
        });
        return answered;
    }
};

TEST_F(Waiters, OnePartysAreBoundedAndLeaveTheOthersTheirs) {
    EXPECT_TRUE(add("a", "a1").has_value());
    EXPECT_TRUE(add("a", "a2").has_value());
    std::string kept = "a3";
    EXPECT_EQ(code_of(list.add("a", 1, kept)), Code::busy);
    EXPECT_EQ(kept, "a3") << "it is the caller's still";
    EXPECT_EQ(code_of(add("b", "large", 101)), Code::busy);
    EXPECT_TRUE(add("b", "b1").has_value());
    EXPECT_EQ(code_of(add("c", "c1")), Code::busy) << "three are all that there may be";
}

TEST_F(Waiters, WhatIsAnsweredLeavesItsPlaceAndTheOthersStay) {
    ASSERT_TRUE(add("a", "x1") && add("a", "y1"));
    EXPECT_EQ(answer("x"), std::vector<std::string>{"x1"});
    EXPECT_TRUE(list.any([](const std::string& entry) { return entry == "y1"; }));
    EXPECT_FALSE(list.any([](const std::string& entry) { return entry == "x1"; }));
    EXPECT_TRUE(add("a", "x2").has_value());
    EXPECT_EQ(code_of(add("a", "x3")), Code::busy) << "y1 has kept its place";
    EXPECT_EQ(answer("xy").size(), 2U);
    EXPECT_TRUE(answer("xy").empty());
}

TEST_F(Waiters, WhileEntriesAreLookedAtTheirPlacesAreTaken) {
    ASSERT_TRUE(add("a", "x1") && add("a", "y1"));
    list.look([&](std::string&) {
        EXPECT_EQ(code_of(add("a", "x2")), Code::busy);
        return false;
    });
}

}  // namespace
}  // namespace tally::node
