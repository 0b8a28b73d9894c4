#pragma once
// An agreement of four parties over meter-1, for tests from terms to a paid invoice.

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/data/refusals.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {

// GridCo runs the devices, Homes uses them, Bank verifies and pays, Wires provides a service. June 2025 in UTC; the
// fixture's time is the 15th of July.
class Settlement : public Metering {
  public:
    void SetUp() override {
        ledger.organizations = {"GridCo", "Homes", "Bank", "Wires"};
        Metering::SetUp();
    }
    void as(const std::string& organization) { ledger.caller = {organization, "admin", "ada", {}}; }

    static json::object terms() {
        return parse(R"({
            "title": "Power for Homes", "from": "2025-06-15", "period": "MONTH", "currency": "EUR",
            "parties": [{"organization": "GridCo", "role": "OPERATOR"}, {"organization": "Homes", "role": "RC"},
                        {"organization": "Bank", "role": "DV"}, {"organization": "Wires", "role": "SP"}],
            "scope": [{"shard": "north", "devices": ["meter-1"]}],
            "zone": {"name": "UTC", "offset_s": 0, "shifts": []},
            "rounding": "HALF_UP",
            "fields": [{"field": "power", "unit": "W", "measure": "SUM", "tolerance": "5"}],
            "windows": [],
            "tariff": [{"name": "energy", "kind": "QUANTITY", "field": "power", "base": "1000",
                        "prices": [{"from": "0", "price": "0.25"}], "tax": {"category": "S", "percent": "20"}}],
            "reconciliation": {"cloud": "OPTIONAL", "window_minutes": 60, "on_mismatch": "DEVICE"},
            "payees": [{"organization": "GridCo", "percent": "70"}, {"organization": "Wires", "percent": "30"}],
            "payees_assignable": true, "confirmations": 2, "payment_days": 14, "dispute_days": 14,
            "keepalive_minutes": 60, "notice_days": 30})")
            .as_object();
    }
    Result<json::value> propose(json::object of = terms()) {
        return ledger.submit("agreement", "propose", {{"id", "a1"}, {"terms", std::move(of)}});
    }
    Result<json::value> sign(std::int64_t version = 1) {
        const auto found = ledger.query("agreement", "get_version", {{"id", "a1"}, {"version", version}});
        if (!found) return found;
        return ledger.submit("agreement", "sign", {{"id", "a1"}, {"version", version}, {"hash", found->at("hash")}});
    }
    void agree(json::object of = terms()) {
        as("GridCo");
        ASSERT_OK(propose(std::move(of)));
        for (const auto* party : {"Homes", "Bank", "Wires"}) {
            as(party);
            ASSERT_OK(sign());
        }
    }
    static std::string day_text(std::int64_t day) {  // 0: 2025-06-15
        return day < 16 ? fmt::format("2025-06-{:02}", 15 + day) : fmt::format("2025-07-{:02}", day - 15);
    }
    Result<json::value> finalize(std::int64_t from, std::int64_t to) {
        json::array days;
        for (auto day = from; day < to; ++day) days.push_back({{"device", "meter-1"}, {"day", day_text(day)}});
        return ledger.submit("data", "finalize", {{"agreement", "a1"}, {"days", days}});
    }
    Result<json::value> on(std::string_view function, json::object more = {}, std::string_view day = "2025-06-20") {
        more.emplace("agreement", "a1");
        more.emplace("day", day);
        return ledger.submit("billing", function, more);
    }
    // As a bank has booked it: amounts by payee.
    static json::object paid(std::string_view reference,
                             const std::vector<std::pair<std::string, std::string>>& amounts) {
        json::array bookings;
        for (const auto& [payee, amount] : amounts)
            bookings.push_back({{"payee", payee},
                                {"account", "AT611904300234573201"},
                                {"reference", fmt::format("{}-{}", reference, bookings.size())},
                                {"amount", amount},
                                {"date", "2025-07-15"},
                                {"statement", std::string(64, 'a')}});
        return {{"currency", "EUR"}, {"bookings", bookings}};
    }
    // After publish_days(20): meter-1 corrects the 18th of June, which was FINAL, to hourly(base).
    void correct_fourth_day(std::int64_t base) {
        const auto days = ledger.query("data", "days", {{"device", "meter-1"}})->at("days").as_array();
        const auto id_of = [&](std::size_t day) {
            return *crypto::Hash::from_hex(std::string_view(days.at(day).at("content_id").as_string()));
        };
        auto corrected = draft("meter-1", 21, kMonday + 3 * kDay, hourly(base), id_of(19));
        corrected.record.corrects = id_of(3);
        ASSERT_OK(publish(corrected));
        ASSERT_OK(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-18"}}));
    }
    // The quantity of `count` days from `first` on, as publish_days makes them.
    static std::int64_t watts(std::int64_t first, std::int64_t count) {
        std::int64_t sum = 0;
        for (auto day = first; day < first + count; ++day)
            for (std::int64_t hour = 0; hour < 24; ++hour) sum += 100 + day + hour;
        return sum;
    }
};

}  // namespace tally::chaincode::test
