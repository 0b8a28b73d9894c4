// Proposals that the other node has from questions are not sent to it again in batches.

#include "node/network/left_out.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::node {
namespace {

Bytes random_bytes(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes out(size);
    for (auto& each : out) each = static_cast<std::uint8_t>(random());
    return out;
}

// One node that asks, and one that is asked.
class LeftOutParts : public testing::Test {
  protected:
    void ask(std::uint64_t question, const Bytes& proposal, bool arrives = true) {
        Bytes said{1, 2, 3};
        said.insert(said.end(), proposal.begin(), proposal.end());
        asked.asked("n1", question, 3, proposal);
        if (!arrives) return;
        const auto message = make_frame(FrameKind::endorse, question, "main", said);
        heard.heard("n0", *read_frame(*message));
        asked.answered("n1", question);
    }
    // A batch of these proposals on its way to n1.
    FramePtr batch(const std::vector<Bytes>& proposals) {
        body.assign(10, 4);
        std::vector<std::pair<std::size_t, std::size_t>> places;
        for (const auto& proposal : proposals) {
            places.emplace_back(body.size(), proposal.size());
            body.insert(body.end(), proposal.begin(), proposal.end());
            body.insert(body.end(), 10, 6);
        }
        std::vector<ByteView> parts;
        for (const auto& [at, size] : places) parts.push_back(ByteView(body).subspan(at, size));
        left_out = asked.take("n1", body, parts);
        return make_frame(FrameKind::consensus, 0, "main", body, left_out);
    }
    bool arrives_whole(const FramePtr& message) {
        const auto frame = read_frame(*message);
        auto complete = heard.complete("n0", *frame);
        if (!complete) return false;
        EXPECT_EQ(std::move(*complete).open(), body);
        return true;
    }

    AskedParts asked;
    HeardQuestions heard;
    Bytes body;
    std::vector<LeftOut> left_out;
};

TEST_F(LeftOutParts, ABatchNamesTheQuestionsInAnyOrder) {
    std::vector<Bytes> proposals;
    for (unsigned i = 0; i < 3; ++i) proposals.push_back(random_bytes(4000 + i, i));
    for (unsigned i = 0; i < 3; ++i) ask(i + 1, proposals[i]);
    const auto message = batch({proposals[2], random_bytes(3000, 9), proposals[0]});
    EXPECT_EQ(left_out.size(), 2U);
    EXPECT_LT(message->size(), 3500U);
    EXPECT_TRUE(arrives_whole(message));
}

TEST_F(LeftOutParts, APartIsLeftOutOnce) {
    const auto proposal = random_bytes(4000, 1);
    ask(1, proposal);
    EXPECT_TRUE(arrives_whole(batch({proposal})));
    const auto again = batch({proposal});
    EXPECT_TRUE(left_out.empty());
    EXPECT_TRUE(arrives_whole(again));
}

TEST_F(LeftOutParts, AQuestionWithoutAnswerIsNotNamed) {
    const auto proposal = random_bytes(4000, 1);
    ask(1, proposal, false);
    EXPECT_TRUE(arrives_whole(batch({proposal})));
    EXPECT_TRUE(left_out.empty());
}

TEST_F(LeftOutParts, ANodeThatWasStartedAnewGetsAllOfItTheSecondTime) {
    const auto proposal = random_bytes(4000, 1);
    ask(1, proposal);
    heard = {};
    EXPECT_FALSE(arrives_whole(batch({proposal})));
    EXPECT_TRUE(arrives_whole(batch({proposal})));
}

TEST_F(LeftOutParts, ProposalsThatDifferInOneByteAreDifferent) {
    const auto proposal = random_bytes(4000, 1);
    ask(1, proposal);
    for (const std::size_t at : {0U, 2000U, 3999U}) {
        auto other = proposal;
        other[at] ^= 1;
        EXPECT_TRUE(arrives_whole(batch({other})));
        EXPECT_TRUE(left_out.empty());
    }
}

// Whatever the asker still names, the asked node still has.
TEST_F(LeftOutParts, BothSidesForgetTheOldest) {
    std::mt19937 random(5);
    std::vector<Bytes> proposals;
    for (unsigned i = 0; i < 900; ++i) {
        proposals.push_back(random_bytes(i % 50 == 0 ? 600'000 : 200 + random() % 8000, i));
        ask(i + 1, proposals.back(), i % 7 != 0);
    }
    EXPECT_TRUE(arrives_whole(batch({proposals.front()})));
    EXPECT_TRUE(left_out.empty());
    std::size_t named = 0;
    for (unsigned i = 0; i < 900; ++i) {
        EXPECT_TRUE(arrives_whole(batch({proposals[i]}))) << i;
        named += left_out.size();
    }
    EXPECT_GT(named, 50U);
}

// Questions of before the asker was started anew, with the numbers of those that it asks now.
TEST_F(LeftOutParts, ANewQuestionReplacesAnOldOneWithItsNumber) {
    for (std::uint64_t number = 1; number <= 3; ++number)
        heard.heard("n0", *read_frame(*make_frame(FrameKind::endorse, number, "main", random_bytes(5000, 40))));
    const auto proposal = random_bytes(4000, 1);
    ask(2, proposal);
    EXPECT_TRUE(arrives_whole(batch({proposal})));
    EXPECT_EQ(left_out.size(), 1U);
}

TEST_F(LeftOutParts, EmptyQuestionsDoNotPileUp) {
    const auto proposal = random_bytes(4000, 1);
    ask(1, proposal);
    for (std::uint64_t number = 2; number < 20'000; ++number)
        heard.heard("n0", *read_frame(*make_frame(FrameKind::endorse, number, "main", {})));
    EXPECT_FALSE(arrives_whole(batch({proposal})));  // it was pushed out
}

TEST_F(LeftOutParts, AFrameCannotNameAQuestionTwice) {
    const auto proposal = random_bytes(4000, 1);
    ask(1, proposal);
    const auto message = batch({proposal});
    auto frame = *read_frame(*message);
    frame.left_out.push_back(frame.left_out.front());
    EXPECT_FALSE(heard.complete("n0", frame));
}

}  // namespace
}  // namespace tally::node
