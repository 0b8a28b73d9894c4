// Series that travel packed: beside their record, and later.

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/refusals.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

class PackedPublishing : public Metering {
  protected:
    // Without rows in its payload.
    static Draft bare(std::int64_t sequence = 1, std::int64_t start_s = kMonday, const char* device = "meter-1") {
        auto out = draft(device, sequence, start_s, hourly());
        out.record.series.reset();
        return out;
    }
    static Bytes packed(const Draft& drafted) { return *pack_series(drafted.record, drafted.series); }

    Result<json::value> attach(const Draft& of, std::vector<Bytes> attachments, std::string_view device = "meter-1") {
        return ledger.submit("data", "attach_series",
                             json::object{{"device", device}, {"content_id", content_id_of(of.record).hex()}},
                             std::move(attachments));
    }
    std::size_t samples() {
        const auto answer = ledger.query(
            "data", "series", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
        EXPECT_TRUE(answer) << message_of(answer);
        if (!answer || answer->at("records").at(0).at("withheld").as_bool()) return 0;
        return answer->at("fields").at(0).at("samples").as_array().size();
    }
};

TEST_F(PackedPublishing, ASeriesBesideItsRecordIsCheckedAndComesBack) {
    const auto record = bare();
    auto other = draft("meter-1", 1, kMonday, hourly(7));
    EXPECT_REFUSED(publish(sign_record(key, "main", record.record, packed(other))), chaincode::refusals::root_mismatch,
                   "24 rows");
    EXPECT_REFUSED(publish(sign_record(key, "main", record.record, Bytes{1})), Code::malformed, "the packed series");
    const auto published = publish(sign_record(key, "main", record.record, packed(record)));
    ASSERT_OK(published);
    EXPECT_EQ(published->at("content_id"), json::value(content_id_of(record.record).hex()));
    EXPECT_EQ(samples(), 24U);
    EXPECT_REFUSED(attach(record, {packed(record)}), Code::already_exists, "is on the ledger");
}

// Who relays a record may leave its rows out or put them back: it stays the same record.
TEST_F(PackedPublishing, TheSameRecordWithAndWithoutItsSeriesIsOneRecord) {
    const auto record = bare();
    ASSERT_OK(publish(record));
    EXPECT_REFUSED(publish(sign_record(key, "main", record.record, packed(record))), data::refusals::duplicate_record,
                   "meter-1");
}

TEST_F(PackedPublishing, ASeriesIsHandedInLater) {
    const auto record = bare();
    ASSERT_OK(publish(record));
    EXPECT_EQ(samples(), 0U);
    const auto attached = attach(record, {packed(record)});
    ASSERT_OK(attached);
    EXPECT_EQ(attached->at("sequence"), 1);
    EXPECT_EQ(samples(), 24U);
    const auto proofs =
        ledger.query("data", "proofs", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
    EXPECT_EQ(proofs->at("proofs").at(0).at("series_transaction"), attached->at("transaction"));
    EXPECT_REFUSED(attach(record, {packed(record)}), Code::already_exists, "record 1");
}

TEST_F(PackedPublishing, ASeriesThatIsNotTheRecordsIsNotTaken) {
    const auto record = bare();
    ASSERT_OK(publish(record));
    EXPECT_REFUSED(attach(record, {packed(draft("meter-1", 1, kMonday, hourly(7)))}),
                   chaincode::refusals::root_mismatch, "24 rows");
    EXPECT_REFUSED(attach(record, {record.series}), Code::malformed, "magic number");
    EXPECT_REFUSED(attach(record, {}), Code::invalid_argument, "0 attachments");
    EXPECT_REFUSED(attach(record, {packed(record), packed(record)}), Code::invalid_argument, "2 attachments");
    EXPECT_REFUSED(attach(bare(5), {packed(record)}), Code::not_found, "no record");
    EXPECT_REFUSED(attach(record, {packed(record)}, "meter-2"), Code::not_found, "\"meter-2\"");
    EXPECT_EQ(samples(), 0U);
}

TEST_F(PackedPublishing, ASummaryThatTheSeriesDoesNotGiveIsNotHiddenByItsAbsence) {
    auto record = bare();
    ++record.record.summary[0].max;
    ASSERT_OK(publish(record));
    EXPECT_REFUSED(attach(record, {packed(record)}), chaincode::refusals::summary_mismatch, "\"power\"");
}

TEST_F(PackedPublishing, GapsInsideADayAreFoundInAPackedSeries) {
    auto rows = hourly();
    rows.erase(rows.begin() + 6);
    auto record = draft("meter-1", 1, kMonday, rows);
    record.record.series.reset();
    ASSERT_OK(publish(sign_record(key, "main", record.record, packed(record))));
    const auto gaps =
        ledger.query("data", "gaps", json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + kDay}});
    ASSERT_OK(gaps);
    EXPECT_EQ(gaps->at("incomplete_days").at(0).at("absent"),
              (json::array{json::object{{"from", kMonday + 6 * 3600}, {"to", kMonday + 7 * 3600}}}));
}

}  // namespace
}  // namespace tally::chaincode::test
