// What a keeper's node removes, and what it reports of it: once, also if it stops in between.

#include "node/collections/upkeep.h"
#include "chaincode/calendar.h"

#include <gtest/gtest.h>

#include "chaincode/contracts/registry/answers.h"
#include "node/threads/stopwatch.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::node {
namespace {

namespace data = chaincode::data;
namespace json = boost::json;
namespace registry = chaincode::registry;

// The ledger as a keeper's node asks it.
struct FakeLedger : ContractCalls {
    std::string name = "Org1";
    registry::Collection collection{"homes", "Grid", {"Org1"}, 30, 0, {}};
    std::vector<data::ErasureView> erasures;
    std::vector<std::pair<std::string, json::value>> reports;
    bool is_down = false;

    const std::string& organization() const override { return name; }
    Result<json::value> query(std::string_view, std::string_view function, const json::object&) override {
        if (function == "list_collections") return chaincode::to_json(registry::CollectionPage{{collection}, {}});
        if (function == "kept_records") return chaincode::to_json(data::KeptPage{});
        if (function == "erasures") return chaincode::to_json(data::ErasurePage{erasures, {}});
        if (function == "collections_of") return chaincode::to_json(registry::CollectionsOf{{"homes"}});
        return fail(Code::not_found, "the test has no {}", function);
    }
    Result<json::value> run(std::string_view, std::string_view function, std::string arguments,
                            std::vector<ByteView>) override {
        if (is_down) return fail(Code::unavailable, "no orderer");
        reports.emplace_back(function, *chaincode::parse_json(arguments, "a report"));
        return json::value(nullptr);
    }
    Result<Bytes> raw_transaction(const std::string&) override { return fail(Code::not_found, "none"); }
};

class Upkeep : public testing::Test {
  protected:
    Upkeep() {
        auto opened = storage::SeriesStore::open(directory.path() / "kept");
        EXPECT_TRUE(opened);
        store = std::move(*opened);
        keeper = std::make_unique<Keeper>(Keeper::Parts{"node1", "Org1", membership, evaluator, *store, nullptr});
    }
    void put(const std::string& device, std::string_view record, std::int64_t days_ago, std::int64_t received_ms = 1) {
        const auto to = now_ms() / 1000 - days_ago * chaincode::kDay_s;
        ASSERT_TRUE(
            store->put({device, crypto::sha256(as_bytes(record)), "homes", to - chaincode::kDay_s, to, received_ms},
                       Bytes(100, 7)));
    }
    bool has(const std::string& device, std::string_view record) {
        return *store->has(device, crypto::sha256(as_bytes(record)));
    }
    // SHA-256 over the sorted content ids, as docs/formats.md says.
    static std::string digest(std::vector<std::string_view> records) {
        std::vector<crypto::Hash> ids;
        for (const auto record : records) ids.push_back(crypto::sha256(as_bytes(record)));
        std::ranges::sort(ids);
        Bytes all;
        for (const auto& id : ids) all.insert(all.end(), id.bytes.begin(), id.bytes.end());
        return crypto::sha256(all).hex();
    }

    storage::TemporaryDirectory directory;
    SmallChannel channel;
    storage::TemporaryLedger blocks;
    CurrentMembership membership{channel.membership()};
    crypto::VerifiedSignatures memo;
    Evaluator evaluator{*blocks, membership, memo};
    std::unique_ptr<storage::SeriesStore> store;
    std::unique_ptr<Keeper> keeper;
    FakeLedger ledger;
};

TEST_F(Upkeep, WhatHasExpiredIsRemovedAndReported) {
    put("meter-1", "old", 40);
    put("meter-2", "older", 50);
    put("meter-1", "new", 10);
    CollectionUpkeep upkeep(*keeper, ledger);
    ASSERT_TRUE(upkeep.look(true));
    EXPECT_FALSE(has("meter-1", "old"));
    EXPECT_FALSE(has("meter-2", "older"));
    EXPECT_TRUE(has("meter-1", "new"));
    ASSERT_EQ(ledger.reports.size(), 1U);
    const auto& [function, report] = ledger.reports[0];
    EXPECT_EQ(function, "report_expired");
    EXPECT_EQ(report.at("series").to_number<int>(), 2);
    EXPECT_EQ(report.at("digest"), json::value(digest({"old", "older"})));
    ASSERT_TRUE(upkeep.look(true));
    EXPECT_EQ(ledger.reports.size(), 1U);
}

TEST_F(Upkeep, AReportIsMadeEvenIfTheNodeStopsBeforeIt) {
    put("meter-1", "old", 40);
    ledger.is_down = true;
    EXPECT_FALSE(CollectionUpkeep(*keeper, ledger).look(true));
    EXPECT_FALSE(has("meter-1", "old"));
    ledger.is_down = false;
    ASSERT_TRUE(CollectionUpkeep(*keeper, ledger).look(true));
    ASSERT_EQ(ledger.reports.size(), 1U);
    EXPECT_EQ(ledger.reports[0].second.at("series").to_number<int>(), 1);
    EXPECT_EQ(ledger.reports[0].second.at("digest"), json::value(digest({"old"})));
}

TEST_F(Upkeep, AnErasureCoversItsBoundsAndWhatCameBeforeIt) {
    put("meter-1", "covered", 5, 1000);
    put("meter-1", "published later", 5, 3000);
    put("meter-1", "out of bounds", 20, 1000);
    put("meter-2", "another device", 5, 1000);
    const auto now_s = now_ms() / 1000;
    data::ErasureView order;
    order.device = "meter-1";
    order.order = std::string(64, 'e');
    order.from = now_s - 10 * chaincode::kDay_s;
    order.to = now_s;
    order.ordered_ms = 2000;
    ledger.erasures = {order};
    ASSERT_TRUE(CollectionUpkeep(*keeper, ledger).look(true));
    EXPECT_FALSE(has("meter-1", "covered"));
    EXPECT_TRUE(has("meter-1", "published later"));
    EXPECT_TRUE(has("meter-1", "out of bounds"));
    EXPECT_TRUE(has("meter-2", "another device"));
    ASSERT_EQ(ledger.reports.size(), 1U);
    EXPECT_EQ(ledger.reports[0].first, "report_erased");
    EXPECT_EQ(ledger.reports[0].second.at("series").to_number<int>(), 1);
    // As the ledger shows its report now, it makes no second one; what came late is removed all the same.
    ledger.erasures[0].reports.push_back({"Org1", "node1", "homes", 1, digest({"covered"}), 0, ""});
    put("meter-1", "covered", 5, 1000);
    ASSERT_TRUE(CollectionUpkeep(*keeper, ledger).look(true));
    EXPECT_FALSE(has("meter-1", "covered"));
    EXPECT_EQ(ledger.reports.size(), 1U);
}

TEST_F(Upkeep, AnOrganizationThatIsNoKeeperDoesNothing) {
    ledger.collection.keepers = {"Other"};
    put("meter-1", "old", 40);
    ASSERT_TRUE(CollectionUpkeep(*keeper, ledger).look(true));
    EXPECT_TRUE(has("meter-1", "old"));
    EXPECT_TRUE(ledger.reports.empty());
}

}  // namespace
}  // namespace tally::node
