#include "gateway/device_sdk/meter_csv.h"
#include "chaincode/records/refusals.h"

#include <gtest/gtest.h>

#include "gateway/device_sdk/device_key.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr std::int64_t kBase_s = 1'700'000'000;

using Values = std::vector<std::optional<std::int64_t>>;

MeterCsv read_csv(std::string_view text, const CsvProfile& options = {}) {
    auto csv = read_meter_csv(text, options);
    EXPECT_TRUE(csv) << csv.error().message;
    return csv.value_or(MeterCsv{});
}

void refuse_csv(std::string_view text, std::string_view part, Code code = Code::malformed) {
    const auto csv = read_meter_csv(text);
    ASSERT_FALSE(csv) << text;
    EXPECT_EQ(csv.error().code, code);
    EXPECT_NE(csv.error().message.find(part), std::string::npos) << csv.error().message;
}

TEST(MeterCsv, UnitsComeFromTheEndOfTheNameAndIntegersStayExact) {
    const auto csv = read_csv(
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
    const auto csv = read_csv(
        "time,x_V\n1700000000,243.15\n1700000060,243.9\n1700000120,244\n1700000180,.5\n1700000240,-0\n1700000300,+1."
        "\n");
    EXPECT_EQ(csv.measurements.fields[0].scale, -2);
    EXPECT_EQ(csv.measurements.values, (Values{24315, 24390, 24400, 50, 0, 100}));
    EXPECT_EQ(csv.report.interval_s, 60);
}

TEST(MeterCsv, EveryWayToSayMissingIsNullAndZeroIsNot) {
    const auto csv = read_csv(
        "time,x,y\n1700000000,,0\n1700000060,?,0\n1700000120,NA,0\n1700000180,NaN,0\n1700000240,null,0\n1700000300,-,"
        "0\n1700000360,n/a,0\n");
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(csv.measurements.row(i)[0], std::nullopt);
        EXPECT_EQ(csv.measurements.row(i)[1], 0);
    }
    EXPECT_EQ(csv.report.missing, (std::vector<std::size_t>{7, 0}));
}

TEST(MeterCsv, ByteOrderMarkCarriageReturnsQuotesAndEmptyLinesDoNotMatter) {
    const auto plain = read_csv("time_utc,a_V,b\n2025-06-15T00:00:00Z,1.5,2\n2025-06-15T00:01:00Z,1.6,\n");
    const auto dressed = read_csv(
        "\xef\xbb\xbf\"time_utc\",\"a_V\",b\r\n\r\n2025-06-15 00:00:00Z,\"1.5\", 2 \r\n\n "
        "\"2025-06-15T02:01:00+02:00\" ,1.6,\"\"\r\n\r\n");
    EXPECT_EQ(plain.measurements.fields, dressed.measurements.fields);
    EXPECT_EQ(plain.measurements.times_s, dressed.measurements.times_s);
    EXPECT_EQ(plain.measurements.values, dressed.measurements.values);
    EXPECT_EQ(read_csv("time;a\n1700000000;1\n").measurements.values, Values{1});
    EXPECT_EQ(read_csv("time\ta\n1700000000\t1").measurements.values, Values{1});
}

TEST(MeterCsv, DisorderDuplicatesAndContradictionsAreMendedAndReported) {
    const auto csv = read_csv(
        "time,x\n1700000120,3\n1700000000,1\n1700000060,2\n1700000060,2\n1700000000,9\n1700000180,4\n1700000000,8\n");
    EXPECT_EQ(csv.measurements.times_s,
              (std::vector<std::int64_t>{kBase_s, kBase_s + 60, kBase_s + 120, kBase_s + 180}));
    EXPECT_EQ(csv.measurements.values, (Values{1, 2, 3, 4}));
    EXPECT_EQ(csv.report.rows_read, 7U);
    EXPECT_EQ(csv.report.rows_kept, 4U);
    EXPECT_EQ(csv.report.duplicates, 1U);
    EXPECT_EQ(csv.report.contradictions, 2U);
    EXPECT_EQ(csv.report.contradicting_lines, (std::vector<std::size_t>{6, 8}));
    EXPECT_EQ(csv.report.out_of_order, 3U);
}

TEST(MeterCsv, GapsAreReported) {
    const auto csv = read_csv("time,x\n1700000000,1\n1700000060,1\n1700000120,1\n1700000600,1\n1700000660,1\n");
    EXPECT_EQ(csv.report.interval_s, 60);
    ASSERT_EQ(csv.report.gaps.size(), 1U);
    EXPECT_EQ(csv.report.gaps[0].after_s, kBase_s + 120);
    EXPECT_EQ(csv.report.gaps[0].before_s, kBase_s + 600);
}

TEST(MeterCsv, WhatCannotBeReadIsNamedByLineAndColumn) {
    refuse_csv("", "empty");
    refuse_csv("\n\n", "empty");
    refuse_csv("time\n0\n", "line 1");
    refuse_csv("time,x\n1700000000,1\n1700000060,1,2\n", "line 3: 3 columns where the header has 2");
    refuse_csv("time,x\n1700000000,1\n\n60\n", "line 4: 1 columns");
    refuse_csv("time,x,y\n1700000000,1,2\n1700000060,1,on\n", "line 3, column \"y\": \"on\" is no number");
    for (const auto text : {"0x10", "--1", "1.2.3", "inf", "1 2"})
        refuse_csv(fmt::format("time;x\n1700000000;{}\n", text), "is no number");
    refuse_csv("time,x\n1700000000,1.1234567891\n", "10 decimals; 9");
    refuse_csv("time,x\n1700000000,9223372036854775808\n", "does not fit 64 bits");
    refuse_csv("time,x\n1700000000,9223372036854775807\n1700000060,0.1\n",
               "line 2, column \"x\": the number does not fit");
    refuse_csv("time,x\n2025-06-15T00:00:00,1\n", "line 2: the time has no zone");
    refuse_csv("time,x\n1700000000,\"1\n", "quote is not closed");
    refuse_csv("time,x\n1700000000,\"1\"2\n", "follows a closing quote");
    refuse_csv("time,x,x\n1700000000,1,2\n", "twice");
    refuse_csv("time,,x\n", "column 2 has no name");
    EXPECT_EQ(read_meter_csv("time,x\n", {.max_bytes = 3}).error().code, Code::too_large);
    EXPECT_EQ(read_meter_csv_file("/nowhere/at-all.csv").error().code, Code::not_found);
}

TEST(MeterCsv, TheTimeColumnIsFoundByItsNameOrByTheOnlyDates) {
    for (const auto name : {"time", "Time", "TIMESTAMP", "timestamp_utc", "DateTime", "date_time", "Date"}) {
        EXPECT_EQ(read_csv(fmt::format("x,{}\n5,1700000060\n", name)).measurements.times_s,
                  std::vector<std::int64_t>{kBase_s + 60});
    }
    EXPECT_EQ(read_csv("x,when\n5,2023-11-14T22:13:20Z\n").measurements.times_s, std::vector<std::int64_t>{kBase_s});
    EXPECT_EQ(read_csv("x,at\n5,1700000060\n", {.time_columns = {"at"}}).measurements.values, Values{5});
    EXPECT_FALSE(read_meter_csv("x,at\n5,60\n", {.time_columns = {"nowhere"}}));
    refuse_csv("when,x\n1700000060,5\n", "no column is named as the time is");
    refuse_csv("year,month,day,x\n2026,5,1,410\n", "no column is named as the time is");
    refuse_csv("sent,heard,x\n2026-05-01T00:00:00Z,2026-05-01T00:30:00Z,1\n",
               "\"sent\" and \"heard\" could both be the time");
    refuse_csv("time,end,x\n2026-05-01T00:00:00Z,2026-05-01T00:30:00Z,1\n",
               "column \"end\": \"2026-05-01T00:30:00Z\" is a time");
}

TEST(MeterCsv, NumbersThatCouldBeDatesAreNoSeconds) {
    for (const auto time : {"20260501", "202605010000", "20260501000000", "46143", "0", "60", "2026", "1777593600000",
                            "999999999", "0999999999", "-1777593600", "1777593600.5"})
        refuse_csv(fmt::format("time,x\n{},1\n", time), "is no time");
    refuse_csv("time,x\n1205010015,1\n1205010030,1\n", "say --epoch");  // 2012-05-01 00:15, or in 2008
    EXPECT_EQ(read_csv("time,x\n1205010015,1\n1205010075,1\n").measurements.rows(), 2U) << "no minute 75: seconds";
    EXPECT_EQ(read_csv("time,x\n1205010015,1\n", {.times = {.epoch = true}}).measurements.times_s.at(0), 1'205'010'015);
    refuse_csv("time,x\n1700000000,1\n2026-05-01T00:00:00Z,1\n", "line 3: seconds since 1970 and dates");
}

TEST(MeterCsv, AFirstLineOfValuesIsNoHeader) {
    refuse_csv("1777593600,0.196\n1777597200,0.224\n", "\"1777593600\" is a value");
    refuse_csv("2026-05-01T00:00:00Z,410\n2026-05-01T01:00:00Z,398\n", "is a value");
    refuse_csv("time,410\n2026-05-01T01:00:00Z,398\n", "\"410\" is a value");
    refuse_csv("time,x\n", "no rows");
    refuse_csv("time,x\r\n\r\n", "no rows");
}

TEST(MeterCsv, LinesEndInAnyOfThreeWays) {
    for (const std::string_view end : {"\n", "\r\n", "\r"}) {
        const auto csv = read_csv(fmt::format("time,x{0}1700000000,1{0}{0}1700000060,2{0}", end));
        EXPECT_EQ(csv.measurements.values, (Values{1, 2}));
    }
    refuse_csv("time,x\r1700000000,1\r1700000060\r", "line 3: 1 columns");
}

TEST(MeterCsv, NumbersAreExactHoweverTheyAreWritten) {
    const auto value = [](std::string_view text) {
        const auto csv = read_csv(fmt::format("time;x\n1700000000;{}\n", text));
        return fmt::format("{}e{}", csv.measurements.values.at(0).value_or(-1), csv.measurements.fields.at(0).scale);
    };
    EXPECT_EQ(value("0.00000000000000"), "0e0");
    EXPECT_EQ(value("-0.000"), "0e0");
    EXPECT_EQ(value("1.50000000000"), "15e-1");
    EXPECT_EQ(value("1.5e3"), "1500e0");
    EXPECT_EQ(value("1.5E+03"), "1500e0");
    EXPECT_EQ(value("5e-05"), "5e-5");
    EXPECT_EQ(value("-12.50e1"), "-125e0");
    EXPECT_EQ(value("100000000000000000000e-9"), "100000000000e0");
    EXPECT_EQ(value("0e99"), "0e0");
    EXPECT_EQ(value("000123.4"), "1234e-1");
    for (const auto text : {"927.9630000000001", "1e-10", "5e-12"})
        refuse_csv(fmt::format("time;x\n1700000000;{}\n", text), "decimals; 9 are allowed");
    for (const auto text : {"1.234,5", "1 234", "12'000,5"})
        refuse_csv(fmt::format("time;x\n1700000000;{}\n", text), "is no number");
    for (const auto text : {"1e", "e5", "1e5.0", "1e+", "1e100", "."})
        refuse_csv(fmt::format("time;x\n1700000000;{}\n", text), "is no number");
    refuse_csv("time;x\n1700000000;1e20\n", "does not fit 64 bits");
}

TEST(MeterCsv, NinesAreAskedFor) {
    for (const auto text : {"-9999", "-9999.9", "-999.9", "-99999"})
        refuse_csv(fmt::format("time;x\n1700000000;{}\n", text), "may stand for a missing value");
    const auto text = "time,x\n1700000000,-9999.9\n1700000060,12\n";
    EXPECT_EQ(read_csv(text, {.missing = {"-9999.9"}}).measurements.values, (Values{std::nullopt, 12}));
    EXPECT_EQ(read_csv(text, {.missing = {"none"}}).measurements.values, (Values{-99999, 120}));
    EXPECT_EQ(read_csv("time,x\n1700000000,-999\n1700000060,9999\n").measurements.values, (Values{-999, 9999}));
}

TEST(MeterCsv, UnitsInBracketsAreUnits) {
    const auto csv = read_csv(
        "time,Power (kW),Energy [Wh],Temperature (\xc2\xb0"
        "C),v (m/s)\n1700000000,0.41,7,1.5,2\n");
    EXPECT_EQ(csv.measurements.fields,
              (std::vector<chaincode::Field>{
                  {"Power", "W", 1}, {"Energy", "Wh", 0}, {"Temperature", "Cel", -1}, {"v", "m/s", 0}}));
    refuse_csv("time,Cost (p)\n1700000000,1\n", "the unit \"p\"");
    refuse_csv("time,\xe7\x94\xb5\xe5\x8e\x8b\n1700000000,1\n", "no letter or digit");
    refuse_csv("time,p (W),p [W]\n1700000000,1,2\n", "twice");
}

TEST(MeterCsv, ASeparatorAtTheEndOfEveryLineIsNoColumn) {
    EXPECT_EQ(read_csv("time;x_W;\n1700000000;12;\n").measurements.values, Values{12});
    refuse_csv("time;x_W;\n1700000000;12;3\n", "the last column has a value and no name");
    refuse_csv("time;x_W;\n1700000000;12\n", "line 2: 2 columns");
    refuse_csv("time;;x_W\n1700000000;1;12\n", "column 2 has no name");
}

// Hours and values of a day in Vienna, from what Python's zoneinfo says of it.
class LocalDay : public testing::Test {
  public:
    CsvProfile vienna;

    void SetUp() override {
        const auto zone = TimeZone::find("Europe/Vienna");
        ASSERT_TRUE(zone) << zone.error().message;
        vienna.times.zone = *zone;
    }

    static std::string hours(std::string_view day, const std::vector<int>& list) {
        std::string text = "time,x\n";
        for (std::size_t i = 0; i < list.size(); ++i) text += fmt::format("{} {:02}:00,{}\n", day, list[i], i);
        return text;
    }
};

TEST_F(LocalDay, TheHourThatComesTwiceIsReadTwice) {
    const auto csv = read_csv(hours("2025-10-26", {0, 1, 2, 2, 3, 23}), vienna);
    EXPECT_EQ(csv.measurements.times_s, (std::vector<std::int64_t>{1'761'429'600, 1'761'433'200, 1'761'436'800,
                                                                   1'761'440'400, 1'761'444'000, 1'761'516'000}));
    EXPECT_EQ(csv.measurements.values, (Values{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(csv.report.contradictions, 0U);
    const auto days = days_of(csv.measurements, vienna.times.zone);
    ASSERT_EQ(days.size(), 1U);
    EXPECT_EQ(days[0].start_s, 1'761'429'600);
    EXPECT_EQ(days[0].end_s - days[0].start_s, 25 * 3600);
    EXPECT_EQ(days_of(csv.measurements).size(), 2U) << "of UTC";
    const auto falling = read_csv(hours("2025-10-26", {3, 2, 2, 1}), vienna);
    EXPECT_EQ(falling.measurements.times_s,
              (std::vector<std::int64_t>{1'761'433'200, 1'761'436'800, 1'761'440'400, 1'761'444'000}));
    EXPECT_EQ(falling.measurements.values, (Values{3, 2, 1, 0}));
}

TEST_F(LocalDay, ATimeThatMayBeEitherHourIsRefused) {
    for (const auto& list : {std::vector{1, 2, 3}, std::vector{2, 2, 2}}) {
        const auto csv = read_meter_csv(hours("2025-10-26", list), vienna);
        ASSERT_FALSE(csv);
        EXPECT_NE(csv.error().message.find("twice"), std::string::npos) << csv.error().message;
    }
}

TEST_F(LocalDay, AnHourThatNoClockShowsIsRefused) {
    const auto csv = read_meter_csv(hours("2026-03-29", {1, 2, 3}), vienna);
    ASSERT_FALSE(csv);
    EXPECT_NE(csv.error().message.find("line 3: no clock"), std::string::npos) << csv.error().message;
    const auto without = read_csv(hours("2026-03-29", {0, 1, 3, 4}), vienna);
    EXPECT_EQ(without.report.gaps.size(), 0U);
    EXPECT_EQ(days_of(without.measurements, vienna.times.zone).at(0).end_s -
                  days_of(without.measurements, vienna.times.zone).at(0).start_s,
              23 * 3600);
    EXPECT_EQ(TimeZone::find("Europe/Nowhere").error().code, Code::invalid_argument);
}

TEST(ParseTime, KnowsTheCalendarAndZones) {
    // From Python's datetime.
    EXPECT_EQ(*parse_time("2007-02-01T00:00:00Z"), 1'170'288'000);
    EXPECT_EQ(*parse_time("2024-02-29T23:59:59+05:30"), 1'709'231'399);
    EXPECT_EQ(*parse_time("2025-03-30 02:30-0800"), 1'743'330'600);
    EXPECT_EQ(*parse_time("2025-03-30 02:30:00 -08"), 1'743'330'600);
    EXPECT_EQ(*parse_time("1970-01-01T00:00:00.000Z"), 0);
    EXPECT_EQ(*parse_time("1999-12-31T23:59"), 946'684'740);
    EXPECT_EQ(*parse_time("1749945600"), 1'749'945'600);
    EXPECT_EQ(read_time("2026-05-01 00:00 z")->form, WrittenTime::Form::zoned);
    EXPECT_EQ(read_time("2026-05-01t00:00:00.0")->form, WrittenTime::Form::local);
    EXPECT_EQ(read_time("1749945600")->form, WrittenTime::Form::epoch);
    for (const auto text : {"",
                            "2025-02-29T00:00:00Z",
                            "2025-13-01T00:00:00Z",
                            "2025-00-01T00:00:00Z",
                            "2025-01-01",
                            "2025-01-01T24:00:00Z",
                            "2025-01-01T00:60:00Z",
                            "2025-01-01T00:00:60Z",
                            "2025-01-01T23:59:60Z",
                            "2025-01-01T00:00:00.5Z",
                            "2025-01-01T00:00:00.Z",
                            "2025-01-01T00:00:00+24:00",
                            "2025-01-01T00:00:00+1",
                            "2025-01-01T00:00:00  Z",
                            "2025-01-01  00:00:00Z",
                            "1969-12-31T23:59:59Z",
                            "1970-01-01T00:00:00+01:00",
                            "99999999999999999999",
                            "253402300800",
                            "-5",
                            "01/02/2025 00:00",
                            "26.10.2025 02:00",
                            "26-10-2025",
                            "2025-1-1T00:00:00Z",
                            "2025-01-01T0:00:00Z",
                            "2025-01-01T00:00:00Zx",
                            "20250101T000000Z",
                            "+2025-01-01T00:00:00Z"}) {
        EXPECT_FALSE(read_time(text)) << text;
    }
    const auto why = [](std::string_view text) { return read_time(text).error().message; };
    EXPECT_NE(why("2026-05-01").find("no time of day"), std::string::npos);
    EXPECT_NE(why("01/05/2026 00:00").find("day and month"), std::string::npos);
    EXPECT_NE(why("2026-05-01T00:00:00.512Z").find("whole seconds"), std::string::npos);
    EXPECT_NE(why("1761436800000").find("milliseconds"), std::string::npos);
    EXPECT_NE(why("20260501").find("may be a date"), std::string::npos);
}

TEST(Headroom, ASchemaHasRoomForMoreDecimalsAsFarAsSumsAllow) {
    const auto fields =
        with_headroom(read_csv("time,temp_degC,power_kW,energy_Wh,register_Wh\n"
                               "1700000000,5,0.41,-1000000000000,9000000000000000\n1700003600,,0.4,0,0\n")
                          .measurements);
    EXPECT_EQ(fields, (std::vector<chaincode::Field>{
                          {"temp", "Cel", -3}, {"power", "W", -2}, {"energy", "Wh", 0}, {"register", "Wh", 0}}));
}

TEST(Headroom, ALaterFileFitsTheNewestSchemaThatHoldsIt) {
    const std::vector<KnownSchema> schemas{
        {"s@1", {{"a", "W", -1}}}, {"s@2", {{"a", "W", -3}}}, {"s@3", {{"b", "W", 0}}}};
    const auto scale = [&](std::string_view values) {
        const auto fitted = DeviceKey::fit(read_csv(fmt::format("time,{}\n", values)).measurements, schemas);
        return fitted ? std::to_string(fitted->fields[0].scale) : fitted.error().message;
    };
    EXPECT_EQ(scale("a_W\n1700000000,5"), "-3");
    EXPECT_EQ(scale("a_W\n1700000000,5.125"), "-3");
    EXPECT_NE(scale("a_W\n1700000000,5.1255").find("s@3"), std::string::npos);
    EXPECT_NE(scale("a_W,c_W\n1700000000,5,6").find("s@3"), std::string::npos) << "a field would be lost";
    EXPECT_EQ(DeviceKey::fit(read_csv("time,a_W\n1700000000,5\n").measurements, {})->fields.at(0).scale, 0);
}

TEST(Conform, BringsFieldsToTheSchemaOrSaysWhyNot) {
    const auto csv = read_csv("time,a_kW,b_V\n1700000000,0.32,230\n");
    const std::vector<chaincode::Field> schema = {{"b", "V", -1}, {"a", "W", 0}};
    const auto conformed = conform(csv.measurements, schema);
    ASSERT_TRUE(conformed) << conformed.error().message;
    EXPECT_EQ(conformed->values, (Values{2300, 320}));
    const auto code = [&](chaincode::Field field) {
        return conform(csv.measurements, std::vector{field}).error().code;
    };
    EXPECT_EQ(code({"a", "W", 2}), chaincode::refusals::schema_mismatch);  // 320 W is not a multiple of 100 W in tens
    EXPECT_EQ(code({"a", "VA", 0}), chaincode::refusals::schema_mismatch);
    EXPECT_EQ(code({"c", "W", 0}), chaincode::refusals::schema_mismatch);
    EXPECT_EQ(code({"a", "W", -18}), chaincode::refusals::schema_mismatch);
}

}  // namespace
}  // namespace tally::gateway::device_sdk
