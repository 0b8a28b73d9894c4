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

}  // namespace
}  // namespace tally::chaincode
