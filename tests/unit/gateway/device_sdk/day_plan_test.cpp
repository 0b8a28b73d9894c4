#include "gateway/device_sdk/day_plan.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "chaincode/contracts/data/refusals.h"
#include "gateway/device_sdk/generator.h"

namespace tally::gateway::device_sdk {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStart_s = 1'749'945'600;

class DayPlan : public testing::Test {
  public:
    fs::path folder = fs::path(testing::TempDir()) / ("plan-" + std::to_string(::getpid()) + "-" +
                                                      testing::UnitTest::GetInstance()->current_test_info()->name());
    Measurements measurements = generate({.seed = 3, .start_s = kStart_s, .days = 3, .interval_s = 3600});

    void SetUp() override { fs::remove_all(folder); }
    void TearDown() override { fs::remove_all(folder); }

    std::vector<PlannedDay> plan(const DeviceKey& device, std::int64_t now_s = kStart_s + 9 * kDay_s,
                                 std::span<const SignedDay> ledger = {}) const {
        auto days = plan_days(device, measurements, days_of(measurements), 3600, now_s, ledger);
        EXPECT_TRUE(days) << days.error().message;
        return days ? std::move(*days) : std::vector<PlannedDay>{};
    }

    static std::vector<DayState> states(const std::vector<PlannedDay>& days) {
        std::vector<DayState> out;
        for (const auto& day : days) out.push_back(day.state);
        return out;
    }
};

using enum DayState;
using States = std::vector<DayState>;

TEST_F(DayPlan, AnExportThatRepeatsDaysHasOnlyTheOthersSigned) {
    auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
    auto first = plan(device);
    ASSERT_EQ(states(first), (States{fresh, fresh, fresh}));
    ASSERT_TRUE(device.sign(std::move(first[0].record)));
    ASSERT_TRUE(device.sign(std::move(first[1].record)));
    ASSERT_TRUE(device.confirm(1));
    EXPECT_EQ(states(plan(device)), (States{known, known, fresh})) << "one is on the ledger, one in the outbox";
    EXPECT_EQ(plan(device)[1].sequence, 2);
}

TEST_F(DayPlan, AFolderThatIsOpenedAgainRemembersItsDays) {
    {
        auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
        for (auto& day : plan(device)) ASSERT_TRUE(device.sign(std::move(day.record)));
        ASSERT_TRUE(device.confirm(1));
        ASSERT_TRUE(device.set_aside(2, {chaincode::data::refusals::stale_sequence, "another record has the number"}));
    }
    const auto device = *DeviceKey::open(folder);
    EXPECT_EQ(states(plan(device)), (States{known, refused, known}));
    EXPECT_EQ(device.pending()->size(), 1U);
    EXPECT_TRUE(fs::exists(folder / "refused/000000000002.txt"));
    fs::remove_all(folder / "refused");
}

TEST_F(DayPlan, OtherReadingsOfASignedDayAreToldApart) {
    auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
    ASSERT_TRUE(device.sign(std::move(plan(device)[1].record)));
    measurements.values[24 * measurements.fields.size()] = 12'345;
    EXPECT_EQ(states(plan(device)), (States{fresh, different, fresh}));
    auto again = build_record(measurements, {.start_s = kStart_s + kDay_s, .end_s = kStart_s + 2 * kDay_s});
    EXPECT_EQ(device.sign(std::move(*again)).error().code, chaincode::data::refusals::period_overlap);
    EXPECT_EQ(device.last_sequence(), 1);
}

TEST_F(DayPlan, TheLedgersDaysCountAtTheScaleThatTheyWereSignedWith) {
    const auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
    auto coarse = *build_record(measurements, {.start_s = kStart_s, .end_s = kStart_s + kDay_s});
    const std::vector<SignedDay> ledger{
        {kStart_s, kStart_s + kDay_s, 7, coarse.record.root, measurements.fields, false},
        {kStart_s + kDay_s + 3600, kStart_s + 2 * kDay_s + 3600, 8, {}, {}, false}};
    for (auto& field : measurements.fields) --field.scale;
    for (auto& value : measurements.values)
        if (value) *value *= 10;
    const auto days = plan(device, kStart_s + 9 * kDay_s, ledger);
    EXPECT_EQ(states(days), (States{known, different, different}));
    EXPECT_EQ(days[0].sequence, 7);
}

TEST_F(DayPlan, ADayThatIsNotOverIsLeftOut) {
    const auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
    EXPECT_EQ(states(plan(device, kStart_s + 2 * kDay_s)), (States{fresh, fresh, unfinished}));
    EXPECT_EQ(states(plan(device, kStart_s + 2 * kDay_s - 1)), (States{fresh, unfinished, unfinished}));
}

TEST_F(DayPlan, AnUnknownPollingIntervalIsOneReadingADay) {
    const auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
    const Measurements single{{{"energy", "Wh", 0}}, {kStart_s + 60}, {7}};
    const auto days = plan_days(device, single, days_of(single), 0, kStart_s + kDay_s);
    ASSERT_TRUE(days) << days.error().message;
    EXPECT_EQ(days->at(0).record.record.polling_interval_s, kDay_s);
}

TEST_F(DayPlan, ADayThatNoNodeTakesUsesNoNumberUp) {
    auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
    measurements = generate({.seed = 1, .start_s = kStart_s, .days = 1, .interval_s = 1, .fields = 48});
    const auto days = plan_days(device, measurements, days_of(measurements), 1, kStart_s + kDay_s);
    ASSERT_FALSE(days);
    EXPECT_EQ(days.error().code, Code::too_large);
    measurements = generate({.seed = 1, .start_s = kStart_s, .days = 1, .interval_s = 1, .fields = 12});
    auto record = build_record(
        measurements,
        {.start_s = kStart_s, .end_s = kStart_s + kDay_s, .polling_interval_s = 1, .series = SeriesForm::in_payload});
    ASSERT_TRUE(record);
    EXPECT_EQ(device.sign(std::move(*record)).error().code, Code::too_large);
    EXPECT_EQ(device.last_sequence(), 0);
    EXPECT_TRUE(device.pending()->empty());
}

}  // namespace
}  // namespace tally::gateway::device_sdk
