#include "gateway/http/places.h"

#include <gtest/gtest.h>

#include "gateway/http/engine.h"

namespace tally::gateway {
namespace {

class NobodyAsks : public Handler {
    Admission admit(const Request&) override { return {}; }
};

class PlacesTest : public testing::Test {
  protected:
    NobodyAsks handler;
    Engine engine{{}, handler};
    Loop loop{engine};
    Places places{8, 8};

    std::shared_ptr<Place> take(const std::string& address) { return places.enter(address, loop).place; }
};

TEST_F(PlacesTest, StrangersHaveHalfAndTheOldestMakesWay) {
    const auto first = take("a"), second = take("b");
    (void)take("c"), (void)take("d");
    const auto entered = places.enter("e", loop);
    ASSERT_NE(entered.place, nullptr);
    EXPECT_EQ(entered.cut, first);
    EXPECT_EQ(places.total(), 5U) << "it has not ended yet";
    EXPECT_EQ(places.leaving(), 1U);
    places.leave(*first);
    EXPECT_EQ(places.total(), 4U);
    EXPECT_EQ(places.leaving(), 0U);
    places.leave(*second);
    EXPECT_EQ(places.total(), 3U);
}

TEST_F(PlacesTest, TheAddressThatHasMostMakesWay) {
    (void)take("a");
    const auto second = take("b");
    (void)take("b"), (void)take("c");
    EXPECT_EQ(places.enter("d", loop).cut, second);
}

// How many places each has got when all want as many as they can get, one after the other.
TEST_F(PlacesTest, EachOrganizationFindsAPlace) {
    const auto fill = [&](const std::string& organization) {
        std::size_t got = 0;
        for (int i = 0; i < 8; ++i) {
            const auto entered = places.enter("a", loop);
            if (entered.cut) places.leave(*entered.cut);
            if (!entered.place) break;
            if (!places.belongs_to(*entered.place, organization)) {
                places.leave(*entered.place);
                break;
            }
            ++got;
        }
        return got;
    };
    EXPECT_EQ(fill("A"), 4U);
    EXPECT_EQ(fill("B"), 2U);
    EXPECT_EQ(fill("C"), 1U);
    EXPECT_EQ(fill("D"), 1U);
    const auto refused = places.enter("a", loop);
    EXPECT_EQ(refused.place, nullptr);
    EXPECT_EQ(refused.cut, nullptr) << "members do not make way";
}

TEST_F(PlacesTest, AMemberGetsInWhileStrangersHoldAllTheyMay) {
    for (int i = 0; i < 20; ++i) {
        const auto entered = places.enter(std::to_string(i), loop);
        ASSERT_NE(entered.place, nullptr);
        if (entered.cut) places.leave(*entered.cut);
    }
    EXPECT_EQ(places.total(), 4U);
    const auto entered = places.enter("a", loop);
    ASSERT_NE(entered.place, nullptr);
    EXPECT_TRUE(places.belongs_to(*entered.place, "A"));
    EXPECT_TRUE(places.belongs_to(*entered.place, "A")) << "its next request";
    EXPECT_TRUE(places.belongs_to(*entered.place, "B")) << "a token of another organization's";
    places.leave(*entered.place);
    places.leave(*entered.cut);
    EXPECT_EQ(places.total(), 3U);
}

TEST_F(PlacesTest, AFullAddressMakesWayForItsOwn) {
    Places few{8, 2};
    const auto other = few.enter("b", loop).place;
    const auto first = few.enter("a", loop).place;
    (void)few.enter("a", loop);
    EXPECT_EQ(few.enter("a", loop).cut, first);
    EXPECT_EQ(few.total() - few.leaving(), 3U);
}

}  // namespace
}  // namespace tally::gateway
