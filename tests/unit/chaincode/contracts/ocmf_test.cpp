// Signed meters in the field: their registration, and their records on the ledger.

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/refusals.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"
#include "tests/unit/crypto/meter_vectors.h"

namespace tally::chaincode::test {
namespace {

// The meter SN-1, registered by GridCo, in a channel of one organization.
class FieldMeter : public Metering {
  public:
    crypto::PrivateKey meter_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 50));

    void SetUp() override {
        Metering::SetUp();
        ledger.time_ms = 1'772'500'000'000;  // 2026-03-03
        ASSERT_OK(enrol("SN-1", to_hex(meter_key.public_key().spki())));
    }
    [[nodiscard]] Result<json::value> enrol(std::string_view id, std::string_view public_key,
                                            const json::array& schemas = {}) {
        return ledger.submit("registry", "register_device",
                             json::object{{"id", id},
                                          {"shard", "north"},
                                          {"profile", "ocmf-1"},
                                          {"public_key", public_key},
                                          {"schemas", schemas},
                                          {"polling_interval_s", 900},
                                          {"keepalive_interval_s", 86'400}});
    }
    // A record with one reading; `more` are further members of the reading.
    [[nodiscard]] std::string payload(std::string_view page, std::string_view place, std::string_view value,
                                      std::string_view minute, std::string_view more = R"("ST":"G")",
                                      std::string_view status = "S") const {
        return fmt::format(
            R"({{"FV":"1.0","PG":"{}","MS":"SN-1","IS":true,"IL":"VERIFIED","ID":"user","RD":[)"
            R"({{"TM":"2026-03-01T10:{}:00,000+0000 {}","TX":"{}","RV":{},"RI":"1-b:1.8.0","RU":"kWh",{}}}]}})",
            page, minute, status, place, value, more);
    }
    [[nodiscard]] Bytes sign(std::string_view text, const crypto::PrivateKey& by) const {
        return to_bytes(fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", text, to_hex(by.sign(as_bytes(text)))));
    }
    [[nodiscard]] Result<json::value> publish_text(std::string_view text) {
        return ledger.submit("data", "publish_ocmf", json::object{}, {sign(text, meter_key)});
    }
    [[nodiscard]] json::array list(std::string_view function, std::string_view name) {
        const auto answer = ledger.query("data", function, json::object{{"device", "SN-1"}});
        EXPECT_TRUE(answer) << message_of(answer);
        return answer ? answer->at(name).as_array() : json::array{};
    }
    [[nodiscard]] std::string result_of(const json::value& record, std::string_view check) const {
        for (const auto& verdict : record.at("verdicts").as_array())
            if (verdict.at("check").as_string() == check) return std::string(verdict.at("result").as_string());
        return "none";
    }
};

TEST_F(FieldMeter, KeysThatCannotProveAnythingAreNotRegistered) {
    const auto foreign = vectors::kForeignKeys[0];
    EXPECT_REFUSED(enrol("SN-2", foreign.spki), Code::unsupported, foreign.name);
    // The generator of P-256 (SEC 2).
    EXPECT_REFUSED(
        enrol("SN-2",
              "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e"
              "162bce33576b315ececbb6406837bf51f5"),
        Code::bad_key, "the generator");
    EXPECT_REFUSED(enrol("SN-2", "nonsense!"), Code::bad_key, "nonsense!");
    EXPECT_REFUSED(enrol("SN-2", to_hex(meter_key.public_key().spki())), Code::already_exists, "a device's");
    EXPECT_REFUSED(enrol("SN-2", vectors::kMeterSpki, {"site@1"}), Code::invalid_argument, "schemas");
    ASSERT_OK(enrol("SN-2", vectors::kMeterPoint.substr(2)));
}

TEST_F(FieldMeter, ARecordIsKeptWithAVerdictForEachCheck) {
    const auto published = publish_text(payload("T1", "B", "10.50", "00"));
    ASSERT_OK(published);
    const auto records = list("ocmf_records", "records");
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].at("page"), "T1");
    EXPECT_EQ(records[0].at("readings").at(0).at("value"), "10.50");
    for (const auto check : {"signature", "pagination", "clock", "status", "plausibility", "identity"})
        EXPECT_EQ(result_of(records[0], check), "PASSED") << check;
    const auto one = ledger.query("data", "ocmf_record",
                                  json::object{{"device", "SN-1"}, {"content_id", published->at("content_id")}});
    EXPECT_EQ(one->at("transaction"), published->at("transaction"));
}

TEST_F(FieldMeter, WhatIsNotTheMetersIsRefused) {
    const auto text = payload("T1", "B", "10.5", "00");
    EXPECT_REFUSED(ledger.submit("data", "publish_ocmf", json::object{}, {sign(text, second_key)}), Code::bad_signature,
                   "SN-1");
    EXPECT_REFUSED(ledger.submit("data", "publish_ocmf", json::object{{"device", "meter-1"}}, {sign(text, meter_key)}),
                   chaincode::refusals::schema_mismatch, "ocmf-1");
    const auto stranger = std::string(text).replace(text.find("SN-1"), 4, "SN-9");
    EXPECT_REFUSED(publish_text(stranger), registry::refusals::unknown_device, "SN-9");
    EXPECT_REFUSED(publish_text(R"({"RD":[{"RV":1}]})"), Code::invalid_argument, "no serial");
    const auto curve = to_bytes(fmt::format(R"(OCMF|{}|{{"SA":"ECDSA-secp384r1-SHA256","SD":"00"}})", text));
    EXPECT_REFUSED(ledger.submit("data", "publish_ocmf", json::object{}, {curve}), Code::unsupported, "secp384r1");
    ASSERT_OK(publish_text(text));
    EXPECT_REFUSED(publish_text(text), data::refusals::duplicate_record, "content id");
    EXPECT_REFUSED(ledger.submit("data", "publish_ocmf", json::object{}, {to_bytes(std::string_view("hello"))}),
                   Code::malformed, "hello");
    ledger.caller.organization = "Other";
    EXPECT_REFUSED(publish_text(payload("T2", "E", "11", "10")), Code::permission_denied, "GridCo");
}

TEST_F(FieldMeter, BeginningAndEndAreOneSessionInWhateverOrderTheyCome) {
    std::size_t known = 0;
    for (const auto& order : {std::array{0, 1, 2}, std::array{2, 1, 0}, std::array{0, 2, 1}, std::array{1, 2, 0}}) {
        const auto page = [&](std::size_t number) { return fmt::format("T{}", 10 * known + number); };
        const auto minute = [&](std::size_t number) { return fmt::format("{:02}", 12 * known + number); };
        const std::array texts = {payload(page(1), "B", "10.50", minute(0)), payload(page(2), "C", "11", minute(5)),
                                  payload(page(3), "E", "12.25", minute(10))};
        for (const auto each : order) ASSERT_OK(publish_text(texts[static_cast<std::size_t>(each)]));
        const auto sessions = list("ocmf_sessions", "sessions");
        ASSERT_EQ(sessions.size(), known + 1);
        EXPECT_EQ(sessions[known].at("quantity"), "1.75");
        EXPECT_EQ(sessions[known].at("billable"), true);
        EXPECT_EQ(sessions[known].at("content_id"), json::value(crypto::sha256(as_bytes(texts[2])).hex()));
        EXPECT_EQ(sessions[known].at("begin_content_id"), json::value(crypto::sha256(as_bytes(texts[0])).hex()));
        ++known;
    }
}

// A meter that signs a transaction in parts and once more as a whole is billed once.
TEST_F(FieldMeter, ARegisterCountsEachMomentOnce) {
    const auto whole = [](std::string_view page, std::string_view from, std::string_view to) {
        return fmt::format(
            R"({{"FV":"1.0","PG":"{}","MS":"SN-1","IS":true,"IL":"VERIFIED","ID":"user","RD":[)"
            R"({{"TM":"2026-03-01T10:{}:00,000+0000 S","TX":"B","RV":10,"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}},)"
            R"({{"TM":"2026-03-01T10:{}:00,000+0000 S","TX":"E","RV":12,"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}}]}})",
            page, from, to);
    };
    ASSERT_OK(publish_text(payload("T1", "B", "10", "10")));
    ASSERT_OK(publish_text(payload("T2", "E", "12", "20")));
    ASSERT_OK(publish_text(whole("T3", "10", "20")));  // the same
    ASSERT_OK(publish_text(whole("T4", "15", "25")));  // a part of its time
    ASSERT_OK(publish_text(whole("T5", "05", "30")));  // all of its time
    ASSERT_OK(publish_text(whole("T6", "20", "30")));  // after it
    ASSERT_OK(publish_text(whole("T7", "00", "10")));  // before it
    std::vector<std::string> billable;
    for (const auto& session : list("ocmf_sessions", "sessions")) {
        const auto& id = session.at("content_id").as_string();
        if (session.at("billable").as_bool())
            billable.emplace_back(id);
        else
            EXPECT_NE(json_text(session.at("reasons")).find("overlap"), std::string::npos);
    }
    const auto id_of = [](const std::string& text) { return crypto::sha256(as_bytes(text)).hex(); };
    EXPECT_EQ(billable, (std::vector{id_of(whole("T7", "00", "10")), id_of(payload("T2", "E", "12", "20")),
                                     id_of(whole("T6", "20", "30"))}));
}

TEST_F(FieldMeter, AMissingPageKeepsASessionOpenAndIsShown) {
    ASSERT_OK(publish_text(payload("T1", "B", "10", "00")));
    ASSERT_OK(publish_text(payload("F7", "", "10", "01")));
    ASSERT_OK(publish_text(payload("T4", "E", "12", "10")));
    EXPECT_TRUE(list("ocmf_sessions", "sessions").empty()) << "another transaction may lie between";
    const auto records = list("ocmf_records", "records");
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].at("page"), "F7");
    EXPECT_EQ(records[2].at("page"), "T4");
    EXPECT_EQ(records[2].at("missing_before"), 2);
    ASSERT_OK(publish_text(payload("T2", "E", "11", "03")));
    ASSERT_OK(publish_text(payload("T3", "B", "11.5", "05")));
    const auto sessions = list("ocmf_sessions", "sessions");
    ASSERT_EQ(sessions.size(), 2U);
    EXPECT_EQ(sessions[0].at("quantity"), "1");
    EXPECT_EQ(sessions[1].at("quantity"), "0.5");
}

TEST_F(FieldMeter, WhatMayNotBeBilledIsKeptWithTheReason) {
    ASSERT_OK(publish_text(payload("T1", "B", "10", "00", R"("ST":"G")", "I")));
    ASSERT_OK(publish_text(payload("T2", "E", "11", "10")));
    ASSERT_OK(publish_text(payload("T3", "B", "11", "20")));
    ASSERT_OK(publish_text(payload("T4", "E", "12", "30", R"("ST":"E","EF":"E")")));
    const auto sessions = list("ocmf_sessions", "sessions");
    ASSERT_EQ(sessions.size(), 2U);
    EXPECT_EQ(sessions[0].at("billable"), false);
    EXPECT_EQ(sessions[0].at("informative"), true);
    EXPECT_EQ(sessions[0].at("reasons"), json::value(json::array{"clock: the time of RD[0] is informative (I)"}));
    EXPECT_EQ(sessions[1].at("billable"), false);
    EXPECT_EQ(sessions[1].at("informative"), false);
    EXPECT_EQ(sessions[1].at("reasons"), json::value(json::array{"status: ST of RD[0] is E, not G"}));
}

TEST_F(FieldMeter, ARegisterThatCountsDownBetweenTwoRecordsIsNotBilled) {
    ASSERT_OK(publish_text(payload("T1", "B", "12", "10")));
    ASSERT_OK(publish_text(payload("T2", "E", "11", "05")));
    const auto sessions = list("ocmf_sessions", "sessions");
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].at("billable"), false);
    EXPECT_EQ(sessions[0].at("reasons"),
              json::value(json::array{"plausibility: the register counted down, from 12 to 11",
                                      "clock: the end is before the beginning"}));
}

TEST_F(FieldMeter, APageThatIsUsedTwiceFailsThePagination) {
    ASSERT_OK(publish_text(payload("T1", "B", "10", "00")));
    ASSERT_OK(publish_text(payload("F1", "", "10", "00")));
    ASSERT_OK(publish_text(payload("T1", "B", "10.5", "05")));
    std::vector<std::string> results;
    for (const auto& record : list("ocmf_records", "records")) results.push_back(result_of(record, "pagination"));
    std::ranges::sort(results);
    EXPECT_EQ(results, (std::vector<std::string>{"FAILED", "PASSED", "PASSED"}));
}

}  // namespace
}  // namespace tally::chaincode::test
