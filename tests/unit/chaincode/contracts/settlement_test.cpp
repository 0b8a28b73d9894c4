// From terms to a paid invoice, on a ledger: agreement, data (days that become FINAL) and billing together.

#include "chaincode/records/packed_series.h"
#include "chaincode/records/refusals.h"
#include "tests/unit/chaincode/contracts/settlement_fixture.h"

namespace tally::chaincode::test {
namespace {

TEST_F(Settlement, AnAgreementIsInForceWhenItsLastPartyHasSigned) {
    as("GridCo");
    const auto proposed = propose();
    ASSERT_TRUE(proposed.has_value()) << proposed.error().message;
    EXPECT_EQ(proposed->at("state"), "PROPOSED");
    EXPECT_REFUSED(propose(), Code::already_exists, "\"a1\"");
    as("Homes");
    EXPECT_REFUSED(ledger.submit("agreement", "sign", {{"id", "a1"}, {"version", 1}, {"hash", std::string(64, '0')}}),
                   agreement::refusals::other_terms, "hash");
    ASSERT_OK(sign());
    EXPECT_REFUSED(sign(), Code::already_exists, "Homes");
    as("Bank");
    ASSERT_OK(sign());
    EXPECT_EQ(ledger.query("agreement", "get", {{"id", "a1"}})->at("state"), "PROPOSED");
    as("Wires");
    ASSERT_OK(sign());
    EXPECT_EQ(ledger.query("agreement", "get", {{"id", "a1"}})->at("state"), "ACTIVE");
    EXPECT_EQ(ledger.query("agreement", "terms_on", {{"id", "a1"}, {"day", "2026-01-01"}})->at("version"), 1);
    EXPECT_REFUSED(ledger.query("agreement", "terms_on", {{"id", "a1"}, {"day", "2025-06-14"}}),
                   agreement::refusals::not_open, "2025-06-14");
}

TEST_F(Settlement, OthersLearnNotEvenThatItExists) {
    agree();
    as("Stranger");
    const auto there = ledger.query("agreement", "get", {{"id", "a1"}});
    const auto not_there = ledger.query("agreement", "get", {{"id", "a2"}});
    EXPECT_REFUSED(there, Code::permission_denied, "not this caller's to see");
    EXPECT_REFUSED(not_there, Code::permission_denied, "not this caller's to see");
    EXPECT_REFUSED(ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}}),
                   Code::permission_denied, "not this caller's to see");
    EXPECT_REFUSED(ledger.query("billing", "list", {{"agreement", "a1"}}), Code::permission_denied,
                   "not this caller's to see");
    EXPECT_REFUSED(
        ledger.query("data", "reconcile", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-15"}}),
        Code::permission_denied, "not this caller's to see");
}

TEST_F(Settlement, EveryProblemOfTermsIsNamedAtOnce) {
    auto of = terms();
    of["currency"] = "EUX";
    of["until"] = "2025-06-15";
    of["payees"].as_array()[0].at("percent") = "60";
    of["parties"].as_array()[3].at("organization") = "Nobody";
    of["tariff"].as_array()[0].at("field") = "steam";
    const auto checked = ledger.query("agreement", "check", {{"terms", of}});
    ASSERT_TRUE(checked.has_value()) << checked.error().message;
    std::set<std::string> where;
    for (const auto& problem : checked->at("problems").as_array()) where.emplace(problem.at("where").as_string());
    EXPECT_EQ(where, (std::set<std::string>{"currency", "until", "payees", "payees[1].organization",
                                            "parties[3].organization", "tariff[0].field"}));
    EXPECT_REFUSED(propose(of), agreement::refusals::terms_invalid, "more");
}

TEST_F(Settlement, OneDeviceOneFieldOneAgreement) {
    agree();
    as("GridCo");
    auto all = terms();
    all["scope"] = json::array{{{"shard", "north"}, {"devices", json::array{}}}};
    ASSERT_OK(ledger.submit("agreement", "propose", {{"id", "a2"}, {"terms", all}}));
    const auto hash = ledger.query("agreement", "get_version", {{"id", "a2"}, {"version", 1}})->at("hash");
    for (const auto* party : {"Homes", "Bank"}) {
        as(party);
        ASSERT_OK(ledger.submit("agreement", "sign", {{"id", "a2"}, {"version", 1}, {"hash", hash}}));
    }
    as("Wires");
    EXPECT_REFUSED(ledger.submit("agreement", "sign", {{"id", "a2"}, {"version", 1}, {"hash", hash}}),
                   agreement::refusals::device_taken, "meter-1");
}

TEST_F(Settlement, ADayIsFinalWhenItsWindowHasEnded) {
    agree();
    publish_days(3);
    ledger.time_ms = (kMonday + kDay + 3599) * 1000;  // one second before the window of the first day ends
    as("Homes");
    const auto open =
        ledger.query("data", "reconcile", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-15"}});
    EXPECT_EQ(open->at("state"), "RECONCILING");
    EXPECT_REFUSED(finalize(0, 1), data::refusals::day_open, "meter-1");
    ledger.time_ms += 1000;
    const auto done = finalize(0, 1);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->at("finalized"), 1);
    EXPECT_EQ(finalize(0, 1)->at("already"), 1);
    const auto day = ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}})->at("days").at(0);
    EXPECT_EQ(day.at("state"), "FINAL");
    EXPECT_EQ(day.at("match"), "ONE_SIDED");
    EXPECT_EQ(day.at("fields").at(0).at("billed"), json::value(std::to_string(watts(0, 1))));
    EXPECT_REFUSED(
        ledger.submit("data", "finalize",
                      {{"agreement", "a1"}, {"days", json::array{{{"device", "meter-2"}, {"day", "2025-06-15"}}}}}),
        data::refusals::not_in_scope, "meter-2");
}

TEST_F(Settlement, DeviceAndCloudAreCompared) {
    agree();
    publish_days(4);
    as("GridCo");
    const auto cloud = [&](std::int64_t day, std::int64_t more) {
        return ledger.submit(
            "data", "cloud_series",
            {{"device", "meter-1"},
             {"from", kMonday + day * kDay},
             {"to", kMonday + (day + 1) * kDay},
             {"fields",
              json::array{
                  {{"field", "power"}, {"unit", "W"}, {"count", 24}, {"sum", std::to_string(watts(day, 1) + more)}}}}});
    };
    ASSERT_OK(cloud(0, 0));
    ASSERT_OK(cloud(1, 5));
    ASSERT_OK(cloud(2, -6));
    EXPECT_REFUSED(cloud(2, 0), Code::already_exists, "meter-1");
    const auto done = finalize(0, 5);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->at("mismatches").as_array().size(), 1U);
    std::vector<std::string> matches;
    const auto page = ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}}).value();
    for (const auto& day : page.at("days").as_array()) matches.emplace_back(day.at("match").as_string());
    EXPECT_EQ(matches, (std::vector<std::string>{"MATCH", "WITHIN_TOLERANCE", "MISMATCH", "ONE_SIDED", "MISSING"}));
    as("Homes");
    EXPECT_REFUSED(cloud(3, 0), Code::permission_denied, "GridCo");
}

TEST_F(Settlement, TheDevicesCountersAreComparedWithItsGateways) {
    auto of = terms();
    of["reconciliation"].as_object()["on_mismatch"] = "LOWER";
    of["tariff"].as_array().push_back({{"name", "messages"},
                                       {"kind", "TRAFFIC"},
                                       {"counts", "MESSAGE"},
                                       {"prices", json::array{{{"from", "0"}, {"price", "0.01"}}}},
                                       {"tax", json::object{{"category", "S"}, {"percent", "20"}}}});
    agree(of);
    publish_days(16);  // 24 messages, 2048 bytes, 48 samples a day
    as("GridCo");
    const auto count = [&](std::int64_t day, std::int64_t messages, std::int64_t bytes) {
        return ledger.submit(
            "data", "cloud_series",
            {{"device", "meter-1"},
             {"from", kMonday + day * kDay},
             {"to", kMonday + (day + 1) * kDay},
             {"fields",
              json::array{{{"field", "power"}, {"unit", "W"}, {"count", 24}, {"sum", std::to_string(watts(day, 1))}}}},
             {"traffic", {{"messages", messages}, {"payload_bytes", bytes}, {"samples", 48}}}});
    };
    EXPECT_REFUSED(count(0, -1, 2048), Code::invalid_argument, "below 0");
    ASSERT_OK(count(0, 24, 2048));
    ASSERT_OK(count(1, 20, 4096));
    const auto done = finalize(0, 16);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->at("mismatches").as_array().size(), 1U);
    const auto days = ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}})->at("days");
    EXPECT_EQ(days.at(0).at("traffic_match"), "MATCH");
    EXPECT_EQ(days.at(1).at("traffic_match"), "MISMATCH");
    EXPECT_EQ(days.at(1).at("traffic").at("messages"), 20);
    EXPECT_EQ(days.at(1).at("traffic").at("payload_bytes"), 2048);
    EXPECT_FALSE(days.at(2).as_object().contains("traffic_match"));
    ASSERT_OK(on("compute"));
    const auto items = ledger.query("billing", "items", {{"agreement", "a1"}, {"day", "2025-06-20"}})->at("items");
    // 15 days of 24 messages, and one of 20.
    EXPECT_EQ(items.at(1).at("lines").at(1).at("quantity"), "380");
    EXPECT_EQ(items.at(1).at("lines").at(1).at("amount"), "3.80");
    const auto run = ledger.submit(
        "audit", "run", {{"agreement", "a1"}, {"id", "r1"}, {"from", "2025-06-15"}, {"until", "2025-07-01"}});
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->at("run").at("verdict"), "PASSED");
}

TEST_F(Settlement, AnInvoiceIsComputedOnceFromFinalDaysAndIsPaid) {
    agree();
    publish_days(20);
    as("Homes");
    EXPECT_REFUSED(on("compute"), billing::refusals::days_open, "2025-06-15");
    ASSERT_OK(finalize(0, 15));
    EXPECT_REFUSED(on("compute"), billing::refusals::days_open, "2025-06-30");
    ASSERT_OK(finalize(15, 16));
    EXPECT_REFUSED(on("compute", {}, "2025-07-02"), billing::refusals::out_of_order, "2025-06-15");
    const auto invoice = on("compute");
    ASSERT_TRUE(invoice.has_value()) << invoice.error().message;
    // 16 days of 2,676 W and 24 more each day: 45,696; at 0.25 per 1,000: 11.42; and 20 %.
    EXPECT_EQ(watts(0, 16), 45'696);
    EXPECT_EQ(invoice->at("totals").at("net"), "11.42");
    EXPECT_EQ(invoice->at("totals").at("payable"), "13.70");
    EXPECT_EQ(invoice->at("totals").at("shares").at(0).at("amount"), "9.59");
    EXPECT_EQ(invoice->at("totals").at("shares").at(1).at("amount"), "4.11");
    EXPECT_EQ(invoice->at("until"), "2025-07-01");
    as("Bank");
    EXPECT_EQ(on("compute")->at("timeline").at(0).at("by"), "Homes");  // the one that is there
    EXPECT_REFUSED(on("notify"), agreement::refusals::wrong_party, "OPERATOR");
    as("GridCo");
    ASSERT_OK(on("notify"));
    as("Homes");
    ASSERT_OK(on("initiate"));
    as("Bank");
    auto payment = paid("B-1", {{"GridCo", "9.58"}, {"Wires", "4.11"}});
    EXPECT_REFUSED(on("confirm", {{"payment", payment}}), billing::refusals::wrong_amount, "9.58");
    EXPECT_REFUSED(on("confirm", {{"payment", paid("B-1", {{"GridCo", "9.59"}})}}), billing::refusals::wrong_amount,
                   "Wires");
    EXPECT_REFUSED(
        on("confirm", {{"payment", paid("B-1", {{"GridCo", "9.59"}, {"Wires", "4.11"}, {"GridCo", "9.59"}})}}),
        billing::refusals::wrong_amount, "2 bookings for GridCo");
    payment = paid("B-1", {{"GridCo", "9.59"}, {"Wires", "4.11"}});
    EXPECT_EQ(on("confirm", {{"payment", payment}})->at("state"), "PAYMENT_CONFIRMED");
    EXPECT_REFUSED(on("receive"), agreement::refusals::wrong_party, "payee");
    as("GridCo");
    EXPECT_EQ(on("receive")->at("state"), "PAYMENT_CONFIRMED");
    EXPECT_REFUSED(on("receive"), Code::already_exists, "GridCo");
    as("Wires");
    EXPECT_EQ(on("receive")->at("state"), "RECEIVED");
    EXPECT_EQ(on("confirm_final")->at("state"), "RECEIVED");
    as("GridCo");
    EXPECT_EQ(on("confirm_final")->at("state"), "FINAL");
    as("Bank");
    const auto take_back = [&](std::string_view payee) {
        return on("take_back", {{"reason", "the account is closed"}, {"payees", json::array{payee}}});
    };
    EXPECT_REFUSED(take_back("Homes"), Code::invalid_argument, "Homes has not been paid");
    EXPECT_EQ(take_back("Wires")->at("state"), "PAYMENT_RETURNED");
    EXPECT_REFUSED(on("confirm", {{"payment", payment}}), billing::refusals::wrong_state, "PAYMENT_RETURNED");
    as("Homes");
    ASSERT_OK(on("initiate"));
    as("Bank");
    // GridCo has kept its part; what Wires is paid with has not been used.
    EXPECT_REFUSED(on("confirm", {{"payment", paid("B-2", {{"GridCo", "9.59"}, {"Wires", "4.11"}})}}),
                   billing::refusals::wrong_amount, "GridCo");
    auto used = paid("B-1", {{"GridCo", "0"}, {"Wires", "4.11"}});  // the second booking of the first statement
    used["bookings"].as_array().erase(used["bookings"].as_array().begin());
    EXPECT_REFUSED(on("confirm", {{"payment", used}}), Code::already_exists, "B-1-1");
    ASSERT_OK(on("confirm", {{"payment", paid("B-2", {{"Wires", "4.11"}})}}));
    as("Wires");
    EXPECT_EQ(on("receive")->at("state"), "RECEIVED");
}

TEST_F(Settlement, ADayThatComesLateIsACorrectionOfTheNextInvoice) {
    agree();
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    std::optional<crypto::Hash> previous;
    for (std::int64_t day = 0, sequence = 1; day < 47; ++day) {
        if (day == 3) continue;  // the device had no network
        const auto each = draft("meter-1", sequence++, kMonday + day * kDay, hourly(100 + day), previous);
        previous = content_id_of(each.record);
        ASSERT_OK(publish(each));
    }
    ASSERT_OK(finalize(0, 16));
    const auto june = on("compute");
    ASSERT_TRUE(june.has_value()) << june.error().message;
    // 45,696 without the 2,748 of day 3: 42,948; at 0.25 per 1,000: 10.74; and 20 %.
    EXPECT_EQ(june->at("totals").at("net"), "10.74");
    ASSERT_OK(publish(draft("meter-1", 47, kMonday + 3 * kDay, hourly(103), previous)));
    ASSERT_OK(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-18"}}));
    EXPECT_REFUSED(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-18"}}),
                   Code::invalid_argument, "nothing");
    ASSERT_OK(finalize(16, 47));
    const auto july = on("compute", {}, "2025-07-31");
    ASSERT_TRUE(july.has_value()) << july.error().message;
    const auto items =
        ledger.query("billing", "items", {{"agreement", "a1"}, {"day", "2025-07-31"}})->at("items").as_array();
    ASSERT_EQ(items.at(0).at("item"), "!");
    const auto& correction = items.at(0).at("lines").at(0);
    EXPECT_EQ(correction.at("corrects"), "2025-06-15");
    EXPECT_EQ(correction.at("quantity"), "2748");
    EXPECT_EQ(correction.at("amount"), "0.68");  // 11.42 - 10.74
    // July's own: 31 days from day 16 on.
    EXPECT_EQ(watts(16, 31), 106'020);  // at 0.25 per 1,000: 26.51
    EXPECT_EQ(july->at("totals").at("net"), "27.19");
}

TEST_F(Settlement, ADeviceThatJoinsLateIsMeteredFromItsFirstFinalDayOn) {
    const auto third_key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    as("GridCo");
    ledger.time_ms = (kMonday + 5 * kDay) * 1000;
    ASSERT_OK(ledger.submit("registry", "register_device", device_arguments("meter-3", third_key)));
    ledger.time_ms = (kMonday + 30 * kDay) * 1000;
    auto of = terms();
    of["scope"] = json::array{{{"shard", "north"}, {"devices", json::array{"meter-3"}}}};
    agree(of);
    const auto finalize_third = [&](std::int64_t from, std::int64_t to) {
        json::array days;
        for (auto day = from; day < to; ++day) days.push_back({{"device", "meter-3"}, {"day", day_text(day)}});
        return ledger.submit("data", "finalize", {{"agreement", "a1"}, {"days", days}});
    };
    const auto prepare = [&](const char* device) { return on("prepare", {{"devices", json::array{device}}}); };
    ASSERT_OK(finalize_third(6, 16));
    EXPECT_REFUSED(prepare("meter-3"), billing::refusals::days_open, "2025-06-20 of meter-3");  // when it came
    ASSERT_OK(finalize_third(5, 6));
    // Nobody has days billed on which there was no such device.
    EXPECT_REFUSED(finalize_third(3, 4), data::refusals::not_in_scope, "2025-06-18");
    EXPECT_EQ(prepare("meter-1")->at("not_metered"), 1);  // another agreement's, or none's
    EXPECT_EQ(prepare("nobody")->at("not_metered"), 1);
    EXPECT_EQ(prepare("meter-3")->at("items"), 1);
    const auto invoice = on("compute");
    ASSERT_TRUE(invoice.has_value()) << invoice.error().message;
    EXPECT_EQ(invoice->at("devices"), 1);
    EXPECT_EQ(invoice->at("days"), 11);
    EXPECT_REFUSED(ledger.query("data", "first_days", {{"agreement", "a1"}, {"devices", json::array{"meter-3"}}}),
                   Code::permission_denied, "billing alone");
}

TEST_F(Settlement, AnAmendmentChangesNothingThatIsBilled) {
    agree();
    publish_days(20);
    as("GridCo");
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    auto dearer = terms();
    dearer["tariff"].as_array()[0].at("prices").as_array()[0].at("price") = "0.5";
    dearer["from"] = "2025-06-30";
    EXPECT_REFUSED(ledger.submit("agreement", "amend", {{"id", "a1"}, {"terms", dearer}}),
                   agreement::refusals::too_late, "2025-07-01");
    dearer["from"] = "2025-07-02";
    ASSERT_OK(ledger.submit("agreement", "amend", {{"id", "a1"}, {"terms", dearer}}));
    for (const auto* party : {"Homes", "Bank", "Wires"}) {
        as(party);
        ASSERT_OK(sign(2));
    }
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    ASSERT_OK(finalize(16, 47));
    const auto july = on("compute", {}, "2025-07-02");
    ASSERT_TRUE(july.has_value()) << july.error().message;
    const auto lines =
        ledger.query("billing", "items", {{"agreement", "a1"}, {"day", "2025-07-02"}})->at("items").at(1).at("lines");
    ASSERT_EQ(lines.as_array().size(), 2U);
    EXPECT_EQ(lines.at(0).at("quantity"), json::value(std::to_string(watts(16, 1))));
    EXPECT_EQ(lines.at(1).at("quantity"), json::value(std::to_string(watts(17, 3))));
    EXPECT_EQ(lines.at(1).at("price"), "0.5");
}

TEST_F(Settlement, ItemsThatWereComputedAheadFollowAnAmendment) {
    agree();
    publish_days(16);
    as("GridCo");
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("prepare", {{"devices", json::array{"meter-1"}}}));
    EXPECT_EQ(on("prepare", {{"devices", json::array{"meter-1"}}})->at("already"), 1);
    auto dearer = terms();
    dearer["tariff"].as_array()[0].at("prices").as_array()[0].at("price") = "0.5";
    dearer["from"] = "2025-06-23";
    ASSERT_OK(ledger.submit("agreement", "amend", {{"id", "a1"}, {"terms", dearer}}));
    for (const auto* party : {"Homes", "Bank", "Wires"}) {
        as(party);
        ASSERT_OK(sign(2));
    }
    const auto invoice = on("compute");
    ASSERT_TRUE(invoice.has_value()) << invoice.error().message;
    EXPECT_EQ(watts(0, 8), 22'080);  // at 0.25 per 1,000: 5.52
    EXPECT_EQ(watts(8, 8), 23'616);  // at 0.5 per 1,000: 11.81
    EXPECT_EQ(invoice->at("totals").at("net"), "17.33");
}

TEST_F(Settlement, WindowsNeedTheDaysSeries) {
    auto of = terms();
    of["windows"] = json::array{{{
                                     "name",
                                     "day",
                                 },
                                 {"days", json::array{}},
                                 {"from_minute", 360},
                                 {"to_minute", 1320}}};
    of["tariff"].as_array()[0].as_object()["window"] = "day";
    agree(of);
    const auto one = draft("meter-1", 1, kMonday, hourly());
    ASSERT_OK(publish(one));
    EXPECT_REFUSED(finalize(0, 1), Code::invalid_argument, "packed series");
    const json::object arguments{{"agreement", "a1"},
                                 {"days", json::array{{{"device", "meter-1"}, {"day", "2025-06-15"}}}}};
    const auto other = draft("meter-1", 1, kMonday, hourly(101));
    EXPECT_REFUSED(ledger.submit("data", "finalize", arguments, {pack_series(other.record, other.series).value()}),
                   chaincode::refusals::root_mismatch, "");
    ASSERT_OK(ledger.submit("data", "finalize", arguments, {pack_series(one.record, one.series).value()}));
    const auto day = ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}})->at("days").at(0);
    // The hours 6 to 21 of 100 + hour: 16 x 100 + (6 + ... + 21).
    EXPECT_EQ(day.at("fields").at(0).at("windows").at(0).at("quantity"), "1816");
}

TEST_F(Settlement, ADayThatBecomesFinalAfterItsInvoiceIsACorrection) {
    auto of = terms();
    of["scope"] = json::array{{{"shard", "north"}, {"devices", json::array{}}}};
    agree(of);
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    publish_days(47);
    const auto all_final = [&](std::string_view device, std::int64_t from, std::int64_t to) {
        json::array days;
        for (auto day = from; day < to; ++day) days.push_back({{"device", device}, {"day", day_text(day)}});
        return ledger.submit("data", "finalize", {{"agreement", "a1"}, {"days", days}});
    };
    as("GridCo");
    ASSERT_OK(all_final("meter-1", 0, 16));
    EXPECT_REFUSED(on("compute"), billing::refusals::days_open, "meter-2");
    ASSERT_OK(all_final("meter-2", 0, 16));
    ASSERT_OK(on("compute"));
    // A meter that is registered now and hands in a day of June.
    const auto third_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 3));
    ASSERT_OK(ledger.submit("registry", "register_device", device_arguments("meter-3", third_key)));
    ASSERT_OK(publish(Metering::sign(draft("meter-3", 1, kMonday + 5 * kDay, hourly()), third_key)));
    EXPECT_REFUSED(all_final("meter-3", 6, 7), data::refusals::not_in_scope, "2025-06-21");
    ASSERT_OK(all_final("meter-3", 5, 6));
    EXPECT_EQ(ledger.query("data", "revisions", {{"agreement", "a1"}, {"number", 1}})->at("last"), 1);
    ASSERT_OK(all_final("meter-3", 6, 16));
    for (const auto* device : {"meter-1", "meter-2", "meter-3"}) ASSERT_OK(all_final(device, 16, 47));
    ASSERT_OK(on("compute", {}, "2025-07-01"));
    const auto items =
        ledger.query("billing", "items", {{"agreement", "a1"}, {"day", "2025-07-01"}})->at("items").as_array();
    ASSERT_EQ(items.at(0).at("item"), "!");
    EXPECT_EQ(items.at(0).at("lines").as_array().size(), 1U);
    EXPECT_EQ(items.at(0).at("lines").at(0).at("device"), "meter-3");
    EXPECT_EQ(items.at(0).at("lines").at(0).at("quantity"), "2676");
}

TEST_F(Settlement, ARegisterGoesOnAndIsNotBilledWhenItGoesBack) {
    auto of = terms();
    of["fields"].as_array()[0].at("measure") = "REGISTER_DIFFERENCE";
    agree(of);
    const auto day_of = [](std::int64_t first) {
        std::vector<Row> rows;
        for (std::int64_t hour = 0; hour < 24; ++hour) rows.push_back({hour * 3600, {first + 10 * hour, 2300}});
        return rows;
    };
    std::optional<crypto::Hash> previous;
    std::int64_t sequence = 1;
    for (const std::int64_t first : {1000, 1240, 5}) {  // the third day's meter is another one
        const auto each = draft("meter-1", sequence, kMonday + (sequence - 1) * kDay, day_of(first), previous);
        previous = content_id_of(each.record);
        ++sequence;
        ASSERT_OK(publish(each));
    }
    ASSERT_OK(finalize(0, 3));
    const auto days = ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}})->at("days");
    EXPECT_EQ(days.at(0).at("fields").at(0).at("billed"), "230");  // 1000 to 1230
    EXPECT_EQ(days.at(1).at("fields").at(0).at("billed"), "240");  // 1230 to 1470
    EXPECT_EQ(days.at(2).at("match"), "OUT_OF_RANGE");
    EXPECT_FALSE(days.at(2).at("fields").at(0).as_object().contains("billed"));
}

TEST_F(Settlement, ARegistersDayThatComesLateLeavesNothingUnbilled) {
    auto of = terms();
    of["fields"].as_array()[0].at("measure") = "REGISTER_DIFFERENCE";
    agree(of);
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    const auto day_of = [](std::int64_t day) {
        std::vector<Row> rows;
        for (std::int64_t hour = 0; hour < 24; ++hour)
            rows.push_back({hour * 3600, {1000 + 240 * day + 10 * hour, 2300}});
        return rows;
    };
    std::optional<crypto::Hash> previous;
    std::int64_t sequence = 1;
    for (const std::int64_t day : {0, 2, 1}) {
        const auto each = draft("meter-1", sequence++, kMonday + day * kDay, day_of(day), previous);
        previous = content_id_of(each.record);
        if (day == 1) ASSERT_OK(finalize(0, 3));
        ASSERT_OK(publish(each));
    }
    const auto revise = [&](std::string_view day) {
        return ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", day}});
    };
    const auto billed = [](const json::value& day) { return day.at("fields").at(0).at("billed"); };
    EXPECT_EQ(billed(ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}})->at("days").at(2)),
              "230");  // 1480 to 1710: the day before was not known
    EXPECT_REFUSED(revise("2025-06-17"), Code::invalid_argument, "nothing");
    EXPECT_EQ(billed(*revise("2025-06-16")), "240");  // 1230 to 1470
    EXPECT_EQ(billed(*revise("2025-06-17")), "240");  // 1470 to 1710; with 230 of the first day, all of 1000 to 1710
    EXPECT_REFUSED(revise("2025-06-17"), Code::invalid_argument, "nothing");
    const auto run = ledger.submit(
        "audit", "run",
        {{"agreement", "a1"}, {"id", "r1"}, {"from", "2025-06-15"}, {"until", "2025-06-18"}, {"device", "meter-1"}});
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->at("run").at("verdict"), "PASSED") << json::serialize(run->at("run").at("findings"));
}

TEST_F(Settlement, WhoIsNamedInAMereProposalActsAsNoParty) {
    agree();
    publish_days(16);
    ledger.organizations.push_back("Shell");
    as("GridCo");
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    auto more = terms();
    more["from"] = "2025-08-01";
    more["parties"].as_array().push_back({{"organization", "Shell"}, {"role", "SP"}});
    ASSERT_OK(ledger.submit("agreement", "amend", {{"id", "a1"}, {"terms", more}}));
    as("Shell");
    ASSERT_OK(ledger.query("agreement", "get", {{"id", "a1"}}));  // it may read what it is to sign
    EXPECT_REFUSED(on("dispute", {{"reason", "x"}}), agreement::refusals::wrong_party, "Shell");
    EXPECT_REFUSED(ledger.submit("agreement", "suspend", {{"id", "a1"}, {"reason", "x"}}),
                   agreement::refusals::wrong_party, "Shell");
    EXPECT_REFUSED(ledger.submit("agreement", "amend", {{"id", "a1"}, {"terms", more}}),
                   agreement::refusals::wrong_party, "Shell");
}

TEST_F(Settlement, WhatIsOrderedDoesNotExpire) {
    agree();
    publish_days(16);
    as("Homes");
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    as("GridCo");
    ASSERT_OK(on("notify"));
    as("Homes");
    ASSERT_OK(on("initiate"));
    ledger.time_ms += 60 * kDay * 1000;
    EXPECT_REFUSED(on("expire"), billing::refusals::wrong_state, "PAYMENT_INITIATED");
}

TEST_F(Settlement, WhereNothingIsToBePaidNoBankIsWaitedFor) {
    auto of = terms();
    of["tariff"].as_array()[0].as_object()["prices"] = json::array{{{"from", "0"}, {"price", "0"}}};
    agree(of);
    publish_days(16);
    as("GridCo");
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    EXPECT_EQ(on("notify")->at("state"), "RECEIVED");
    ASSERT_OK(on("confirm_final"));
    as("Homes");
    EXPECT_EQ(on("confirm_final")->at("state"), "FINAL");
}

TEST_F(Settlement, ARegistersDaysBecomeFinalInTheirOrder) {
    auto of = terms();
    of["fields"].as_array()[0].at("measure") = "REGISTER_DIFFERENCE";
    agree(of);
    publish_days(3);
    as("Homes");
    EXPECT_REFUSED(finalize(2, 3), data::refusals::day_open, "2025-06-16");
    ASSERT_OK(finalize(0, 3));
}

TEST_F(Settlement, ADisputeHoldsTheInvoiceUpUntilItsDeadline) {
    agree();
    publish_days(16);
    as("Homes");
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(on("compute"));
    as("GridCo");
    EXPECT_EQ(on("dispute", {{"reason", "a sham"}})->at("state"), "DISPUTED");
    as("Homes");  // its right to dispute stays
    EXPECT_EQ(on("dispute", {{"reason", "too much"}})->at("state"), "DISPUTED");
    EXPECT_REFUSED(on("dispute", {{"reason", "too much"}}), Code::already_exists, "Homes has disputed it");
    as("GridCo");
    EXPECT_EQ(on("settle_dispute", {{"reason", "taken back"}})->at("state"), "DISPUTED");
    EXPECT_REFUSED(on("dispute", {{"reason", "again"}}), Code::already_exists, "GridCo");
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "DISPUTED");
    EXPECT_REFUSED(on("settle_dispute", {{"reason", "no"}}), billing::refusals::deadline, "Homes");
    ledger.time_ms += 15 * kDay * 1000;
    EXPECT_EQ(on("settle_dispute", {{"reason", "it has lapsed"}})->at("state"), "COMPUTED");
    as("Homes");
    EXPECT_REFUSED(on("dispute", {{"reason", "again"}}), billing::refusals::deadline, "until");
    EXPECT_EQ(on("expire")->at("state"), "EXPIRED");
}

}  // namespace
}  // namespace tally::chaincode::test
