#include "gateway/device_sdk/device_key.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "chaincode/records/packed_series.h"
#include "chaincode/records/possession.h"
#include "chaincode/records/series.h"
#include "gateway/device_sdk/generator.h"

namespace tally::gateway::device_sdk {
namespace {

namespace fs = std::filesystem;

class DeviceFolder : public testing::Test {
  public:
    fs::path folder = fs::path(testing::TempDir()) / ("device-" + std::to_string(::getpid()) + "-" +
                                                      testing::UnitTest::GetInstance()->current_test_info()->name());
    Measurements measurements = generate({.seed = 3, .start_s = 1'749'945'600, .days = 3});

    void SetUp() override { fs::remove_all(folder); }
    void TearDown() override { fs::remove_all(folder); }

    UnsignedRecord day(std::size_t number) {
        const auto start = days_of(measurements)[number].start_s;
        auto record = build_record(measurements, {.start_s = start, .end_s = start + kDay_s});
        EXPECT_TRUE(record) << record.error().message;
        return std::move(*record);
    }
};

TEST_F(DeviceFolder, RecordsAreSignedCountedAndChained) {
    auto device = DeviceKey::create(folder, {"meter-1", "main", "north"});
    ASSERT_TRUE(device) << device.error().message;
    const auto first = device->sign(day(0));
    const auto second = device->sign(day(1));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second->sequence, 2);
    const auto a = *chaincode::decode_record(first->message);
    const auto b = *chaincode::decode_record(second->message);
    EXPECT_FALSE(a.record.previous);
    EXPECT_EQ(b.record.previous, a.content_id);
    EXPECT_TRUE(chaincode::check_series(b.record, *chaincode::unpack_series(b.record, *b.packed)));
    EXPECT_TRUE(crypto::Sign1::decode(second->message)->verify(device->key().public_key(), as_bytes("main")));
}

TEST_F(DeviceFolder, AProofIsForOneOrganizationOnTheDevicesChannel) {
    const auto device = DeviceKey::create(folder, {"meter-1", "north", "field"});
    ASSERT_TRUE(device) << device.error().message;
    const auto key = device->key().public_key();
    EXPECT_TRUE(chaincode::verify_possession(device->prove("GridCo"), key, "north", {"GridCo", "meter-1"}));
    EXPECT_FALSE(chaincode::verify_possession(device->prove("GridCo"), key, "north", {"Bank", "meter-1"}));
}

TEST_F(DeviceFolder, ARestartGoesOnWhereTheDeviceWas) {
    Bytes message;
    {
        auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"}, crypto::Algorithm::ed25519);
        message = device.sign(day(0))->message;
        EXPECT_EQ(DeviceKey::open(folder).error().code, Code::locked);
    }
    auto device = DeviceKey::open(folder);
    ASSERT_TRUE(device) << device.error().message;
    EXPECT_EQ(device->identity().shard, "north");
    EXPECT_EQ(device->last_sequence(), 1);
    auto pending = *device->pending();
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].message, message);
    EXPECT_TRUE(device->confirm(1));
    EXPECT_TRUE(device->confirm(1)) << "confirming twice is harmless";
    EXPECT_TRUE(device->pending()->empty());
    EXPECT_EQ(device->sign(day(1))->sequence, 2);
    EXPECT_EQ(DeviceKey::create(folder, {"meter-1", "main", "north"}).error().code, Code::locked);
}

TEST_F(DeviceFolder, ACrashBetweenOutboxAndCounterRepeatsNoSequence) {
    std::string before;
    Bytes second;
    {
        auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
        (void)device.sign(day(0));
        std::ifstream in(folder / "device.json");
        before.assign(std::istreambuf_iterator<char>(in), {});
        second = device.sign(day(1))->message;
    }
    std::ofstream(folder / "device.json") << before;  // as if the counter had not been written
    auto device = DeviceKey::open(folder);
    ASSERT_TRUE(device) << device.error().message;
    EXPECT_EQ(device->last_sequence(), 2);
    const auto third = *chaincode::decode_record(device->sign(day(2))->message);
    EXPECT_EQ(third.record.sequence, 3);
    EXPECT_EQ(third.record.previous, chaincode::decode_record(second)->content_id);
    EXPECT_EQ(third.record.previous_daily, chaincode::decode_record(second)->content_id);
}

TEST_F(DeviceFolder, ADayNamesTheDayBeforeAcrossOtherRecordsAndARestart) {
    Bytes first;
    {
        auto device = *DeviceKey::create(folder, {"meter-1", "main", "north"});
        first = device.sign(day(0))->message;
        auto alive = day(1);
        alive.record.kind = chaincode::RecordKind::KEEPALIVE;
        const auto between = *chaincode::decode_record(device.sign(std::move(alive))->message);
        EXPECT_FALSE(between.record.previous_daily);
    }
    auto device = *DeviceKey::open(folder);
    const auto second = *chaincode::decode_record(device.sign(day(2))->message);
    EXPECT_EQ(second.record.sequence, 3);
    EXPECT_EQ(second.record.previous_daily, chaincode::decode_record(first)->content_id);
    EXPECT_EQ(second.record.rows_per_leaf, 64);
}

TEST_F(DeviceFolder, FoldersThatAreNoDevicesAreRefused) {
    EXPECT_EQ(DeviceKey::open(folder).error().code, Code::not_found);
    EXPECT_EQ(DeviceKey::create(folder, {"a/b", "main", "north"}).error().code, Code::malformed);
    {
        ASSERT_TRUE(DeviceKey::create(folder, {"meter-1", "main", "north"}));
    }
    EXPECT_EQ(DeviceKey::create(folder, {"meter-1", "main", "north"}).error().code, Code::already_exists);
    EXPECT_EQ(fs::status(folder / "key.pem").permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none);
    std::ofstream(folder / "device.json") << "{}";
    EXPECT_FALSE(DeviceKey::open(folder));
}

}  // namespace
}  // namespace tally::gateway::device_sdk
