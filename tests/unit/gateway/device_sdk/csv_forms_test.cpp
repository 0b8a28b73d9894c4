// Forms of files that portals write, each with what it must become; moments are from Python's zoneinfo.

#include <gtest/gtest.h>

#include "gateway/device_sdk/csv_text.h"
#include "gateway/device_sdk/meter_csv.h"

namespace tally::gateway::device_sdk {
namespace {

using Values = std::vector<std::optional<std::int64_t>>;
using Times = std::vector<std::int64_t>;

constexpr std::int64_t kMay = 1'777'593'600;  // 2026-05-01 00:00 UTC

MeterCsv read_form(std::string_view text, const CsvProfile& profile = {}) {
    auto csv = read_meter_csv(text, profile);
    EXPECT_TRUE(csv) << text << ": " << csv.error().message;
    return csv.value_or(MeterCsv{});
}

void refuse_form(std::string_view text, std::string_view part, const CsvProfile& profile = {},
                 Code code = Code::malformed) {
    const auto csv = read_meter_csv(text, profile);
    ASSERT_FALSE(csv) << text;
    EXPECT_EQ(csv.error().code, code) << csv.error().message;
    EXPECT_NE(csv.error().message.find(part), std::string::npos) << csv.error().message;
}

CsvProfile in_zone(const std::string& name) {
    CsvProfile profile;
    profile.times.zone = *TimeZone::find(name);
    return profile;
}
CsvProfile in_utc() {
    CsvProfile profile;
    profile.times.assume_utc = true;
    return profile;
}

TEST(CsvForms, Utf16AndWindows1252AreConverted) {
    std::string little("\xff\xfe"), big("\xfe\xff"), unmarked;
    for (const char c : std::string_view("time,power_W\n1777593600,12\n")) {
        (little += c) += '\0';
        (big += '\0') += c;
        (unmarked += c) += '\0';
    }
    for (const auto& text : {little, big, unmarked}) EXPECT_EQ(read_form(text).measurements.values, Values{12});
    refuse_form(little + "\n", "odd number of bytes");
    refuse_form(std::string("\xff\xfe\x00\xd8", 4), "half a character");
    const auto text = CsvText::decode("Z\xe4hler \x80", CsvEncoding::automatic);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->text(), "Z\xc3\xa4hler \xe2\x82\xac");
    EXPECT_EQ(text->encoding(), CsvEncoding::cp1252);
    refuse_form("time,x\n1777593600,1 \x81\n", "neither UTF-8 nor Windows-1252");
    refuse_form(std::string_view("time,x\n1777593600,1\0\n", 21), "zero bytes");
    CsvProfile utf8;
    utf8.encoding = CsvEncoding::utf8;
    refuse_form("time,\xe4_W\n", "byte 6 is no UTF-8", utf8);
}

TEST(CsvForms, ADecimalCommaIsReadWhereANumberCanHaveNothingElse) {
    const auto csv = read_form("time;x_kWh\n1777593600;0,010\n1777594500;1,234\n1777595400;-12,5\n1777596300;7\n");
    EXPECT_EQ(csv.measurements.values, (Values{10, 1234, -12500, 7000}));
    EXPECT_EQ(csv.measurements.fields.at(0).scale, 0) << "thousandths of kWh";
    refuse_form("time;x\n1777593600;1,234\n1777594500;2,345\n", "--decimal , or --decimal . --grouping ,");
    refuse_form("time;x\n1777593600;0,5\n1777594500;0.5\n", "line 3, column \"x\": \"0.5\" is no number with \",\"");
    EXPECT_EQ(read_form("time,x\n1777593600,\"0,5\"\n").measurements.values, Values{5});
}

TEST(CsvForms, ThousandsAreReadAsTheProfileSaysAlone) {
    const auto value = [](std::string_view cell, char decimal, const char* grouping) {
        CsvProfile profile;
        profile.decimal = decimal;
        profile.grouping = grouping;
        profile.delimiter = ';';
        const auto csv = read_meter_csv(fmt::format("time;x\n1777593600;{}\n", cell), profile);
        return csv ? fmt::format("{}e{}", *csv->measurements.values.at(0), csv->measurements.fields.at(0).scale)
                   : csv.error().message;
    };
    EXPECT_EQ(value("1.234,5", ',', "."), "12345e-1");
    EXPECT_EQ(value("1 234 567,5", ',', " "), "12345675e-1");
    EXPECT_EQ(value("1\xc2\xa0"
                    "234,5",
                    ',', " "),
              "12345e-1");
    EXPECT_EQ(value("1\xe2\x80\xaf"
                    "234",
                    ',', " "),
              "1234e0");
    EXPECT_EQ(value("12'000.5", '.', "'"), "120005e-1");
    EXPECT_EQ(value("1,234.5", '.', ","), "12345e-1");
    EXPECT_EQ(value("-1,234", '.', ","), "-1234e0");
    EXPECT_EQ(value("999,5", ',', "."), "9995e-1");
    EXPECT_EQ(value("1.5e3", '.', ","), "1500e0");
    for (const auto cell : {"12,34", "1234,567", "1,23,456", ",123", "1,", "1,234,56"})
        EXPECT_NE(value(cell, '.', ",").find("is no number"), std::string::npos) << cell;
    refuse_form("time;x\n1777593600;1.234,5\n", "nothing between thousands (--grouping)");
    CsvProfile wrong;
    wrong.decimal = ',';
    wrong.grouping = ",";
    refuse_form("time;x\n", "are the same", wrong, Code::invalid_argument);
}

TEST(CsvForms, TheDelimiterIsTheOneThatCutsHeaderAndRowsAlike) {
    EXPECT_EQ(read_form("time|x\n1777593600|1\n").measurements.values, Values{1});
    EXPECT_EQ(read_form("time;\"x, total\"\n1777593600;1,5\n").measurements.values, Values{15});
    EXPECT_EQ(read_form("sep=;\ntime;x\n1777593600;1\n").measurements.values, Values{1});
    EXPECT_EQ(read_form("time;x, in all\n1777593600;1\n").measurements.fields.at(0).name, "x__in_all");
}

TEST(CsvForms, ALineOfManyColumnsIsRefused) {
    refuse_form("time" + std::string(10'000, ',') + "\n1777593600\n", "line 1: more than 10000 columns");
}

TEST(CsvForms, APreambleIsPassedOverOrNamed) {
    const std::string text = "Name,Customer\nAccount,1\n\ntime,x_W\n1777593600,5\n";
    refuse_form("Version CSV3\n\ntime;p\n1777593600;5\n", "line 3 may be the header: say --skip-lines 2");
    CsvProfile skipping;
    skipping.skip_lines = 3;
    EXPECT_EQ(read_form(text, skipping).measurements.values, Values{5});
    CsvProfile named;
    named.time_columns = {"time"};
    EXPECT_EQ(read_form(text, named).measurements.values, Values{5})
        << "the first line with the columns that are named";
    named.time_columns = {"when"};
    refuse_form(text, "there is no column \"when\"", named);
    CsvProfile without;
    without.header = {"time", "x_W"};
    EXPECT_EQ(read_form("1777593600,5\n1777594500,6\n", without).measurements.values, (Values{5, 6}));
}

TEST(CsvForms, ARowOfUnitsGivesUnitsAndTheZone) {
    const auto csv = read_form("time;p;e\n[UTC];[kW];kWh\n26.10.2025 00:00:00;1;2\n");
    EXPECT_EQ(csv.measurements.fields, (std::vector<chaincode::Field>{{"p", "W", 3}, {"e", "Wh", 3}}));
    EXPECT_EQ(csv.measurements.times_s, Times{1'761'436'800});
    refuse_form("time;p\n[UTC];[parsec]\n1777593600;1\n", "line 2");
    CsvProfile given;
    given.unit_row = true;
    refuse_form("time;p\n;[parsec]\n1777593600;1\n", "the unit \"parsec\"", given);
}

TEST(CsvForms, DateAndTimeOfDayMayBeTwoColumns) {
    const auto csv = read_form("Date;Time;x_kW\n16/12/2025;17:24:00;4.216\n", in_utc());
    EXPECT_EQ(csv.measurements.times_s, Times{1'765'905'840});
    EXPECT_EQ(csv.measurements.values, Values{4216});
    EXPECT_EQ(
        read_form("Van datum;Van tijdstip;x\n26-10-2025;00:00:00;1\n", in_zone("Europe/Brussels")).measurements.times_s,
        Times{1'761'429'600});
    const auto pge = read_form("DATE,START TIME,END TIME,x\n2025-10-26,00:15,00:29,1\n", in_utc());
    EXPECT_EQ(pge.measurements.times_s, Times{1'761'437'700}) << "the start's";
    refuse_form("Date;Time;x\n2026-05-01;00:00;1\n", "the time has no zone; say --utc");
    refuse_form("date,open,close,x\n2026-05-01,00:00,00:15,1\n", "\"open\" and \"close\" could both be the time",
                in_utc());
}

TEST(CsvForms, OfAnIntervalTheStartIsTheTime) {
    const auto csv = read_form("Consumption (kwh),Start,End\n0.25,2026-05-01T00:00:00Z,2026-05-01T00:30:00Z\n");
    EXPECT_EQ(csv.measurements.times_s, Times{kMay});
    EXPECT_EQ(csv.measurements.fields.size(), 1U);
    EXPECT_EQ(read_form("Datum bis;Datum von;x\n01.05.2026 00:15;01.05.2026 00:00;1\n", in_utc()).measurements.times_s,
              Times{kMay});
}

TEST(CsvForms, EndsOfIntervalsAreMovedToTheirStarts) {
    auto profile = in_utc();
    profile.interval_end = true;
    EXPECT_EQ(read_form("time,x\n2026-05-01 00:15,1\n2026-05-01 00:30,2\n", profile).measurements.times_s,
              (Times{kMay, kMay + 900}));
    refuse_form("time,x\n2026-05-01 00:15,1\n", "say --interval SECONDS", profile);
    profile.interval_s = 900;
    EXPECT_EQ(read_form("time,x\n2026-05-01 00:15,1\n", profile).measurements.times_s, Times{kMay});
    auto vienna = in_zone("Europe/Vienna");
    vienna.interval_end = true;
    vienna.interval_s = kDay_s;
    EXPECT_EQ(read_form("date,x\n2026-03-30,1\n", vienna).measurements.times_s, Times{1'774'738'800})
        << "a day of 23 hours";
}

TEST(CsvForms, EndsOnTheDayOf25HoursAreAClocksOrTheStartsPlusTheInterval) {
    auto profile = in_zone("Europe/Vienna");
    profile.interval_end = true;
    const auto read_ends = [&](std::string_view day, std::initializer_list<const char*> ends) {
        std::string text = "time,x\n";
        for (const auto end : ends) text += fmt::format("{} {},1\n", day, end);
        return read_form(text, profile).measurements.times_s;
    };
    // From 01:30 in summer to 02:30 in winter, in half hours: 2025-10-25T23:30Z and on.
    const Times expected{1'761'435'000, 1'761'436'800, 1'761'438'600, 1'761'440'400, 1'761'442'200};
    EXPECT_EQ(read_ends("26.10.2025", {"02:00", "02:30", "02:00", "02:30", "03:00"}), expected) << "a clock's";
    EXPECT_EQ(read_ends("26.10.2025", {"02:00", "02:30", "03:00", "02:30", "03:00"}), expected) << "starts plus 30 min";
    // When clocks are set forward: 01:30 and 03:00, 2026-03-29T00:30Z and 01:00Z.
    const Times spring{1'774'744'200, 1'774'746'000, 1'774'747'800};
    EXPECT_EQ(read_ends("29.03.2026", {"03:00", "03:30", "04:00"}), spring);
    EXPECT_EQ(read_ends("29.03.2026", {"02:00", "03:30", "04:00"}), spring);
    refuse_form("time,x\n26.10.2025 02:00,1\n26.10.2025 02:30,1\n26.10.2025 03:00,1\n26.10.2025 03:30,1\n", "unknown",
                profile);
}

TEST(CsvForms, TheOrderOfDayAndMonthIsWhatSomeRowShows) {
    EXPECT_EQ(read_form("time,x\n10/02/2025 00:00,1\n10/26/2025 00:00,2\n", in_utc()).measurements.times_s,
              (Times{1'759'363'200, 1'761'436'800}));
    refuse_form("time,x\n01/05/2026 00:00,1\n01/06/2026 00:00,1\n", "--time-format dmy", in_utc());
    refuse_form("time,x\n26/10/2025 00:00,1\n10/26/2025 00:00,2\n", "line 3, column \"time\"", in_utc());
    auto profile = in_utc();
    profile.time_format = TimeFormat::dmy;
    EXPECT_EQ(read_form("time,x\n01/05/2026 00:00,1\n", profile).measurements.times_s, Times{kMay});
}

TEST(CsvForms, DatesAloneAreDaysOfAZone) {
    EXPECT_EQ(read_form("date,energy_kWh\n2026-05-01,12\n", in_zone("Europe/Vienna")).measurements.times_s,
              Times{1'777'586'400});
    refuse_form("date,energy_kWh\n2026-05-01,12\n", "no zone");
    refuse_form("date,energy_kWh\n20260501,12\n", "--time-format compact", in_utc());
}

TEST(CsvForms, FractionsOfSecondsAreCutOffAndCounted) {
    const auto csv = read_form("time,x\n2026-05-01T00:00:00.512Z,1\n2026-05-01T00:00:01Z,2\n");
    EXPECT_EQ(csv.measurements.times_s, (Times{kMay, kMay + 1}));
    EXPECT_EQ(csv.report.fractions, 1U);
}

TEST(CsvForms, ColumnsAreChosenNamedAndLeftOut) {
    const std::string text = "time,\xe7\x94\xb5\xe5\x8e\x8b,Note,Cost (p)\n1777593600,230,ok,4.1\n";
    refuse_form(text, "--columns SOURCE=FIELD_UNIT");
    CsvProfile chosen;
    chosen.columns = {{"\xe7\x94\xb5\xe5\x8e\x8b", "voltage_V"}};
    EXPECT_EQ(read_form(text, chosen).measurements.fields, (std::vector<chaincode::Field>{{"voltage", "V", 0}}));
    CsvProfile without;
    without.ignored = {"Note", "Cost (p)", "not there"};
    EXPECT_EQ(read_form("time,x_V,Note,Cost (p)\n1777593600,230,ok,4.1\n", without).measurements.values, Values{230});
    refuse_form("time,x_V,Note\n1777593600,230,ok\n", "say --ignore");
    chosen.columns = {{"x_V", "y_A"}, {"x_V", "y_A"}};
    refuse_form("time,x_V\n1777593600,1\n", "twice", chosen);
    chosen.time_columns = {"time"};
    chosen.columns = {{"time", "t"}};
    refuse_form("time,x_V\n1777593600,1\n", "is the time, and a field too", chosen);
    chosen.columns = {{"x_V", "x_V"}};
    refuse_form("time,x_V,x_V\n1777593600,1,2\n", "two columns \"x_V\"", chosen);
}

TEST(CsvForms, RowsAreFiltered) {
    CsvProfile profile;
    profile.filters = {{"entity_id", {"sensor.power"}}};
    profile.columns = {{"state", "power_W"}};
    profile.time_columns = {"last_changed"};
    profile.missing = {"unavailable"};
    const auto csv = read_form(
        "entity_id,state,last_changed\nsensor.power,410.2,2026-05-01T00:00:00.512Z\nsensor.door,on,2026-05-01T00:00:"
        "01Z\n"
        "sensor.power,unavailable,2026-05-01T00:05:00.100Z\n",
        profile);
    EXPECT_EQ(csv.measurements.values, (Values{4102, std::nullopt}));
    EXPECT_EQ(csv.report.filtered, 1U);
    profile.filters[0].values = {"sensor.nothing"};
    refuse_form("entity_id,state,last_changed\nsensor.power,1,2026-05-01T00:00:00Z\n", "filters leave out all 1",
                profile);
}

TEST(CsvForms, SeriesOfOneColumnBecomeFields) {
    auto profile = in_zone("Europe/Brussels");
    profile.pivot = {"Register",
                     "Volume",
                     {{"Dag", "offtake_kWh"}, {"Nacht", "offtake_kWh"}, {"Injectie", "injection_kWh"}, {"x", ""}}};
    const std::string head = "Van datum;Van tijdstip;Register;Volume\n";
    const auto csv =
        read_form(head +
                      "26-10-2025;00:00:00;Nacht;0,012\n26-10-2025;00:00:00;Injectie;0,5\n"
                      "26-10-2025;07:00:00;Dag;0,25\n26-10-2025;07:00:00;x;?\n26-10-2025;07:00:00;Injectie;\n",
                  profile);
    EXPECT_EQ(csv.measurements.fields, (std::vector<chaincode::Field>{{"offtake", "Wh", 0}, {"injection", "Wh", 2}}));
    EXPECT_EQ(csv.measurements.values, (Values{12, 5, 250, std::nullopt}));
    EXPECT_EQ(csv.report.merged + csv.report.duplicates, 2U);
    refuse_form(head + "26-10-2025;00:00:00;Gas;1\n", "the series \"Gas\" is not named", profile);
    const auto twice = read_form(head + "26-10-2025;00:00:00;Nacht;1\n26-10-2025;00:00:00;Dag;2\n", profile);
    EXPECT_EQ(twice.report.contradictions, 1U);
    // The hour that comes twice is told apart for each series.
    const auto back = read_form(head +
                                    "26-10-2025;02:00:00;Nacht;1\n26-10-2025;02:00:00;Injectie;2\n"
                                    "26-10-2025;02:00:00;Nacht;3\n26-10-2025;02:00:00;Injectie;4\n",
                                profile);
    EXPECT_EQ(back.measurements.times_s, (Times{1'761'436'800, 1'761'440'400}));
    EXPECT_EQ(back.measurements.values, (Values{1, 2, 3, 4}));
}

TEST(CsvForms, NumbersOfHoursCountThemAsTheyPass) {
    auto profile = in_zone("Europe/Vienna");
    profile.time_columns = {"day", "hour"};
    profile.hours_from = 1;
    const auto csv =
        read_form("day;hour;x\n26.10.2025;1;1\n26.10.2025;3;2\n26.10.2025;4;3\n26.10.2025;25;4\n", profile);
    EXPECT_EQ(csv.measurements.times_s,
              (Times{1'761'429'600, 1'761'436'800, 1'761'440'400, 1'761'429'600 + 24 * 3600}));
    refuse_form("day;hour;x\n27.10.2025;25;1\n", "line 2: the day has 24 hours", profile);
    refuse_form("day;hour;x\n29.03.2026;24;1\n", "the day has 23 hours", profile);
    for (const auto hour : {"0", "26", "1.5", "", "x"})
        refuse_form(fmt::format("day;hour;x\n26.10.2025;{};1\n", hour), "is no hour of a day from 1 to 25", profile);
    refuse_form("day;hour;x\n26.10.2025 00:00;1;1\n", "has a time of day", profile);
    auto utc = in_utc();
    utc.time_columns = {"day", "hour"};
    utc.hours_from = 0;
    EXPECT_EQ(read_form("day;hour;x\n2026-05-01;23;1\n", utc).measurements.times_s, Times{kMay + 23 * 3600});
    refuse_form("day;hour;x\n2026-05-01;24;1\n", "the day has 24 hours", utc);
    utc.time_columns = {"day"};
    refuse_form("day;hour;x\n", "two time columns", utc, Code::invalid_argument);
}

TEST(CsvForms, ADayInEachRowHasItsTimesInTheHeader) {
    auto profile = in_zone("Europe/Vienna");
    profile.time_columns = {"day"};
    profile.wide = "energy_kWh";
    const auto csv = read_form("day;00:00-00:15;00:15-00:30;total\n01.05.2026;0,5;;9\n02.05.2026;0,25;1;9\n", profile);
    EXPECT_EQ(csv.measurements.fields, (std::vector<chaincode::Field>{{"energy", "Wh", 1}}));
    EXPECT_EQ(csv.measurements.times_s, (Times{1'777'586'400, 1'777'672'800, 1'777'673'700}));
    EXPECT_EQ(csv.measurements.values, (Values{50, 25, 100}));
    refuse_form("day;total\n01.05.2026;9\n", "no column is called after a time of day", profile);
    refuse_form("day;02:00\n29.03.2026;9\n", "no clock of the zone shows this time", profile);
    EXPECT_EQ(read_form("day;01:00;02:00\n29.03.2026;9;\n", profile).measurements.rows(), 1U)
        << "an hour that is not there";
    refuse_form("day;02:00\n26.10.2025;9\n", "which one is meant is unknown", profile);
}

TEST(CsvForms, AFirstLineOfValuesInAnyFormIsNoHeader) {
    for (const auto text : {"26.10.2025 02:00;0,010\n26.10.2025 02:15;0,011\n", "10/26/2025,5\n10/27/2025,6\n",
                            "2025-10-26,x\n2025-10-27,y\n"})
        refuse_form(text, "is a value; the first line must name the columns");
}

TEST(CsvCheck, ListsEveryProblemAndGoesOn) {
    const auto check =
        check_meter_csv("time,x_W,y\n1777593600,1,2\n1777594500,on,2\nx,1,2\n1777595400,1\n1777596300,3,4\n");
    EXPECT_EQ(check.findings.problem_count(), 3U);
    ASSERT_EQ(check.findings.problems().size(), 3U);
    EXPECT_NE(check.findings.problems()[0].message.find("line 3, column \"x_W\""), std::string::npos);
    EXPECT_NE(check.findings.problems()[1].message.find("line 4, column \"time\""), std::string::npos);
    EXPECT_NE(check.findings.problems()[2].message.find("line 5: 2 columns"), std::string::npos);
    ASSERT_TRUE(check.csv);
    EXPECT_EQ(check.csv->measurements.rows(), 2U);
    EXPECT_EQ(check.findings.doubt_count(), 1U) << "y has no unit";
}

TEST(CsvCheck, NamesWhatIsDoubtful) {
    const auto check = check_meter_csv(
        "time,x_W\n26.10.2025 02:00,1\n26.10.2025 02:00,2\n26.10.2025 03:00,3\n26.10.2025 03:00,3\n26.10.2025 "
        "03:00,4\n",
        in_zone("Europe/Vienna"));
    EXPECT_EQ(check.findings.problem_count(), 0U);
    std::vector<std::size_t> lines;
    for (const auto& doubt : check.findings.doubts()) lines.push_back(doubt.line);
    EXPECT_EQ(lines, (std::vector<std::size_t>{2, 3, 5, 6}));
}

TEST(CsvCheck, ManyProblemsAreCountedAndNotAllKept) {
    std::string text = "time,x\n";
    for (int i = 0; i < 1000; ++i) text += "no,1\n";
    const auto check = check_meter_csv(text);
    EXPECT_EQ(check.findings.problems().size(), CsvFindings::kMaxListed);
    EXPECT_EQ(check.findings.problem_count(), 1001U) << "and no row is left";
    EXPECT_FALSE(check.csv);
}

}  // namespace
}  // namespace tally::gateway::device_sdk
