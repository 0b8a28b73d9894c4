// The table against the contracts that are linked into this binary.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gateway/rest/router.h"
#include "tests/unit/chaincode/standard_contracts.h"

namespace tally::gateway {
namespace {

TEST(Routes, EveryContractsPathsAreServedAndOnlyRead) {
    const Router router(routes(), chaincode::test::standard_contracts());
    std::size_t paths = 0;
    for (const auto& contract : chaincode::test::standard_contracts().all()) {
        for (const auto& function : contract->functions()) {
            for (const auto& path : function.routes) {
                ++paths;
                EXPECT_FALSE(function.writes) << path;
                const auto bound = std::ranges::find_if(
                    router.all(), [&](const Router::Bound& each) { return each.route->pattern == path; });
                ASSERT_NE(bound, router.all().end()) << path;
                EXPECT_EQ(std::get<ContractQuery>(bound->route->handler).function, function.name);
            }
        }
    }
    EXPECT_GE(paths, 13U);
}

TEST(Routes, OperationsHaveNamesOfTheirOwn) {
    const Router router(routes(), chaincode::test::standard_contracts());
    std::set<std::string_view> names;
    std::set<std::string> places;
    for (const auto& bound : router.all()) {
        EXPECT_TRUE(names.insert(bound.route->operation).second) << bound.route->operation;
        const auto place = fmt::format("{} {}", method_name(bound.route->method), bound.route->pattern);
        EXPECT_TRUE(places.insert(place).second) << place;
    }
    EXPECT_TRUE(names.contains("data.days_by_device"));
}

TEST(Routes, PathParametersOfQueriesAreArgumentsOfTheFunction) {
    const Router router(routes(), chaincode::test::standard_contracts());
    for (const auto& bound : router.all()) {
        const auto* query = std::get_if<ContractQuery>(&bound.route->handler);
        if (query == nullptr) continue;
        const auto& schema = chaincode::test::standard_contracts().find(query->contract)->find(query->function)->schema;
        for (const auto& parameter : bound.parameters) {
            if (parameter.name == kAttest || parameter.name == kQuestion) continue;
            EXPECT_TRUE(schema.at("properties").as_object().contains(parameter.name)) << bound.route->pattern;
        }
        for (const auto& property : schema.at("properties").as_object()) {
            const auto known =
                std::any_of(bound.parameters.begin(), bound.parameters.end(),
                            [&](const Parameter& parameter) { return parameter.name == property.key(); });
            EXPECT_TRUE(known) << bound.route->pattern << " cannot pass " << property.key();
        }
    }
}

TEST(Routes, RequiredArgumentsMustBeThere) {
    const Router router(routes(), chaincode::test::standard_contracts());
    const auto arguments = [&](std::string_view text) {
        const auto target = *parse_target(text);
        return read_parameters(*std::get<const Router::Bound*>(router.find(Method::get, target)), target);
    };
    EXPECT_EQ(arguments("/v1/devices/dev-7/series?from=1&to=2&interval_s=900&fields=energy"),
              (json::object{{"device", "dev-7"}, {"from", 1}, {"to", 2}, {"interval_s", 900}, {"fields", {"energy"}}}));
    EXPECT_FALSE(arguments("/v1/devices/dev-7/series?from=1"));
}

}  // namespace
}  // namespace tally::gateway
