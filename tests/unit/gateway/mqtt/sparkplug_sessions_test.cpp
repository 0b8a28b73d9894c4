#include "gateway/mqtt/sparkplug_sessions.h"

#include <gtest/gtest.h>

namespace tally::gateway::mqtt {
namespace {

// sparkplug_b.proto, by hand: a field's key is number * 8 + type (0 varint, 1 of 8 bytes, 2 of a length).
std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 128; value /= 128) out += static_cast<char>(value % 128 + 128);
    return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) { return varint(field * 8) + varint(value); }
std::string text(int field, const std::string& value) { return varint(field * 8 + 2) + varint(value.size()) + value; }

std::string payload(std::initializer_list<std::string> metrics, int seq) {
    auto out = number(1, 1'000'000);
    for (const auto& metric : metrics) out += text(2, metric);
    return out + number(3, static_cast<std::uint64_t>(seq));
}
std::string declared(const std::string& name, int alias, int datatype) {
    return text(1, name) + number(2, static_cast<std::uint64_t>(alias)) +
           number(4, static_cast<std::uint64_t>(datatype));
}
std::string value(int alias, std::uint64_t long_value) {
    return number(2, static_cast<std::uint64_t>(alias)) + number(3, 5'000) + number(11, long_value);
}
std::string bd_seq(int value) {
    return text(1, "bdSeq") + number(4, 8) + number(11, static_cast<std::uint64_t>(value));
}

class SparkplugTest : public testing::Test {
  protected:
    SparkplugTest()
        : sessions_({[](const std::string&, const std::string& field) { return field == "a.b" || field == "e"; },
                     [this](const std::string& device, const std::vector<SenmlSample>& samples, std::size_t) {
                         for (const auto& each : samples)
                             log_ +=
                                 fmt::format("{} {}={} at {}; ", device, each.name, each.value.text(), each.time_ms);
                     },
                     [this](const std::string& edge) { log_ += fmt::format("birth of {}!; ", edge); },
                     [this](const std::string& device, bool alive) {
                         log_ += fmt::format("{} {}; ", device, alive ? "alive" : "dead");
                     }}) {}

    std::string take(const std::string& topic, const std::string& bytes) {
        const auto parsed = SparkplugSessions::parse_topic(topic, "g");
        if (!parsed) return "no topic";
        log_.clear();
        const auto status = sessions_.take(*parsed, as_bytes(bytes), now_);
        return status ? log_ : status.error().message;
    }
    std::string born(int seq = 0, int bd = 1) {
        return take("spBv1.0/g/NBIRTH/n", payload({bd_seq(bd), declared("e", 1, 4)}, seq));
    }

    std::string log_;
    std::int64_t now_ = 1'000'000;
    SparkplugSessions sessions_;
};

TEST_F(SparkplugTest, AliasesStandForTheNamesOfTheBirth) {
    EXPECT_EQ(born(), "n alive; ");
    EXPECT_EQ(take("spBv1.0/g/DBIRTH/n/d", payload({declared("a/b", 10, 3), declared("other", 11, 3)}, 1)),
              "n:d alive; ");
    EXPECT_EQ(take("spBv1.0/g/DDATA/n/d", payload({value(10, 7), value(11, 8), value(1, 9)}, 2)),
              "n:d a.b=7 at 5000; ");
    // Int32 is the two's complement of 32 bits, Int64 of 64.
    EXPECT_EQ(take("spBv1.0/g/DDATA/n/d", payload({value(10, 0xffffffff)}, 3)), "n:d a.b=-1 at 5000; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, ~std::uint64_t{1})}, 4)), "n e=-2 at 5000; ");
    EXPECT_EQ(take("spBv1.0/g/DDEATH/n/d", payload({}, 5)), "n:d dead; ");
    EXPECT_EQ(take("spBv1.0/g/DDATA/n/d", payload({value(10, 7)}, 6)), "birth of n!; ");
    EXPECT_EQ(sessions_.alive(), 1U);
}

TEST_F(SparkplugTest, SeqCountsTo255AndOnFrom0) {
    ASSERT_EQ(born(254), "n alive; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 1)}, 255)), "n e=1 at 5000; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 2)}, 0)), "n e=2 at 5000; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 2)}, 0)), "");  // doubled
    EXPECT_EQ(sessions_.dropped(), 1U);
}

TEST_F(SparkplugTest, AnEarlyMessageWaitsForTheOneBeforeItAndThenTheSessionIsVoid) {
    ASSERT_EQ(born(), "n alive; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 2)}, 2)), "");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 1)}, 1)), "n e=1 at 5000; n e=2 at 5000; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 5)}, 5)), "");
    now_ += SparkplugSessions::kReorder_ms - 1;
    sessions_.look(now_);
    EXPECT_EQ(log_, "");
    sessions_.look(++now_);
    EXPECT_EQ(log_, "n dead; birth of n!; ");
    EXPECT_FALSE(sessions_.is_waiting());
    // Nothing counts until the birth, and it is not requested all the time.
    for (int seq = 6; seq < 100; ++seq) EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 5)}, seq)), "");
    now_ += SparkplugSessions::kRebirthEvery_ms;
    sessions_.look(now_);
    EXPECT_EQ(log_, "birth of n!; ");
    EXPECT_EQ(born(), "n alive; ");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({value(1, 1)}, 1)), "n e=1 at 5000; ");
}

TEST_F(SparkplugTest, ADeathOfAnEarlierSessionIsIgnored) {
    ASSERT_EQ(born(0, 4), "n alive; ");
    EXPECT_EQ(take("spBv1.0/g/NDEATH/n", text(2, bd_seq(3))), "");
    EXPECT_EQ(take("spBv1.0/g/NDEATH/n", text(2, bd_seq(4))), "n dead; ");
    EXPECT_EQ(take("spBv1.0/g/NDEATH/n", text(2, bd_seq(4))), "");
    EXPECT_EQ(sessions_.alive(), 0U);
}

TEST_F(SparkplugTest, TopicsAreReadStrictly) {
    for (const auto* topic : {"spBv1.0/g/NBIRTH", "spBv1.0/g/NBIRTH/n/d", "spBv1.0/g/DDATA/n", "spBv1.0/g/DDATA/n/d/e",
                              "spBv1.0/g/NCMD/n", "spBv1.0/h/NDATA/n", "spBv1.0/g/NDATA/n:d", "spBv1.0/g/NDATA/",
                              "spBv1.0/g/DDATA/n/", "spBv1.0/g", "tally/v1/g/n/record"})
        EXPECT_EQ(take(topic, ""), "no topic") << topic;
}

TEST_F(SparkplugTest, APoisonedPayloadIsNamedWithItsByte) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "it has no seq between 0 and 255"},
        {number(3, 256), "it has no seq between 0 and 255"},
        {number(3, 0), "it has no metric bdSeq"},
        {std::string(12, '\xff'), "a number has no end (at byte 10)"},
        {"\x12\x7f", "a field is longer than the message (at byte 2)"},
        {text(2, text(1, "x") + "\x6d"), "it ends inside a number"},
        {"\x1b", "an encoding that is not known"},
        {number(1, ~std::uint64_t{0}), "is after the year 9999"},
        {text(3, "0"), "a field has another type than sparkplug_b.proto says"},
    };
    for (const auto& [bytes, sentence] : cases) {
        const auto got = take("spBv1.0/g/NBIRTH/n", bytes);
        EXPECT_NE(got.find(sentence), std::string::npos) << got;
    }
}

TEST_F(SparkplugTest, WhatWaitsIsBounded) {
    ASSERT_EQ(born(), "n alive; ");
    for (int seq = 2; seq < 2 + static_cast<int>(SparkplugSessions::kMostEarly); ++seq)
        EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({}, seq)), "");
    EXPECT_EQ(take("spBv1.0/g/NDATA/n", payload({}, 100)), "n dead; birth of n!; ");
    for (std::size_t i = 0; i < SparkplugSessions::kMostEdges; ++i)
        ASSERT_EQ(take(fmt::format("spBv1.0/g/NDATA/x{}", i), payload({}, 0)).find("edge"), std::string::npos) << i;
    EXPECT_NE(take("spBv1.0/g/NDATA/y", payload({}, 0)).find("no more are followed"), std::string::npos);
}

}  // namespace
}  // namespace tally::gateway::mqtt
