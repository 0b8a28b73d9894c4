#include "gateway/device_sdk/generator.h"

#include <gtest/gtest.h>

#include "chaincode/records/packed_series.h"
#include "gateway/device_sdk/day_builder.h"

namespace tally::gateway::device_sdk {
namespace {

TEST(Generator, EqualSeedsGiveEqualDaysAndOthersDoNot) {
    const auto a = generate({.seed = 5, .start_s = 1'749'945'600});
    EXPECT_EQ(a.values, generate({.seed = 5, .start_s = 1'749'945'600}).values);
    EXPECT_NE(a.values, generate({.seed = 6, .start_s = 1'749'945'600}).values);
    EXPECT_EQ(a.rows(), 1440U);
    EXPECT_EQ(a.fields.size(), 7U);
}

TEST(Generator, TheSunShinesByDayAndTheMainsStayNearTheirVoltage) {
    const auto day = generate({.seed = 1, .fields = 14});
    ASSERT_EQ(day.fields.size(), 14U);
    EXPECT_EQ(day.row(60)[7], 0);          // solar at one in the morning
    EXPECT_GT(*day.row(13 * 60)[7], 400);  // and after noon
    for (std::size_t i = 0; i < day.rows(); ++i) {
        EXPECT_GT(*day.row(i)[0], 0);
        EXPECT_GT(*day.row(i)[2], 22'000);
        EXPECT_LT(*day.row(i)[2], 25'000);
    }
}

TEST(Generator, ValuesAndRowsGoMissingAsAsked) {
    const auto day = generate({.seed = 2, .days = 2, .missing_per_million = 100'000, .absent_per_million = 50'000});
    EXPECT_LT(day.rows(), 2880U);
    EXPECT_GT(day.rows(), 2600U);
    const auto days = days_of(day);
    ASSERT_EQ(days.size(), 2U);
    const auto record = build_record(day, {.start_s = days[1].start_s, .end_s = days[1].start_s + kDay_s});
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(static_cast<std::size_t>(record->record.rows()), days[1].count);
    EXPECT_GT(record->record.summary[0].missing, 50);
}

TEST(DayBuilder, WhatIsNoRecordIsRefused) {
    const auto day = generate({});
    EXPECT_FALSE(build_record(day, {.start_s = 0, .end_s = 60}));
    EXPECT_FALSE(build_record(day, {.start_s = 0, .end_s = kDay_s, .polling_interval_s = 0}));
    EXPECT_TRUE(build_record(day, {.kind = chaincode::RecordKind::INTERVAL, .start_s = 0, .end_s = 60}));
}

TEST(DayBuilder, TheRowsArePackedUnlessSomethingElseIsAskedFor) {
    const auto day = generate({});
    const auto packed = build_record(day, {.start_s = 0, .end_s = kDay_s});
    const auto in_payload = build_record(day, {.start_s = 0, .end_s = kDay_s, .series = SeriesForm::in_payload});
    const auto withheld = build_record(day, {.start_s = 0, .end_s = kDay_s, .series = SeriesForm::withheld});
    ASSERT_TRUE(packed && in_payload && withheld);
    EXPECT_FALSE(packed->record.series || withheld->record.series);
    EXPECT_TRUE(in_payload->record.series);
    EXPECT_EQ(packed->record.root, in_payload->record.root);
    EXPECT_EQ(packed->record.root, withheld->record.root);
    EXPECT_EQ(*chaincode::unpack_series(packed->record, packed->packed), in_payload->series);
    EXPECT_TRUE(in_payload->packed.empty() && withheld->packed.empty());
}

}  // namespace
}  // namespace tally::gateway::device_sdk
