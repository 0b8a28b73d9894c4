#include "gateway/mqtt/telemetry.h"

#include <gtest/gtest.h>

#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/json/strict_json.h"

namespace tally::gateway::mqtt {
namespace {

constexpr std::int64_t kArrival = 1'800'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

// A registry with the device "m", whose field "e" has one decimal; it counts what it is asked.
struct Registry {
    int asked = 0;
    std::string status = "ACTIVE";

    Result<boost::json::value> operator()(std::string_view function) {
        ++asked;
        if (function == "get_schema")
            return chaincode::parse_json(
                R"({"id":"s","version":1,"organization":"A","fields":[{"name":"e","unit":"Wh","scale":-1}],)"
                R"("registered_ms":0})",
                "a schema");
        return chaincode::parse_json(
            fmt::format(
                R"({{"id":"m","organization":"A","shard":"n","profile":"tally-record","epoch":1,"key":"","schemas":["s@1"],)"
                R"("certificate_chain":[],"polling_interval_s":60,"keepalive_interval_s":60,"grace_s":0,"max_skew_s":300,)"
                R"("status":"{}","effective_ms":0,"reason":"","suspensions":[],"registered_ms":0,"previous_keys":[],)"
                R"("change":{{"kind":"registered","time_ms":0,"transaction":"","by":"","details":null}}}})",
                status),
            "a device");
    }
};

class TelemetryTest : public testing::Test {
  protected:
    void SetUp() override {
        directory_ =
            std::filesystem::path(testing::TempDir()) /
            fmt::format("telemetry-{}-{}", getpid(), testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::remove_all(directory_);
        open();
    }
    void TearDown() override {
        telemetry_.reset();
        store_.reset();
        std::filesystem::remove_all(directory_);
    }
    // As after a restart.
    void open() {
        telemetry_.reset();
        store_.reset();
        store_ = *storage::TelemetryStore::open(directory_);
        telemetry_.emplace(
            *store_, [this](std::string_view, std::string_view function, const auto&) { return registry_(function); },
            "A");
    }
    Result<TelemetryTaken> take(std::string_view pack, std::uint16_t packet = 1, bool may_be_again = false,
                                std::int64_t now = kArrival) {
        return telemetry_->take_senml({"m", as_bytes(pack), packet, may_be_again, now});
    }
    std::string samples() {
        std::string out;
        (void)store_->walk("m", 0, 2 * kArrival, [&](const auto& sample) {
            out += fmt::format("{}={} ", sample.time_ms - kArrival, sample.figure.units);
            return true;
        });
        return out;
    }

    std::filesystem::path directory_;
    std::unique_ptr<storage::TelemetryStore> store_;
    Registry registry_;
    std::optional<Telemetry> telemetry_;
};

TEST_F(TelemetryTest, OnlyWhatIsSyncedOutlivesTheProcess) {
    ASSERT_TRUE(take(R"([{"n":"e","t":1799999999,"v":1.5}])"));
    ASSERT_TRUE(store_->sync());
    ASSERT_TRUE(take(R"([{"n":"e","t":1799999998,"v":2}])"));
    open();
    EXPECT_EQ(samples(), "-1000=15 ");
    EXPECT_EQ(take(R"([{"n":"e","t":1799999999,"v":1.50}])")->duplicates, 1U);
    EXPECT_EQ(take(R"([{"n":"e","t":1799999999,"v":1.6}])").error().code, Code::conflict);
}

// RFC 8428: a time that is not said is now. The broker delivers again with the same packet id what was not
// acknowledged.
TEST_F(TelemetryTest, ARelativePackThatIsDeliveredAgainAfterALossCountsOnce) {
    const auto* const pack = R"([{"n":"e","v":1}])";
    ASSERT_EQ(take(pack, 7)->stored, 1U);
    ASSERT_TRUE(store_->sync());
    open();
    EXPECT_EQ(take(pack, 7, true, kArrival + kHour)->duplicates, 1U);
    EXPECT_EQ(take(pack, 7, false, kArrival + kHour)->stored, 1U);     // the id is used again in this connection
    EXPECT_EQ(take(pack, 8, true, kArrival + 2 * kHour)->stored, 1U);  // another message
    ASSERT_TRUE(store_->sync());
    ASSERT_TRUE(store_->forget_deliveries());  // a new session
    EXPECT_EQ(take(pack, 8, true, kArrival + 2 * kHour + 1)->stored, 1U);
}

TEST_F(TelemetryTest, AClosedSpanTakesNothingMore) {
    ASSERT_TRUE(take(R"([{"n":"e","t":1799999000,"v":1}])"));
    ASSERT_TRUE(store_->close("m", kArrival - 1'800'000, kArrival - 900'000));  // and makes it durable
    open();
    EXPECT_EQ(samples(), "-1000000=10 ");
    const auto taken = take(R"([{"n":"e","t":1799999001,"v":1},{"n":"e","t":1799999600,"v":1}])");
    ASSERT_TRUE(taken);
    EXPECT_EQ(std::pair(taken->stored, taken->late), std::pair(std::size_t{1}, std::size_t{1}));
    EXPECT_EQ(take(R"([{"n":"e","t":1799999002,"v":1}])").error().code, Code::conflict);
    EXPECT_EQ(take(R"([{"n":"e","t":1799999000,"v":1}])")->duplicates, 1U);
}

TEST_F(TelemetryTest, TrafficCountsEachMessageOnceByQuartersOfAnHour) {
    const std::string_view pack = R"([{"n":"e","t":1799990000,"v":1},{"n":"e","t":1799993600,"v":1}])";
    ASSERT_TRUE(take(pack));
    ASSERT_TRUE(take(pack));
    const crypto::Hash id = crypto::sha256(as_bytes("record"));
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->count_once("m", 1'799'990'000'000, id, {1, 100, 4, kArrival}));
    const auto first = store_->traffic("m", 1'799'989'200'000, 1'799'990'100'000);
    EXPECT_EQ(first->messages, 2);
    EXPECT_EQ(first->payload_bytes, static_cast<std::int64_t>(pack.size()) + 100);
    EXPECT_EQ(first->samples, 5);
    ASSERT_TRUE(store_->sync());
    EXPECT_EQ(store_->traffic("m", 1'799'990'100'000, kArrival)->samples, 1);
}

TEST_F(TelemetryTest, TheRegistryIsAskedOncePerDeviceAndARefusalIsKept) {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(take(fmt::format(R"([{{"n":"e","t":{},"v":1}}])", 1'799'990'000 + i)));
    EXPECT_EQ(registry_.asked, 2);  // the device and its schema
    registry_.status = "SUSPENDED";
    telemetry_.emplace(
        *store_, [this](std::string_view, std::string_view function, const auto&) { return registry_(function); }, "A");
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(take(R"([{"n":"e","v":1}])").error().code, chaincode::registry::refusals::device_suspended);
    EXPECT_EQ(registry_.asked, 3);
    telemetry_.emplace(
        *store_, [this](std::string_view, std::string_view function, const auto&) { return registry_(function); }, "B");
    EXPECT_EQ(take(R"([{"n":"e","v":1}])").error().code, Code::permission_denied);
}

TEST_F(TelemetryTest, OldSamplesAreRemoved) {
    ASSERT_TRUE(take(R"([{"n":"e","t":1799990000,"v":1},{"n":"e","t":1799993600,"v":2}])"));
    ASSERT_TRUE(store_->sync());
    EXPECT_EQ(store_->devices()->size(), 1U);
    ASSERT_TRUE(store_->remove_before("m", 1'799'993'000'000));
    EXPECT_EQ(samples(), "-6400000=20 ");
    ASSERT_TRUE(store_->remove_before("m", kArrival));
    EXPECT_TRUE(store_->devices()->empty());
}

}  // namespace
}  // namespace tally::gateway::mqtt
