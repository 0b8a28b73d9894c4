#include "node/channel/membership.h"

#include <gtest/gtest.h>

#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;

class Members : public testing::Test {
  protected:
    SmallChannel channel{2};
    std::shared_ptr<const Membership> membership = channel.membership();

    Code refusal(const Identity& who, std::int64_t time_ms = test_time_ms()) {
        return code_of(membership->identify(who.chain, time_ms));
    }
    bool known(const Identity& who, std::int64_t time_ms = test_time_ms()) {
        return membership->identify(who.chain, time_ms).has_value();
    }
};

TEST_F(Members, AMemberIsItsOrganizationRoleAndName) {
    for (const char* role : {"client", "peer", "orderer", "admin", "auditor"}) {
        const auto who = channel.organizations[1].issue("somebody", role);
        const auto caller = membership->identify(who.chain, test_time_ms());
        ASSERT_TRUE(caller.has_value()) << caller.error().message;
        EXPECT_EQ(caller->organization, "B");
        EXPECT_EQ(caller->role, role);
        EXPECT_EQ(caller->name, "somebody");
        EXPECT_EQ(caller->certificate, who.certificate().der());
    }
}

TEST_F(Members, AMonitorsWordCountsForNothingButReadingHowANodeIs) {
    const auto who = channel.organizations[0].issue("prometheus", "monitor");
    const auto caller = membership->identify(who.chain, test_time_ms(), Use::operations);
    ASSERT_TRUE(caller.has_value()) << caller.error().message;
    EXPECT_EQ(caller->role, "monitor");
    for (const auto use : {Use::everything, Use::configuration, Use::attribution})
        EXPECT_EQ(code_of(membership->identify(who.chain, test_time_ms(), use)), Code::permission_denied);
    EXPECT_EQ(
        code_of(membership->identify(Organization("A").issue("x", "monitor").chain, test_time_ms(), Use::operations)),
        Code::certificate_untrusted);
}

TEST_F(Members, AnotherOrganizationIsUnknown) {
    EXPECT_EQ(refusal(Organization("C").issue("x", "client")), Code::unauthenticated);
}

TEST_F(Members, AnotherRootOfTheSameNameIsNotTrusted) {
    EXPECT_EQ(refusal(Organization("A").issue("x", "client")), Code::certificate_untrusted);
}

TEST_F(Members, AnOrganizationVouchesForItsOwnMembersOnly) {
    const auto key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
    crypto::Issue what{{"intruder", "B", "admin"}, key.public_key()};
    what.not_before_ms = test_time_ms() - kDay;
    what.not_after_ms = test_time_ms() + kDay;
    const auto& a = channel.organizations[0];
    EXPECT_EQ(refusal({key, {crypto::issue(a.root_key, a.root, what).value()}}), Code::certificate_untrusted);
}

TEST_F(Members, AWrongRoleIsRefused) {
    for (const char* role : {"", "boss", "Client", "member", "authority"}) {
        EXPECT_EQ(refusal(channel.organizations[0].issue("x", role)), Code::unauthenticated) << role;
    }
}

TEST_F(Members, AChainHasOneToEightCertificates) {
    EXPECT_EQ(code_of(membership->identify(std::span<const crypto::Certificate>(), test_time_ms())),
              Code::unauthenticated);
    std::vector<crypto::Certificate> chain{channel.client.certificate(), channel.organizations[0].root};
    EXPECT_TRUE(membership->identify(chain, test_time_ms()).has_value()) << "with its root";
    chain.push_back(channel.peers[0].certificate());
    EXPECT_EQ(code_of(membership->identify(chain, test_time_ms())), Code::certificate_untrusted) << "with more";
    chain.resize(9, chain.front());
    EXPECT_EQ(code_of(membership->identify(chain, test_time_ms())), Code::unauthenticated);
}

TEST_F(Members, ACertificateIsJudgedAtTheTimeThatIsAsked) {
    const auto from = test_time_ms() - 60'000;
    const auto until = test_time_ms() + 60'000;
    const auto who = channel.organizations[0].issue("x", "client", from, until);
    EXPECT_EQ(refusal(who, from - 1), Code::certificate_not_yet_valid);
    EXPECT_EQ(refusal(who, until), Code::certificate_expired);
    EXPECT_TRUE(known(who, from));
    EXPECT_TRUE(known(who, until - 1));
}

// The memory of verified paths must not make a difference: who has seen the certificate before comes to the same
// result.
TEST_F(Members, WhatIsRememberedHoldsNoLongerThanTheCertificate) {
    const auto from = test_time_ms() - 60'000;
    const auto until = test_time_ms() + 60'000;
    const auto who = channel.organizations[0].issue("x", "client", from, until);
    for (const auto time_ms : {from - 1, from, test_time_ms(), until - 1, until, until + 1}) {
        const auto fresh = channel.membership()->identify(who.chain, time_ms).has_value();
        ASSERT_TRUE(known(who));  // now it is remembered
        EXPECT_EQ(known(who, time_ms), fresh) << time_ms - test_time_ms();
    }
}

TEST_F(Members, WhatIsRememberedHoldsNoLongerThanTheRevocationList) {
    auto& a = channel.organizations[0];
    const auto from = test_time_ms() - 60'000;
    const auto until = test_time_ms() + 60'000;
    channel.config.organizations[0].crls = {crypto::issue_crl(a.root_key, a.root, {}, 1, from, until).value().pem()};
    membership = channel.membership();
    for (const auto time_ms : {from - 1, from, test_time_ms(), until - 1, until, until + 1}) {
        const auto fresh = channel.membership()->identify(channel.client.chain, time_ms).has_value();
        EXPECT_EQ(fresh, time_ms >= from && time_ms < until);
        ASSERT_TRUE(known(channel.client));
        EXPECT_EQ(known(channel.client, time_ms), fresh) << time_ms - test_time_ms();
    }
}

TEST_F(Members, AnOutdatedListLeavesItsAdminsAndPeersTheConfigurationAlone) {
    auto& a = channel.organizations[0];
    const auto admin = a.issue("admin", "admin");
    const auto gone = a.issue("gone", "admin");
    const auto old = a.issue("old", "admin", test_time_ms() - kDay, test_time_ms() - 1000);
    const std::vector<std::string> serials{gone.certificate().serial_hex()};
    channel.config.organizations[0].crls = {
        crypto::issue_crl(a.root_key, a.root, serials, 1, test_time_ms() - kDay, test_time_ms()).value().pem()};
    membership = channel.membership();
    const auto verdict = [&](const Identity& who, Use use) {
        const auto member = membership->identify(who.chain, test_time_ms(), use);
        return member ? std::string("counts") : std::string(member.error().code.name());
    };
    EXPECT_EQ(verdict(admin, Use::everything), "crl_expired");
    EXPECT_EQ(verdict(admin, Use::configuration), "counts");
    EXPECT_EQ(verdict(channel.peers[0], Use::everything), "crl_expired");
    EXPECT_EQ(verdict(channel.peers[0], Use::configuration), "counts");
    EXPECT_EQ(verdict(channel.client, Use::configuration), "crl_expired");
    EXPECT_EQ(verdict(channel.client, Use::attribution), "counts");
    for (const auto use : {Use::everything, Use::configuration, Use::attribution}) {
        EXPECT_EQ(verdict(gone, use), "certificate_revoked");
        EXPECT_EQ(verdict(old, use), "certificate_expired");
    }
}

TEST_F(Members, ARevokedMemberIsRefusedAndOthersAreNot) {
    const auto other = channel.organizations[0].issue("other", "client");
    channel.config.organizations[0].crls = {channel.organizations[0].revoke({channel.client}).pem()};
    membership = channel.membership();
    EXPECT_EQ(refusal(channel.client), Code::certificate_revoked);
    EXPECT_EQ(refusal(channel.client), Code::certificate_revoked) << "a refusal is not remembered as anything else";
    EXPECT_TRUE(known(other));
    EXPECT_TRUE(known(channel.peers[1])) << "the list of A says nothing about B";
}

TEST_F(Members, AnotherOrganizationsListRevokesNobodyHere) {
    channel.config.organizations[1].crls = {channel.organizations[1].revoke({channel.client}).pem()};
    membership = channel.membership();
    EXPECT_TRUE(known(channel.client));
}

TEST_F(Members, BytesThatAreNoCertificateAreRefused) {
    const std::vector<Bytes> garbage{to_bytes("no certificate")};
    EXPECT_EQ(code_of(membership->identify(std::span<const Bytes>(garbage), test_time_ms())),
              Code::certificate_malformed);
}

TEST_F(Members, AContractHasItsOwnPolicyOrTheChannels) {
    channel.config.policies = {{"notes", "'B.peer'"}};
    channel.config.endorsement = "'A.peer'";
    membership = channel.membership();
    const std::vector<Principal> a{{"A", "peer"}};
    const std::vector<Principal> b{{"B", "peer"}};
    EXPECT_TRUE(membership->policy_of("notes").satisfied_by(b));
    EXPECT_FALSE(membership->policy_of("notes").satisfied_by(a));
    EXPECT_TRUE(membership->policy_of("anything else").satisfied_by(a));
}

}  // namespace
}  // namespace tally::node
