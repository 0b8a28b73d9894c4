// The chain of a device's DAILY records (key 13) and corrections (key 15).

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/records/refusals.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

// Day n of meter-1 with a sequence, naming the DAILY record before it or not.
Draft day(std::int64_t number, std::int64_t sequence, std::optional<crypto::Hash> previous_daily,
          std::optional<crypto::Hash> previous = {}) {
    auto out = draft("meter-1", sequence, kMonday + number * kDay, hourly(), previous);
    out.record.previous_daily = previous_daily;
    return out;
}

Draft correction(std::int64_t number, std::int64_t sequence, const crypto::Hash& corrected) {
    auto out = draft("meter-1", sequence, kMonday + number * kDay, hourly(200));
    out.record.corrects = corrected;
    return out;
}

crypto::Hash id_of(const Draft& record) { return content_id_of(record.record); }

class DailyChain : public Metering {
  protected:
    json::value gaps(std::int64_t days) {
        const auto answer = ledger.query(
            "data", "gaps", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + days * kDay}});
        EXPECT_TRUE(answer) << message_of(answer);
        return answer ? *answer : json::value(json::object());
    }
};

TEST_F(DailyChain, DaysNameTheDayBeforeAcrossOtherRecords) {
    const auto first = day(0, 1, {});
    const auto second = day(1, 5, id_of(first));
    const auto third = day(2, 9, id_of(second));
    ASSERT_OK(publish(first));
    ASSERT_OK(publish(second));
    ASSERT_OK(publish(third));
    EXPECT_TRUE(gaps(3).at("broken_days").as_array().empty());
    const auto proofs = ledger.query(
        "data", "proofs", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + 3 * kDay}});
    EXPECT_EQ(proofs->at("proofs").at(2).at("previous_daily"), json::value(id_of(second).hex()));
}

TEST_F(DailyChain, ADeviceThatNamedTheDayBeforeGoesOn) {
    const auto first = day(0, 1, {});
    ASSERT_OK(publish(first));
    ASSERT_OK(publish(day(1, 4, id_of(first))));
    EXPECT_REFUSED(publish(day(2, 6, {})), data::refusals::chain_broken, "names no DAILY record before it (key 13)");
    // Before it began it did not.
    ASSERT_OK(publish(day(-1, 2, {}, id_of(first))));
}

TEST_F(DailyChain, ADayThatIsNotTheOneBeforeIsRefused) {
    const auto first = day(0, 1, {});
    const auto second = day(1, 3, id_of(first));
    ASSERT_OK(publish(first));
    ASSERT_OK(publish(second));
    EXPECT_REFUSED(publish(day(2, 5, id_of(first))), data::refusals::chain_broken, "record 3 lies between");
    EXPECT_REFUSED(publish(day(2, 4, crypto::sha256({}), id_of(second))), data::refusals::chain_broken,
                   "that is record 3");
    auto alive = draft("meter-1", 4, kMonday + 60, {}, {}, {});
    alive.record.kind = RecordKind::KEEPALIVE;
    alive.record.end_s = kMonday + 3660;
    alive.record.previous = id_of(second);
    ASSERT_OK(publish(alive));
    EXPECT_REFUSED(publish(day(2, 5, id_of(alive), id_of(alive))), data::refusals::chain_broken, "no DAILY record");
    ASSERT_OK(publish(day(2, 5, id_of(second), id_of(alive))));
}

TEST_F(DailyChain, TheFirstSequenceHasNoDayBefore) {
    EXPECT_REFUSED(publish(day(0, 1, crypto::sha256({}))), data::refusals::chain_broken, "the sequence 1");
}

TEST_F(DailyChain, DaysMayComeInAnyOrderAndABreakIsNamed) {
    const auto first = day(0, 1, {});
    const auto second = day(1, 3, id_of(first));
    const auto third = day(2, 5, id_of(second));
    ASSERT_OK(publish(third));
    ASSERT_OK(publish(first));
    const auto without = gaps(3).at("broken_days");
    ASSERT_EQ(without.as_array().size(), 1U);
    EXPECT_EQ(without.at(0).at("sequence"), 5);
    EXPECT_EQ(without.at(0).at("names"), json::value(id_of(second).hex()));
    EXPECT_EQ(without.at(0).at("predecessor"), json::value(id_of(first).hex()));
    ASSERT_OK(publish(second));
    EXPECT_TRUE(gaps(3).at("broken_days").as_array().empty());
}

TEST_F(DailyChain, ACorrectionLeavesTheOriginalAndIsNamedWithIt) {
    const auto original = day(0, 1, {});
    ASSERT_OK(publish(original));
    const auto corrected = correction(0, 2, id_of(original));
    auto chained = corrected.record;
    chained.previous = id_of(original);
    ASSERT_OK(publish(sign_record(key, "main", chained)));
    const auto days = ledger.query("data", "days", json::object{{"device", "meter-1"}});
    ASSERT_EQ(days->at("days").as_array().size(), 1U);
    EXPECT_EQ(days->at("days").at(0).at("sequence"), 1);
    EXPECT_EQ(days->at("days").at(0).at("corrected_by").at("sequence"), 2);
    const auto records = ledger.query("data", "records", json::object{{"device", "meter-1"}});
    EXPECT_EQ(records->at("records").at(1).at("corrects"), json::value(id_of(original).hex()));
    const auto totals = ledger.query("data", "totals", json::object{{"device", "meter-1"}});
    EXPECT_EQ(totals->at("daily"), 1);
    EXPECT_EQ(totals->at("corrections"), 1);
    EXPECT_EQ(totals->at("rows"), 24);
    const auto samples =
        ledger.query("data", "series", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
    EXPECT_EQ(samples->at("records").as_array().size(), 1U);
    EXPECT_TRUE(gaps(1).at("broken_days").as_array().empty());
}

TEST_F(DailyChain, ACorrectionIsOfARecordThatIsThere) {
    const auto original = day(0, 3, {});
    ASSERT_OK(publish(original));
    EXPECT_REFUSED(publish(correction(0, 5, crypto::sha256({}))), data::refusals::chain_broken,
                   "no record of \"meter-1\"");
    EXPECT_REFUSED(publish(correction(1, 5, id_of(original))), data::refusals::period_overlap,
                   "corrects record 3 (key 15)");
    EXPECT_REFUSED(publish(correction(0, 1, id_of(original))), data::refusals::chain_broken, "a later sequence");
    const auto other = draft("meter-2", 1, kMonday, hourly());
    ASSERT_OK(publish(sign(other, second_key)));
    EXPECT_REFUSED(publish(correction(0, 5, id_of(other))), data::refusals::chain_broken, "no record of \"meter-1\"");
    auto alive = correction(0, 5, id_of(original));
    alive.record.kind = RecordKind::INTERVAL;
    EXPECT_REFUSED(publish(alive), data::refusals::period_overlap, "is a DAILY record");
}

TEST_F(DailyChain, ARecordIsCorrectedOnceAndACorrectionMayBeCorrected) {
    const auto original = day(0, 1, {});
    ASSERT_OK(publish(original));
    const auto first = correction(0, 3, id_of(original));
    ASSERT_OK(publish(first));
    EXPECT_REFUSED(publish(correction(0, 5, id_of(original))), data::refusals::period_overlap, "corrected by record 3");
    ASSERT_OK(publish(correction(0, 5, id_of(first))));
}

TEST_F(DailyChain, ACorrectionIsNoDayBefore) {
    const auto original = day(0, 1, {});
    const auto corrected = correction(0, 3, id_of(original));
    ASSERT_OK(publish(original));
    ASSERT_OK(publish(corrected));
    EXPECT_REFUSED(publish(day(1, 5, id_of(corrected))), data::refusals::chain_broken, "or a correction");
    ASSERT_OK(publish(day(1, 5, id_of(original))));
}

TEST_F(DailyChain, ACorrectionMayBeLate) {
    const auto late_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 5));
    ledger.time_ms = kMonday * 1000 - 1000;
    auto arguments = device_arguments("meter-5", late_key);
    arguments["late_arrival_s"] = 3600;
    ASSERT_OK(ledger.submit("registry", "register_device", arguments));
    const auto original = draft("meter-5", 1, kMonday, hourly());
    ledger.time_ms = (kMonday + kDay) * 1000;
    ASSERT_OK(publish(sign(original, late_key)));
    ledger.time_ms = (kMonday + 9 * kDay) * 1000;
    EXPECT_REFUSED(publish(sign(draft("meter-5", 3, kMonday + kDay, hourly()), late_key)), data::refusals::too_late,
                   "meter-5");
    auto corrected = draft("meter-5", 3, kMonday, hourly(200));
    corrected.record.corrects = id_of(original);
    ASSERT_OK(publish(sign(corrected, late_key)));
}

TEST_F(DailyChain, ACommitmentIsRefusedByNameAndAnEncryptedSeriesIsStored) {
    auto committed = day(0, 1, {});
    committed.record.summary.clear();
    committed.record.series.reset();
    committed.record.commitment = crypto::sha256({});
    EXPECT_REFUSED(publish(committed), data::refusals::figures_withheld, "(key 16)");
    auto encrypted = day(0, 1, {});
    const auto message = *from_hex("d08341a0a05000000000000000000000000000000000");
    encrypted.record.series = {};
    encrypted.record.encrypted_series = message;
    ASSERT_OK(publish(encrypted));
    const auto stored = ledger.query("data", "records", json::object{{"device", "meter-1"}});
    ASSERT_OK(stored);
    EXPECT_EQ(stored->at("records").at(0).at("series"), "encrypted");
    const auto samples =
        ledger.query("data", "series", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
    ASSERT_OK(samples);
    EXPECT_EQ(samples->at("records").at(0).at("why"), "ENCRYPTED");
}

TEST_F(DailyChain, ASeriesOfManyRowsPerLeafIsCheckedAndComesBack) {
    auto record = day(0, 1, {});
    SeriesWriter writer(2, 7);
    for (const auto& row : hourly()) ASSERT_OK(writer.add(row.offset, row.values));
    EXPECT_REFUSED(
        [&] {
            auto wrong = day(0, 1, {});
            wrong.record.rows_per_leaf = 7;
            return publish(wrong);
        }(),
        chaincode::refusals::root_mismatch, "24 rows");
    record.record.rows_per_leaf = 7;
    record.record.root = writer.root();
    ASSERT_OK(publish(record));
    const auto samples =
        ledger.query("data", "series", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
    ASSERT_OK(samples);
    EXPECT_EQ(samples->at("fields").at(0).at("samples").as_array().size(), 24U);
}

}  // namespace
}  // namespace tally::chaincode::test
