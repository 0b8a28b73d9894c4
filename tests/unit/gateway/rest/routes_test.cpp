// The table against the contracts that are linked into this binary.

#include <gtest/gtest.h>

#include "gateway/rest/router.h"

namespace tally::gateway {
namespace {

TEST(Routes, QueriesNameFunctionsThatExistAndOnlyRead) {
    std::size_t queries = 0;
    for (const auto& route : routes()) {
        const auto* query = std::get_if<ContractQuery>(&route.handler);
        if (query == nullptr) continue;
        ++queries;
        const auto* contract = chaincode::standard_contracts().find(query->contract);
        ASSERT_NE(contract, nullptr) << query->contract;
        const auto* function = contract->find(query->function);
        ASSERT_NE(function, nullptr) << query->contract << "." << query->function;
        EXPECT_FALSE(function->writes) << route.pattern;
    }
    EXPECT_GE(queries, 7U);
}

TEST(Routes, PathParametersOfQueriesAreArgumentsOfTheFunction) {
    const Router router(routes(), chaincode::standard_contracts());
    for (const auto& bound : router.all()) {
        const auto* query = std::get_if<ContractQuery>(&bound.route->handler);
        if (query == nullptr) continue;
        const auto& schema = chaincode::standard_contracts().find(query->contract)->find(query->function)->schema;
        for (const auto& parameter : bound.parameters) {
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
    const Router router(routes(), chaincode::standard_contracts());
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
