#include "node/channel/policy.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

const std::vector<std::string> kOrganizations{"Org1", "Org2", "Org3"};
const Principal kPeer1{"Org1", "peer"};
const Principal kPeer2{"Org2", "peer"};
const Principal kPeer3{"Org3", "peer"};
const Principal kAdmin1{"Org1", "admin"};

bool holds(std::string_view text, const std::vector<Principal>& signers) {
    const auto policy = Policy::parse(text, kOrganizations);
    EXPECT_TRUE(policy.has_value()) << policy.error().message;
    return policy && policy->satisfied_by(signers);
}

// The examples of Fabric's "Endorsement policies" page.
TEST(Policy, AndWantsAll) {
    const char* text = "AND('Org1.member', 'Org2.member', 'Org3.member')";
    EXPECT_TRUE(holds(text, {kPeer1, kPeer2, kPeer3}));
    EXPECT_TRUE(holds(text, {kPeer3, kAdmin1, kPeer2}));
    EXPECT_FALSE(holds(text, {kPeer1, kPeer2}));
    EXPECT_FALSE(holds(text, {}));
}

TEST(Policy, OrWantsOne) {
    const char* text = "OR('Org1.member', 'Org2.member')";
    EXPECT_TRUE(holds(text, {kPeer1}));
    EXPECT_TRUE(holds(text, {kPeer2}));
    EXPECT_FALSE(holds(text, {kPeer3}));
}

TEST(Policy, OrOfOneAndAPairIsNested) {
    const char* text = "OR('Org1.member', AND('Org2.member', 'Org3.member'))";
    EXPECT_TRUE(holds(text, {kPeer1}));
    EXPECT_TRUE(holds(text, {kPeer2, kPeer3}));
    EXPECT_FALSE(holds(text, {kPeer2}));
    EXPECT_FALSE(holds(text, {kPeer3, {"Org4", "peer"}}));
}

TEST(Policy, OutOfWantsThatMany) {
    EXPECT_TRUE(holds("OutOf(1, 'Org1.member', 'Org2.member')", {kPeer2}));
    EXPECT_TRUE(holds("OutOf(2, 'Org1.member', 'Org2.member')", {kPeer2, kPeer1}));
    EXPECT_FALSE(holds("OutOf(2, 'Org1.member', 'Org2.member')", {kPeer2, kPeer3}));
    const char* nested = "OutOf(2, 'Org1.peer', OutOf(1, 'Org2.peer', 'Org3.peer'), AND('Org1.admin', 'Org3.peer'))";
    EXPECT_TRUE(holds(nested, {kPeer1, kPeer3}));
    EXPECT_TRUE(holds(nested, {kPeer2, kAdmin1, kPeer3}));
    EXPECT_FALSE(holds(nested, {kPeer2, kPeer3}));
    EXPECT_FALSE(holds(nested, {kAdmin1, kPeer3})) << "Org3's signature counts once";
}

TEST(Policy, OneSignatureCountsForOnePrincipalOnly) {
    EXPECT_FALSE(holds("AND('Org1.peer', 'Org1.peer')", {kPeer1}));
    EXPECT_TRUE(holds("AND('Org1.peer', 'Org1.peer')", {kPeer1, kPeer1}));
    EXPECT_FALSE(holds("AND('Org1.peer', 'Org1.member')", {kPeer1}));
    EXPECT_TRUE(holds("AND('Org1.peer', 'Org1.member')", {kPeer1, kAdmin1}));
}

TEST(Policy, WhatABranchThatFailsHasUsedIsFreeAgain) {
    EXPECT_TRUE(holds("OR(AND('Org1.peer', 'Org2.peer'), AND('Org1.peer', 'Org3.peer'))", {kPeer1, kPeer3}));
}

TEST(Policy, TheOrderOfTheSignersDoesNotMatter) {
    for (const char* text : {"AND('Org1.member', 'Org1.peer')", "AND('Org1.peer', 'Org1.member')",
                             "OutOf(2, 'Org1.member', 'Org1.peer', 'Org2.peer')"}) {
        EXPECT_TRUE(holds(text, {kPeer1, kAdmin1})) << text;
        EXPECT_TRUE(holds(text, {kAdmin1, kPeer1})) << text;
    }
    const char* choice = "AND(OR('Org1.peer', 'Org2.peer'), 'Org1.peer')";
    EXPECT_TRUE(holds(choice, {kPeer1, kPeer2}));
    EXPECT_TRUE(holds(choice, {kPeer2, kPeer1}));
}

TEST(Policy, ARoleIsThisRoleAndMemberIsAny) {
    for (const char* role : {"client", "peer", "orderer", "admin", "auditor"}) {
        EXPECT_TRUE(holds(fmt::format("'Org1.{}'", role), {{"Org1", role}}));
        EXPECT_TRUE(holds("'Org1.member'", {{"Org1", role}}));
        if (std::string_view(role) != "peer") {
            EXPECT_FALSE(holds("'Org1.peer'", {{"Org1", role}}));
        }
    }
}

TEST(Policy, MajorityIsMoreThanHalfOfTheOrganizationsPeers) {
    const std::size_t needed[] = {1, 2, 2, 3, 3};
    for (std::size_t n = 1; n <= 5; ++n) {
        std::vector<std::string> organizations;
        for (std::size_t i = 0; i < n; ++i) organizations.push_back(fmt::format("O{}", i));
        const auto majority = Policy::parse("MAJORITY", organizations);
        const auto all = Policy::parse("ALL", organizations);
        const auto any = Policy::parse("ANY", organizations);
        ASSERT_TRUE(majority && all && any);
        for (unsigned mask = 0; mask < 1U << n; ++mask) {
            std::vector<Principal> signers;
            for (std::size_t i = 0; i < n; ++i) {
                if ((mask >> i & 1U) != 0) signers.push_back({organizations[i], "peer"});
            }
            EXPECT_EQ(majority->satisfied_by(signers), signers.size() >= needed[n - 1]) << n << " " << mask;
            EXPECT_EQ(all->satisfied_by(signers), signers.size() == n);
            EXPECT_EQ(any->satisfied_by(signers), !signers.empty());
        }
        EXPECT_EQ(majority->satisfied_by(std::vector<Principal>(5, Principal{"O0", "peer"})), n == 1)
            << "one organization is one";
        EXPECT_FALSE(majority->satisfied_by(std::vector<Principal>(5, Principal{"O0", "client"})));
    }
}

TEST(Policy, SpaceAndQuotesAreFree) {
    EXPECT_TRUE(holds("  AND ( \"Org1.peer\" ,'Org2.peer' ) ", {kPeer1, kPeer2}));
    const std::vector<std::string> dotted{"energy.example.org"};
    EXPECT_TRUE(Policy::parse("'energy.example.org.peer'", dotted)
                    ->satisfied_by(std::vector<Principal>{{"energy.example.org", "peer"}}));
}

TEST(Policy, AFaultNamesItsPlace) {
    const std::pair<const char*, const char*> faults[] = {
        {"", "(at character 1)"},
        {"NOT('Org1.peer')", "(at character 4)"},
        {"AND 'Org1.peer'", "\"(\" is wanted (at character 5)"},
        {"AND('Org1.peer'", "(at character 16)"},
        {"AND('Org1.peer',)", "(at character 17)"},
        {"AND()", "(at character 5)"},
        {"'Org1.peer", "the quote is not closed (at character 2)"},
        {"'Org1'", "ORG.role"},
        {"'Org1.boss'", "there is no role \"boss\""},
        {"'Org9.peer'", "there is no organization \"Org9\""},
        {"OutOf(0, 'Org1.peer')", "from 1 to 1"},
        {"OutOf(3, 'Org1.peer', 'Org2.peer')", "from 1 to 2"},
        {"OutOf('Org1.peer')", "a number"},
        {"OutOf(99999999999999999999, 'Org1.peer')", "a number"},
        {"'Org1.peer' 'Org2.peer'", "text follows the policy (at character 13)"},
        {"MAJORITY OR", "text follows the policy (at character 10)"},
    };
    for (const auto& [text, sentence] : faults) {
        const auto policy = Policy::parse(text, kOrganizations);
        EXPECT_EQ(storage::code_of(policy), Code::bad_configuration) << text;
        EXPECT_NE(storage::message_of(policy).find(sentence), std::string::npos) << storage::message_of(policy);
    }
}

TEST(Policy, DepthAndLengthAreBounded) {
    std::string deep = "'Org1.peer'";
    for (int i = 0; i < 8; ++i) deep = "OR(" + deep + ")";
    EXPECT_TRUE(Policy::parse(deep, kOrganizations).has_value());
    EXPECT_EQ(storage::code_of(Policy::parse("OR(" + deep + ")", kOrganizations)), Code::bad_configuration);
    EXPECT_FALSE(Policy::parse(std::string(5000, '('), kOrganizations).has_value());
    EXPECT_FALSE(Policy::parse("ANY" + std::string(5000, ' '), kOrganizations).has_value());
}

}  // namespace
}  // namespace tally::node
