// Bills of service providers: compared with metered use, authorized by an audit, paid.

#include "chaincode/contracts/audit/refusals.h"
#include "tests/unit/chaincode/contracts/settlement_fixture.h"

namespace tally::chaincode::test {
namespace {

// Wires is paid 0.10 per 1,000 W and 1.50 a month; the terms allow 2 percent.
class Bills : public Settlement {
  public:
    void SetUp() override {
        Settlement::SetUp();
        auto of = terms();
        const auto tax = json::object{{"category", "S"}, {"percent", "20"}};
        const auto line = [&](std::string_view name, json::object more, std::string_view price) {
            more["name"] = name;
            more["prices"] = json::array{{{"from", "0"}, {"price", price}}};
            more["tax"] = tax;
            more["provider"] = "Wires";
            of["tariff"].as_array().push_back(std::move(more));
        };
        line("transport", {{"kind", "QUANTITY"}, {"field", "power"}, {"base", "1000"}}, "0.1");
        line("connection", {{"kind", "FEE"}, {"per", "MONTH"}}, "3");
        of["bill_tolerance_percent"] = "2";
        agree(of);
        publish_days(20);
        as("GridCo");
        ASSERT_OK(finalize(0, 16));
    }
    // 45,696 W in June cost 4.57, and 16 of 30 days of 3 a month 1.60.
    static json::object bill(std::string_view quantity = "45696", std::string_view amount = "4.57",
                             std::string_view total = "7.40") {
        const auto tax = json::object{{"category", "S"}, {"percent", "20"}};
        return {{"number", "W-7"},
                {"issued", "2025-07-01"},
                {"total", total},
                {"lines",
                 json::array{{{"name", "transport"},
                              {"device", "meter-1"},
                              {"quantity", quantity},
                              {"amount", amount},
                              {"tax", tax}},
                             {{"name", "connection"}, {"quantity", "0.533333"}, {"amount", "1.60"}, {"tax", tax}}}}};
    }
    Result<json::value> audit(std::string_view id, std::string_view until = "2025-07-01") {
        return ledger.submit("audit", "run",
                             {{"agreement", "a1"}, {"id", id}, {"from", "2025-06-15"}, {"until", until}});
    }
    Result<json::value> authorize(std::string_view audit) {
        return on("authorize_bill", {{"provider", "Wires"}, {"audits", json::array{audit}}});
    }
    static json::value verdict(const json::value& bill, std::size_t line) {
        return bill.at("variances").at(line).at("verdict");
    }
};

TEST_F(Bills, AreNotOnTheAgreementsInvoice) {
    const auto invoice = on("compute");
    ASSERT_TRUE(invoice.has_value()) << invoice.error().message;
    EXPECT_EQ(invoice->at("totals").at("net"), "11.42");
}

TEST_F(Bills, AreComparedWithMeteredUseAuthorizedAndPaid) {
    as("Bank");
    EXPECT_REFUSED(on("post_bill", bill()), agreement::refusals::wrong_party, "Bank is no SP");
    as("Wires");
    EXPECT_REFUSED(on("post_bill", bill("45696", "4.57", "7.39")), billing::refusals::wrong_amount, "7.40");
    const auto posted = on("post_bill", bill("45700", "4.57"));
    ASSERT_TRUE(posted.has_value()) << posted.error().message;
    EXPECT_EQ(posted->at("variances").at(0).at("name"), "connection");
    EXPECT_EQ(verdict(*posted, 1), "WITHIN_TOLERANCE");
    EXPECT_EQ(posted->at("within_tolerance"), true);
    EXPECT_REFUSED(on("post_bill", bill()), Code::already_exists, "W-7");
    EXPECT_REFUSED(on("initiate", {{"provider", "Wires"}}), agreement::refusals::wrong_party, "RC or DV");
    as("Homes");
    EXPECT_REFUSED(on("initiate", {{"provider", "Wires"}}), billing::refusals::wrong_state, "POSTED");
    EXPECT_REFUSED(authorize("none"), audit::refusals::no_run, "none");
    ASSERT_OK(audit("short", "2025-06-30"));
    EXPECT_REFUSED(authorize("short"), billing::refusals::not_authorized, "2025-06-30");
    ASSERT_OK(audit("whole"));
    const auto authorized = authorize("whole");
    ASSERT_TRUE(authorized.has_value()) << authorized.error().message;
    EXPECT_EQ(authorized->at("state"), "AUTHORIZED");
    ASSERT_OK(on("initiate", {{"provider", "Wires"}}));
    as("Bank");
    ASSERT_OK(on("confirm", {{"provider", "Wires"}, {"payment", paid("W", {{"Wires", "7.40"}})}}));
    as("Wires");
    EXPECT_EQ(on("receive", {{"provider", "Wires"}})->at("state"), "RECEIVED");
}

TEST_F(Bills, ThatAreTooHighAreNotAuthorized) {
    as("Wires");
    const auto posted = on("post_bill", bill("50000", "5.00", "7.92"));
    ASSERT_TRUE(posted.has_value()) << posted.error().message;
    EXPECT_EQ(verdict(*posted, 1), "TOO_MUCH");
    EXPECT_EQ(posted->at("variances").at(1).at("difference"), "0.43");
    EXPECT_EQ(posted->at("within_tolerance"), false);
    as("Homes");
    ASSERT_OK(audit("whole"));
    EXPECT_REFUSED(authorize("whole"), billing::refusals::not_authorized, "TOO_MUCH");
    ASSERT_OK(on("dispute", {{"provider", "Wires"}, {"reason", "too much transport"}}));
    as("Wires");
    ASSERT_OK(on("withdraw_bill", {{"reason", "a mistake"}}));
    ASSERT_OK(on("post_bill", bill()));
    as("Homes");
    ASSERT_OK(authorize("whole"));
}

TEST_F(Bills, KnowWhatWasCorrectedBeforeTheyArePosted) {
    correct_fourth_day(203);
    as("Wires");
    // 24 readings of 100 more: 48,096 W cost 4.81; with 1.60 and 20 % that is 7.69.
    const auto posted = on("post_bill", bill("48096", "4.81", "7.69"));
    ASSERT_TRUE(posted.has_value()) << posted.error().message;
    EXPECT_EQ(verdict(*posted, 1), "EXACT");
    ASSERT_OK(on("withdraw_bill", {{"reason", "as it was before"}}));
    EXPECT_EQ(verdict(*on("post_bill", bill()), 1), "TOO_LITTLE");
}

TEST_F(Bills, ThatWereCorrectedSinceTheyWerePostedArePostedAnew) {
    as("Wires");
    ASSERT_OK(on("post_bill", bill()));
    correct_fourth_day(3);
    as("Homes");
    ASSERT_OK(audit("whole"));
    EXPECT_REFUSED(authorize("whole"), billing::refusals::not_authorized, "days of meter-1 were corrected");
    as("Wires");
    ASSERT_OK(on("withdraw_bill", {{"reason", "corrected"}}));
    EXPECT_EQ(verdict(*on("post_bill", bill()), 1), "TOO_MUCH");
}

TEST_F(Bills, HaveTheTaxOfTheTermsAndTheirRebates) {
    as("Wires");
    auto taxed = bill("45696", "4.57", "12.34");
    for (auto& line : taxed["lines"].as_array()) line.at("tax").as_object()["percent"] = "100";
    const auto posted = on("post_bill", taxed);
    ASSERT_TRUE(posted.has_value()) << posted.error().message;
    EXPECT_EQ(posted->at("within_tolerance"), false);
    EXPECT_EQ(verdict(*posted, 0), "NOT_AGREED");
}

TEST_F(Bills, ThatAreOrderedAreNotPostedAnew) {
    as("Wires");
    ASSERT_OK(on("post_bill", bill()));
    as("Homes");
    ASSERT_OK(audit("whole"));
    ASSERT_OK(authorize("whole"));
    ASSERT_OK(on("initiate", {{"provider", "Wires"}}));
    as("Wires");
    ASSERT_OK(on("dispute", {{"provider", "Wires"}, {"reason", "to get it twice"}}));
    EXPECT_REFUSED(on("withdraw_bill", {{"reason", "to get it twice"}}), billing::refusals::wrong_state,
                   "before its payment is ordered");
}

TEST_F(Bills, NameWhatIsNotAgreed) {
    as("Wires");
    auto with_more = bill("45696", "4.57", "13.40");
    with_more["lines"].as_array().push_back({{"name", "lunch"},
                                             {"quantity", "1"},
                                             {"amount", "5.00"},
                                             {"tax", json::object{{"category", "S"}, {"percent", "20"}}}});
    const auto posted = on("post_bill", with_more);
    ASSERT_TRUE(posted.has_value()) << posted.error().message;
    EXPECT_EQ(verdict(*posted, 1), "NOT_AGREED");
    EXPECT_EQ(verdict(*posted, 2), "EXACT");
}

}  // namespace
}  // namespace tally::chaincode::test
