// Readings that a collection keeps: no block holds them, its keepers see them, and their erasure is on the ledger.

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/packed_series.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

class Collections : public Metering {
  protected:
    void SetUp() override {
        Metering::SetUp();
        ledger.organizations = {"GridCo", "Homes", "Auditors", "Others"};
        ASSERT_OK(define("homes", {"Homes", "Auditors"}));
        ASSERT_OK(assign("meter-1", "homes"));
    }
    Result<json::value> define(std::string_view id, const json::array& keepers,
                               std::optional<std::int64_t> keep_days = {}) {
        json::object arguments{{"id", id}, {"keepers", keepers}};
        if (keep_days) arguments["keep_days"] = *keep_days;
        return ledger.submit("registry", "define_collection", arguments);
    }
    Result<json::value> assign(std::string_view device, std::string_view collection) {
        json::object arguments{{"devices", json::array{device}}};
        if (!collection.empty()) arguments["collection"] = collection;
        return ledger.submit("registry", "assign_collection", arguments);
    }
    static Draft bare(std::int64_t sequence = 1, std::int64_t start_s = kMonday) {
        auto out = draft("meter-1", sequence, start_s, hourly());
        out.record.series.reset();
        return out;
    }
    json::value series_as(std::string_view organization) {
        const auto before = ledger.caller;
        ledger.caller.organization = organization;
        auto answer = ledger.query("data", "series",
                                   json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
        ledger.caller = before;
        EXPECT_TRUE(answer) << message_of(answer);
        return answer ? *answer : json::value();
    }
    Result<json::value> as(std::string_view organization, std::string_view function, const json::object& arguments) {
        const auto before = ledger.caller;
        ledger.caller.organization = organization;
        auto answer = ledger.submit("data", function, arguments);
        ledger.caller = before;
        return answer;
    }
    Result<json::value> erase(std::string_view device = "meter-1") {
        return ledger.submit("data", "erase", json::object{{"device", device}, {"reason", "the customer moved out"}});
    }
    static json::object report(const json::value& order, std::string_view collection = "homes") {
        return {{"device", "meter-1"}, {"order", order.at("order")},    {"collection", collection}, {"node", "node2"},
                {"series", 1},         {"digest", std::string(64, 'a')}};
    }
};

TEST_F(Collections, RowsMustNotComeWithARecord) {
    EXPECT_REFUSED(publish(draft("meter-1", 1, kMonday, hourly())), data::refusals::confidential_series, "sign inline");
    const auto record = bare();
    const auto packed = *pack_series(record.record, record.series);
    EXPECT_REFUSED(publish(sign_record(key, "main", record.record, packed)), data::refusals::confidential_series,
                   "\"homes\"");
    ASSERT_OK(publish(record));
    EXPECT_REFUSED(
        ledger.submit("data", "attach_series",
                      json::object{{"device", "meter-1"}, {"content_id", content_id_of(record.record).hex()}},
                      {packed}),
        data::refusals::confidential_series, "must not be in a block");
}

TEST_F(Collections, TheSameRecordIsValidWithoutWhatIsBesideIt) {
    const auto record = bare();
    const auto packed = *pack_series(record.record, record.series);
    const auto stripped = without_readings(sign_record(key, "main", record.record, packed));
    ASSERT_OK(stripped);
    EXPECT_EQ(decode_record(*stripped)->content_id, content_id_of(record.record));
    EXPECT_FALSE(decode_record(*stripped)->packed);
    ASSERT_OK(publish(*stripped));
}

TEST_F(Collections, KeepersAndTheOperatorSeeTheRows) {
    const auto record = bare();
    ASSERT_OK(publish(record));
    EXPECT_EQ(series_as("Homes").at("records").at(0).at("why"), "NOT_HERE");
    ledger.kept.all[{"meter-1", content_id_of(record.record)}] = *pack_series(record.record, record.series);
    for (const auto* organization : {"Homes", "Auditors", "GridCo"})
        EXPECT_EQ(series_as(organization).at("fields").at(0).at("samples").as_array().size(), 24U) << organization;
    const auto other = series_as("Others");
    EXPECT_EQ(other.at("records").at(0).at("why"), "NOT_A_KEEPER");
    EXPECT_TRUE(other.at("fields").as_array().empty());
}

TEST_F(Collections, RowsThatAreNotTheRecordsAreNotShown) {
    const auto record = bare();
    ASSERT_OK(publish(record));
    const auto other = draft("meter-1", 1, kMonday, hourly(7));
    ledger.kept.all[{"meter-1", content_id_of(record.record)}] = *pack_series(other.record, other.series);
    const auto answer = series_as("Homes");
    EXPECT_EQ(answer.at("records").at(0).at("why"), "NOT_HERE");
    EXPECT_TRUE(answer.at("fields").as_array().empty());
}

TEST_F(Collections, ACollectionNeverChangesAndNamesMembers) {
    EXPECT_REFUSED(define("homes", {"Others"}), Code::already_exists, "never changes");
    EXPECT_REFUSED(define("more", {"Nobody"}), Code::invalid_argument, "\"Nobody\"");
    EXPECT_REFUSED(define("more", {"Homes", "Homes"}), Code::invalid_argument, "twice");
    EXPECT_REFUSED(define("more", json::array{}), Code::invalid_argument, "keepers");
    EXPECT_REFUSED(define("more", {"Homes"}, 0), Code::invalid_argument, "keep_days");
    ledger.caller.organization = "Others";
    EXPECT_REFUSED(assign("meter-1", "homes"), Code::permission_denied, "GridCo");
}

TEST_F(Collections, OnlyTheOperatorErasesAndOnlyWhatIsInNoBlock) {
    ASSERT_OK(publish(bare()));
    EXPECT_REFUSED(as("Homes", "erase", {{"device", "meter-1"}, {"reason", "x"}}), Code::permission_denied, "GridCo");
    EXPECT_REFUSED(erase("meter-2"), data::refusals::not_confidential, "in blocks");
    EXPECT_REFUSED(erase("meter-9"), registry::refusals::unknown_device, "meter-9");
    ASSERT_OK(erase());
    EXPECT_EQ(series_as("Homes").at("records").at(0).at("why"), "ERASED");
}

TEST_F(Collections, AnErasureCoversWhatWasPublishedBeforeIt) {
    const auto first = bare();
    ASSERT_OK(publish(first));
    ASSERT_OK(erase());
    ledger.time_ms += 1000;
    auto second = draft("meter-1", 2, kMonday + kDay, hourly(), content_id_of(first.record));
    second.record.series.reset();
    ledger.time_ms += kDay * 1000;
    ASSERT_OK(publish(second));
    const auto keeping = [&](const Draft& of) {
        return ledger.query("data", "keeping",
                            json::object{{"device", "meter-1"}, {"content_id", content_id_of(of.record).hex()}});
    };
    EXPECT_TRUE(keeping(first)->as_object().contains("erased_by"));
    EXPECT_FALSE(keeping(second)->as_object().contains("erased_by"));
}

TEST_F(Collections, KeepersReportOnceForEachNode) {
    ASSERT_OK(publish(bare()));
    const auto order = erase();
    ASSERT_OK(order);
    EXPECT_REFUSED(as("Others", "report_erased", report(*order)), Code::permission_denied, "no keeper");
    ASSERT_OK(as("Homes", "report_erased", report(*order)));
    EXPECT_REFUSED(as("Homes", "report_erased", report(*order)), Code::already_exists, "node2");
    ASSERT_OK(as("Auditors", "report_erased", report(*order)));
    auto unknown = report(*order);
    unknown["order"] = std::string(64, '0');
    EXPECT_REFUSED(as("Homes", "report_erased", unknown), Code::not_found, "has no erasure");
    auto wrong = report(*order);
    wrong["digest"] = "none";
    EXPECT_REFUSED(as("Homes", "report_erased", wrong), Code::invalid_argument, "digest");
    const auto shown = ledger.query("data", "erasures", json::object{{"device", "meter-1"}});
    ASSERT_OK(shown);
    EXPECT_EQ(shown->at("erasures").at(0).at("reports").as_array().size(), 2U);
    const auto all = ledger.query("data", "erasures", json::object{});
    ASSERT_OK(all);
    EXPECT_EQ(all->at("erasures"), shown->at("erasures"));
}

TEST_F(Collections, WhatHasExpiredIsReportedInOrder) {
    ASSERT_OK(define("short", {"Homes"}, 30));
    json::object report{{"collection", "short"},
                        {"node", "node2"},
                        {"before", kMonday},
                        {"series", 3},
                        {"digest", std::string(64, 'b')}};
    ASSERT_OK(as("Homes", "report_expired", report));
    EXPECT_REFUSED(as("Homes", "report_expired", report), Code::already_exists, "already");
    report["collection"] = "homes";
    EXPECT_REFUSED(as("Homes", "report_expired", report), Code::invalid_argument, "until they are erased");
}

TEST_F(Collections, ReleasedDevicesPublishInBlocksAgain) {
    ASSERT_OK(assign("meter-1", ""));
    ASSERT_OK(publish(draft("meter-1", 1, kMonday, hourly())));
    EXPECT_EQ(series_as("Others").at("fields").at(0).at("samples").as_array().size(), 24U);
}

}  // namespace
}  // namespace tally::chaincode::test
