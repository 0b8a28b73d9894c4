// Every scenario of twins with three views.

#include "tests/simulation/twins.h"

#include <gtest/gtest.h>

namespace tally::simulation {
namespace {

TEST(Twins, ThePartingsOfFivePlacesAreAsManyAsTheyAre) {
    EXPECT_EQ(partings(kTwinPlaces).size(), 52U) << "Bell's fifth number";
    EXPECT_EQ(partings(2).size(), 16U) << "one set, and Stirling's 15";
}

class Twins : public testing::TestWithParam<NodeId> {};

TEST_P(Twins, EveryWayToPartTheNetworkInTwoInEachOfThreeViewsIsSafeAndHeals) {
    each_twin_scenario(GetParam(), 2, [](const TwinScenario& scenario) {
        EXPECT_EQ(run_twins(scenario), "") << described(scenario);
        return !HasFailure();
    });
}

INSTANTIATE_TEST_SUITE_P(OfMember, Twins, testing::Range<NodeId>(0, 4));

}  // namespace
}  // namespace tally::simulation
