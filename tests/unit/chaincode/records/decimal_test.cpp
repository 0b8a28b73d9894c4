#include "chaincode/records/decimal.h"

#include <gtest/gtest.h>

namespace tally::chaincode {
namespace {

TEST(Decimal, IsExactAtEveryScale) {
    EXPECT_EQ(decimal_text(24315, -2), "243.15");
    EXPECT_EQ(decimal_text(-5, -2), "-0.05");
    EXPECT_EQ(decimal_text(0, -2), "0.00");
    EXPECT_EQ(decimal_text(0, 3), "0");
    EXPECT_EQ(decimal_text(5, 3), "5000");
    EXPECT_EQ(decimal_text(INT64_MIN, 0), "-9223372036854775808");
    EXPECT_EQ(decimal_text(INT64_MIN, -18), "-9.223372036854775808");
    EXPECT_EQ(decimal_text(WideInteger{INT64_MAX} * 2, 0), "18446744073709551614");
    EXPECT_EQ(decimal_text(WideInteger{INT64_MAX} * 2 + 2, -3), "18446744073709551.616");
    EXPECT_EQ(decimal_text(WideInteger{INT64_MIN} * INT64_MAX, -30), "-85070591.730234615856620279821087277056");
    EXPECT_EQ(decimal_text(-7, -30), "-0.000000000000000000000000000007");
}

TEST(Decimal, MeansAreRoundedHalfToEven) {
    EXPECT_EQ(mean_text(1, 3, 0), "0.333");
    EXPECT_EQ(mean_text(-2, 3, 0), "-0.667");
    EXPECT_EQ(mean_text(1, 2000, 0), "0.000");  // 0.0005
    EXPECT_EQ(mean_text(3, 2000, 0), "0.002");  // 0.0015
    EXPECT_EQ(mean_text(-3, 2000, 0), "-0.002");
    EXPECT_EQ(mean_text(10, 4, -1), "0.2500");
    EXPECT_EQ(mean_text(10, 4, 3), "2500");
}

std::string appended(std::int64_t value, std::int64_t scale) {
    std::string out = "x";
    Reading(value, scale).append_to(out);
    return out.substr(1);
}

TEST(Reading, IsWrittenLikeADecimalAndReadBack) {
    EXPECT_EQ(appended(-5, -2), "-0.05");
    EXPECT_EQ(appended(0, -2), "0.00");
    EXPECT_EQ(appended(5, 3), "5000");
    EXPECT_EQ(appended(INT64_MIN, -18), "-9.223372036854775808");
    const auto above = Reading::parse("9999999999999999990");  // 19 digits, above 2^63
    ASSERT_TRUE(above.has_value());
    EXPECT_EQ(above->text(), "9999999999999999990");
    for (const auto value : {INT64_MIN, INT64_MIN + 1, std::int64_t{-100}, std::int64_t{-7}, std::int64_t{0},
                             std::int64_t{9}, std::int64_t{10}, std::int64_t{999'999'999'999'999'999}, INT64_MAX}) {
        for (const auto scale : {-30, -19, -18, -3, -1, 0, 1, 3, 30}) {
            const auto text = decimal_text(value, scale);
            EXPECT_EQ(appended(value, scale), text);
            const auto read = Reading::parse(text);
            ASSERT_TRUE(read) << text;
            EXPECT_EQ(read->text(), text);
        }
    }
}

TEST(Reading, OtherTextsAreRefused) {
    for (const auto* text : {"", "-", ".", "1.", ".5", "-.5", "01", "-0", "00.1", "+1", "1e2", " 1", "1 ", "1,0", "0x1",
                             "9223372036854775808", "-9223372036854775809", "1.2.3", "--1"})
        EXPECT_FALSE(Reading::parse(text)) << text;
    EXPECT_FALSE(Reading::parse("0." + std::string(31, '1')));
}

}  // namespace
}  // namespace tally::chaincode
