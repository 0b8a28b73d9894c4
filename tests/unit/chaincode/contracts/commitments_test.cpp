// Devices that sign commitments in the place of their figures: blocks have neither readings nor figures, and the
// parties bill what a collection keeps.

#include "chaincode/records/opening.h"
#include "chaincode/records/packed_series.h"
#include "tests/unit/chaincode/contracts/settlement_fixture.h"

namespace tally::chaincode::test {
namespace {

constexpr std::string_view kCommitment = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

class Commitments : public Settlement {
  protected:
    void SetUp() override {
        Settlement::SetUp();
        as("GridCo");
        ASSERT_OK(
            ledger.submit("registry", "define_collection",
                          {{"id", "homes"}, {"keepers", json::array{"Homes", "Bank", "GridCo"}}, {"figures", true}}));
        ASSERT_OK(ledger.submit("registry", "assign_collection",
                                {{"devices", json::array{"meter-1"}}, {"collection", "homes"}}));
    }
    // With 16 days that are FINAL.
    void agree_with_dispute_days(int days) {
        auto of = terms();
        of["dispute_days"] = days;
        agree(of);
        publish_concealed_days(0, 16);
        ASSERT_OK(finalize(0, 16));
    }
    // What a device signs, and what its keepers get.
    struct Concealed {
        DeviceRecord record;
        Bytes opening;
        Bytes packed;
        [[nodiscard]] crypto::Hash id() const { return content_id_of(record); }
    };
    static Concealed conceal_draft(const Draft& from) {
        Concealed out;
        out.packed = *pack_series(from.record, from.series);
        // A salt that no other record has: its sequence. Devices take random bytes.
        Bytes salt(kSaltBytes, 7);
        salt[0] = static_cast<std::uint8_t>(from.record.sequence);
        out.opening = make_opening(from.record, salt);
        out.record = conceal(from.record, out.opening);
        return out;
    }
    Concealed publish_concealed(std::int64_t sequence, std::int64_t day, std::optional<crypto::Hash> previous) {
        auto out = conceal_draft(draft("meter-1", sequence, kMonday + day * kDay, hourly(100 + day), previous));
        const auto published = publish(sign_record(key, "main", out.record));
        EXPECT_TRUE(published) << message_of(published);
        keep(out);
        return out;
    }
    void keep(const Concealed& of) { ledger.kept.all[{"meter-1", of.id()}] = kept_form(of.opening, of.packed); }
    void publish_concealed_days(std::int64_t from, std::int64_t to) {
        std::optional<crypto::Hash> previous;
        for (auto day = from; day < to; ++day) previous = publish_concealed(day + 1, day, previous).id();
    }
    Result<json::value> opened(std::string_view day = "2025-06-20") {
        return ledger.query("billing", "open_invoice", {{"agreement", "a1"}, {"day", day}});
    }
    Result<json::value> seal(std::string_view day = "2025-06-20") {
        return on("seal", {{"commitment", kCommitment}}, day);
    }
};

TEST_F(Commitments, NeitherFiguresNorOpeningsMayBeInABlock) {
    const auto clear = draft("meter-1", 1, kMonday, hourly());
    const auto concealed = conceal_draft(clear);
    EXPECT_REFUSED(publish(clear), data::refusals::confidential_figures, "sign a commitment");
    EXPECT_REFUSED(publish(sign_record(key, "main", concealed.record, {}, concealed.opening)),
                   data::refusals::confidential_figures, "beside its record");
    EXPECT_REFUSED(publish(sign_record(key, "main", concealed.record, concealed.packed, concealed.opening)),
                   data::refusals::confidential_figures, "beside its record");
    const auto whole = sign_record(key, "main", concealed.record, concealed.packed, concealed.opening);
    ASSERT_OK(publish(*without_readings(whole)));
    const auto day = ledger.query("data", "days", {{"device", "meter-1"}})->at("days").at(0);
    EXPECT_EQ(day.at("commitment").as_string(), crypto::sha256(concealed.opening).hex());
    EXPECT_EQ(day.at("collection"), "homes");
    EXPECT_TRUE(day.at("fields").as_array().empty());
    EXPECT_EQ(day.at("rows"), 0);
    EXPECT_EQ(day.at("root"), "");
    EXPECT_REFUSED(ledger.submit("data", "cloud_series",
                                 {{"device", "meter-1"},
                                  {"from", kMonday},
                                  {"to", kMonday + kDay},
                                  {"fields", json::array{{{"field", "power"},
                                                          {"unit", "W"},
                                                          {"count", 24},
                                                          {"sum", "2676"},
                                                          {"first", "100"},
                                                          {"last", "123"}}}}}),
                   data::refusals::confidential_figures, "the operator's own");
}

TEST_F(Commitments, ACommitmentNeedsACollectionThatKeepsFigures) {
    auto other = conceal_draft(draft("meter-2", 1, kMonday, hourly()));
    EXPECT_REFUSED(publish(sign_record(second_key, "main", other.record)), data::refusals::figures_withheld,
                   "no collection keeps the figures of \"meter-2\"");
    ASSERT_OK(ledger.submit("registry", "define_collection", {{"id", "rows"}, {"keepers", json::array{"Homes"}}}));
    ASSERT_OK(
        ledger.submit("registry", "assign_collection", {{"devices", json::array{"meter-2"}}, {"collection", "rows"}}));
    EXPECT_REFUSED(publish(sign_record(second_key, "main", other.record)), data::refusals::figures_withheld, "meter-2");
    auto alive = draft("meter-1", 1, kMonday, {});
    alive.record.kind = RecordKind::KEEPALIVE;
    alive.record.fields.clear();
    alive.record.summary.clear();
    alive.record.series.reset();
    ASSERT_OK(publish(sign_record(key, "main", alive.record)));
}

TEST_F(Commitments, KeepersSeeTheReadingsAndOthersDoNot) {
    const auto first = publish_concealed(1, 0, {});
    const auto series = [&](const std::string& organization) {
        as(organization);
        return *ledger.query("data", "series", {{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
    };
    EXPECT_EQ(series("Homes").at("fields").at(0).at("samples").as_array().size(), 24U);
    EXPECT_EQ(series("Wires").at("records").at(0).at("why"), "NOT_A_KEEPER");
    // The rows of another day do not have the root that the opening has.
    const auto other = conceal_draft(draft("meter-1", 1, kMonday, hourly(7)));
    ledger.kept.all[{"meter-1", first.id()}] = kept_form(first.opening, other.packed);
    EXPECT_EQ(series("Homes").at("records").at(0).at("why"), "NOT_HERE");
    ledger.kept.all[{"meter-1", first.id()}] = kept_form(other.opening, first.packed);
    EXPECT_EQ(series("Homes").at("records").at(0).at("why"), "NOT_HERE");
    ledger.kept.all[{"meter-1", first.id()}] = kept_form(first.opening, {});
    EXPECT_EQ(series("Homes").at("records").at(0).at("why"), "BY_HOLDER");
}

TEST_F(Commitments, TheInvoiceIsThatOfTheSameFiguresInTheClear) {
    agree();
    publish_concealed_days(0, 16);
    ASSERT_OK(finalize(0, 16));
    const auto settled = *ledger.query("data", "settled", {{"agreement", "a1"}, {"device", "meter-1"}});
    EXPECT_EQ(settled.at("days").at(5).at("match"), "COMMITTED");
    EXPECT_FALSE(settled.at("days").at(5).at("fields").at(0).as_object().contains("billed"));
    EXPECT_REFUSED(on("compute"), billing::refusals::sealed_figures, "meter-1 on 2025-06-15");
    EXPECT_REFUSED(ledger.query("billing", "preview", {{"agreement", "a1"}, {"day", "2025-06-20"}}),
                   billing::refusals::sealed_figures, "meter-1 on 2025-06-15");
    EXPECT_REFUSED(on("prepare", {{"devices", json::array{"meter-1"}}}), billing::refusals::sealed_figures, "meter-1");
    const auto invoice = opened();
    ASSERT_OK(invoice);
    // 16 days from day 0 on, at 0.25 per 1,000, and 20 %.
    EXPECT_EQ(watts(0, 16), 45'696);
    EXPECT_EQ(invoice->at("totals").at("net"), "11.42");
    EXPECT_EQ(invoice->at("totals").at("payable"), "13.70");
    EXPECT_EQ(invoice->at("items").at(1).at("item"), "meter-1");
    EXPECT_EQ(invoice->at("items").at(1).at("lines").at(0).at("quantity"), "45696");
    EXPECT_EQ(invoice->at("items").at(1).at("days").as_array().size(), 16U);
    as("Stranger");
    EXPECT_REFUSED(opened(), Code::permission_denied, "not this caller's to see");
}

TEST_F(Commitments, AnOpeningThatIsMissingOrAnothersIsNamed) {
    agree();
    const auto first = publish_concealed(1, 0, {});
    const auto second = publish_concealed(2, 1, first.id());
    std::optional<crypto::Hash> previous = second.id();
    for (std::int64_t day = 2; day < 16; ++day) previous = publish_concealed(day + 1, day, previous).id();
    ASSERT_OK(finalize(0, 16));
    ASSERT_OK(opened());
    auto& kept = ledger.kept.all;
    const auto good = kept.at({"meter-1", second.id()});
    kept[{"meter-1", second.id()}] = kept.at({"meter-1", first.id()});
    EXPECT_REFUSED(opened(), data::refusals::figures_withheld, "record 2 of \"meter-1\"");
    kept[{"meter-1", second.id()}] = good.size() > 9 ? Bytes(good.begin(), good.end() - 9) : Bytes();
    EXPECT_REFUSED(opened(), data::refusals::figures_withheld, "record 2 of \"meter-1\"");
    kept.erase({"meter-1", second.id()});
    EXPECT_REFUSED(opened(), data::refusals::figures_withheld, "this node does not have them");
    kept[{"meter-1", second.id()}] = good;
    as("GridCo");
    ASSERT_OK(ledger.submit("data", "erase", {{"device", "meter-1"}, {"reason", "moved out"}}));
    EXPECT_REFUSED(opened(), data::refusals::figures_withheld, "erased");
}

TEST_F(Commitments, ThePartiesAgreeToACommitmentBeforeItIsPaid) {
    agree();
    publish_concealed_days(0, 16);
    as("GridCo");
    EXPECT_REFUSED(seal(), billing::refusals::days_open, "2025-06-15 of meter-1 is not FINAL");
    ASSERT_OK(finalize(0, 16));
    as("Homes");
    EXPECT_REFUSED(seal(), agreement::refusals::wrong_party, "Homes is not OPERATOR");
    EXPECT_REFUSED(on("agree", {{"commitment", kCommitment}}), billing::refusals::no_invoice, "2025-06-15");
    as("GridCo");
    const auto sealed = seal();
    ASSERT_OK(sealed);
    EXPECT_EQ(sealed->at("sealed").at("commitment").as_string(), kCommitment);
    EXPECT_EQ(sealed->at("totals").at("payable"), "0");
    EXPECT_EQ(sealed->at("days"), 16);
    ASSERT_OK(seal());  // the same once more
    EXPECT_REFUSED(on("seal", {{"commitment", std::string(64, 'd')}}), Code::already_exists, "2025-06-15");
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "Homes has not agreed");
    as("Homes");
    EXPECT_REFUSED(on("agree", {{"commitment", std::string(64, 'd')}}), billing::refusals::wrong_commitment, "sealed");
    ASSERT_OK(on("agree", {{"commitment", kCommitment}}));
    EXPECT_REFUSED(on("agree", {{"commitment", kCommitment}}), Code::already_exists, "Homes");
    as("GridCo");
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "Bank has not agreed");
    as("Bank");
    ASSERT_OK(on("agree", {{"commitment", kCommitment}}));
    as("GridCo");
    EXPECT_EQ(on("notify")->at("state"), "NOTIFIED");
    as("Homes");
    EXPECT_EQ(on("initiate")->at("state"), "PAYMENT_INITIATED");
    const json::object attested{{"statement", std::string(64, 'a')},
                                {"bookings", json::array{std::string(64, '1'), std::string(64, '2')}}};
    EXPECT_REFUSED(on("attest_paid", attested), agreement::refusals::wrong_party, "Homes is not DV");
    as("Bank");
    EXPECT_REFUSED(on("confirm", {{"payment", paid("R", {{"GridCo", "9.59"}, {"Wires", "4.11"}})}}),
                   billing::refusals::sealed_figures, "attest_paid");
    EXPECT_EQ(on("attest_paid", attested)->at("state"), "PAYMENT_CONFIRMED");
    as("GridCo");
    EXPECT_EQ(on("receive")->at("state"), "PAYMENT_CONFIRMED");
    as("Bank");
    EXPECT_REFUSED(on("receive"), agreement::refusals::wrong_party, "no payee");
    as("Wires");
    EXPECT_EQ(on("receive")->at("state"), "RECEIVED");
    as("Bank");
    EXPECT_EQ(on("take_back", {{"reason", "AC04"}, {"payees", json::array{"Wires"}}})->at("state"), "PAYMENT_RETURNED");
    EXPECT_EQ(on("initiate")->at("state"), "PAYMENT_INITIATED");
    EXPECT_REFUSED(on("attest_paid", attested), Code::already_exists, std::string(64, '1'));
}

// Nobody holds up a payment by saying nothing; who has disputed the invoice has said something.
TEST_F(Commitments, SilenceAgreesWhenTheTimeForDisputesIsOver) {
    agree();
    publish_concealed_days(0, 16);
    ASSERT_OK(finalize(0, 16));
    as("GridCo");
    const auto until = std::string((*seal()).at("disputable_until").as_string());
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "silence will count from " + until);
    const auto sealed_at = ledger.time_ms;
    ledger.time_ms = sealed_at + 13 * kDay * 1000;
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "Homes has not agreed");
    as("Homes");
    ASSERT_OK(on("dispute", {{"reason", "I compute 9.58"}}));
    ledger.time_ms = sealed_at + 40 * kDay * 1000;
    as("GridCo");
    ASSERT_OK(on("settle_dispute", {{"reason", "its time is over"}}));
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "Homes has disputed it and not agreed");
    as("Homes");
    ASSERT_OK(on("agree", {{"commitment", kCommitment}}));
    as("GridCo");  // Bank has said nothing
    EXPECT_EQ(on("notify")->at("state"), "NOTIFIED");
}

// Sealed in the last second of a day, with one day for disputes.
TEST_F(Commitments, AWholeDayIsThereToDisputeASealedInvoice) {
    agree_with_dispute_days(1);
    ledger.time_ms =
        (ledger.time_ms / (kDay * 1000) + 1) * kDay * 1000 - 2 * 3600 * 1000 - 1000;  // in Vienna, in summer
    as("GridCo");
    ASSERT_OK(seal());
    ledger.time_ms += 20 * 3600 * 1000;
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "Homes has not agreed");
    as("Homes");
    ASSERT_OK(on("dispute", {{"reason", "I compute 9.58"}}));
}

TEST_F(Commitments, SilenceSaysNothingWhereNobodyCanDispute) {
    agree_with_dispute_days(0);
    as("GridCo");
    ASSERT_OK(seal());
    ledger.time_ms += 40 * kDay * 1000;
    EXPECT_REFUSED(on("notify"), billing::refusals::wrong_state, "Homes has not agreed");
}

// The amounts are those of Settlement.ADayThatComesLateIsACorrectionOfTheNextInvoice, in the clear.
TEST_F(Commitments, ADayThatComesLateIsACorrectionOfTheNextSealedInvoice) {
    agree();
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    std::optional<crypto::Hash> previous;
    for (std::int64_t day = 0, sequence = 1; day < 47; ++day) {
        if (day != 3) previous = publish_concealed(sequence++, day, previous).id();
    }
    ASSERT_OK(finalize(0, 16));
    as("GridCo");
    const auto june = json_text(*opened());
    EXPECT_EQ(opened()->at("totals").at("net"), "10.74");
    ASSERT_OK(seal());
    publish_concealed(47, 3, previous);
    ASSERT_OK(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-18"}}));
    ASSERT_OK(finalize(16, 47));
    EXPECT_EQ(json_text(*opened()), june);  // as it was sealed
    const auto july = *opened("2025-07-31");
    const auto& correction = july.at("items").at(0);
    ASSERT_EQ(correction.at("item"), "!");
    EXPECT_EQ(correction.at("lines").at(0).at("corrects"), "2025-06-15");
    EXPECT_EQ(correction.at("lines").at(0).at("quantity"), "2748");
    EXPECT_EQ(correction.at("lines").at(0).at("amount"), "0.68");
    EXPECT_EQ(july.at("totals").at("net"), "27.19");
    const auto sealed = seal("2025-07-31");
    ASSERT_OK(sealed);
    EXPECT_EQ(sealed->at("sealed").at("revisions").as_array().size(), 1U);
    EXPECT_EQ(json_text(*opened("2025-07-31")), json_text(july));
    EXPECT_EQ(json_text(*opened()), june);
}

// A register goes on from the day before, whose last reading only its opening has.
TEST_F(Commitments, ARegisterGoesOnFromTheDayBefore) {
    auto of = terms();
    of["fields"].as_array()[0].as_object()["measure"] = "REGISTER_DIFFERENCE";
    agree(of);
    publish_concealed_days(0, 16);
    ASSERT_OK(finalize(0, 16));
    const auto days = *ledger.query("data", "opened_days", {{"agreement", "a1"}, {"device", "meter-1"}});
    // Readings of day d go from 100 + d to 123 + d: the first day has 23, each other one 1.
    EXPECT_EQ(days.at("days").at(0).at("fields").at(0).at("billed"), "23");
    EXPECT_EQ(days.at("days").at(1).at("fields").at(0).at("billed"), "1");
    EXPECT_EQ(opened()->at("items").at(1).at("lines").at(0).at("quantity"), "38");
}

TEST_F(Commitments, WhatIsInTheClearIsComputedAndNotSealed) {
    as("GridCo");
    ASSERT_OK(ledger.submit("registry", "assign_collection", {{"devices", json::array{"meter-1"}}}));
    agree();
    publish_days(16);
    ASSERT_OK(finalize(0, 16));
    as("GridCo");
    EXPECT_REFUSED(seal(), billing::refusals::wrong_state, "no day");
    ASSERT_OK(on("compute"));
    EXPECT_REFUSED(opened(), billing::refusals::wrong_state, "in the clear");
    EXPECT_REFUSED(on("attest_paid", {{"statement", std::string(64, 'a')}, {"bookings", json::array{}}}),
                   agreement::refusals::wrong_party, "GridCo");
    // A correction in the clear is no reason either.
    const auto days = ledger.query("data", "days", {{"device", "meter-1"}})->at("days").as_array();
    const auto id_of = [&](std::size_t day) {
        return *crypto::Hash::from_hex(std::string_view(days.at(day).at("content_id").as_string()));
    };
    ledger.time_ms = (kMonday + 60 * kDay) * 1000;
    auto previous = id_of(15);
    for (std::int64_t day = 16; day < 47; ++day) {
        const auto each = draft("meter-1", day + 1, kMonday + day * kDay, hourly(100 + day), previous);
        previous = content_id_of(each.record);
        ASSERT_OK(publish(each));
    }
    auto corrected = draft("meter-1", 48, kMonday + 3 * kDay, hourly(203), previous);
    corrected.record.corrects = id_of(3);
    ASSERT_OK(publish(corrected));
    ASSERT_OK(ledger.submit("data", "revise", {{"agreement", "a1"}, {"device", "meter-1"}, {"day", "2025-06-18"}}));
    ASSERT_OK(finalize(16, 47));
    EXPECT_REFUSED(seal("2025-07-31"), billing::refusals::wrong_state, "no day");
}

}  // namespace
}  // namespace tally::chaincode::test
