// What an orderer lets in: transactions that a member made lately and signed; and anything where the channel says so.

#include "node/channel/proposal_check.h"

#include <gtest/gtest.h>

#include "storage/model/archive.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;
using storage::Transaction;

class ProposalCheck : public testing::Test {
  protected:
    SmallChannel channel;
    Transaction good = *storage::decode<Transaction>(channel.put("k"), "a transaction");

    using Admitted = Result<std::optional<chaincode::Caller>>;
    [[nodiscard]] Admitted admit(ByteView bytes, std::int64_t now_ms = test_time_ms()) const {
        return admit_transaction(bytes, *channel.membership(), now_ms, nullptr);
    }
    [[nodiscard]] Admitted admit(const Transaction& transaction, std::int64_t now_ms = test_time_ms()) const {
        return admit(storage::encode(transaction), now_ms);
    }
};

TEST_F(ProposalCheck, AMembersTransactionIsAdmittedWhateverItsEndorsementsAreWorth) {
    const auto admitted = admit(good);
    ASSERT_TRUE(admitted && *admitted);
    EXPECT_EQ((*admitted)->organization, "A");
    EXPECT_EQ((*admitted)->name, "client");
    good.endorsements.clear();
    EXPECT_TRUE(admit(good).has_value()) << "that is for committers to judge";
}

TEST_F(ProposalCheck, BytesThatAreNoTransactionAreRefused) {
    EXPECT_EQ(code_of(admit(as_bytes("opaque"))), Code::malformed);
    good.proposal.pop_back();
    EXPECT_EQ(code_of(admit(good)), Code::malformed);
}

TEST_F(ProposalCheck, AFalseSignatureAndAStrangerAreRefused) {
    auto forged = good;
    forged.proposal.back() ^= 1;
    EXPECT_EQ(code_of(admit(forged)), Code::bad_signature);
    const Organization stranger("A");  // by name only
    good.proposal = channel.propose(stranger.issue("client", "client"),
                                    {"test", "notes", "put", R"({"key":"k","value":"v"})", {}, {}, test_time_ms()});
    EXPECT_EQ(code_of(admit(good)), Code::certificate_untrusted);
}

TEST_F(ProposalCheck, AnotherChannelsOldAndFutureProposalsAreRefused) {
    EXPECT_EQ(code_of(admit(good, test_time_ms() + 300'001)), Code::proposal_expired);
    EXPECT_EQ(code_of(admit(good, test_time_ms() - 30'001)), Code::proposal_expired);
    good.proposal = channel.propose(channel.client, {"other", "notes", "put", "{}", {}, {}, test_time_ms()});
    EXPECT_EQ(code_of(admit(good)), Code::wrong_channel);
}

TEST_F(ProposalCheck, AConfigurationUpdateDoesNotComeThisWay) {
    good.kind = Transaction::Kind::configuration;
    EXPECT_EQ(code_of(admit(good)), Code::invalid_argument);
}

TEST_F(ProposalCheck, WhereTheChannelTakesAnythingNothingIsAsked) {
    channel.config.submission = "any";
    EXPECT_TRUE(admit(as_bytes("opaque")).has_value());
}

}  // namespace
}  // namespace tally::node
