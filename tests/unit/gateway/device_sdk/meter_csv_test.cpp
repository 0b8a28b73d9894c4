#include "gateway/device_sdk/meter_csv.h"

#include <gtest/gtest.h>

namespace tally::gateway::device_sdk {
namespace {

using Values = std::vector<std::optional<std::int64_t>>;

MeterCsv read(std::string_view text, const CsvOptions& options = {}) {
    auto csv = read_meter_csv(text, options);
    EXPECT_TRUE(csv) << csv.error().message;
    return csv.value_or(MeterCsv{});
}

void refuse(std::string_view text, std::string_view part, Code code = Code::malformed) {
    const auto csv = read_meter_csv(text);
    ASSERT_FALSE(csv) << text;
    EXPECT_EQ(csv.error().code, code);
    EXPECT_NE(csv.error().message.find(part), std::string::npos) << csv.error().message;
}

TEST(MeterCsv, UnitsComeFromTheEndOfTheNameAndIntegersStayExact) {
    const auto csv = read(
        "time_utc,power_kW,energy_Wh,irradiance_W_per_m2,radiation_kWh_per_m2,temperature_degC,current_mA,flow\n"
        "2025-06-15T00:00:00Z,0.326,7,-7.69272,4.6,-0.5,12,1\n");
    EXPECT_EQ(csv.measurements.fields, (std::vector<chaincode::Field>{{"power", "W", 0},
                                                                      {"energy", "Wh", 0},
                                                                      {"irradiance", "W/m2", -5},
                                                                      {"radiation", "Wh/m2", 2},
                                                                      {"temperature", "Cel", -1},
                                                                      {"current", "A", -3},
                                                                      {"flow", "/", 0}}));
    EXPECT_EQ(csv.measurements.values, (Values{326, 7, -769272, 46, -5, 12, 1}));
}

TEST(MeterCsv, DifferingDecimalsShareOneScale) {
    const auto csv = read("time,x_V\n0,243.15\n60,243.9\n120,244\n180,.5\n240,-0\n300,+1.\n");
    EXPECT_EQ(csv.measurements.fields[0].scale, -2);
    EXPECT_EQ(csv.measurements.values, (Values{24315, 24390, 24400, 50, 0, 100}));
    EXPECT_EQ(csv.report.interval_s, 60);
}

TEST(MeterCsv, EveryWayToSayMissingIsNullAndZeroIsNot) {
    const auto csv = read("time,x,y\n0,,0\n60,?,0\n120,NA,0\n180,NaN,0\n240,null,0\n300,-,0\n360,n/a,0\n");
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(csv.measurements.row(i)[0], std::nullopt);
        EXPECT_EQ(csv.measurements.row(i)[1], 0);
    }
    EXPECT_EQ(csv.report.missing, (std::vector<std::size_t>{7, 0}));
}

TEST(MeterCsv, ByteOrderMarkCarriageReturnsQuotesAndEmptyLinesDoNotMatter) {
    const auto plain = read("time_utc,a_V,b\n2025-06-15T00:00:00Z,1.5,2\n2025-06-15T00:01:00Z,1.6,\n");
    const auto dressed = read(
        "\xef\xbb\xbf\"time_utc\",\"a_V\",b\r\n\r\n2025-06-15 00:00:00Z,\"1.5\", 2 \r\n\n "
        "\"2025-06-15T02:01:00+02:00\" ,1.6,\"\"\r\n\r\n");
    EXPECT_EQ(plain.measurements.fields, dressed.measurements.fields);
    EXPECT_EQ(plain.measurements.times_s, dressed.measurements.times_s);
    EXPECT_EQ(plain.measurements.values, dressed.measurements.values);
    EXPECT_EQ(read("time;a\n0;1\n").measurements.values, Values{1});
    EXPECT_EQ(read("time\ta\n0\t1").measurements.values, Values{1});
}

TEST(MeterCsv, DisorderDuplicatesAndContradictionsAreMendedAndReported) {
    const auto csv = read("time,x\n120,3\n0,1\n60,2\n60,2\n0,9\n180,4\n0,8\n");
    EXPECT_EQ(csv.measurements.times_s, (std::vector<std::int64_t>{0, 60, 120, 180}));
    EXPECT_EQ(csv.measurements.values, (Values{1, 2, 3, 4}));
    EXPECT_EQ(csv.report.rows_read, 7U);
    EXPECT_EQ(csv.report.rows_kept, 4U);
    EXPECT_EQ(csv.report.duplicates, 1U);
    EXPECT_EQ(csv.report.contradictions, 2U);
    EXPECT_EQ(csv.report.contradicting_lines, (std::vector<std::size_t>{6, 8}));
    EXPECT_EQ(csv.report.out_of_order, 3U);
}

TEST(MeterCsv, GapsAreReported) {
    const auto csv = read("time,x\n0,1\n60,1\n120,1\n600,1\n660,1\n");
    EXPECT_EQ(csv.report.interval_s, 60);
    ASSERT_EQ(csv.report.gaps.size(), 1U);
    EXPECT_EQ(csv.report.gaps[0].after_s, 120);
    EXPECT_EQ(csv.report.gaps[0].before_s, 600);
}

TEST(MeterCsv, WhatCannotBeReadIsNamedByLineAndColumn) {
    refuse("", "empty");
    refuse("\n\n", "empty");
    refuse("time\n0\n", "line 1");
    refuse("time,x\n0,1\n60,1,2\n", "line 3: 3 columns where the header has 2");
    refuse("time,x\n0,1\n\n60\n", "line 4: 1 columns");
    refuse("time,x,y\n0,1,2\n60,1,on\n", "line 3, column \"y\": \"on\" is no number");
    for (const auto text : {"1,2", "0x10", "1e5", "--1", "1.2.3", "inf", "1 2"})
        refuse(fmt::format("time;x\n0;{}\n", text), "is no number");
    refuse("time,x\n0,1.1234567891\n", "10 decimals; 9");
    refuse("time,x\n0,9223372036854775808\n", "is no number");
    refuse("time,x\n0,9223372036854775807\n60,0.1\n", "line 2, column \"x\": the number does not fit");
    refuse("time,x\n2025-06-15T00:00:00,1\n", "line 2, column \"time\"");
    refuse("time,x\n0,\"1\n", "quote is not closed");
    refuse("time,x\n0,\"1\"2\n", "follows a closing quote");
    refuse("time,x,x\n", "twice");
    refuse("time,x,\n", "column 3 has no name");
    EXPECT_EQ(read_meter_csv("time,x\n", {.max_bytes = 3}).error().code, Code::too_large);
    EXPECT_EQ(read_meter_csv_file("/nowhere/at-all.csv").error().code, Code::not_found);
}

TEST(MeterCsv, TheTimeColumnIsFoundWhereverItStands) {
    EXPECT_EQ(read("x,timestamp\n5,60\n").measurements.values, Values{5});
    EXPECT_EQ(read("when,x\n60,5\n").measurements.times_s, std::vector<std::int64_t>{60});
    EXPECT_EQ(read("x,at\n5,60\n", {.time_column = "at"}).measurements.times_s, std::vector<std::int64_t>{60});
    EXPECT_FALSE(read_meter_csv("x,at\n5,60\n", {.time_column = "nowhere"}));
}

TEST(ParseTime, KnowsTheCalendarAndZones) {
    // From Python's datetime.
    EXPECT_EQ(*parse_time("2007-02-01T00:00:00Z", false), 1'170'288'000);
    EXPECT_EQ(*parse_time("2024-02-29T23:59:59+05:30", false), 1'709'231'399);
    EXPECT_EQ(*parse_time("2025-03-30 02:30-0800", false), 1'743'330'600);
    EXPECT_EQ(*parse_time("1970-01-01T00:00:00.000Z", false), 0);
    EXPECT_EQ(*parse_time("1999-12-31T23:59", true), 946'684'740);
    EXPECT_EQ(*parse_time("1749945600", false), 1'749'945'600);
    for (const auto text : {"", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01", "2025-01-01T24:00:00Z",
                            "2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z", "2025-01-01T00:00:00",
                            "2025-01-01T00:00:00.5Z", "2025-01-01T00:00:00+24:00", "1969-12-31T23:59:59Z",
                            "99999999999999999999", "253402300800", "-5", "01/02/2025 00:00"}) {
        EXPECT_FALSE(parse_time(text, false)) << text;
    }
}

TEST(Conform, BringsFieldsToTheSchemaOrSaysWhyNot) {
    const auto csv = read("time,a_kW,b_V\n0,0.32,230\n");
    const std::vector<chaincode::Field> schema = {{"b", "V", -1}, {"a", "W", 0}};
    const auto conformed = conform(csv.measurements, schema);
    ASSERT_TRUE(conformed) << conformed.error().message;
    EXPECT_EQ(conformed->values, (Values{2300, 320}));
    const auto code = [&](chaincode::Field field) {
        return conform(csv.measurements, std::vector{field}).error().code;
    };
    EXPECT_EQ(code({"a", "W", 2}), Code::schema_mismatch);  // 320 W is not a multiple of 100 W in tens
    EXPECT_EQ(code({"a", "VA", 0}), Code::schema_mismatch);
    EXPECT_EQ(code({"c", "W", 0}), Code::schema_mismatch);
    EXPECT_EQ(code({"a", "W", -18}), Code::schema_mismatch);
}

}  // namespace
}  // namespace tally::gateway::device_sdk
