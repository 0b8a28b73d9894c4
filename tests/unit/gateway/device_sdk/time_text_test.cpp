#include "gateway/device_sdk/time_text.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::gateway::device_sdk {
namespace {

using Form = WrittenTime::Form;

std::int64_t seconds(std::string_view text, TimeFormat format = TimeFormat::automatic) {
    const auto time = scan_time(text, format);
    EXPECT_TRUE(time) << text << ": " << time.error();
    return time ? time->time.seconds : -1;
}

void refuse_time(std::string_view text, std::string_view part, TimeFormat format = TimeFormat::automatic) {
    const auto time = scan_time(text, format);
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().find(part), std::string_view::npos) << text << ": " << time.error();
}

// Moments from Python's datetime.
constexpr std::int64_t kMay_s = 1'777'593'600;     // 2026-05-01 00:00
constexpr std::int64_t kDecember = 1'765'905'840;  // 2025-12-16 17:24

TEST(TimeText, ADateThatBeginsWithTheYearOrHasDotsOrAMonthsNameIsReadAtOnce) {
    for (const auto text : {"2026-05-01", "2026/05/01 00:00", "2026-5-1 0:00", "01.05.2026 00:00:00", "1.5.2026",
                            "1-May-2026", "01 May 2026 12:00 AM", "2026-05-01T00:00:00.000", "01.05.2026, 00:00",
                            "30.04.2026 24:00", "01/01/2026", "05-05-2026"}) {
        const auto time = scan_time(text, TimeFormat::automatic);
        ASSERT_TRUE(time) << text << ": " << time.error();
        EXPECT_EQ(time->time.form, Form::local) << text;
        if (std::string_view(text).find("01/01") == 0 || std::string_view(text).find("05-05") == 0) continue;
        EXPECT_EQ(time->time.seconds, kMay_s) << text;
    }
    EXPECT_TRUE(scan_time("2026-05-01", TimeFormat::automatic)->date_only);
    EXPECT_FALSE(scan_time("2026-05-01 00:00", TimeFormat::automatic)->date_only);
}

TEST(TimeText, DayAndMonthAreNotGuessed) {
    refuse_time("01/05/2026 00:00", "--time-format dmy or --time-format mdy");
    refuse_time("16-12-2025", "--time-format");
    EXPECT_EQ(seconds("16/12/2025 17:24", TimeFormat::dmy), kDecember);
    EXPECT_EQ(seconds("12/16/2025 5:24 PM", TimeFormat::mdy), kDecember);
    EXPECT_EQ(seconds("16.12.25 17:24", TimeFormat::dmy), kDecember);
    EXPECT_EQ(seconds("25-12-16 17:24", TimeFormat::ymd), kDecember);
    refuse_time("16.12.25 17:24", "two digits");
    refuse_time("12/16/2025", "no such date", TimeFormat::dmy);
    EXPECT_EQ(order_shown_by("16/12/2025"), TimeFormat::dmy);
    EXPECT_EQ(order_shown_by("12-16-2025 00:00"), TimeFormat::mdy);
    for (const auto text : {"01/05/2026", "2026/12/16", "16.12.2025", "", "x"})
        EXPECT_EQ(order_shown_by(text), TimeFormat::automatic) << text;
}

TEST(TimeText, TwelveHoursHaveMidnightAndNoonAtTwelve) {
    EXPECT_EQ(seconds("2026-05-01 12:15 AM"), kMay_s + 15 * 60);
    EXPECT_EQ(seconds("2026-05-01 12:15PM"), kMay_s + 12 * 3600 + 15 * 60);
    EXPECT_EQ(seconds("2026-05-01 1:00:05 p.m."), kMay_s + 13 * 3600 + 5);
    refuse_time("2026-05-01 13:00 PM", "hours from 1 to 12");
    refuse_time("2026-05-01 00:00 AM", "hours from 1 to 12");
}

TEST(TimeText, ZonesAreWrittenInManyWays) {
    for (const auto text : {"2026-05-01 02:00:00 +0200", "2026-05-01T02:00+02:00", "2026-05-01 02:00 +02",
                            "2026-05-01T00:00:00Z", "2026-05-01 00:00 UTC", "01.05.2026 02:00 GMT+0200"}) {
        const auto time = scan_time(text, TimeFormat::automatic);
        ASSERT_TRUE(time) << text << ": " << time.error();
        EXPECT_EQ(time->time.form, Form::zoned) << text;
        EXPECT_EQ(time->time.seconds, kMay_s) << text;
    }
    refuse_time("2026-05-01 02:00 CEST", "more text");
    refuse_time("2026-05-01 02:00 +25:00", "offset");
}

TEST(TimeText, FractionsOfSecondsAreCutOffAndSaid) {
    const auto time = scan_time("2026-05-01T00:00:00.999Z", TimeFormat::automatic);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->time.seconds, kMay_s);
    EXPECT_TRUE(time->fraction);
    EXPECT_FALSE(scan_time("2026-05-01T00:00:00.000Z", TimeFormat::automatic)->fraction);
    refuse_time("2026-05-01T00:00:00.Z", "time of day");
}

TEST(TimeText, NumbersAreTimesOnlyAsTheFormatSays) {
    EXPECT_EQ(seconds("1777593600"), kMay_s);
    EXPECT_EQ(seconds("1777593600.25", TimeFormat::epoch), kMay_s);
    EXPECT_EQ(seconds("1777593600000", TimeFormat::epoch_ms), kMay_s);
    EXPECT_EQ(seconds("20260501", TimeFormat::compact), kMay_s);
    EXPECT_EQ(seconds("202605010015", TimeFormat::compact), kMay_s + 900);
    EXPECT_EQ(seconds("20260501 001500", TimeFormat::compact), kMay_s + 900);
    refuse_time("20260501", "--time-format compact");
    refuse_time("1777593600000", "--time-format epoch_ms");
    refuse_time("46143", "ten digits");
    refuse_time("1777593600.25", "");
    refuse_time("20261301", "no such date", TimeFormat::compact);
    refuse_time("2026050100", "YYYYMMDDhhmm", TimeFormat::compact);
    refuse_time("1777593600", "thirteen", TimeFormat::epoch_ms);
}

TEST(TimeText, DatesAndTimesThatDoNotExistAreRefused) {
    for (const auto text : {"29.02.2025", "2026-13-01", "2026-04-31 00:00", "2026-05-01 24:01", "2026-05-01 23:60",
                            "31.12.1969 23:00", "0.5.2026", "2026-05-01 00:00:60"})
        EXPECT_FALSE(scan_time(text, TimeFormat::automatic)) << text;
    for (const auto text : {"", "x", "2026-05", "2026-05-01T", "2026-05-01 x", "2026-05-01 00", "2026.05-01", "00:15",
                            "2026-05-01 00:00 x", "2026-05-0100:00", "12345-01-01"})
        EXPECT_FALSE(scan_time(text, TimeFormat::automatic)) << text;
    EXPECT_TRUE(is_time_of_day("0:15"));
    EXPECT_TRUE(is_time_of_day("12:15:30 AM"));
    EXPECT_FALSE(is_time_of_day("2026-05-01 0:15"));
    EXPECT_FALSE(is_time_of_day("15"));
}

}  // namespace
}  // namespace tally::gateway::device_sdk
