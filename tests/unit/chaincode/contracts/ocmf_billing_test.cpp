// From signed readings of a meter in the field to an invoice.

#include "tests/unit/chaincode/contracts/settlement_fixture.h"

namespace tally::chaincode::test {
namespace {

// The meter SN-1 of GridCo, which Homes has confirmed, under an agreement about its register 1-b:1.8.0.
class FieldBilling : public Settlement {
  public:
    crypto::PrivateKey meter_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 51));

    void SetUp() override {
        Settlement::SetUp();
        ledger.time_ms = 1'752'537'600'000;  // 2025-07-15
        as("GridCo");
        ASSERT_OK(ledger.submit("registry", "register_device",
                                json::object{{"id", "SN-1"},
                                             {"shard", "north"},
                                             {"profile", "ocmf-1"},
                                             {"public_key", to_hex(meter_key.public_key().raw())},
                                             {"polling_interval_s", 900},
                                             {"keepalive_interval_s", 86'400}}));
        as("Homes");
        ASSERT_OK(ledger.submit("registry", "confirm_device",
                                json::object{{"organization", "GridCo"},
                                             {"id", "SN-1"},
                                             {"fingerprint", meter_key.public_key().fingerprint().hex()}}));
    }
    void agree_on(std::string_view measure, std::optional<bool> informative = {}) {
        auto of = terms();
        of["scope"] = parse(R"([{"shard": "north", "devices": ["SN-1"]}])");
        json::object field{{"field", "1-b:1.8.0"}, {"unit", "kWh"}, {"measure", measure}};
        if (informative) field["informative_times"] = *informative;
        of["fields"] = json::array{field};
        of["tariff"] = parse(R"([{"name": "energy", "kind": "QUANTITY", "field": "1-b:1.8.0",
                                  "prices": [{"from": "0", "price": "0.40"}],
                                  "tax": {"category": "S", "percent": "20"}}])");
        agree(of);
    }
    // A record of 2025-06-DAY with these readings, each {hour, TX, RV, RU, status of the time}.
    struct Reading {
        std::string_view hour, place, value, unit = "kWh", status = "S";
    };
    std::string publish_day(std::string_view page, int day, const std::vector<Reading>& readings) {
        std::string text;
        for (const auto& reading : readings)
            text += fmt::format(
                R"({}{{"TM":"2025-06-{:02}T{}:00:00,000+0000 {}","TX":"{}","RV":{},"RI":"1-b:1.8.0*255","RU":"{}","ST":"G"}})",
                text.empty() ? "" : ",", day, reading.hour, reading.status, reading.place, reading.value, reading.unit);
        const auto payload = fmt::format(R"({{"PG":"{}","MS":"SN-1","RD":[{}]}})", page, text);
        const auto record = fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", payload, to_hex(meter_key.sign(as_bytes(payload))));
        as("GridCo");
        const auto published = ledger.submit("data", "publish_ocmf", json::object{}, {to_bytes(record)});
        EXPECT_TRUE(published) << message_of(published);
        return crypto::sha256(as_bytes(payload)).hex();
    }
    Result<json::value> finalize_days(int from, int until) {
        json::array days;
        for (int day = from; day < until; ++day)
            days.push_back({{"device", "SN-1"}, {"day", fmt::format("2025-06-{:02}", day)}});
        return ledger.submit("data", "finalize", {{"agreement", "a1"}, {"days", days}});
    }
    std::string audited(std::string_view id, std::string_view from = "2025-06-28") {
        const auto run =
            ledger.submit("audit", "run", {{"agreement", "a1"}, {"id", id}, {"from", from}, {"until", "2025-07-01"}});
        EXPECT_TRUE(run) << message_of(run);
        if (!run) return {};
        missing_ = run->at("run").at("missing").as_int64();
        const auto& findings = run->at("run").at("findings").as_array();
        return findings.empty() ? "PASSED" : std::string(findings[0].at("check").as_string());
    }
    std::int64_t missing_ = 0;  // of the last audit
    json::value item() {
        EXPECT_TRUE(on("compute"));
        const auto items = ledger.query("billing", "items", {{"agreement", "a1"}, {"day", "2025-06-20"}});
        EXPECT_TRUE(items) << message_of(items);
        for (const auto& each : items->at("items").as_array())
            if (each.at("item") == "SN-1") return each;
        return {};
    }
};

TEST_F(FieldBilling, SessionsBecomeALineThatCitesThem) {
    agree_on("SESSION");
    const auto first = publish_day("T1", 28, {{"08", "B", "10.25"}, {"09", "E", "12.00"}});
    const auto second = publish_day("T2", 29, {{"08", "B", "12000", "Wh"}, {"09", "E", "12250", "Wh"}});
    publish_day("T3", 29, {{"10", "B", "12.25", "kWh", "I"}, {"11", "E", "99"}});
    as("Homes");
    ASSERT_OK(finalize_days(28, 31));
    const auto billed = item();
    const auto& lines = billed.at("lines").as_array();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].at("quantity"), "2.000");  // 1.75 and 0.250
    EXPECT_EQ(lines[0].at("amount"), "0.80");
    EXPECT_EQ(billed.at("days").at(0).at("sessions"), json::value(json::array{json::value(first)}));
    EXPECT_EQ(billed.at("days").at(1).at("sessions"), json::value(json::array{json::value(second)}));
    EXPECT_EQ(billed.at("days").at(2).as_object().if_contains("sessions"), nullptr) << "no session ended on that day";
    as("Bank");
    EXPECT_EQ(audited("r1"), "PASSED");
    EXPECT_EQ(missing_, 1) << "the day without a session";
}

TEST_F(FieldBilling, InformativeTimesAreBilledWhereTheTermsSaySo) {
    agree_on("SESSION", true);
    publish_day("T1", 30, {{"10", "B", "12.25", "kWh", "I"}, {"11", "E", "13"}});
    as("Homes");
    ASSERT_OK(finalize_days(30, 31));
    EXPECT_EQ(item().at("lines").at(0).at("amount"), "0.30");  // 0.75 kWh
}

TEST_F(FieldBilling, ASessionThatComesLateIsARevision) {
    agree_on("SESSION");
    publish_day("T1", 30, {{"08", "B", "10"}, {"09", "E", "11"}});
    as("Homes");
    ASSERT_OK(finalize_days(30, 31));
    EXPECT_EQ(item().at("lines").at(0).at("quantity"), "1");
    ledger.time_ms += 1000;
    publish_day("T2", 30, {{"10", "B", "11"}, {"11", "E", "13.5"}});
    as("Bank");
    EXPECT_EQ(audited("r1", "2025-06-30"), "FINAL_DAY") << "a revision is due";
    as("Homes");
    const auto revised =
        ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "SN-1"}, {"day", "2025-06-30"}});
    ASSERT_OK(revised);
    EXPECT_EQ(revised->at("fields").at(0).at("billed"), "3.5");
    EXPECT_REFUSED(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "SN-1"}, {"day", "2025-06-30"}}),
                   Code::invalid_argument, "nothing is known");
    as("Bank");
    EXPECT_EQ(audited("r2", "2025-06-30"), "PASSED");
}

TEST_F(FieldBilling, FiscalReadingsAreARegister) {
    agree_on("REGISTER_DIFFERENCE");
    publish_day("F1", 28, {{"00", "", "100"}, {"23", "", "110"}});
    publish_day("F2", 29, {{"23", "", "125.5"}});
    publish_day("T1", 29, {{"10", "B", "111"}, {"11", "E", "112"}});
    as("Homes");
    EXPECT_REFUSED(finalize_days(29, 30), data::refusals::day_open, "2025-06-28");
    ASSERT_OK(finalize_days(28, 31));
    EXPECT_EQ(item().at("lines").at(0).at("quantity"), "25.5");
}

}  // namespace
}  // namespace tally::chaincode::test
