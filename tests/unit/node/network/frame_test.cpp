#include "node/network/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace tally::node {
namespace {

// Text in which much repeats, as transactions of one contract have it.
Bytes repeating(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i)
        text += fmt::format("{{\"device\":\"meter-{}\",\"value\":\"{}\"}}", i, i * 7919);
    return Bytes(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
}

Bytes random_bytes(std::size_t size) {
    std::mt19937 random(7);
    Bytes out(size);
    for (auto& each : out) each = static_cast<std::uint8_t>(random());
    return out;
}

struct Sent {
    FramePtr message;
    Frame frame;
};

Sent sent(FrameKind kind, const Bytes& body) {
    auto message = make_frame(kind, 7, "main", body);
    auto frame = read_frame(*message);
    EXPECT_TRUE(frame);
    return {message, std::move(*frame)};
}

TEST(Frame, ALargeBodyThatShrinksIsPackedAndOpensToItself) {
    for (const auto kind : {FrameKind::consensus, FrameKind::endorse, FrameKind::endorsed, FrameKind::submit}) {
        for (const std::size_t size : {2000U, 20'000U, 1'000'000U}) {
            const auto body = repeating(size);
            const auto [message, frame] = sent(kind, body);
            EXPECT_TRUE(frame.packed);
            EXPECT_LT(message->size(), size / 2);
            EXPECT_EQ(frame.kind, kind);
            EXPECT_EQ(frame.correlation, 7U);
            EXPECT_EQ(FrameBody(frame).open(), body);
        }
    }
}

TEST(Frame, ABodyThatDoesNotShrinkIsSentAsItIs) {
    for (const std::size_t size : {0U, 100U, 1023U, 2000U, 100'000U}) {
        const auto body = size < 1024 ? repeating(size) : random_bytes(size);
        const auto [message, frame] = sent(FrameKind::consensus, body);
        EXPECT_FALSE(frame.packed) << size;
        EXPECT_EQ(FrameBody(frame).open(), body);
    }
}

// Transactions have readings that do not shrink between what does, in any place.
TEST(Frame, ABodyThatShrinksInPartsIsPacked) {
    const auto readings = random_bytes(7000);
    const auto around = repeating(5000);
    for (const std::size_t offset : {0U, 3000U, 6000U, 9000U}) {
        Bytes body;
        for (int i = 0; i < 4; ++i) {
            body.insert(body.end(), readings.begin(), readings.end());
            body.insert(body.end(), around.begin(), around.end());
        }
        body.erase(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(offset));
        EXPECT_TRUE(sent(FrameKind::consensus, body).frame.packed) << offset;
    }
}

TEST(Frame, ABodyThatWouldShrinkTooMuchIsSentAsItIs) {
    const auto [message, frame] = sent(FrameKind::submit, Bytes(1'000'000, 1));
    EXPECT_FALSE(frame.packed);
}

TEST(Frame, OtherKindsAreNeverPacked) {
    const auto [message, frame] = sent(FrameKind::checkpoint, repeating(20'000));
    EXPECT_FALSE(frame.packed);
    auto forged = *message;
    forged[1] |= 0x80;
    EXPECT_FALSE(read_frame(forged));
}

TEST(Frame, APackedBodyIsOpenedOnlyWithinBounds) {
    const auto [message, frame] = sent(FrameKind::submit, repeating(20'000));
    ASSERT_TRUE(frame.packed);
    const auto refuse = [&](const Bytes& body, std::string_view part) {
        auto forged = frame;
        forged.body = body;
        const auto opened = FrameBody(forged).open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Code::malformed);
        EXPECT_NE(opened.error().message.find(part), std::string::npos) << opened.error().message;
    };
    const Bytes whole(frame.body.begin(), frame.body.end());
    refuse({}, "no Zstandard frame");
    refuse(Bytes(100, 7), "no Zstandard frame");
    refuse(Bytes(whole.begin(), whole.end() - 1), "does not open");
    auto flipped = whole;
    flipped[whole.size() / 2] ^= 0x40;
    const auto damaged = [&] {
        auto forged = frame;
        forged.body = flipped;
        return FrameBody(forged).open();
    }();
    EXPECT_TRUE(!damaged || *damaged != repeating(20'000));
    // Single segment, four bytes of content size: one that claims 1 GiB, and one that claims more than its share.
    refuse({0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, 1, 0, 0}, "opens to 1073741824");
    refuse({0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0x10, 0, 0, 1, 0, 0}, "opens to 4096");
}

// ---- Parts that are left out.
// ------------------------------------------------------------------------------------------

FramePtr leaving_out(const Bytes& body, const std::vector<LeftOut>& parts) {
    return make_frame(FrameKind::consensus, 0, "main", body, parts);
}

Bytes joined(std::initializer_list<Bytes> pieces) {
    Bytes out;
    for (const auto& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
    return out;
}

Result<Bytes> opened_with(const FramePtr& message, const std::vector<Bytes>& questions) {
    const auto frame = read_frame(*message);
    if (!frame) return std::unexpected(frame.error());
    FrameBody body(*frame);
    for (std::size_t i = 0; i < questions.size(); ++i)
        body.put_back(frame->left_out.at(i), std::make_shared<const FrameBody>(questions[i]));
    return std::move(body).open();
}

TEST(Frame, PartsThatAreLeftOutComeBackInTheirPlaces) {
    const auto first = random_bytes(3000);
    const auto second = random_bytes(5000);
    const auto around = repeating(4000);
    for (const auto& between : {Bytes{}, Bytes{9}, around}) {
        const auto body = joined({around, first, between, second, between});
        const auto size = [](const Bytes& bytes) { return static_cast<std::uint32_t>(bytes.size()); };
        const auto at = size(around) + size(first) + size(between);
        const auto message = leaving_out(body, {{size(around), 4, 2, size(first)}, {at, 9, 0, size(second)}});
        EXPECT_LT(message->size(), body.size() - 7900);
        EXPECT_EQ(opened_with(message, {joined({{7, 7}, first, {8}}), second}), body);
    }
}

TEST(Frame, PartsThatDoNotFitAreRefused) {
    const Bytes body(2000, 5);
    const auto refuse = [&](const std::vector<LeftOut>& said, const std::vector<Bytes>& questions) {
        auto message = *leaving_out(body, {{100, 1, 0, 500}, {700, 2, 0, 500}});
        const auto list = 2 + 8 + 4 + 4;  // the head with the channel `main`, before the list
        for (std::size_t i = 0; i < said.size(); ++i) {
            auto* const entry = message.data() + list + 4 + i * 20;
            std::memcpy(entry, &said[i].at, 4);
            std::memcpy(entry + 12, &said[i].from, 4);
            std::memcpy(entry + 16, &said[i].size, 4);
        }
        const auto opened = opened_with(std::make_shared<const Bytes>(message), questions);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Code::malformed);
        EXPECT_NE(opened.error().message.find("does not fit"), std::string::npos) << opened.error().message;
    };
    const auto question = Bytes(500, 5);
    refuse({}, {question, Bytes(499, 5)});                                      // the question is shorter
    refuse({{100, 1, 1, 500}, {700, 2, 0, 500}}, {question, question});         // so is what follows its start
    refuse({{100, 1, 501, 0}, {700, 2, 0, 500}}, {question, question});         // it starts behind its end
    refuse({{100, 1, 0, 500}, {599, 2, 0, 500}}, {question, question});         // parts overlap
    refuse({{100, 1, 0, 500}, {1601, 2, 0, 500}}, {question, question});        // there is no such place
    refuse({{100, 1, 0, 500}, {0xffffffff, 2, 0, 500}}, {question, question});  // nor this one
}

TEST(Frame, OnlyConsensusMessagesLeaveOut) {
    EXPECT_FALSE(
        read_frame(*make_frame(FrameKind::endorse, 1, "main", Bytes(100, 1), std::vector<LeftOut>{{0, 1, 0, 50}})));
    auto none = *make_frame(FrameKind::consensus, 0, "main", Bytes(100, 0));
    none[1] |= 0x40;  // four bytes of the body are the count, 0
    EXPECT_FALSE(read_frame(none));
}

}  // namespace
}  // namespace tally::node
