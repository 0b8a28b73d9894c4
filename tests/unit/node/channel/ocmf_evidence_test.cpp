// What OCMF records prove offline: keys, signatures, sessions, and that no record can be another.

#include "node/channel/ocmf_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chaincode/contracts/data/ocmf_sessions.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"

namespace tally::node {
namespace {

namespace data = chaincode::data;
using testing::HasSubstr;

constexpr std::int64_t kMarch = 1'772'323'200;  // 2026-03-01T00:00:00Z
constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kRegistered_ms = 1'700'000'000'000;

crypto::PrivateKey key_of(std::uint8_t seed) {
    return *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, seed));
}

std::string message_of(const Status& status) { return status ? "it holds" : status.error().message; }

ReceiptFacts call(std::string contract, std::string function, std::string arguments, std::string result) {
    ReceiptFacts facts;
    facts.channel = "main";
    facts.contract = std::move(contract);
    facts.function = std::move(function);
    facts.arguments = std::move(arguments);
    facts.result = std::move(result);
    facts.created_ms = kRegistered_ms;
    return facts;
}

std::string device_arguments(const crypto::PrivateKey& key) {
    return fmt::format(R"({{"id":"SN-1","shard":"north","profile":"ocmf-1","public_key":"{}","certificate_chain":[],)"
                       R"("schemas":[],"polling_interval_s":900,"keepalive_interval_s":86400}})",
                       to_hex(key.public_key().raw()));
}

ReceiptFacts registration(const crypto::PrivateKey& key, bool pending) {
    return call("registry", "register_device", device_arguments(key),
                fmt::format(R"({{"device":"SN-1","shard":"north","organization":"GridCo","profile":"ocmf-1",)"
                            R"("pending":{}}})",
                            pending));
}

ReceiptFacts confirmation(const crypto::PrivateKey& key) {
    return call("registry", "confirm_device",
                fmt::format(R"({{"organization":"GridCo","id":"SN-1","fingerprint":"{}"}})",
                            key.public_key().fingerprint().hex()),
                R"({"device":"SN-1","shard":"north","organization":"GridCo","profile":"ocmf-1"})");
}

TEST(DeviceKeys, AMetersKeyIsTheOneThatAnotherOrganizationHasConfirmed) {
    const auto key = key_of(50), other = key_of(51);
    DeviceKeys without("SN-1");
    EXPECT_THAT(message_of(without.add(registration(key, true))), HasSubstr("gives \"SN-1\" no key")) << "it waits";
    EXPECT_THAT(message_of(without.add(confirmation(key))), HasSubstr("is not in the file"));
    DeviceKeys of_another("SN-1", {other.public_key().spki()});
    EXPECT_THAT(message_of(of_another.add(confirmation(key))), HasSubstr("is not in the file"));
    DeviceKeys keys("SN-1", {other.public_key().spki(), key.public_key().spki()});
    EXPECT_EQ(message_of(keys.add(confirmation(key))), "it holds");
    const auto text = to_bytes(std::string_view("text"));
    const auto signature = key.sign(text);
    const auto verify = [&](const crypto::PublicKey& by) { return by.verify(text, signature); };
    EXPECT_EQ(keys.epoch_of(kRegistered_ms, kRegistered_ms, verify), 1);
    EXPECT_EQ(keys.epoch_of(kRegistered_ms - 1, kRegistered_ms, verify), 0) << "before the device had it";
}

TEST(DeviceKeys, ARegistrationThatWaitsForNobodyGivesTheKey) {
    DeviceKeys keys("SN-1");
    EXPECT_EQ(message_of(keys.add(registration(key_of(50), false))), "it holds");
    const auto rows = [&](int pending) {
        return call("registry", "import_devices", fmt::format(R"({{"devices":[{}]}})", device_arguments(key_of(50))),
                    fmt::format(R"({{"devices":1,"pending":{}}})", pending));
    };
    DeviceKeys imported("SN-1");
    EXPECT_THAT(message_of(imported.add(rows(1))), HasSubstr("no key"));
    EXPECT_EQ(message_of(imported.add(rows(0))), "it holds");
}

// The meter SN-1 with records of March.
class OcmfEvidenceOfAMeter : public testing::Test {
  protected:
    OcmfEvidenceOfAMeter() { EXPECT_TRUE(keys.add(registration(meter, false))); }

    struct Reading {
        int day, hour;
        std::string_view place, value;
    };
    struct Signed {
        std::string id;  // content id
        data::StoredOcmf stored;
        ReceiptFacts facts;
    };

    // As the contract has answered it, with no session yet.
    Signed record(std::string_view page, const std::vector<Reading>& readings, std::string_view serial = "SN-1") const {
        std::string rows;
        for (const auto& each : readings)
            rows += fmt::format(
                R"({}{{"TM":"2026-03-{:02}T{:02}:00:00,000+0000 S","TX":"{}","RV":{},"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}})",
                rows.empty() ? "" : ",", each.day, each.hour, each.place, each.value);
        const auto payload =
            fmt::format(R"({{"PG":"{}","MS":"{}","IS":true,"IL":"VERIFIED","ID":"u","RD":[{}]}})", page, serial, rows);
        const auto text = fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", payload, to_hex(meter.sign(as_bytes(payload))));
        Signed out;
        out.facts = call("data", "publish_ocmf", "{}", "");
        out.facts.created_ms = (kMarch + 10 * kDay_s) * 1000;
        out.facts.attachments = {to_bytes(text)};
        const auto read = *chaincode::read_ocmf(text);
        out.stored = data::content_of(read);
        out.stored.device = serial;
        out.stored.epoch = 1;
        out.stored.verdicts = data::verdicts_on(read, 1, false);
        out.id = out.stored.content_id;
        answer(out, {});
        return out;
    }
    static void answer(Signed& record, std::vector<data::StoredSession> sessions) {
        for (auto& each : sessions) {
            each.transaction = record.facts.id.hex();
            each.completed_ms = record.facts.created_ms;
        }
        record.facts.result = chaincode::json_text(
            chaincode::to_json(data::OcmfPublished{record.id, record.facts.id.hex(), record.stored.device,
                                                   record.stored.page, record.stored.verdicts, sessions}));
    }
    static std::int64_t day_s(int day) { return kMarch + (day - 1) * kDay_s; }
    [[nodiscard]] Result<data::OcmfDay> day(int number, std::int64_t until_ms = INT64_MAX) const {
        return evidence.day(day_s(number), day_s(number + 1), until_ms);
    }
    [[nodiscard]] std::string fault_of(int number) const {
        const auto found = day(number);
        return found ? "none" : found.error().message;
    }

    crypto::PrivateKey meter = key_of(50);
    DeviceKeys keys{"SN-1"};
    OcmfEvidence evidence{"SN-1", keys};
};

TEST_F(OcmfEvidenceOfAMeter, ASessionFollowsFromTheRecordsWithItsBeginningAndItsEnd) {
    auto begin = record("T1", {{1, 22, "B", "10.50"}}), end = record("T2", {{2, 1, "E", "12.25"}});
    answer(end, data::sessions_with(begin.stored, end.stored));
    ASSERT_EQ(message_of(evidence.add(end.facts)), "it holds");
    EXPECT_EQ(fault_of(2), fmt::format("the record {} of a session is not in the file", begin.id));
    ASSERT_EQ(message_of(evidence.add(begin.facts)), "it holds");
    const auto found = day(2);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->sessions.size(), 1U);
    EXPECT_EQ(found->sessions[0].quantity.text(), "1.75");
    EXPECT_TRUE(found->sessions[0].billable);
    EXPECT_TRUE(day(1)->empty()) << "it ends on the second day";
    EXPECT_TRUE(day(2, end.facts.created_ms - 1)->empty()) << "it was not known then";
    EXPECT_THAT(message_of(evidence.add(end.facts)), HasSubstr("is there twice"));
}

TEST_F(OcmfEvidenceOfAMeter, ASessionWithOtherFiguresDoesNotFollow) {
    auto whole = record("T1", {{1, 8, "B", "10"}, {1, 9, "E", "12"}});
    auto sessions = data::sessions_with(whole.stored, whole.stored);
    sessions[0].quantity = *chaincode::Decimal::parse("2.5");
    answer(whole, sessions);
    ASSERT_EQ(message_of(evidence.add(whole.facts)), "it holds");
    EXPECT_THAT(fault_of(1), HasSubstr("does not follow from its records"));
}

TEST_F(OcmfEvidenceOfAMeter, ALedgerCanRefuseASessionAndNeverAllowOne) {
    auto overlaps = record("T1", {{1, 8, "B", "10"}, {1, 9, "E", "12"}});
    auto sessions = data::sessions_with(overlaps.stored, overlaps.stored);
    data::refuse(sessions[0], "overlap: the register is counted already");
    answer(overlaps, sessions);
    auto counts_down = record("T2", {{2, 8, "B", "12"}, {2, 9, "E", "10"}});
    sessions = data::sessions_with(counts_down.stored, counts_down.stored);
    ASSERT_FALSE(sessions[0].billable);
    auto again = record("T3", {{3, 8, "B", "12"}, {3, 9, "E", "10"}});
    answer(again, data::sessions_with(again.stored, again.stored));
    ASSERT_EQ(message_of(evidence.add(again.facts)), "it holds");
    EXPECT_EQ(fault_of(3), "none") << "it is refused for what the record says";
    sessions[0].billable = true;
    sessions[0].reasons.clear();
    answer(counts_down, sessions);
    ASSERT_EQ(message_of(evidence.add(overlaps.facts)), "it holds");
    ASSERT_EQ(message_of(evidence.add(counts_down.facts)), "it holds");
    const auto found = day(1);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_FALSE(found->sessions[0].billable);
    EXPECT_THAT(fault_of(2), HasSubstr("does not follow from its records"));
}

TEST_F(OcmfEvidenceOfAMeter, FiscalReadingsAreInTheOrderOfTime) {
    const auto late = record("F2", {{1, 23, "", "110"}}), early = record("F1", {{1, 0, "", "100"}, {2, 0, "", "111"}});
    ASSERT_EQ(message_of(evidence.add(late.facts)), "it holds");
    ASSERT_EQ(message_of(evidence.add(early.facts)), "it holds");
    const auto found = day(1);
    ASSERT_TRUE(found) << found.error().message;
    std::vector<std::string> values;
    for (const auto& each : found->fiscal) values.push_back(each.value.text());
    EXPECT_EQ(values, (std::vector<std::string>{"100", "110"}));
}

TEST_F(OcmfEvidenceOfAMeter, RecordsOfOtherKeysMetersAndFunctionsAreRefused) {
    auto good = record("T1", {{1, 8, "B", "10"}});
    const auto of_another = record("T1", {{1, 8, "B", "10"}}, "SN-2");
    EXPECT_THAT(message_of(evidence.add(of_another.facts)), HasSubstr("is of \"SN-2\""));
    auto altered = good.facts;
    auto text = std::string(as_text(altered.attachments[0]));
    altered.attachments = {to_bytes(text.replace(text.find("\"RV\":10"), 7, "\"RV\":11"))};
    EXPECT_THAT(message_of(evidence.add(altered)), HasSubstr("verifies under no proven key"));
    auto judged = good;
    judged.stored.verdicts[1].result = chaincode::OcmfResult::FAILED;
    answer(judged, {});
    EXPECT_THAT(message_of(evidence.add(judged.facts)), HasSubstr("do not follow from it"));
    auto elsewhere = good.facts;
    elsewhere.function = "publish";
    EXPECT_THAT(message_of(evidence.add(elsewhere)), HasSubstr("carries no OCMF record"));
    auto before = good.facts;
    before.created_ms = kRegistered_ms - 1;
    EXPECT_THAT(message_of(evidence.add(before)), HasSubstr("verifies under no proven key"));
    // The ledger alone knows that the page was taken.
    good.stored.verdicts = data::verdicts_on(*chaincode::read_ocmf(as_text(good.facts.attachments[0])), 1, true);
    answer(good, {});
    EXPECT_EQ(message_of(evidence.add(good.facts)), "it holds");
}

}  // namespace
}  // namespace tally::node
