// A block changes the configuration when its transaction does, whatever the transaction's batch and the leader say.

#include "tests/unit/consensus/one_of_four.h"

namespace tally::consensus {
namespace {

BatchReference reference(const BatchPtr& batch) {
    const auto& header = batch->header;
    return {static_cast<Member>(header.lane - 100), header.at, header.digest, header.count, header.bytes};
}

class Sealing : public OneOfFour {
  protected:
    static BatchPtr change(Member author) {
        auto made = std::make_shared<LaneBatch>(*batch(author, {1, 1}, {text("a change")}));
        made->header.sealing = true;
        made->signature = signature_of(author, batch_statement(kChannel, made->header));
        return made;
    }
    [[nodiscard]] ProposalMessage proposal_of(std::vector<BatchReference> payload, bool flagged) const {
        auto message = proposal(1, std::move(payload));
        auto& header = message.proposal.header;
        if (flagged) header.flags = storage::BlockHeader::kSealing;
        message.vote = vote(1, VoteKind::notarize, 1, header.hash());
        return message;
    }
    // What this member votes on a block of these batches.
    [[nodiscard]] VoteKind vote_on(const std::vector<BatchPtr>& batches, bool flagged) {
        start();
        std::vector<BatchReference> payload;
        for (const auto& each : batches) {
            payload.push_back(reference(each));
            hears(static_cast<Member>(each->header.lane - 100), BatchMessage{each});
        }
        hears(1, proposal_of(payload, flagged));
        const auto votes = sent<VoteMessage>();
        EXPECT_EQ(votes.size(), 1U);
        return votes.at(0).votes.at(0).kind;
    }
};

TEST_F(Sealing, IsJudgedByVoters) {
    EXPECT_EQ(vote_on({change(1)}, true), VoteKind::notarize);
    EXPECT_EQ(vote_on({change(1)}, false), VoteKind::nullify);
    changes_configuration = false;
    EXPECT_EQ(vote_on({change(1)}, true), VoteKind::nullify) << "it would end the epoch for nothing";
    EXPECT_EQ(vote_on({change(1)}, false), VoteKind::notarize) << "a change that came too late is ordered as any batch";
}

TEST_F(Sealing, OfAChangeThatThisProgramCannotJudgeIsLeftToTheLeader) {
    changes_configuration = std::nullopt;
    EXPECT_EQ(vote_on({change(1)}, true), VoteKind::notarize);
    EXPECT_EQ(vote_on({change(1)}, false), VoteKind::notarize);
}

TEST_F(Sealing, NeedsABatchThatSaysSoAndStandsAlone) {
    const auto plain = batch(1, {1, 1}, {text("a change")});
    EXPECT_EQ(vote_on({plain}, true), VoteKind::nullify);
    EXPECT_EQ(vote_on({plain, change(2)}, false), VoteKind::nullify);
    changes_configuration = false;
    EXPECT_EQ(vote_on({plain, change(2)}, false), VoteKind::nullify);
}

TEST_F(Sealing, IsWhatALeaderFindsItselfAndNotWhatTheAuthorSays) {
    for (const std::optional<bool> changes : {std::optional(true), std::optional(false), std::optional<bool>()}) {
        changes_configuration = changes;
        start();
        hears(2, BatchMessage{change(2)});
        for (const Member holder : {1U, 3U}) hears(holder, AckMessage{0, 1, {{2, {1, 1}, change(2)->header.hash()}}});
        CertificateMessage past;
        for (View view = 1; view < 4; ++view) past.certificates.push_back(certificate(VoteKind::nullify, view));
        hears(1, past);
        const auto proposed = sent<ProposalMessage>();
        ASSERT_EQ(proposed.size(), 1U);
        const auto flags = proposed[0].proposal.header.flags;
        EXPECT_EQ(proposed[0].proposal.payload.size(), 1U);
        EXPECT_EQ(flags, changes.value_or(true) ? storage::BlockHeader::kSealing : 0);
    }
}

}  // namespace
}  // namespace tally::consensus
