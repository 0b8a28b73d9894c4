// R1, R7: acknowledgements of another life, batches whose author has lost them, and fetching what others have final.

#include "tests/unit/consensus/one_of_four.h"

namespace tally::consensus {
namespace {

class Spread : public OneOfFour {
  protected:
    [[nodiscard]] std::vector<Member> receivers_of_batches() const {
        std::vector<Member> receivers;
        for (const auto& send : actions<Send>()) {
            if (std::holds_alternative<BatchMessage>(send.message)) receivers.push_back(send.to.value());
        }
        return receivers;
    }
};

AckMessage holds(std::uint64_t life, Member lane, const LaneBatch& batch) {
    return {0, life, {{lane, batch.header.at, batch.header.hash()}}};
}

StatusMessage status(View view, storage::BlockNumber final_number) {
    StatusMessage message;
    message.view = view;
    message.final_number = final_number;
    message.final_view = final_number;
    return message;
}

TEST_F(Spread, WhatWasAcknowledgedInAnEarlierLifeIsSentAgain) {
    start();
    submits({text("mine")});
    const auto mine = sent<BatchMessage>().at(0).batch;
    for (const Member peer : {1U, 2U, 3U}) hears(peer, holds(5, 0, *mine));
    for (const Member peer : {1U, 2U, 3U}) hears(peer, status(1, 0));
    wait(settings.resend_ms);
    EXPECT_TRUE(sent<BatchMessage>().empty());
    hears(2, AckMessage{0, 6, {{0, {}, {}}}});  // it has lost what was not durable
    wait(settings.resend_ms);
    EXPECT_EQ(receivers_of_batches(), (std::vector<Member>{2}));
    hears(2, holds(5, 0, *mine));  // came late: not of this life
    wait(settings.resend_ms);
    EXPECT_EQ(receivers_of_batches(), (std::vector<Member>{2}));
    hears(2, holds(6, 0, *mine));
    wait(settings.resend_ms);
    EXPECT_TRUE(sent<BatchMessage>().empty());
}

TEST_F(Spread, AnAuthorThatLostItsBatchGetsIt) {
    start();
    const auto lost = batch(2, {5, 1}, {text("lost")});
    hears(2, BatchMessage{lost});
    hears(1, holds(1, 2, *lost));
    hears(3, holds(1, 2, *lost));
    std::vector<Member> receivers;
    for (int i = 0; i < 8; ++i) {
        hears(2, status(1, 0));
        wait(settings.resend_ms);
        for (const auto receiver : receivers_of_batches()) receivers.push_back(receiver);
    }
    ASSERT_FALSE(receivers.empty());
    for (const auto receiver : receivers) EXPECT_EQ(receiver, 2U);
}

TEST_F(Spread, ABlockThatOthersHaveIsFetchedWhileViewsAreNullified) {
    start();
    hears(1, status(3, 1));
    bool fetches = false;
    for (View view = 1; view <= 6 && !fetches; ++view) {
        now += settings.resend_ms / 2;
        hears(2, CertificateMessage{{certificate(VoteKind::nullify, view)}});
        for (const auto& asked : sent<FetchBlocks>()) {
            fetches = true;
            EXPECT_EQ(asked.from, 1U);
        }
    }
    EXPECT_TRUE(fetches);
}

TEST_F(Spread, OnlyVotesWaitForTheLog) {
    start();
    const auto born = actions<Append>().back().ticket;
    const auto theirs = batch(1, {5, 1}, {text("theirs")});
    hears(1, BatchMessage{theirs});
    ASSERT_EQ(sent<AckMessage>().size(), 1U);
    for (const auto& send : actions<Send>()) EXPECT_EQ(send.after, born);
    hears(1, proposal(1, {{1, theirs->header.at, theirs->header.digest, 1, theirs->header.bytes}}));
    const auto votes = sent<VoteMessage>();
    ASSERT_EQ(votes.size(), 1U);
    EXPECT_EQ(votes[0].votes.at(0).kind, VoteKind::notarize);
    for (const auto& send : actions<Send>()) {
        if (std::holds_alternative<VoteMessage>(send.message)) {
            EXPECT_EQ(send.after, actions<Append>().back().ticket);
        }
    }
}

}  // namespace
}  // namespace tally::consensus
