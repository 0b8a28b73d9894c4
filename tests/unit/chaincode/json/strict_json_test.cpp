#include "chaincode/json/strict_json.h"

#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

TEST(StrictJson, IntegersOf64BitsAreReadAndWrittenExactly) {
    const std::string text = R"({"a":-9223372036854775808,"b":18446744073709551615,"c":[true,false,null,"x"],"d":{}})";
    const auto value = parse_json(text, "it");
    ASSERT_OK(value);
    EXPECT_EQ(json_text(*value), text);
}

// Expected text: RFC 8259, section 7, in the shortest form.
TEST(StrictJson, OnlyWhatMustBeEscapedIsEscaped) {
    std::string all;
    for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
    std::string expected = "\"";
    for (int c = 0; c < 0x20; ++c) {
        if (c == '\b')
            expected += "\\b";
        else if (c == '\f')
            expected += "\\f";
        else if (c == '\n')
            expected += "\\n";
        else if (c == '\r')
            expected += "\\r";
        else if (c == '\t')
            expected += "\\t";
        else
            expected += fmt::format("\\u00{:02x}", c);
    }
    for (int c = 0x20; c < 256; ++c) {
        if (c == '"' || c == '\\') expected.push_back('\\');
        expected.push_back(static_cast<char>(c));
    }
    EXPECT_EQ(json_text(json::value(all)), expected + "\"");
    EXPECT_EQ(json_text(json::object{{"a\"\n", json::array{1, -1, json::object{}, json::array{}}}}),
              R"({"a\"\n":[1,-1,{},[]]})");
}

TEST(StrictJson, ATextFitsWhenItHasSoManyBytes) {
    const json::value value = json::array{"é\"", -12, json::object{{"k", nullptr}}, true};
    const auto size = json_text(value).size();
    EXPECT_TRUE(text_fits(value, size));
    EXPECT_FALSE(text_fits(value, size - 1));
}

TEST(StrictJson, WhatIsAmbiguousIsRefused) {
    EXPECT_REFUSED(parse_json(R"({"a":1,"a":2})", "it"), Code::malformed, "\"a\" occurs twice");
    EXPECT_REFUSED(parse_json(R"({"a":1,"\u0061":2})", "it"), Code::malformed, "occurs twice");
    ASSERT_OK(parse_json(R"({"a":{"b":1},"b":1})", "it"));
    for (const auto text : {"1.0", "1e3", "-0.5", "18446744073709551616", "1E400"}) {
        EXPECT_REFUSED(parse_json(text, "it"), Code::malformed, "decimals as strings");
    }
    for (const auto text : {"", " ", "{", "[1,", "[1,]", "01", "nul", "'a'", "{a:1}", "// x\n1", "\"\\x\"", "\"\xff\"",
                            "NaN", "1 2", "\"\t\""}) {
        EXPECT_EQ(code_of(parse_json(text, "it")), Code::malformed) << text;
    }
}

TEST(StrictJson, NumbersAreKeptAsTextWhereThatIsAsked) {
    const JsonLimits as_text{.numbers = JsonNumbers::text};
    for (const std::string number :
         {"0", "-1", "1.50", "0.10", "123456789012345678901234567890.5", "1e3", "2.5E-07", "18446744073709551616"}) {
        const auto value = parse_json("[" + number + "]", "it", as_text);
        ASSERT_OK(value);
        EXPECT_EQ(value->as_array()[0], json::value(number));
    }
    EXPECT_EQ(*parse_json(R"({"a":1.0,"b":"x","c":[2,3.50]})", "it", as_text),
              json::value(json::object{{"a", "1.0"}, {"b", "x"}, {"c", json::array{"2", "3.50"}}}));
    EXPECT_EQ(code_of(parse_json("01", "it", as_text)), Code::malformed);
}

TEST(StrictJson, DepthAndSizeAreBounded) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse_json(nested(16), "it"));
    EXPECT_EQ(code_of(parse_json(nested(17), "it")), Code::malformed);
    EXPECT_EQ(code_of(parse_json(nested(100'000), "it")), Code::malformed);
    EXPECT_REFUSED(parse_json("[1,2,3]", "the answer", {.max_bytes = 6}), Code::too_large, "the answer: 7 bytes");
}

}  // namespace
}  // namespace tally::chaincode::test
