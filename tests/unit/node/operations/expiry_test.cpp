#include "node/operations/expiry.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

#include "chaincode/stub.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/map_state.h"

namespace tally::node {
namespace {

const Expiry* find(const std::vector<Expiry>& all, std::string_view what) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.what.contains(what); });
    return found == all.end() ? nullptr : &*found;
}

TEST(Expiries, AreAnnouncedFourteenDaysAndOneDayBeforeAndWhenTheyHaveHappened) {
    const Expiry expiry{"x", 100 * kDay};
    EXPECT_EQ(stage_of(expiry, 86 * kDay - 1), ExpiryStage::far);
    EXPECT_EQ(stage_of(expiry, 86 * kDay), ExpiryStage::days);
    EXPECT_EQ(stage_of(expiry, 99 * kDay - 1), ExpiryStage::days);
    EXPECT_EQ(stage_of(expiry, 99 * kDay), ExpiryStage::day);
    EXPECT_EQ(stage_of(expiry, 100 * kDay - 1), ExpiryStage::day);
    EXPECT_EQ(stage_of(expiry, 100 * kDay), ExpiryStage::over);
}

TEST(Expiries, OfAnOrganizationAreItsAuthoritiesAndItsNewestLists) {
    SmallChannel channel(2);
    const auto& a = channel.organizations[0];
    const auto renewed = crypto::issue_root(a.root_key, a.root.subject(), test_time_ms(), test_time_ms() + 50 * kDay);
    channel.config.organizations[0].roots.push_back(renewed.pem());
    for (const auto& [number, until] : {std::pair{1, 2 * kDay}, {2, 9 * kDay}}) {
        const auto list = *crypto::issue_crl(a.root_key, a.root, {}, static_cast<std::uint64_t>(number), test_time_ms(),
                                             test_time_ms() + until);
        channel.config.organizations[0].crls.push_back(list.pem());
    }
    const auto all = organization_expiries(channel.config);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(find(all, "authority of A: A root")->until_ms, test_time_ms() + 50 * kDay) << "renewed under its key";
    EXPECT_EQ(find(all, "authority of B: B root")->until_ms, test_time_ms() + kDay);
    EXPECT_EQ(find(all, "revocation list of A: A root")->until_ms, test_time_ms() + 9 * kDay);
}

TEST(Expiries, OfDevicesAreTheRegistrysAnchorsAndLists) {
    const Organization maker("Maker");
    const auto list = maker.revoke({});
    storage::MapState state;
    const auto put = [&](std::string_view kind, const crypto::Hash& id, const std::string& pem) {
        state.values[{"registry", chaincode::composite_key({kind, "A", id.hex()})}] = {to_bytes(pem), {}};
    };
    put("anchor", maker.root.fingerprint(), maker.root.pem());
    put("crl", maker.root.authority_id(), list.pem());
    const auto all = device_expiries(state);
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ(find(*all, "device authority of A: Maker root")->until_ms, maker.root.not_after_ms());
    EXPECT_EQ(find(*all, "device revocation list of A: Maker root")->until_ms, list.next_update_ms());
}

TEST(Expiries, AreToldOnceForEachStage) {
    std::ostringstream out;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out)));
    ExpiryWatch watch([] { return std::vector<Expiry>{{"list", 100 * kDay}}; });
    const auto lines = [&](std::int64_t now_ms) {
        out.str("");
        watch.watch(now_ms);
        const auto text = out.str();
        return std::count(text.begin(), text.end(), '\n');
    };
    EXPECT_EQ(lines(80 * kDay), 0);
    EXPECT_EQ(lines(90 * kDay), 1);
    EXPECT_EQ(lines(91 * kDay), 0);
    EXPECT_EQ(lines(100 * kDay - 5), 1);
    EXPECT_EQ(lines(100 * kDay), 1);
    EXPECT_NE(out.str().find("event=expired"), std::string::npos);
    EXPECT_EQ(lines(101 * kDay), 0);
    spdlog::set_default_logger(before);
}

}  // namespace
}  // namespace tally::node
