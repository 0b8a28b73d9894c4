// Days of time zones. The expected instants are those of the IANA database, by Python's zoneinfo.

#include "chaincode/calendar.h"

#include <gtest/gtest.h>

namespace tally::chaincode {
namespace {

const Zone kVienna{"Europe/Vienna", 3600, {{1'774'746'000, 7200}, {1'792'890'000, 3600}}};
const Zone kHavana{"America/Havana", -18'000, {{1'772'946'000, -14'400}, {1'793'509'200, -18'000}}};
const Zone kCairo{"Africa/Cairo", 7200, {{1'776'981'600, 10'800}, {1'793'307'600, 7200}}};
const Zone kLordHowe{"Australia/Lord_Howe", 39'600, {{1'775'314'800, 37'800}, {1'791'041'400, 39'600}}};

Date date(std::string_view text) { return *Date::parse(text); }

TEST(Date, ReadsDaysThatExist) {
    for (const auto* text : {"1970-01-01", "2026-03-29", "2024-02-29", "2199-12-31"})
        EXPECT_EQ(date(text).text(), text);
    for (const auto* text : {"2026-02-30", "2025-02-29", "2026-13-01", "2026-1-01", "2026-01-01T", "26-01-01", "",
                             "2026/01/01", "1969-12-31", "2200-01-01", "+026-01-01", "20260-1-01"})
        EXPECT_FALSE(Date::parse(text)) << text;
}

TEST(Date, CountsMonthsAndYears) {
    EXPECT_EQ(date("2026-01-31").plus_months(1).text(), "2026-02-28");
    EXPECT_EQ(date("2026-03-31").plus_months(-1).text(), "2026-02-28");
    EXPECT_EQ(date("2024-02-29").plus_years(1).text(), "2025-03-01");
    EXPECT_EQ(date("2024-02-29").plus_years(4).text(), "2028-02-29");
    EXPECT_EQ(days_between(date("2024-02-01"), date("2024-03-01")), 29);
}

TEST(Zone, DaysBeginWhereTheClocksOfTheZoneSay) {
    const struct {
        const Zone& zone;
        const char* day;
        std::int64_t begins;
    } cases[] = {
        {kVienna, "2026-03-28", 1'774'652'400},   {kVienna, "2026-03-29", 1'774'738'800},
        {kVienna, "2026-03-30", 1'774'821'600},   {kVienna, "2026-10-25", 1'792'879'200},
        {kVienna, "2026-10-26", 1'792'969'200},   {kHavana, "2026-11-01", 1'793'505'600},
        {kHavana, "2026-11-02", 1'793'595'600},   {kCairo, "2026-04-24", 1'776'981'600},
        {kCairo, "2026-04-25", 1'777'064'400},    {kLordHowe, "2026-04-05", 1'775'307'600},
        {kLordHowe, "2026-04-06", 1'775'395'800},
    };
    for (const auto& [zone, day, begins] : cases) {
        EXPECT_EQ(beginning_of(date(day), zone), begins) << zone.name << " " << day;
        EXPECT_EQ(date_at(begins, zone), date(day)) << zone.name << " " << day;
        EXPECT_EQ(date_at(begins - 1, zone), date(day).plus_days(-1)) << zone.name << " " << day;
    }
}

TEST(Zone, ShiftsAreInOrder) {
    EXPECT_TRUE(check_zone(kVienna));
    EXPECT_FALSE(check_zone({"x", 0, {{100, 3600}, {100, 0}}}));
    EXPECT_FALSE(check_zone({"x", 0, {{200'000, 3600}, {100'000, 0}}}));
}

}  // namespace
}  // namespace tally::chaincode
