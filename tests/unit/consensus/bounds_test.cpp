// What members must not be made to do by one that keeps no rules (simplex.h, R9 and R11).

#include "consensus/lanes.h"
#include "tests/unit/consensus/one_of_four.h"

namespace tally::consensus {
namespace {

class Bounds : public OneOfFour {
  protected:
    void SetUp() override { start(); }
    [[nodiscard]] std::size_t blamed(Member member) const {
        std::size_t count = 0;
        for (const auto& blame : actions<Blame>()) count += blame.member == member ? 1 : 0;
        return count;
    }
};

TEST_F(Bounds, ABatchOfEmptyTransactionsIsNotTakenAndItsSenderIsBlamed) {
    hears(1, BatchMessage{batch(1, {1, 1}, storage::Batch(1000))});
    EXPECT_EQ(appended(RecordType::batch), 0U);
    EXPECT_EQ(blamed(1), 1U);
    hears(1, BatchMessage{batch(1, {1, 1}, {text("a"), {}})});
    EXPECT_EQ(appended(RecordType::batch), 0U);
    EXPECT_EQ(verified, 0U) << "a look is enough";
    hears(1, BatchMessage{batch(1, {1, 1}, {text("a")})});
    EXPECT_EQ(appended(RecordType::batch), 1U);
}

TEST_F(Bounds, ABatchHoldsNoMoreTransactionsThanABlockMay) {
    settings.max_block_messages = 3;
    start();
    hears(1, BatchMessage{batch(1, {1, 1}, storage::Batch(4, text("a")))});
    EXPECT_EQ(appended(RecordType::batch), 0U);
    EXPECT_EQ(blamed(1), 1U);
    hears(1, BatchMessage{batch(1, {1, 1}, storage::Batch(3, text("a")))});
    EXPECT_EQ(appended(RecordType::batch), 1U);
}

TEST_F(Bounds, MillionsOfEmptyTransactionsAreNotEvenDecoded) {
    LaneBatch many;
    many.transactions.resize(kMaxBlockMessages + 1);
    const auto bytes = encode_message(BatchMessage{std::make_shared<const LaneBatch>(many)});
    const auto decoded = decode_message(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_NE(decoded.error().message.find("a list of 100001"), std::string::npos) << decoded.error().message;
    EXPECT_FALSE(decode_message(encode_message(VoteMessage{std::vector<Vote>(1000)})).has_value());
}

// The count alone is refused: nothing of the list is there.
TEST_F(Bounds, AListOfAnyKindOfMessageHasABound) {
    AckMessage acks;
    acks.acks.resize(2000);
    FetchedProposal fetched;
    fetched.proposal.payload.resize(10'000);
    StatusMessage status;
    status.proof.emplace().signatures.resize(2000);
    CertificateMessage certificates;
    certificates.certificates.emplace_back().signatures.resize(200'000);
    ProposalMessage proposals;
    proposals.justification.emplace_back().signatures.resize(200'000);
    FetchedBlocks blocks;
    blocks.blocks.emplace_back().batches.resize(2'000'000);
    for (const Message& message : {Message(acks), Message(fetched), Message(status), Message(certificates),
                                   Message(proposals), Message(blocks)}) {
        const auto decoded = decode_message(encode_message(message));
        ASSERT_FALSE(decoded.has_value()) << message_name(message);
        EXPECT_NE(decoded.error().message.find("a list of"), std::string::npos) << decoded.error().message;
    }
}

// Each reference would be something to fetch.
TEST_F(Bounds, AProposalOfEmptyOrCountlessBatchesIsNullifiedAndNothingIsFetchedForIt) {
    const auto digest = crypto::sha256(as_bytes("nowhere"));
    hears(1, proposal(1, {{1, {1, 1}, digest, 1, 0}}));
    EXPECT_EQ(sent<VoteMessage>().at(0).votes.at(0).kind, VoteKind::nullify);
    EXPECT_TRUE(sent<FetchBatch>().empty());
    start();
    hears(1, proposal(1, {{1, {1, 1}, digest, 0, 1}}));
    EXPECT_EQ(sent<VoteMessage>().at(0).votes.at(0).kind, VoteKind::nullify);
    start();
    hears(1, proposal(1, {{1, {1, 1}, digest, kMaxBlockMessages + 1, 1U << 20}}));
    EXPECT_EQ(sent<VoteMessage>().at(0).votes.at(0).kind, VoteKind::nullify);
    start();
    std::vector<BatchReference> many;
    for (std::uint64_t i = 1; i <= kMaxReferences + 1; ++i) many.push_back({1, {1, i}, digest, 1, 1});
    hears(1, proposal(1, many));
    EXPECT_EQ(blamed(1), 1U);
    EXPECT_EQ(core->observe().view, 1U);
    EXPECT_TRUE(sent<FetchBatch>().empty());
}

TEST_F(Bounds, AfterOneFalseSignatureTheRestOfAMessageIsNotLookedAt) {
    CertificateMessage lies;
    for (View view = 1; view <= 60; ++view) {
        lies.certificates.push_back(certificate(VoteKind::nullify, view));
        lies.certificates.back().signatures.back()[5] ^= 1;
    }
    hears(2, lies);
    EXPECT_EQ(verified, 3U);
    EXPECT_EQ(blamed(2), 1U);
    EXPECT_EQ(core->observe().view, 1U);
    EXPECT_EQ(core->observe().blamed, 1U);
}

TEST_F(Bounds, AFalseVoteIsItsSendersFault) {
    auto lie = vote(1, VoteKind::nullify, 1);
    lie.signature[7] ^= 1;
    hears(1, VoteMessage{{lie}});
    hears(2, VoteMessage{{vote(2, VoteKind::nullify, 1)}});  // with my own they seem to be enough
    EXPECT_EQ(blamed(1), 1U);
    EXPECT_EQ(core->observe().view, 1U);
    hears(3, VoteMessage{{vote(3, VoteKind::nullify, 1)}});
    EXPECT_EQ(core->observe().view, 2U);
    EXPECT_EQ(core->observe().blamed, 1U);
}

TEST_F(Bounds, WhoContradictsItselfIsReportedOnce) {
    const auto first = crypto::sha256(as_bytes("first"));
    hears(1, VoteMessage{{vote(1, VoteKind::notarize, 1, first)}});
    std::size_t reports = 0;
    for (int i = 0; i < 50; ++i) {
        const auto other = crypto::sha256(as_bytes(fmt::format("other {}", i % 5)));
        hears(1, VoteMessage{{vote(1, VoteKind::notarize, 1, other)}});
        reports += actions<Evidence>().size();
    }
    EXPECT_EQ(reports, 1U);
    EXPECT_EQ(verified, 2U);
}

TEST_F(Bounds, TwoBatchesAtOnePositionAreReportedOnce) {
    hears(1, BatchMessage{batch(1, {1, 1}, {text("first")})});
    verified = 0;
    std::size_t reports = 0;
    for (int i = 0; i < 20; ++i) {
        hears(1, BatchMessage{batch(1, {1, 1}, {text(fmt::format("other {}", i))})});
        reports += actions<Evidence>().size();
    }
    EXPECT_EQ(reports, 1U);
    EXPECT_EQ(verified, 1U) << "what would not be kept is not verified";
}

// To ask for a batch takes a hundred bytes, to answer takes the batch.
TEST_F(Bounds, WhoAsksForABatchAgainAndAgainGetsABlocksWorthPerInterval) {
    settings.max_block_bytes = 10'000;
    start();
    const auto one = batch(1, {1, 1}, {Bytes(5000, 1)});
    hears(1, BatchMessage{one});
    const auto answers = [&] {
        std::size_t count = 0;
        for (int i = 0; i < 100; ++i) {
            hears(2, FetchBatch{0, reference_to(1, one->header)});
            count += sent<BatchMessage>().size();
        }
        return count;
    };
    EXPECT_EQ(answers(), 2U);
    EXPECT_EQ(answers(), 0U);
    now += settings.resend_ms;
    EXPECT_EQ(answers(), 2U);
}

// A leader may name batches in its views that its accomplice makes for it, and let the views pass.
TEST_F(Bounds, BatchesThatNoProposalNamesAnyMoreAreLetGo) {
    hears(3, BatchMessage{batch(3, {1, 1}, {text("the lane's own")})});
    std::size_t kept = 0;
    for (View view = 1; view <= 81; view += 4) {
        const auto other = batch(3, {1, 1}, {Bytes(1U << 20, static_cast<std::uint8_t>(view))});
        const BatchReference nowhere{2, {1, 1}, crypto::sha256(as_bytes("nowhere")), 1, 1};
        hears(1, proposal(view, {nowhere, reference_to(3, other->header)}));
        hears(1, BatchMessage{other});
        ASSERT_EQ(appended(RecordType::batch), 1U);
        for (View over = view; over < view + 4; ++over)
            hears(2, CertificateMessage{{certificate(VoteKind::nullify, over)}});
        kept = 0;
        for (const auto& record : core->keep()) kept += record.type == RecordType::batch ? record.record.size() : 0;
    }
    EXPECT_LT(kept, 12U << 20);
}

TEST(Lanes, CountWhatABatchCostsBesideItsBytes) {
    const Committee committee{"test", 0, FaultModel::byzantine, {100, 101, 102, 103}};
    Lanes lanes(committee, {}, {.bytes = 10'000, .early_bytes = 10'000, .loose_bytes = 10'000});
    const auto batch = [](std::uint64_t sequence, std::uint64_t incarnation) {
        auto made = std::make_shared<LaneBatch>();
        made->header.lane = 101;
        made->header.at = {incarnation, sequence};
        made->header.count = 1;
        made->header.bytes = 1;
        made->transactions = {Bytes(1)};
        return made;
    };
    std::size_t early = 0;
    for (std::uint64_t i = 2; i < 1000; ++i) early += lanes.store(1, batch(i, 1), 0) == Lanes::Stored::early ? 1 : 0;
    EXPECT_LT(early, 20U);
    std::size_t stored = 0;
    for (std::uint64_t i = 1; i < 1000; ++i) stored += lanes.store(2, batch(i, 1), 0) == Lanes::Stored::stored ? 1 : 0;
    EXPECT_EQ(stored, 1U) << "each names its predecessor wrongly";
}

TEST(Lanes, OfTheirOwnerAreKeptWhateverTheirSize) {
    const Committee committee{"test", 0, FaultModel::byzantine, {100, 101, 102, 103}};
    Lanes lanes(committee, {}, {.bytes = 1000});
    Hash previous;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        auto made = std::make_shared<LaneBatch>();
        made->header = {100, {1, i}, {}, previous, {}, 1, 900, false};
        previous = made->header.hash();
        EXPECT_EQ(lanes.fate(0, made->header), i == 1 ? Lanes::Stored::stored : Lanes::Stored::full);
        EXPECT_EQ(lanes.keep(0, made, 0), Lanes::Stored::stored);
    }
}

}  // namespace
}  // namespace tally::consensus
