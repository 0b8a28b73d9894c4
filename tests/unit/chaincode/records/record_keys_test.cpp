// The optional keys of a record. Expected values come from tests/golden/make_records.py (python3-cbor2).

#include <functional>

#include "chaincode/records/opening.h"
#include "chaincode/records/refusals.h"
#include "chaincode/records/series.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"
#include "tests/unit/chaincode/records/golden_records.h"

namespace tally::chaincode::test {
namespace {

crypto::Hash hash_of(std::string_view text) { return crypto::sha256(as_bytes(text)); }

class GoldenRecord : public testing::TestWithParam<const char*> {};

TEST_P(GoldenRecord, AnotherImplementationsRecordIsReadAndWrittenAlike) {
    const auto [message, content_id] = golden(GetParam());
    const auto decoded = decode_record(message);
    ASSERT_OK(decoded);
    EXPECT_EQ(decoded->content_id.hex(), content_id);
    EXPECT_EQ(to_hex(encode_payload(decoded->record)), to_hex(crypto::Sign1::decode(message)->payload));
    if (decoded->record.series) ASSERT_OK(check_series(decoded->record, *decoded->record.series));
}
INSTANTIATE_TEST_SUITE_P(Python, GoldenRecord,
                         testing::Values("linked", "correction", "commitment", "opened", "encrypted", "packed",
                                         "packed_raw"));

TEST(RecordKeys, EachKeyIsWhereTheFormatSays) {
    const auto linked = golden("linked"), correction = golden("correction"), commitment = golden("commitment"),
               encrypted = golden("encrypted");
    const auto first = decode_record(linked.message)->record;
    EXPECT_EQ(first.previous_daily, hash_of("yesterday"));
    EXPECT_EQ(first.rows_per_leaf, 2);
    EXPECT_FALSE(first.corrects || first.commitment || first.encrypted_series);
    const auto second = decode_record(correction.message)->record;
    EXPECT_EQ(second.corrects, hash_of("corrected"));
    EXPECT_EQ(second.rows_per_leaf, 4096);
    EXPECT_FALSE(second.previous_daily);
    const auto third = decode_record(commitment.message)->record;
    EXPECT_TRUE(third.commitment);
    EXPECT_TRUE(third.summary.empty());
    EXPECT_EQ(third.rows(), 0);
    const auto fourth = decode_record(encrypted.message)->record;
    EXPECT_TRUE(fourth.encrypted_series);
    EXPECT_FALSE(fourth.series);
    EXPECT_EQ(fourth.rows_per_leaf, 1);
}

TEST(RecordKeys, AnOpeningGivesTheFiguresThatAnotherImplementationHasCommittedTo) {
    const auto opened = *decode_record(golden("opened").message);
    ASSERT_TRUE(opened.opening && opened.packed);
    EXPECT_EQ(to_hex(ByteView(*opened.opening).first(2)), "2021");
    const auto figures = reveal(opened.record, *opened.opening);
    ASSERT_OK(figures);
    EXPECT_EQ(figures->summary, decode_record(golden("linked").message)->record.summary);
    const auto kept = read_kept_form(opened.record, kept_form(opened.opening, *opened.packed));
    ASSERT_OK(kept);
    ASSERT_OK(check_series(kept->record, *kept->rows));
    EXPECT_EQ(make_opening(*figures, ByteView(*opened.opening).first(kSaltBytes)), *opened.opening);
    EXPECT_EQ(conceal(*figures, *opened.opening).commitment, opened.record.commitment);
}

TEST(RecordKeys, AnOpeningOfAnotherRecordIsRefused) {
    const auto opened = *decode_record(golden("opened").message);
    const auto refused = [&](const Bytes& opening, Code code, std::string_view sentence) {
        auto record = opened.record;
        if (code != refusals::commitment_mismatch) record.commitment = crypto::sha256(opening);
        EXPECT_REFUSED(reveal(record, opening), code, sentence);
    };
    auto other = *opened.opening;
    other[0] ^= 1;
    refused(other, refusals::commitment_mismatch, "the device has signed");
    refused({}, refusals::commitment_mismatch, "the device has signed");
    refused({1, 2, 3}, Code::malformed, "shorter than its salt");
    refused(Bytes(32), Code::malformed, "the opening");
    auto longer = *opened.opening;
    longer.push_back(0);
    refused(longer, Code::malformed, "the opening");
    auto contradicts = *opened.opening;  // the first field's count of 4 becomes 5
    contradicts[kSaltBytes + 3] = 5;
    refused(contradicts, Code::malformed, "do not make up the rows");
    auto clear = opened.record;
    clear.commitment.reset();
    EXPECT_REFUSED(reveal(clear, *opened.opening), Code::malformed, "has figures");
    EXPECT_REFUSED(read_kept_form(opened.record, *opened.packed), Code::malformed, "the kept readings");
}

struct KeyFault {
    const char* what;
    std::function<void(DeviceRecord&)> make;
    const char* sentence;
};

TEST(RecordKeys, WhatCannotBeIsRefusedAndTheKeyNamed) {
    static const Bytes no_message = {1}, no_tag = *from_hex("8341a0a041ff"), short_text = *from_hex("d08341a0a041ff"),
                       no_map = *from_hex("d08341a0805000000000000000000000000000000000");
    const std::vector<KeyFault> faults = {
        {"a day before of a keep-alive",
         [](auto& r) { r.kind = RecordKind::KEEPALIVE, r.previous_daily = hash_of("day"); },
         "the key 13: only a DAILY"},
        {"a day before of a correction", [](auto& r) { r.corrects = hash_of("x"), r.previous_daily = hash_of("day"); },
         "the key 13: a record that"},
        {"no row per leaf", [](auto& r) { r.rows_per_leaf = 0; }, "the key 14: 0 rows"},
        {"too many rows per leaf", [](auto& r) { r.rows_per_leaf = 4097; }, "the key 14: 4097 rows"},
        {"a commitment and a summary", [](auto& r) { r.commitment = hash_of("x"); }, "the key 16 stands in the place"},
        {"a commitment and a series", [](auto& r) { r.commitment = hash_of("x"), r.summary.clear(); },
         "the key 16 stands in the place of the series"},
        {"two series", [](auto& r) { r.encrypted_series = no_message; }, "the key 17 stands in the place"},
        {"no COSE message", [](auto& r) { r.series.reset(), r.encrypted_series = no_message; }, "the key 17"},
        {"no tag", [](auto& r) { r.series.reset(), r.encrypted_series = no_tag; }, "the key 17"},
        {"no ciphertext", [](auto& r) { r.series.reset(), r.encrypted_series = short_text; }, "too short for its tag"},
        {"no headers", [](auto& r) { r.series.reset(), r.encrypted_series = no_map; }, "a map of headers"},
    };
    for (const auto& fault : faults) {
        auto record = draft("m", 1, kMonday, hourly());
        fault.make(record.record);
        EXPECT_REFUSED(check_record(record.record), Code::malformed, fault.sentence);
    }
}

// The payload of a record of which one key has another value, or one key more.
Bytes with_value(unsigned key, ByteView value, const DeviceRecord& record) {
    const auto payload = encode_payload(record);
    crypto::CborReader reader(payload);
    const auto count = reader.map();
    crypto::CborWriter out;
    bool written = false;
    crypto::CborWriter entries;
    std::uint64_t entries_count = 0;
    const auto write_new = [&] {
        entries.uint(key).raw(value);
        written = true;
        ++entries_count;
    };
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto at = reader.uint();
        const auto item = reader.item();
        if (!written && at >= key) write_new();
        if (at == key) continue;
        entries.uint(at).raw(item);
        ++entries_count;
    }
    if (!written) write_new();
    out.map(entries_count).raw(entries.view());
    return out.take();
}

Status decoded_with(unsigned key, ByteView value, const DeviceRecord& record) {
    crypto::CoseHeaders headers;
    headers.alg = crypto::kEdDsa;
    headers.content_type = kRecordContentType;
    headers.kid = "m";
    const auto payload = with_value(key, value, record);
    const ByteView view = payload;
    const auto decoded = decode_record(crypto::encode_sign1(headers.encode(), {}, &view, Bytes(64, 1)));
    return decoded ? Status() : std::unexpected(decoded.error());
}

TEST(RecordKeys, ValuesOfAnotherTypeOrSizeAreRefusedAndTheKeyNamed) {
    const auto record = draft("m", 1, kMonday, hourly());
    const auto number = [](std::int64_t value) { return crypto::CborWriter().integer(value).take(); };
    const auto bytes = [](std::size_t size) { return crypto::CborWriter().bytes(Bytes(size, 7)).take(); };
    for (const unsigned key : {9U, 13U, 15U, 16U}) {
        const auto name = fmt::format("the key {}: ", key);
        EXPECT_REFUSED(decoded_with(key, bytes(31), record.record), Code::malformed, name);
        EXPECT_REFUSED(decoded_with(key, bytes(33), record.record), Code::malformed, name);
        EXPECT_REFUSED(decoded_with(key, number(1), record.record), Code::malformed, name);
    }
    EXPECT_REFUSED(decoded_with(13, crypto::CborWriter().null().take(), record.record), Code::malformed, "the key 13");
    for (const std::int64_t rows : {-1, 0, 1}) {
        EXPECT_REFUSED(decoded_with(14, number(rows), record.record), Code::malformed, "the key 14: ");
    }
    EXPECT_REFUSED(decoded_with(14, number(4097), record.record), Code::malformed, "the key 14: 4097");
    ASSERT_OK(decoded_with(14, number(4096), record.record));
    EXPECT_REFUSED(decoded_with(17, number(1), record.record), Code::malformed, "the key 17: ");
    EXPECT_REFUSED(decoded_with(16, bytes(32), record.record), Code::malformed, "the key 16 stands in the place");
    EXPECT_REFUSED(decoded_with(17, bytes(32), record.record), Code::malformed, "the key 17 stands in the place");
    EXPECT_REFUSED(decoded_with(18, number(1), record.record), Code::malformed, "the key 18 is not known");
    EXPECT_REFUSED(decoded_with(3, bytes(1), record.record), Code::malformed, "the key 3: ");
}

// What the RFC 9162 tree over groups of rows is, spelled out for five rows and two per leaf.
TEST(RecordKeys, ALeafIsTheRowsOneAfterTheOther) {
    SeriesWriter writer(1, 2);
    std::vector<Bytes> rows;
    for (std::int64_t i = 0; i < 5; ++i) {
        const std::optional<std::int64_t> value[] = {i};
        ASSERT_OK(writer.add(i, value));
        rows.push_back(crypto::CborWriter().array(2).integer(i).integer(i).take());
    }
    const std::uint8_t leaf[] = {0}, node[] = {1};
    const auto a = crypto::sha256({leaf, rows[0], rows[1]}), b = crypto::sha256({leaf, rows[2], rows[3]}),
               c = crypto::sha256({leaf, rows[4]});
    const auto ab = crypto::sha256({node, a.view(), b.view()});
    EXPECT_EQ(writer.root(), crypto::sha256({node, ab.view(), c.view()}));
}

}  // namespace
}  // namespace tally::chaincode::test
