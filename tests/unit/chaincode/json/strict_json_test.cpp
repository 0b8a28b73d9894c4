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

TEST(StrictJson, DepthAndSizeAreBounded) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse_json(nested(16), "it"));
    EXPECT_EQ(code_of(parse_json(nested(17), "it")), Code::malformed);
    EXPECT_EQ(code_of(parse_json(nested(100'000), "it")), Code::malformed);
    EXPECT_REFUSED(parse_json("[1,2,3]", "the answer", {.max_bytes = 6}), Code::too_large, "the answer: 7 bytes");
}

}  // namespace
}  // namespace tally::chaincode::test
