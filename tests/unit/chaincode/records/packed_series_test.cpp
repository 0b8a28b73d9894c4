// Packed series. Expected bytes come from tests/golden/make_records.py; frames that are built here are spelled out by
// hand as RFC 8878 has them.

#include "chaincode/records/packed_series.h"
#include "chaincode/records/opening.h"

#include "chaincode/records/series.h"
#include "chaincode/records/zstd_frame.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"
#include "tests/unit/chaincode/records/golden_records.h"

namespace tally::chaincode::test {
namespace {

Bytes joined(std::initializer_list<ByteView> parts) {
    Bytes out;
    for (const auto& part : parts) append(out, part);
    return out;
}

Bytes hex(std::string_view text) { return *from_hex(text); }

// One segment that declares `declared` bytes, in blocks that are not compressed.
Bytes raw_frame(ByteView content, std::optional<std::uint32_t> declared = {}) {
    const auto size = declared.value_or(static_cast<std::uint32_t>(content.size()));
    Bytes frame = hex("28b52ffda0");
    for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<std::uint8_t>(size >> 8 * i));
    const auto head = static_cast<std::uint32_t>(content.size() << 3 | 1);
    for (unsigned i = 0; i < 3; ++i) frame.push_back(static_cast<std::uint8_t>(head >> 8 * i));
    append(frame, content);
    return frame;
}

// Rows [0, 5], [60, null] of one field.
struct TwoRows {
    Draft draft = [] {
        auto out = test::draft("m", 1, kMonday, {{0, {5, 1}}, {60, {std::nullopt, 1}}});
        out.record.fields.resize(1);
        out.record.summary.resize(1);
        out.record.series.reset();
        return out;
    }();
    [[nodiscard]] const DeviceRecord& record() const { return draft.record; }
    [[nodiscard]] Result<Bytes> unpack(std::string_view columns) const {
        return unpack_series(record(), raw_frame(hex(columns)));
    }
};

TEST(PackedSeries, IsUnpackedAsAnotherImplementationPackedIt) {
    for (const char* name : {"packed", "packed_raw"}) {
        const auto message = golden(name).message;
        const auto decoded = decode_record(message);
        ASSERT_OK(decoded);
        ASSERT_TRUE(decoded->packed);
        EXPECT_FALSE(decoded->record.series);
        const auto unpacked = unpack_series(decoded->record, *decoded->packed);
        ASSERT_OK(unpacked);
        const auto inline_rows = golden("correction");  // the same rows
        EXPECT_EQ(to_hex(*unpacked), to_hex(*decode_record(inline_rows.message)->record.series)) << name;
        ASSERT_OK(check_series(decoded->record, *unpacked));
    }
}

TEST(PackedSeries, TheColumnsAreThoseOfTheFormat) {
    const TwoRows two;
    // 2 rows, 1 field; offsets 0, +60; row 1 is null; 5.
    const auto rows = two.unpack(
        "0201"
        "0078"
        "02"
        "0a");
    ASSERT_OK(rows);
    EXPECT_EQ(to_hex(*rows),
              "820005"
              "82183cf6");
    const auto packed = pack_series(two.record(), *rows);
    ASSERT_OK(packed);
    EXPECT_EQ(to_hex(*decompress_frame(*packed, 100, "it")),
              "0201"
              "0078"
              "02"
              "0a");
}

TEST(PackedSeries, EveryValueOf64BitsComesBack) {
    const auto drafted = draft("m", 1, kMonday,
                               {{0, {INT64_MIN, 0}},
                                {1, {INT64_MAX, std::nullopt}},
                                {2, {1, -1}},
                                {3, {INT64_MIN, 1}},
                                {4, {std::nullopt, 0}},
                                {5, {INT64_MAX, INT64_MAX}},
                                {6, {1, -128}},
                                {86'399, {127, 64}}});
    const auto packed = pack_series(drafted.record, drafted.series);
    ASSERT_OK(packed);
    const auto rows = unpack_series(drafted.record, *packed);
    ASSERT_OK(rows);
    EXPECT_EQ(to_hex(*rows), to_hex(drafted.series));
}

TEST(PackedSeries, SeriesOfEveryLengthComeBack) {
    for (std::int64_t count = 0; count <= 33; ++count) {
        std::vector<Row> rows;
        for (std::int64_t i = 0; i < count; ++i)
            rows.push_back({i * 7, {i % 3 == 0 ? std::nullopt : std::optional(i * i), -i}});
        const auto drafted = draft("m", 1, kMonday, rows);
        const auto packed = pack_series(drafted.record, drafted.series);
        ASSERT_OK(packed);
        const auto unpacked = unpack_series(drafted.record, *packed);
        ASSERT_OK(unpacked);
        EXPECT_EQ(*unpacked, drafted.series) << count;
        EXPECT_TRUE(check_series(drafted.record, *unpacked));
    }
}

TEST(PackedSeries, ColumnsThatAreNotTheFormatsAreRefused) {
    const TwoRows two;
    ASSERT_OK(
        two.unpack("0201"
                   "0078"
                   "02"
                   "0a"));
    EXPECT_REFUSED(two.unpack("0301"
                              "0078"
                              "78"
                              "02"
                              "0a"),
                   Code::malformed, "3 rows of 1 fields");
    EXPECT_REFUSED(two.unpack("0202"
                              "0078"
                              "02"
                              "0a"),
                   Code::malformed, "2 rows of 2 fields");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"
                              "02"),
                   Code::malformed, "inside a column");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"),
                   Code::malformed, "inside a column");
    EXPECT_REFUSED(two.unpack("0201"
                              "00"),
                   Code::malformed, "inside a column");
    EXPECT_REFUSED(two.unpack("02"), Code::malformed, "inside a number");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"
                              "02"
                              "0a0a"),
                   Code::malformed, "left over");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"
                              "06"
                              "0a"),
                   Code::malformed, "after the last row");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"
                              "02"
                              "8a00"),
                   Code::malformed, "longer than needed");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"
                              "02"
                              "8080808080808080808001"),
                   Code::malformed, "does not fit 64 bits");
    EXPECT_REFUSED(two.unpack("0201"
                              "0078"
                              "02"
                              "80808080808080808002"),
                   Code::malformed, "does not fit 64 bits");
    ASSERT_OK(
        two.unpack("0201"
                   "0078"
                   "02"
                   "80808080808080808001"));
}

// What the columns may say and rows may not is found where rows are read.
TEST(PackedSeries, RowsThatCannotBeAreFoundWithTheRoot) {
    const TwoRows two;
    const auto falling = two.unpack(
        "0201"
        "7877"
        "02"
        "0a");
    ASSERT_OK(falling);
    EXPECT_REFUSED(check_series(two.record(), *falling), Code::malformed, "do not rise");
}

TEST(PackedSeries, FramesOfAnotherFormAreRefused) {
    const TwoRows two;
    const auto columns = hex("02010078020a");
    const auto frame = raw_frame(columns);
    const auto unpack = [&](ByteView packed) { return unpack_series(two.record(), packed); };
    ASSERT_OK(unpack(frame));
    EXPECT_REFUSED(unpack({}), Code::malformed, "magic number");
    EXPECT_REFUSED(unpack(columns), Code::malformed, "magic number");
    EXPECT_REFUSED(unpack(joined({hex("502a4d1800000000"), frame})), Code::malformed, "magic number");  // skippable
    EXPECT_REFUSED(unpack(joined({frame, hex("502a4d1800000000")})), Code::malformed,
                   "its blocks do not give the 6 bytes");
    EXPECT_REFUSED(unpack(joined({frame, frame})), Code::malformed, "its blocks do not give the 6 bytes");
    EXPECT_REFUSED(unpack(joined({frame, hex("00")})), Code::malformed, "its blocks do not give the 6 bytes");
    for (std::size_t size = 0; size < frame.size(); ++size) {
        EXPECT_EQ(code_of(unpack(ByteView(frame).first(size))), Code::malformed) << size;
    }
    // Header descriptors: a reserved bit, a dictionary of one byte, no size.
    EXPECT_REFUSED(unpack(hex("28b52ffda8"
                              "06000000"
                              "310000"
                              "02010078020a")),
                   Code::malformed, "reserved");
    EXPECT_REFUSED(unpack(hex("28b52ffda4"
                              "06000000"
                              "310000"
                              "02010078020a"
                              "00000000")),
                   Code::malformed, "checksum");
    EXPECT_REFUSED(unpack(hex("28b52ffda1"
                              "07"
                              "06000000"
                              "310000"
                              "02010078020a")),
                   Code::malformed, "dictionary");
    EXPECT_REFUSED(unpack(hex("28b52ffd00"
                              "00"
                              "310000"
                              "02010078020a")),
                   Code::malformed, "does not declare");
    // Windows: 1 KiB, and 16 MiB.
    ASSERT_OK(
        unpack(hex("28b52ffd80"
                   "00"
                   "06000000"
                   "310000"
                   "02010078020a")));
    EXPECT_REFUSED(unpack(hex("28b52ffd80"
                              "70"
                              "06000000"
                              "310000"
                              "02010078020a")),
                   Code::too_large, "a window of");
    EXPECT_REFUSED(unpack(raw_frame(columns, 7)), Code::malformed, "do not give the 7 bytes");
    EXPECT_FALSE(unpack(raw_frame(columns, 5)));
}

// Before anything is allocated for it: the declared size is beyond what the record's rows can have.
TEST(PackedSeries, ABombIsRefusedByItsDeclaredSize) {
    const TwoRows two;
    EXPECT_REFUSED(unpack_series(two.record(), raw_frame(hex("02010078020a"), 0xffffffff)), Code::too_large,
                   "declares 4294967295 bytes");
    EXPECT_REFUSED(unpack_series(two.record(), compress_frame(Bytes(1 << 20))), Code::too_large, "declares 1048576");
    // Eight bytes of size.
    EXPECT_REFUSED(unpack_series(two.record(), hex("28b52ffde0"
                                                   "ffffffffffffffff"
                                                   "310000"
                                                   "02010078020a")),
                   Code::too_large, "declares 18446744073709551615");
    // An RLE block of 128 KiB in a frame that declares six bytes.
    EXPECT_REFUSED(unpack_series(two.record(), hex("28b52ffda0"
                                                   "06000000"
                                                   "030010"
                                                   "00")),
                   Code::malformed, "do not give the 6 bytes");
}

// Nulls take a bit packed and a byte in a row.
TEST(PackedSeries, RowsThatGrowTooLargeAreRefused) {
    constexpr std::size_t kRows = 90'000, kFields = 64;
    DeviceRecord record;
    record.start_s = kMonday;
    record.end_s = kMonday + 90'000;
    for (std::size_t i = 0; i < kFields; ++i) record.fields.push_back({fmt::format("f{}", i), "W", 0});
    record.summary.assign(kFields, FieldSummary{0, kRows});
    Bytes content =
        hex("90bf05"
            "40");
    content.push_back(0);
    content.insert(content.end(), kRows - 1, 2);
    for (std::size_t i = 0; i < kFields; ++i) content.insert(content.end(), kRows / 8, 0xff);
    EXPECT_REFUSED(unpack_series(record, compress_frame(content)), Code::too_large, "more than 4194304 bytes");
}

TEST(PackedSeries, ASeriesIsInOnePlaceOnly) {
    const auto drafted = draft("m", 1, kMonday, hourly());
    const auto packed = *pack_series(drafted.record, drafted.series);
    const auto key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));
    EXPECT_REFUSED(decode_record(sign_record(key, "main", drafted.record, packed)), Code::malformed, "packed, and one");
    const auto opening = make_opening(drafted.record, Bytes(kSaltBytes, 1));
    const auto concealed = conceal(drafted.record, opening);
    ASSERT_OK(decode_record(sign_record(key, "main", concealed, packed, opening)));
    EXPECT_REFUSED(decode_record(sign_record(key, "main", concealed, packed)), Code::malformed, "without the opening");
    auto bare = DeviceRecord(drafted.record);
    bare.series.reset();
    EXPECT_REFUSED(decode_record(sign_record(key, "main", bare, packed, opening)), Code::malformed, "no commitment");
}

}  // namespace
}  // namespace tally::chaincode::test
