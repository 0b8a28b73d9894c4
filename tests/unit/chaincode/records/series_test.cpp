#include "chaincode/records/series.h"

#include "chaincode/records/refusals.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

Bytes rows_of(const std::vector<std::vector<std::optional<std::int64_t>>>& rows) {
    crypto::CborWriter writer;
    for (const auto& row : rows) {
        writer.array(row.size());
        for (const auto& value : row) value ? writer.integer(*value) : writer.null();
    }
    return writer.take();
}

Status read_all(ByteView series, std::size_t fields = 1) {
    RowReader rows(series, fields, kDay);
    while (rows.next()) continue;
    return rows.status();
}

TEST(Series, RowsKeepZeroNullAndAbsenceApart) {
    const auto series = rows_of({{0, 0}, {120, std::nullopt}});
    RowReader rows(series, 1, kDay);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.offset(), 0);
    EXPECT_EQ(rows.values()[0], 0);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.offset(), 120);  // the row of 60 is a gap
    EXPECT_EQ(rows.values()[0], std::nullopt);
    EXPECT_FALSE(rows.next());
    EXPECT_TRUE(rows.status());
}

TEST(Series, RowsThatCannotBeAreRefused) {
    EXPECT_REFUSED(read_all(rows_of({{60, 1}, {60, 1}})), Code::malformed, "do not rise");
    EXPECT_REFUSED(read_all(rows_of({{60, 1}, {0, 1}})), Code::malformed, "do not rise");
    EXPECT_REFUSED(read_all(rows_of({{-1, 1}})), Code::malformed, "do not rise");
    EXPECT_REFUSED(read_all(rows_of({{kDay, 1}})), Code::malformed, "outside the period");
    EXPECT_REFUSED(read_all(rows_of({{0}})), Code::malformed, "one value per field");
    EXPECT_REFUSED(read_all(rows_of({{0, 1, 2}})), Code::malformed, "one value per field");
    EXPECT_REFUSED(read_all(rows_of({{std::nullopt, 1}})), Code::malformed, "integer");
    EXPECT_REFUSED(read_all(*from_hex("8200fb3ff0000000000000")), Code::malformed, "integer");  // a float
    EXPECT_REFUSED(read_all(*from_hex("82001b8000000000000000")), Code::malformed, "64 signed bits");
    EXPECT_REFUSED(read_all(*from_hex("8200")), Code::malformed, "bytes left");
    EXPECT_TRUE(read_all({}));
    EXPECT_TRUE(read_all(rows_of({{0, INT64_MIN}, {1, INT64_MAX}})));
}

TEST(Series, ASumBeyond64BitsIsRefusedAndNotWrapped) {
    auto record = draft("m", 1, kMonday, {{0, {1, 1}}});
    const auto series = rows_of({{0, INT64_MAX, 1}, {60, 1, 1}});
    std::vector<crypto::Hash> leaves;
    RowReader rows(record.record, series);
    while (rows.next()) leaves.push_back(crypto::sha256({ByteView(std::array<std::uint8_t, 1>{0}), rows.bytes()}));
    const std::array<std::uint8_t, 1> node = {1};
    record.record.root = crypto::sha256({node, leaves[0].view(), leaves[1].view()});
    EXPECT_REFUSED(check_series(record.record, series), chaincode::refusals::summary_mismatch, "\"power\": the sum");
    SeriesWriter writer(1);
    const std::array<std::optional<std::int64_t>, 1> most = {INT64_MIN};
    EXPECT_TRUE(writer.add(0, most));
    EXPECT_TRUE(writer.add(1, most));
    EXPECT_REFUSED(writer.summary(), Code::invalid_argument, "64 bits");
    EXPECT_REFUSED(writer.add(1, most), Code::invalid_argument, "does not come behind");
    EXPECT_REFUSED(writer.add(2, {}), Code::invalid_argument, "0 values for 1 fields");
}

TEST(Series, AnEmptySeriesHasTheRootOfNothing) {
    const auto record = draft("m", 1, kMonday, {});
    EXPECT_EQ(record.record.root, crypto::sha256({}));
    EXPECT_TRUE(check_series(record.record, {}));
}

}  // namespace
}  // namespace tally::chaincode::test
