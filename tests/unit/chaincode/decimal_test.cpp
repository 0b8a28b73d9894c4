#include "chaincode/decimal.h"

#include <gtest/gtest.h>

#include "chaincode/json/reflect.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode {
namespace {

Decimal number(std::string_view text) {
    const auto out = Decimal::parse(text);
    EXPECT_TRUE(out) << text;
    return out.value_or(Decimal());
}

std::string text_of(const Result<Decimal>& in) { return in ? in->text() : in.error().message; }

TEST(Decimal, KeepsTheTextThatItWasWrittenWith) {
    for (const auto* text : {"0", "0.00", "12.50", "-12.5", "999999999999999999", "0.000000000000000001", "-0.10"})
        EXPECT_EQ(number(text).text(), text);
}

TEST(Decimal, RefusesWhatIsNoDecimalNumber) {
    for (const auto* text : {"",
                             "-",
                             ".",
                             "1.",
                             ".5",
                             "+1",
                             "01",
                             "1e3",
                             "1,5",
                             " 1",
                             "1 ",
                             "-0",
                             "-0.00",
                             "1.2.3",
                             "--1",
                             "0x1",
                             "1234567890123456789",
                             "0.0000000000000000001",
                             "123456789.1234567890",
                             "NaN"})
        EXPECT_FALSE(Decimal::parse(text)) << text;
}

// The expected values are those of Python's decimal module.
TEST(Decimal, RoundsAsAsked) {
    struct Case {
        const char* value;
        int decimals;
        const char* half_even;
        const char* half_up;
        const char* down;
        const char* up;
    };
    for (const auto& each :
         {Case{"2.5", 0, "2", "3", "2", "3"}, Case{"3.5", 0, "4", "4", "3", "4"},
          Case{"-2.5", 0, "-2", "-3", "-2", "-3"}, Case{"0.125", 2, "0.12", "0.13", "0.12", "0.13"},
          Case{"0.1251", 2, "0.13", "0.13", "0.12", "0.13"}, Case{"-0.004", 2, "0.00", "0.00", "0.00", "-0.01"},
          Case{"7", 3, "7.000", "7.000", "7.000", "7.000"}}) {
        const auto value = number(each.value);
        EXPECT_EQ(text_of(value.rounded(each.decimals, Rounding::HALF_EVEN)), each.half_even) << each.value;
        EXPECT_EQ(text_of(value.rounded(each.decimals, Rounding::HALF_UP)), each.half_up) << each.value;
        EXPECT_EQ(text_of(value.rounded(each.decimals, Rounding::DOWN)), each.down) << each.value;
        EXPECT_EQ(text_of(value.rounded(each.decimals, Rounding::UP)), each.up) << each.value;
    }
}

TEST(Decimal, AddsAndSubtractsExactly) {
    EXPECT_EQ(text_of(number("0.1").plus(number("0.20"))), "0.30");
    EXPECT_EQ(text_of(number("1").minus(number("1.001"))), "-0.001");
    EXPECT_EQ(text_of(number("999999999999999999").plus(number("1"))), "the result has more than 18 digits");
    EXPECT_FALSE(number("999999999999999999").plus(number("0.1")));
}

TEST(Decimal, MultipliesAndDividesWithWideIntermediateResults) {
    // 12,345.678901 kWh at 0.28765432 EUR: 3,551.287868... by Python's decimal module.
    EXPECT_EQ(text_of(number("12345.678901").times(number("0.28765432"), 2, Rounding::HALF_UP)), "3551.29");
    EXPECT_EQ(text_of(number("12345.678901").times(number("0.28765432"), 14, Rounding::HALF_UP)),
              "3551.28786920550232");
    EXPECT_EQ(text_of(number("999999999.999999999").times(number("0.999999999999999999"), 9, Rounding::DOWN)),
              "999999999.999999998");
    EXPECT_EQ(text_of(number("10").divided_by(number("3"), 4, Rounding::HALF_EVEN)), "3.3333");
    EXPECT_EQ(text_of(number("-10").divided_by(number("4"), 0, Rounding::HALF_EVEN)), "-2");
    EXPECT_EQ(text_of(number("10").divided_by(number("-4"), 0, Rounding::HALF_UP)), "-3");
    EXPECT_EQ(text_of(number("0.000000000000000001").divided_by(number("1000"), 2, Rounding::UP)), "0.01");
    EXPECT_FALSE(number("1").divided_by(number("0.00"), 2, Rounding::HALF_UP));
    EXPECT_FALSE(number("999999999999999999").times(number("999999999999999999"), 0, Rounding::DOWN));
    EXPECT_FALSE(number("999999999999999999").divided_by(number("0.000000000000000001"), 18, Rounding::DOWN));
    EXPECT_FALSE(number("1").times(number("1"), 19, Rounding::DOWN));
    EXPECT_FALSE(number("1").rounded(-1, Rounding::DOWN));
}

TEST(Decimal, ComparesByValue) {
    EXPECT_EQ(number("12.5"), number("12.50"));
    EXPECT_LT(number("-1"), number("0.000000000000000001"));
    EXPECT_GT(number("999999999999999999"), number("0.999999999999999999"));
}

TEST(Decimal, IsAStringInJson) {
    EXPECT_EQ(to_json(number("12.50")), json::value("12.50"));
    const auto read = from_json<Decimal>(json::value("-3.25"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text(), "-3.25");
    EXPECT_REFUSED(from_json<Decimal>(json::value(3.25)), Code::invalid_argument, "string");
    EXPECT_REFUSED(from_json<Decimal>(json::value("3,25"), "price"), Code::invalid_argument, "\"price\"");
    EXPECT_EQ(schema_of<Decimal>().at("type"), "string");
    EXPECT_TRUE(schema_of<Decimal>().contains("pattern"));
}

}  // namespace
}  // namespace tally::chaincode
