#include "gateway/mqtt/senml.h"

#include <gtest/gtest.h>

namespace tally::gateway::mqtt {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

// name unit time value, a sample a line
std::string resolved(const Result<SenmlPack>& pack) {
    if (!pack) return pack.error().message;
    std::string out;
    for (const auto& sample : pack->samples)
        out += fmt::format("{} {} {} {}\n", sample.name, sample.unit, sample.time_ms, sample.value.text());
    return out;
}
std::string json(std::string_view text) { return resolved(read_senml(as_bytes(text), kNow)); }
std::string cbor(std::string_view hex) { return resolved(read_senml(*from_hex(hex), kNow)); }

// RFC 8428, section 5.1.2 and its resolved form, section 5.1.4.
constexpr std::string_view kDevice = "urn:dev:ow:10e2073a01080063:";
const std::string kResolved = fmt::format(
    "{0}voltage V 1276020076001 120.1\n{0}current A 1276020071001 1.2\n{0}current A 1276020072001 1.3\n"
    "{0}current A 1276020073001 1.4\n{0}current A 1276020074001 1.5\n{0}current A 1276020075001 1.6\n"
    "{0}current A 1276020076001 1.7\n",
    kDevice);

TEST(Senml, TheRfcsExampleInJsonIsItsResolvedForm) {
    EXPECT_EQ(json(R"([{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.276020076001e+09,"bu":"A","bver":5,
                        "n":"voltage","u":"V","v":120.1},
                       {"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","t":-3,"v":1.4},
                       {"n":"current","t":-2,"v":1.5},{"n":"current","t":-1,"v":1.6},{"n":"current","v":1.7}])"),
              kResolved);
}

// RFC 8428, section 6: the same pack.
TEST(Senml, TheRfcsExampleInCborIsItsResolvedForm) {
    EXPECT_EQ(
        cbor("87a721781c75726e3a6465763a6f773a313065323037336130313038303036333a22fb41d303a15b00106223614120050067"
             "766f6c7461676501615602fb405e066666666666a30067"
             "63757272656e74062402fb3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccda300676375727265"
             "6e74062202fb3ff6666666666666a3006763757272656e74062102f93e00a3006763757272656e74062002fb3ff99999999"
             "9999aa3006763757272656e74060002fb3ffb333333333333"),
        kResolved);
}

TEST(Senml, TimesBelowTwoToThe28AreRelativeToNow) {
    EXPECT_EQ(
        json(R"([{"n":"a","v":1},{"n":"a","t":-2.5,"v":2},{"n":"a","t":10,"v":3},{"n":"a","t":268435456,"v":4}])"),
        "a  1800000000000 1\na  1799999997500 2\na  1800000010000 3\na  268435456000 4\n");
    EXPECT_TRUE(read_senml(as_bytes(R"([{"n":"a","v":1}])"), kNow)->has_relative_times);
    EXPECT_FALSE(read_senml(as_bytes(R"([{"n":"a","t":1e9,"v":1}])"), kNow)->has_relative_times);
}

TEST(Senml, BaseValuesAddAndBaseFieldsMayStandAlone) {
    EXPECT_EQ(
        json(R"([{"bn":"m:","bt":1e9,"bv":0.1},{"n":"a","v":0.2},{"n":"b","u":"W","s":5,"v":-0.3},{"n":"c","s":7}])"),
        "m:a  1000000000000 0.3\nm:b W 1000000000000 -0.2\n");
}

// The decimal number itself, wherever a double would differ.
TEST(Senml, NumbersAreExact) {
    EXPECT_EQ(json(R"([{"n":"a","t":1e9,"v":9007199254740993},{"n":"a","t":1e9,"v":0.1000000000000000055},
                       {"n":"a","t":1e9,"v":-12.5e-3},{"n":"a","t":1e9,"v":-0}])"),
              "a  1000000000000 9007199254740993\na  1000000000000 0.1000000000000000055\na  1000000000000 -0.0125\n"
              "a  1000000000000 0\n");
    // 4([-2, 2010]) and the float 20.1; indefinite array and map; the half 1.5.
    EXPECT_EQ(
        cbor("9fbf006161061a3b9aca0002c482211907daffa3006161061a3b9aca0002fa41a0cccda3006161061a3b9aca0002f93e00ff"),
        "a  1000000000000 20.1\na  1000000000000 20.1\na  1000000000000 1.5\n");
}

TEST(Senml, WhatIsWrongIsNamedWithItsRecord) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"([{"n":"a","v":1},{"n":"a","v":1,"vs":"x"}])", "record 2 of a SenML pack: it has 2 values"},
        {R"([{"n":"a","v":"1"}])", "record 1 of a SenML pack: \"v\" has a value of another type"},
        {R"([{"n":"a","v":{"x":1}}])", "record 1 of a SenML pack: \"v\" has a value of another type"},
        {R"([{"n":"a","v":1,"v":1}])", "record 1 of a SenML pack: \"v\" occurs twice"},
        {R"([{"n":"a","v":1,"x_":1}])", "record 1 of a SenML pack: the label \"x_\" must be understood"},
        {R"([{"n":"a b","v":1}])", "record 1 of a SenML pack: \"a b\" is no name"},
        {R"([{"n":"a","v":1,"bver":11}])", "record 1 of a SenML pack: \"bver\" is 11"},
        {R"([{"n":"a","t":1e300,"v":1}])", "record 1 of a SenML pack: a number has more than 36 digits"},
        {R"([{"n":"a","t":-1e10,"v":1}])", "record 1 of a SenML pack: the time -10000000000 is before 1970"},
        {R"({"n":"a","v":1})", "neither a JSON nor a CBOR array"},
        {R"([{"n":"a","v":1}] x)", "text follows it"},
        {R"([{"n":"a","v":1})", "incomplete JSON"},
        {"[]", "a SenML pack is empty"},
    };
    for (const auto& [text, sentence] : cases) EXPECT_NE(json(text).find(sentence), std::string::npos) << json(text);
    EXPECT_EQ(json(R"([{"n":"a","t":1e9,"v":1,"unknown":{"deep":[1,{"v":2}]},"x":null}])"), "a  1000000000000 1\n");
    EXPECT_NE(cbor("81a2006161026131").find("\"v\" has a value of another type"), std::string::npos);
    EXPECT_NE(cbor("81a200616102f97e00").find("not finite"), std::string::npos);
    EXPECT_NE(cbor("9b00ffffffffffffff").find("it ends inside an item"), std::string::npos);
    EXPECT_NE(cbor("81a100616100").find("bytes follow it"), std::string::npos);
}

TEST(Senml, APackIsBounded) {
    std::string text = "[";
    for (std::size_t i = 0; i < kMostSenmlRecords; ++i) text += "{},";
    EXPECT_EQ(json(text + R"({"n":"a","v":1}])").find("record 10000 of a SenML pack: it has more than 10000 records"),
              0U);
    EXPECT_NE(json(std::string(10'000, '[')).find("a SenML pack"), std::string::npos);
}

}  // namespace
}  // namespace tally::gateway::mqtt
