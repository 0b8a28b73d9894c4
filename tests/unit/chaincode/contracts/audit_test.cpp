// Recorded audits: what they check, and what they find.

#include "chaincode/contracts/audit/refusals.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/records/packed_series.h"
#include "crypto/cbor.h"
#include "tests/unit/chaincode/contracts/settlement_fixture.h"

namespace tally::chaincode::test {
namespace {

class Audits : public Settlement {
  public:
    Result<json::value> audit(std::string_view id, std::string_view from = "2025-06-15",
                              std::string_view until = "2025-07-01", std::vector<Bytes> attachments = {},
                              bool one_device = true) {
        json::object in{{"agreement", "a1"}, {"id", id}, {"from", from}, {"until", until}};
        if (one_device) in.emplace("device", "meter-1");
        return ledger.submit("audit", "run", in, std::move(attachments));
    }
    static std::int64_t made(const json::value& run, std::string_view check, std::string_view which = "made") {
        for (const auto& each : run.at("run").at("checks").as_array()) {
            if (each.at("check").as_string() == check) return each.at(which).as_int64();
        }
        return 0;
    }
    static Bytes array_of(const std::vector<Bytes>& items) {
        crypto::CborWriter writer;
        writer.array(items.size());
        for (const auto& each : items) writer.bytes(each);
        return writer.take();
    }
    // Changes a document of the data contract's state, as a faulty or a lying node would.
    void tamper(std::string_view space, const std::string& place_of_it, std::string_view from, std::string_view to) {
        const storage::StateKey at{std::string(space), place_of_it};
        const auto value = ledger.state().get(at);
        ASSERT_TRUE(value.has_value() && value->has_value()) << place_of_it;
        std::string text(as_text((*value)->value));
        const auto place = text.find(from);
        ASSERT_NE(place, std::string::npos) << text;
        text.replace(place, from.size(), to);
        ledger.state().overwrite(at, text);
    }
};

TEST_F(Audits, PassWhenEverythingHolds) {
    agree();
    publish_days(20);
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    as("Bank");
    const auto run = audit("r1", "2025-06-15", "2025-07-01", {}, false);
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->at("run").at("verdict"), "PASSED");
    EXPECT_EQ(run->at("run").at("days"), 16);
    EXPECT_EQ(run->at("run").at("records"), 16);
    EXPECT_EQ(run->at("list").as_array().size(), 16);
    EXPECT_EQ(made(*run, "RECONCILIATION"), 16);
    EXPECT_EQ(made(*run, "CHAIN"), 15);
    EXPECT_EQ(made(*run, "ITEM"), 1);
    EXPECT_EQ(made(*run, "INVOICE"), 2);
    EXPECT_EQ(made(*run, "SIGNATURE"), 0);
    EXPECT_EQ(ledger.query("audit", "get", {{"agreement", "a1"}, {"id", "r1"}})->at("by"), "Bank");
    EXPECT_REFUSED(audit("r1"), Code::already_exists, "r1");
    EXPECT_REFUSED(ledger.query("audit", "get", {{"agreement", "a1"}, {"id", "r2"}}), audit::refusals::no_run, "r2");
    EXPECT_REFUSED(audit("r3", "2025-06-14"), agreement::refusals::not_open, "2025-06-14");
    EXPECT_REFUSED(audit("r3", "2025-06-20", "2025-06-20"), Code::invalid_argument, "none");
    EXPECT_REFUSED(audit("r3", "2025-06-20", "2199-01-01"), Code::invalid_argument, "have not come");
    as("Stranger");
    EXPECT_REFUSED(audit("r3"), Code::permission_denied, "not this caller's to see");
}

TEST_F(Audits, NameDaysThatAreOpenOrLackTheirRecord) {
    agree();
    publish_days(3);
    as("Bank");
    const auto open = audit("r1", "2025-06-15", "2025-06-18");
    ASSERT_TRUE(open.has_value()) << open.error().message;
    EXPECT_EQ(open->at("run").at("verdict"), "OPEN");
    EXPECT_EQ(open->at("run").at("open"), 3);
    ASSERT_OK(finalize(0, 5));
    const auto gaps = audit("r2", "2025-06-15", "2025-06-20");
    EXPECT_EQ(gaps->at("run").at("verdict"), "GAPS");
    EXPECT_EQ(gaps->at("run").at("missing"), 2);
    EXPECT_EQ(gaps->at("list").at(3).at("match"), "MISSING");
}

TEST_F(Audits, CheckSignaturesAndReadingsOfAttachedRecords) {
    agree();
    const auto one = draft("meter-1", 1, kMonday, hourly(100));
    const auto two = draft("meter-1", 2, kMonday + kDay, hourly(101), content_id_of(one.record));
    const auto first = Metering::sign(one, key);
    const auto second = Metering::sign(two, key);
    ASSERT_OK(publish(first));
    ASSERT_OK(publish(second));
    ASSERT_OK(finalize(0, 2));
    const auto run = audit("r1", "2025-06-15", "2025-06-17", {array_of({first, second})});
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->at("run").at("verdict"), "PASSED");
    EXPECT_EQ(made(*run, "SIGNATURE"), 2);
    EXPECT_EQ(made(*run, "SERIES"), 2);
    // What is not on the ledger is the caller's, and says nothing about the device: the same payload, signed with
    // another key.
    EXPECT_REFUSED(audit("r2", "2025-06-15", "2025-06-17", {array_of({first, Metering::sign(two, second_key)})}),
                   Code::malformed, "another signature");
    EXPECT_REFUSED(audit("r3", "2025-06-15", "2025-06-17", {Bytes{0x81, 0x41, 0x28}}), Code::malformed,
                   "before its record");
    EXPECT_REFUSED(audit("r3", "2025-06-15", "2025-06-17", {Bytes{0x40}}), Code::malformed, "attached records");
}

TEST_F(Audits, StayPassedWhenADayBecomesFinalAfterTheInvoice) {
    auto of = terms();
    of["scope"] = json::array{{{"shard", "north"}, {"devices", json::array{"meter-1", "meter-3"}}}};
    agree(of);
    publish_days(16);
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    const auto third_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 3));
    as("GridCo");
    ASSERT_OK(ledger.submit("registry", "register_device", device_arguments("meter-3", third_key)));
    ASSERT_OK(publish(Metering::sign(draft("meter-3", 1, kMonday + 5 * kDay, hourly()), third_key)));
    ASSERT_OK(
        ledger.submit("data", "finalize",
                      {{"agreement", "a1"}, {"days", json::array{{{"device", "meter-3"}, {"day", "2025-06-20"}}}}}));
    const auto run = audit("r1", "2025-06-15", "2025-07-01", {}, false);
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(made(*run, "ITEM", "failed"), 0);
    EXPECT_EQ(made(*run, "INVOICE", "failed"), 0);
    EXPECT_EQ(audit("r2")->at("run").at("verdict"), "PASSED");  // of meter-1
}

TEST_F(Audits, FindWhatIsNotAsItWasComputed) {
    agree();
    publish_days(20);
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    tamper("data", composite_key({"settled", "a1", "meter-1", "2025-06-17"}), R"("billed":"2724")",
           R"("billed":"2725")");
    tamper("billing", composite_key({"invoice", "a1", "2025-06-15"}), R"("payable":"13.70")", R"("payable":"13.80")");
    const auto run = audit("r1");
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->at("run").at("verdict"), "FAILED");
    EXPECT_EQ(made(*run, "RECONCILIATION", "failed"), 1);
    EXPECT_EQ(made(*run, "INVOICE", "failed"), 1);
    std::set<std::string> checks;
    for (const auto& each : run->at("run").at("findings").as_array()) checks.emplace(each.at("check").as_string());
    EXPECT_EQ(checks, (std::set<std::string>{"INVOICE", "ITEM", "RECONCILIATION"}));
}

TEST_F(Audits, SayWhenARevisionIsDue) {
    agree();
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    ASSERT_OK(publish(draft("meter-1", 1, kMonday, hourly())));
    ASSERT_OK(finalize(0, 2));
    ASSERT_OK(publish(
        draft("meter-1", 2, kMonday + kDay, hourly(), content_id_of(draft("meter-1", 1, kMonday, hourly()).record))));
    const auto due = audit("r1", "2025-06-15", "2025-06-17");
    ASSERT_TRUE(due.has_value()) << due.error().message;
    EXPECT_EQ(due->at("run").at("verdict"), "FAILED");
    EXPECT_EQ(due->at("run").at("findings").at(0).at("check"), "FINAL_DAY");
    ASSERT_OK(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-16"}}));
    EXPECT_EQ(audit("r2", "2025-06-15", "2025-06-17")->at("run").at("verdict"), "PASSED");
}

}  // namespace
}  // namespace tally::chaincode::test
