// Agreements with more devices than one transaction takes: audits, bills and sealed invoices in parts.

#include "chaincode/contracts/audit/answers.h"
#include "chaincode/records/opening.h"
#include "chaincode/records/packed_series.h"
#include "tests/unit/chaincode/contracts/settlement_fixture.h"

namespace tally::chaincode::test {
namespace {

constexpr int kMore = 501;  // beside meter-1 and meter-2: more than one transaction computes

std::string name_of(int number) { return fmt::format("more-{:04}", number); }

// meter-1 has its days, and of the other devices no day has a record. Wires is paid 0.10 per 1,000 W.
class ManyDevices : public Settlement {
  public:
    void SetUp() override {
        Settlement::SetUp();
        as("GridCo");
        const auto now = std::exchange(ledger.time_ms, kMonday * 1000);
        for (int i = 0; i < kMore; ++i) {
            Bytes secret(32, 9);
            secret[0] = static_cast<std::uint8_t>(i % 256);
            secret[1] = static_cast<std::uint8_t>(i / 256);
            const auto own = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, secret);
            ASSERT_OK(ledger.submit("registry", "register_device", device_arguments(name_of(i), own)));
        }
        ledger.time_ms = now;
    }
    void agree_on_all() {
        auto of = terms();
        of["scope"] = json::array{{{"shard", "north"}}};
        of["tariff"].as_array().push_back({{"name", "transport"},
                                           {"kind", "QUANTITY"},
                                           {"field", "power"},
                                           {"base", "1000"},
                                           {"prices", json::array{{{"from", "0"}, {"price", "0.1"}}}},
                                           {"tax", {{"category", "S"}, {"percent", "20"}}},
                                           {"provider", "Wires"}});
        agree(of);
    }
    void finalize_all() {
        std::vector<std::string> devices{"meter-1", "meter-2"};
        for (int i = 0; i < kMore; ++i) devices.push_back(name_of(i));
        as("GridCo");
        json::array days;
        for (const auto& device : devices) {
            for (int day = 0; day < 16; ++day) days.push_back({{"device", device}, {"day", day_text(day)}});
            if (days.size() < 480 && device != devices.back()) continue;
            ASSERT_OK(ledger.submit("data", "finalize", {{"agreement", "a1"}, {"days", days}}));
            days.clear();
        }
    }
    Result<json::value> audit(std::string_view id, json::object part = {}) {
        part.emplace("agreement", "a1");
        part.emplace("id", id);
        part.emplace("from", "2025-06-15");
        part.emplace("until", "2025-07-01");
        return ledger.submit("audit", "run", part);
    }
    static json::object bill(json::object line) {
        line.emplace("name", "transport");
        line.emplace("quantity", "45696");
        line.emplace("amount", "4.57");
        line.emplace("tax", json::object{{"category", "S"}, {"percent", "20"}});
        return {
            {"number", "W-7"}, {"issued", "2025-07-01"}, {"total", "5.48"}, {"lines", json::array{std::move(line)}}};
    }
    Result<json::value> authorize(json::array audits) {
        return on("authorize_bill", {{"provider", "Wires"}, {"audits", std::move(audits)}});
    }
};

TEST_F(ManyDevices, AreBilledWhenSomeAreComputedAheadAndAuditedInParts) {
    agree_on_all();
    publish_days(20);
    finalize_all();
    as("Wires");
    EXPECT_REFUSED(on("post_bill", bill({})), Code::too_large, "503 devices are not prepared");
    EXPECT_REFUSED(on("prepare_bill", {{"provider", "Bank"}, {"devices", json::array{"meter-1"}}}),
                   agreement::refusals::wrong_party, "Bank is no SP");
    EXPECT_EQ(on("prepare_bill", {{"provider", "Wires"}, {"devices", json::array{"other"}}})->at("not_metered"), 1);
    const json::array some{"meter-1", name_of(0), name_of(1)};
    EXPECT_EQ(on("prepare_bill", {{"provider", "Wires"}, {"devices", some}})->at("items"), 3);
    EXPECT_EQ(on("prepare_bill", {{"provider", "Wires"}, {"devices", some}})->at("already"), 3);
    const auto posted = on("post_bill", bill({}));  // of no device: of all
    ASSERT_OK(posted);
    EXPECT_EQ(posted->at("variances").as_array().size(), 1U);
    EXPECT_EQ(posted->at("variances").at(0).at("verdict"), "EXACT");

    as("Bank");
    EXPECT_REFUSED(audit("whole"), Code::too_large, "503 devices and 16 days");
    EXPECT_REFUSED(audit("odd", {{"device", "meter-1"}, {"after", "a"}}), Code::invalid_argument, "goes neither");
    EXPECT_REFUSED(audit("odd", {{"after", "b"}, {"through", "b"}}), Code::invalid_argument, "must come after");
    const auto first = audit("first", {{"through", name_of(199)}});
    ASSERT_OK(first);
    EXPECT_EQ(first->at("run").at("devices"), 202);  // with meter-1 and meter-2
    ASSERT_OK(audit("gap", {{"after", name_of(250)}}));
    as("Homes");
    EXPECT_REFUSED(authorize({"first", "gap"}), billing::refusals::not_authorized, "leave some out");
    const auto last = audit("last", {{"after", name_of(199)}});
    ASSERT_OK(last);
    EXPECT_EQ(last->at("run").at("devices"), kMore - 200);
    EXPECT_REFUSED(authorize({"last"}), billing::refusals::not_authorized, "leave some out");
    ASSERT_OK(authorize({"last", "first"}));
}

// What was computed ahead is of the days as they were known then.
TEST_F(ManyDevices, AreBilledByWhatIsKnownWhenTheBillIsPosted) {
    agree_on_all();
    publish_days(20);
    finalize_all();
    as("Wires");
    ASSERT_OK(on("prepare_bill",
                 {{"provider", "Wires"}, {"devices", json::array{"meter-1", name_of(0), name_of(1), name_of(2)}}}));
    correct_fourth_day(203);
    const auto posted = on("post_bill", bill({}));
    ASSERT_OK(posted);
    EXPECT_EQ(posted->at("variances").at(0).at("metered_quantity"), "48096");
    EXPECT_EQ(posted->at("variances").at(0).at("verdict"), "TOO_LITTLE");
}

// A part that had no device when it was recorded says nothing of one that came later, nor of a single device.
TEST_F(ManyDevices, AreNotAuditedByPartsOfNone) {
    agree_on_all();
    publish_days(20);
    finalize_all();
    as("Bank");
    ASSERT_OK(audit("early", {{"after", "z"}}));
    ledger.time_ms += 1000;
    as("Wires");
    ASSERT_OK(on("prepare_bill", {{"provider", "Wires"}, {"devices", json::array{"meter-1", name_of(0), name_of(1)}}}));
    ASSERT_OK(on("post_bill", bill({{"device", "meter-1"}})));
    as("Homes");
    ASSERT_OK(audit("first", {{"through", name_of(199)}}));
    ASSERT_OK(audit("last", {{"after", name_of(199)}, {"through", "z"}}));
    EXPECT_REFUSED(authorize({"first", "last", "early"}), billing::refusals::not_authorized, "EMPTY");
    EXPECT_REFUSED(authorize({"first"}), billing::refusals::not_authorized, "none of the audits is of it");
    ASSERT_OK(audit("none", {{"after", "z"}}));
    EXPECT_REFUSED(authorize({"none"}), billing::refusals::not_authorized, "none of the audits is of it");
    ASSERT_OK(authorize({"first", "last", "none"}));
}

TEST_F(ManyDevices, HaveAnInvoiceThatIsAuditedWithTheLastPart) {
    agree_on_all();
    publish_days(20);
    finalize_all();
    ASSERT_OK(on("prepare", {{"devices", json::array{"meter-1", name_of(0), name_of(1)}}}));
    ASSERT_OK(on("compute"));
    as("Bank");
    const auto items = [](const json::value& answer) {
        for (const auto& each : answer.at("run").at("checks").as_array()) {
            if (each.at("check").as_string() == "ITEM") return each.at("made").as_int64();
        }
        return std::int64_t{0};
    };
    const auto first = audit("first", {{"through", name_of(199)}});
    const auto last = audit("last", {{"after", name_of(199)}});
    ASSERT_OK(first);
    ASSERT_OK(last);
    EXPECT_EQ(items(*first), 202);
    EXPECT_EQ(items(*last), kMore - 200);
    EXPECT_EQ(first->at("run").at("invoices"), last->at("run").at("invoices"));
    ASSERT_EQ(last->at("run").at("invoices").as_array().size(), 1U);
    EXPECT_EQ(last->at("run").at("verdict"), "GAPS");
}

TEST_F(ManyDevices, HaveASealedInvoiceWhenSomeAreCountedAhead) {
    as("GridCo");
    ASSERT_OK(ledger.submit("registry", "define_collection",
                            {{"id", "homes"}, {"keepers", json::array{"Homes", "Bank", "GridCo"}}, {"figures", true}}));
    ASSERT_OK(
        ledger.submit("registry", "assign_collection", {{"devices", json::array{"meter-1"}}, {"collection", "homes"}}));
    agree_on_all();
    const auto of = draft("meter-1", 1, kMonday, hourly(100));
    const auto packed = *pack_series(of.record, of.series);
    const auto opening = make_opening(of.record, Bytes(kSaltBytes, 7));
    const auto concealed = conceal(of.record, opening);
    ASSERT_OK(publish(sign_record(key, "main", concealed)));
    ledger.kept.all[{"meter-1", content_id_of(concealed)}] = kept_form(opening, packed);
    as("GridCo");
    const json::object seal{{"commitment", std::string(64, 'c')}};
    EXPECT_REFUSED(on("prepare_seal", {{"devices", json::array{"meter-1"}}}), billing::refusals::days_open,
                   "2025-06-15");
    EXPECT_EQ(on("prepare_seal", {{"devices", json::array{"other"}}})->at("not_metered"), 1);
    finalize_all();
    EXPECT_REFUSED(on("seal", seal), Code::too_large, "more than 500 devices");
    const json::array some{"meter-1", name_of(0), name_of(1)};
    EXPECT_EQ(on("prepare_seal", {{"devices", some}})->at("items"), 3);
    EXPECT_EQ(on("prepare_seal", {{"devices", some}})->at("already"), 3);
    const auto sealed = on("seal", seal);
    ASSERT_OK(sealed);
    EXPECT_EQ(sealed->at("devices"), kMore + 2);
    EXPECT_EQ(sealed->at("days"), 16 * (kMore + 2));
}

TEST(AuditParts, HaveAsManyDaysAsOneRunTakesAndLeaveNoDeviceOut) {
    audit::RunAudit march;
    march.id = "march";
    march.from = *Date::parse("2025-03-01");
    march.until = *Date::parse("2025-04-01");
    std::vector<std::string> devices;
    for (int i = 0; i < 1000; ++i) devices.push_back(name_of(i));
    const auto parts = audit::parts_of(march, devices);
    ASSERT_EQ(parts.size(), 7U);  // 5,000 days are 161 devices with 31 days each
    EXPECT_EQ(parts.front().id, "march.1");
    EXPECT_EQ(parts.back().id, "march.7");
    std::vector<const audit::RunAudit*> all;
    std::map<std::string, int> of_part;
    for (const auto& part : parts) {
        all.push_back(&part);
        for (const auto& device : devices) of_part[part.id] += part.is_of(device) ? 1 : 0;
    }
    EXPECT_TRUE(audit::leave_no_device_out(all));
    EXPECT_EQ(of_part["march.1"], 161);
    EXPECT_EQ(of_part["march.7"], 1000 - 6 * 161);
    EXPECT_EQ(audit::parts_of(march, std::span(devices).first(161)).size(), 1U);
    EXPECT_EQ(audit::parts_of(march, {}).front().id, "march");
    march.device = "more-0001";
    EXPECT_EQ(audit::parts_of(march, devices).size(), 1U);
}

TEST(AuditParts, LeaveNoDeviceOutWhenEachBeginsWhereAnotherEnds) {
    using Part = std::pair<std::optional<std::string>, std::optional<std::string>>;
    const auto covers = [](const std::vector<Part>& parts) {
        std::vector<audit::RunAudit> runs(parts.size());
        std::vector<const audit::RunAudit*> all;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            std::tie(runs[i].after, runs[i].through) = parts[i];
            all.push_back(&runs[i]);
        }
        return audit::leave_no_device_out(all);
    };
    const std::nullopt_t open = std::nullopt;
    EXPECT_TRUE(covers({{open, open}}));
    EXPECT_TRUE(covers({{"b", open}, {open, "b"}}));
    EXPECT_TRUE(covers({{open, "c"}, {"a", "d"}, {"d", open}}));
    EXPECT_FALSE(covers({}));
    EXPECT_FALSE(covers({{open, "b"}}));
    EXPECT_FALSE(covers({{"a", open}}));
    EXPECT_FALSE(covers({{open, "b"}, {"c", open}}));
    EXPECT_FALSE(covers({{open, "b"}, {"b", "c"}}));
    audit::RunAudit of_one;
    of_one.device = "a";
    EXPECT_FALSE(audit::leave_no_device_out({&of_one}));
}

}  // namespace
}  // namespace tally::chaincode::test
