// Endorsements from others, some of whom lie, refuse or say nothing.

#include "node/endorsing/submitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "node/channel/validator.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/map_state.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::node {
namespace {

// Three organizations, any two of which must endorse; what each answers is the test's to say.
class Endorsing : public testing::Test {
  protected:
    SmallChannel channel{3, "MAJORITY"};
    storage::TemporaryLedger ledger;
    CurrentMembership membership{channel.membership()};
    WorkerPool pool{1, 100};
    Waiting waiting;
    crypto::VerifiedSignatures memo;
    Metrics metrics;
    std::vector<std::string> asked;  // in order
    std::vector<EndorsementSource> sources;
    std::vector<Bytes> ordered;

    ~Endorsing() override { pool.stop(); }  // before what its tasks use goes

    using Answer = std::function<Result<Endorsed>(const Bytes& proposal)>;

    [[nodiscard]] Endorsed endorsed(const Bytes& proposal, std::size_t by) const {
        const auto simulation = channel.simulate(proposal, storage::MapState());
        auto transaction = channel.endorse(proposal, simulation, {channel.peers[by]});
        return {transaction.simulation, crypto::sha256(transaction.simulation), transaction.endorsements.front()};
    }
    void add(std::size_t organization, Answer answer, bool own = false) {
        const auto& id = channel.organizations[organization].id;
        const auto name = "node of " + id;
        sources.push_back({name, id, own,
                           [this, name, answer](const chaincode::SignedProposal&, const Bytes& bytes, bool brief) {
                               asked.push_back(name + (brief ? " in brief" : ""));
                               return [answer, bytes, brief] {
                                   auto endorsed = answer(bytes);
                                   if (endorsed && brief) endorsed->simulation.clear();
                                   return endorsed;
                               };
                           },
                           [] { return true; }});
    }
    void add_honest(std::size_t organization, bool own = false) {
        add(
            organization, [this, organization](const Bytes& proposal) { return endorsed(proposal, organization); },
            own);
    }
    Submitter submitter{*ledger,
                        membership,
                        pool,
                        {100, 1U << 30},
                        waiting,
                        memo,
                        [this] { return sources; },
                        [this](const Bytes& transaction, const chaincode::SignedProposal&) -> Result<std::string> {
                            ordered.push_back(transaction);
                            return "node1";
                        },
                        metrics};
    Result<Submission> submit() {
        std::promise<Result<Submission>> done;
        submitter.submit("OrgA", channel.propose("put", R"({"key":"k","value":"v"})"), false,
                         [&](Result<Submission> submission) { done.set_value(std::move(submission)); });
        return done.get_future().get();
    }
    [[nodiscard]] storage::ValidationCode code_of_last() const {
        return check_transaction(ordered.back(), {test_time_ms(), *membership.get()})->checked.code;
    }
};

TEST_F(Endorsing, AsManyAreAskedAsThePolicyNeeds) {
    for (std::size_t i = 0; i < 3; ++i) add_honest(i);
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(asked.size(), 2U);
    EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID);
}

TEST_F(Endorsing, AVoidEndorsementIsNotTakenAndAnotherIsAsked) {
    for (int lie = 0; lie < 3; ++lie) {
        sources.clear();
        add_honest(0);
        add(1, [&](const Bytes& proposal) {
            auto answer = endorsed(proposal, lie == 1 ? 2 : 1);               // 1: in another's name
            if (lie == 0) answer.endorsement.signature.back() ^= 1;           // 0: a false signature
            if (lie == 2) answer.endorsement.certificate = to_bytes("none");  // 2: nobody at all
            return answer;
        });
        add_honest(2);
        ASSERT_TRUE(submit().has_value()) << lie;
        EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID) << lie;
    }
}

TEST_F(Endorsing, OneThatGaveNothingUsefulIsAskedLastFromThenOn) {
    add(0, [](const Bytes&) -> Result<Endorsed> { return fail(Code::unavailable, "no answer came in time"); });
    add_honest(1);
    add_honest(2);
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(asked.size(), 3U);
    asked.clear();
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(asked, (std::vector<std::string>{"node of C", "node of B"})) << "the first of a wave is asked last";
}

TEST_F(Endorsing, OneThatRefusesSlowlyIsNotAskedEachTime) {
    add(0, [](const Bytes&) -> Result<Endorsed> {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));  // it is slow by itself: nothing to wait for
        return fail(Code::permission_denied, "not by me");
    });
    add_honest(1);
    add_honest(2);
    ASSERT_TRUE(submit().has_value());
    for (int i = 0; i < 3; ++i) {
        asked.clear();
        ASSERT_TRUE(submit().has_value());
        EXPECT_EQ(std::count(asked.begin(), asked.end(), sources.front().name), 0) << i;
        EXPECT_EQ(asked.size(), 2U);
    }
}

TEST_F(Endorsing, OneThatRefusesWhatTheOthersEndorseIsAskedLast) {
    add(0, [](const Bytes&) -> Result<Endorsed> { return fail(Code::permission_denied, "not by me"); });
    add_honest(1);
    add_honest(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(submit().has_value());
    asked.clear();
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(std::count(asked.begin(), asked.end(), sources.front().name), 0);
}

TEST_F(Endorsing, WhatOneStrangerRefusesTheOthersMayEndorse) {
    add(0, [](const Bytes&) -> Result<Endorsed> {
        return fail(chaincode::registry::refusals::unknown_device, "there is no such device");
    });
    add_honest(1);
    add_honest(2);
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID);
}

TEST_F(Endorsing, ARefusalSaysWhoRefusedAndWhy) {
    for (std::size_t i = 0; i < 3; ++i)
        add(i, [](const Bytes&) -> Result<Endorsed> {
            return fail(chaincode::registry::refusals::unknown_device, "there is no device 7");
        });
    const auto refused = submit();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, chaincode::registry::refusals::unknown_device);
    EXPECT_EQ(refused.error().message, "node of A: there is no device 7");
    EXPECT_EQ(asked.size(), 2U) << "two that refuse are believed";
    EXPECT_TRUE(ordered.empty());
}

// One endorser is a block ahead and knows the record; the others would take it again. The answer is the one that can be
// turned into that of the first submission.
TEST_F(Endorsing, ADuplicateIsCalledOneAlsoByAFew) {
    add_honest(0);
    add(1, [](const Bytes&) -> Result<Endorsed> {
        return fail(chaincode::data::refusals::duplicate_record, "it is there already");
    });
    add(2, [](const Bytes&) -> Result<Endorsed> {
        return fail(chaincode::data::refusals::duplicate_record, "it is there already");
    });
    const auto refused = submit();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, chaincode::data::refusals::duplicate_record) << refused.error().message;
    EXPECT_TRUE(ordered.empty());
}

TEST_F(Endorsing, WhereThisNodeEndorsesTheOthersAnswerInBrief) {
    add_honest(0, true);
    add_honest(1);
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(asked, (std::vector<std::string>{"node of B in brief", "node of A"}));
    EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID);
}

TEST_F(Endorsing, AnotherDigestThanThisNodesIsAskedForItsSimulation) {
    add(
        0,
        [this](const Bytes&) {  // as a faulty node: it endorses another proposal
            return endorsed(channel.propose("put", R"({"key":"k","value":"another"})"), 0);
        },
        true);
    add_honest(1);
    add_honest(2);
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(asked.front(), "node of B in brief");
    EXPECT_TRUE(std::ranges::find(asked, "node of B") != asked.end());
    EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID);
}

TEST_F(Endorsing, ADigestThatIsNotTheSimulationsIsNoEndorsement) {
    add(0, [this](const Bytes& proposal) {
        auto answer = endorsed(proposal, 0);
        answer.digest = crypto::sha256(to_bytes("another"));
        return answer;
    });
    add_honest(1);
    add_honest(2);
    ASSERT_TRUE(submit().has_value());
    EXPECT_EQ(asked.size(), 3U);
    EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID);
}

// One endorser has a block more than the other, and so reads another version of the note.
class EndorsingAtTwoHeights : public Endorsing {
  protected:
    // Organization 0 stays at version 1; organization 1 is at version 2 until it was asked so often, then it is too.
    void add_two(int asked_before_they_meet) {
        for (const std::size_t organization : {0U, 1U}) {
            add(organization, [this, organization, asked_before_they_meet](const Bytes& proposal) -> Result<Endorsed> {
                if (organization == 1) ++times;
                const bool ahead = organization == 1 && times <= asked_before_they_meet;
                storage::MapState state;
                state.set("notes", "k", "v", {ahead ? 2U : 1U, 0});
                const auto simulation = channel.simulate(proposal, state);
                auto transaction = channel.endorse(proposal, simulation, {channel.peers[organization]});
                return Endorsed{transaction.simulation, crypto::sha256(transaction.simulation),
                                transaction.endorsements.front()};
            });
        }
        add(2, [](const Bytes&) -> Result<Endorsed> { return fail(Code::unavailable, "it is away"); });
    }
    Result<Submission> append() {
        std::promise<Result<Submission>> done;
        submitter.submit("OrgA", channel.propose("append", R"({"key":"k","value":"v"})"), false,
                         [&](Result<Submission> submission) { done.set_value(std::move(submission)); });
        return done.get_future().get();
    }
    int times = 0;  // organization 1 was asked
};

TEST_F(EndorsingAtTwoHeights, TheyAreAskedAgainUntilTheyMeet) {
    add_two(3);
    const auto submission = append();
    ASSERT_TRUE(submission.has_value()) << submission.error().message;
    EXPECT_EQ(times, 4);
    EXPECT_EQ(ordered.size(), 1U);
    EXPECT_EQ(code_of_last(), storage::ValidationCode::VALID);
}

TEST_F(EndorsingAtTwoHeights, ThoseThatNeverMeetAreAskedABoundedNumberOfTimes) {
    add_two(1000);
    const auto submission = append();
    ASSERT_FALSE(submission.has_value());
    EXPECT_EQ(submission.error().code, Code::endorsements_differ) << submission.error().message;
    EXPECT_GT(times, 1);
    EXPECT_LT(times, 20);
    EXPECT_TRUE(ordered.empty());
}

TEST_F(Endorsing, WhatThisNodesOwnContractsRefuseIsAskedNowhereElse) {
    add(
        0,
        [](const Bytes&) -> Result<Endorsed> {
            return fail(chaincode::registry::refusals::unknown_device, "there is no device 7");
        },
        true);
    add(1, [](const Bytes&) -> Result<Endorsed> { return fail(Code::unavailable, "no answer"); });
    add_honest(2);
    EXPECT_EQ(submit().error().message, "there is no device 7");
    EXPECT_EQ(asked.size(), 2U);
}

TEST_F(Endorsing, AnIdThatARefusedTransactionBearsIsStillFree) {
    for (std::size_t i = 0; i < 3; ++i) add_honest(i);
    ledger.grow({{"genesis"}});
    const auto proposal = channel.propose("put", R"({"key":"k","value":"v"})");
    auto refused =
        ledger.prepare({{{"without endorsements", {}, storage::ValidationCode::ENDORSEMENT_POLICY_FAILURE}}});
    refused.ids = {SmallChannel::id_of(proposal)};
    ASSERT_TRUE(ledger.append(refused).has_value());
    std::promise<Result<Submission>> done;
    submitter.submit("OrgA", proposal, false,
                     [&](Result<Submission> submission) { done.set_value(std::move(submission)); });
    ASSERT_TRUE(done.get_future().get().has_value());
    EXPECT_EQ(ordered.size(), 1U);
}

}  // namespace
}  // namespace tally::node
