#include "chaincode/records/device_record.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <set>

#include "chaincode/records/series.h"
#include "crypto/cbor.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"
#include "tests/unit/chaincode/records/record_vectors.h"

namespace tally::chaincode::test {
namespace {

const auto kKey = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));

TEST(DeviceRecord, IsReadAsAnotherImplementationWroteIt) {
    const auto message = *from_hex(vectors::kRecord);
    const auto decoded = decode_record(message);
    ASSERT_OK(decoded);
    const auto& record = decoded->record;
    EXPECT_EQ(record.device, "meter-7");
    EXPECT_EQ(record.kind, RecordKind::DAILY);
    EXPECT_EQ(record.sequence, 1);
    EXPECT_EQ(record.start_s, 1'750'032'000);
    EXPECT_EQ(record.end_s, 1'750'118'400);
    EXPECT_EQ(record.polling_interval_s, 60);
    EXPECT_EQ(record.fields, (std::vector<Field>{{"voltage", "V", -1}, {"energy", "Wh", 0}}));
    EXPECT_EQ(record.summary,
              (std::vector<FieldSummary>{{4, 0, 4690, -5, 2350, 2345, 0}, {2, 2, 1500, 0, 1500, 0, 1500}}));
    EXPECT_EQ(record.root.hex(), vectors::kRecordRoot);
    EXPECT_FALSE(record.previous);
    EXPECT_EQ(record.traffic, (Traffic{3, 1024, 8}));
    EXPECT_EQ(to_hex(*record.series), vectors::kRecordSeries);
    EXPECT_EQ(decoded->content_id.hex(), vectors::kRecordContentId);
    EXPECT_EQ(decoded->algorithm, crypto::Algorithm::ed25519);
    EXPECT_EQ(decoded->channel_hint, "");
    EXPECT_TRUE(check_series(record, *record.series));
    const auto key = *crypto::PublicKey::from_raw(crypto::Algorithm::ed25519, *from_hex(vectors::kRecordKey));
    const auto cose = *crypto::Sign1::decode(message);
    EXPECT_TRUE(cose.verify(key, as_bytes("main")));
    EXPECT_EQ(code_of(cose.verify(key, as_bytes("other"))), Code::bad_signature);
}

TEST(DeviceRecord, IsWrittenAsAnotherImplementationWritesIt) {
    const auto message = *from_hex(vectors::kRecord);
    const auto decoded = *decode_record(message);
    EXPECT_EQ(encode_payload(decoded.record), to_bytes(crypto::Sign1::decode(message)->payload));
    EXPECT_EQ(content_id_of(decoded.record).hex(), vectors::kRecordContentId);
    Bytes seed(32);
    for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
    const auto again =
        sign_record(*crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, seed), "main", decoded.record);
    const auto signed_again = *decode_record(again);
    EXPECT_EQ(signed_again.signature, decoded.signature);  // Ed25519 is deterministic
    EXPECT_EQ(signed_again.channel_hint, "main");
}

TEST(DeviceRecord, AFieldWithoutReadingsHasNoExtremes) {
    const auto nothing = draft("m", 1, kMonday, {{0, {std::nullopt, 0}}});
    const auto message = sign_record(kKey, "main", nothing.record);
    const auto decoded = decode_record(message);
    ASSERT_OK(decoded);
    EXPECT_EQ(decoded->record.summary[0], (FieldSummary{0, 1}));
    EXPECT_EQ(decoded->record.summary[1], (FieldSummary{1, 0, 0, 0, 0, 0, 0}));
    // On the wire the first has nulls where the second has zeros.
    EXPECT_NE(to_hex(message).find("8700"
                                   "01"
                                   "00"
                                   "f6f6f6f6"
                                   "87010000"
                                   "00000000"),
              std::string::npos);
}

struct Fault {
    const char* what;
    std::function<void(DeviceRecord&)> make;
    const char* sentence;
};

TEST(DeviceRecord, WhatCannotBeIsRefused) {
    const std::vector<Fault> faults = {
        {"no device", [](auto& r) { r.device = ""; }, "the device's id"},
        {"a device with a slash", [](auto& r) { r.device = "a/b"; }, "letters, digits"},
        {"this folder", [](auto& r) { r.device = "."; }, "a letter or a digit"},
        {"the folder above", [](auto& r) { r.device = ".."; }, "a letter or a digit"},
        {"no name at all", [](auto& r) { r.device = "_:-"; }, "a letter or a digit"},
        {"a hidden file", [](auto& r) { r.device = ".meter"; }, "begins with"},
        {"an option", [](auto& r) { r.device = "-rf"; }, "begins with"},
        {"sequence 0", [](auto& r) { r.sequence = 0; }, "sequence is 0"},
        {"a sequence that no reader counts to", [](auto& r) { r.sequence = kMaxSequence + 1; }, "counts from 1"},
        {"an empty period", [](auto& r) { r.end_s = r.start_s; }, "period"},
        {"a negative start", [](auto& r) { r.start_s = -1; }, "period"},
        {"a short day", [](auto& r) { r.end_s = r.start_s + 82'799; }, "23 to 25 hours"},
        {"a long day", [](auto& r) { r.end_s = r.start_s + 90'001; }, "90001 s long"},
        {"no polling interval", [](auto& r) { r.polling_interval_s = 0; }, "polling interval"},
        {"no fields", [](auto& r) { r.fields.clear(), r.summary.clear(); }, "only a KEEPALIVE"},
        {"a doubled field", [](auto& r) { r.fields[1].name = "power"; }, "\"power\" is there twice"},
        {"a scale", [](auto& r) { r.fields[0].scale = 19; }, "scale of \"power\" is 19"},
        {"a unit", [](auto& r) { r.fields[0].unit = ""; }, "unit of \"power\""},
        {"a summary too few", [](auto& r) { r.summary.pop_back(); }, "2 fields and a summary of 1"},
        {"rows that differ", [](auto& r) { ++r.summary[1].count; }, "\"voltage\""},
        {"a minimum above the maximum", [](auto& r) { r.summary[0].min = 1000; }, "contradicts itself"},
        {"negative traffic", [](auto& r) { r.traffic->messages = -1; }, "traffic"},
    };
    for (const auto& fault : faults) {
        auto record = draft("m", 1, kMonday, hourly());
        ASSERT_OK(check_record(record.record));
        fault.make(record.record);
        const auto status = check_record(record.record);
        EXPECT_EQ(code_of(status), Code::malformed) << fault.what;
        EXPECT_NE(message_of(status).find(fault.sentence), std::string::npos) << message_of(status);
    }
}

// Expected values by trying every series of up to four readings between -2 and 2.
TEST(DeviceRecord, ASummaryIsTakenExactlyWhenThereAreSuchReadings) {
    constexpr int kLow = -2, kHigh = 2;
    for (int count = 1; count <= 4; ++count) {
        std::set<std::array<int, 5>> possible;  // sum, min, max, first, last
        std::vector<int> readings(static_cast<std::size_t>(count), kLow);
        for (bool more = true; more;) {
            const auto [min, max] = std::minmax_element(readings.begin(), readings.end());
            possible.insert(
                {std::accumulate(readings.begin(), readings.end(), 0), *min, *max, readings.front(), readings.back()});
            more = false;
            for (auto& each : readings) {
                if (each < kHigh) {
                    ++each;
                    more = true;
                    break;
                }
                each = kLow;
            }
        }
        auto record = draft("m", 1, kMonday, {{0, {0, 0}}}).record;
        record.fields.resize(1);
        for (int sum = 5 * kLow; sum <= 5 * kHigh; ++sum)
            for (int min = kLow; min <= kHigh; ++min)
                for (int max = kLow; max <= kHigh; ++max)
                    for (int first = kLow; first <= kHigh; ++first)
                        for (int last = kLow; last <= kHigh; ++last) {
                            record.summary = {{count, 0, sum, min, max, first, last}};
                            EXPECT_EQ(check_record(record).has_value(), possible.contains({sum, min, max, first, last}))
                                << count << ": " << sum << " " << min << " " << max << " " << first << " " << last;
                        }
    }
}

TEST(DeviceRecord, ASummaryIsJudgedWithoutOverflow) {
    auto record = draft("m", 1, kMonday, {{0, {0, 0}}}).record;
    record.fields.resize(1);
    record.summary = {{10, 0, 9'000'000'000'000'000'000, 5, 5, 5, 5}};
    EXPECT_EQ(code_of(check_record(record)), Code::malformed);
    record.summary = {{10, 0, 50, 5, 5, 5, 5}};
    EXPECT_TRUE(check_record(record).has_value());
    record.summary = {{3, 0, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}};
    EXPECT_EQ(code_of(check_record(record)), Code::malformed);
    record.summary = {{90'000, 0, 0, INT64_MIN, INT64_MAX, 0, 0}};
    EXPECT_TRUE(check_record(record).has_value());
}

// A message over any payload and headers, signed or not: decoding does not check the signature.
Bytes message_of_payload(ByteView payload, const crypto::CoseHeaders& headers, Bytes unprotected = {}) {
    auto with_algorithm = headers;
    if (with_algorithm.alg == 0) with_algorithm.alg = crypto::kEdDsa;
    return crypto::encode_sign1(with_algorithm.encode(), unprotected, &payload, Bytes(64, 1));
}

crypto::CoseHeaders record_headers() {
    crypto::CoseHeaders headers;
    headers.content_type = kRecordContentType;
    headers.kid = "m";
    return headers;
}

TEST(DeviceRecord, HeadersAreThoseOfARecordAndNoOthers) {
    const auto record = draft("m", 1, kMonday, hourly());
    const auto payload = encode_payload(record.record);
    ASSERT_OK(decode_record(message_of_payload(payload, record_headers())));
    auto headers = record_headers();
    headers.content_type = "text/plain";
    EXPECT_REFUSED(decode_record(message_of_payload(payload, headers)), Code::malformed,
                   "content type is \"text/plain\"");
    headers = record_headers();
    headers.alg = crypto::kBatchEdDsa;
    EXPECT_REFUSED(decode_record(message_of_payload(payload, headers)), Code::unsupported, "algorithm -65544");
    headers = record_headers();
    headers.kid = "";
    EXPECT_REFUSED(decode_record(message_of_payload(payload, headers)), Code::malformed, "device's id");
    headers = record_headers();
    headers.extra = {{-9, crypto::CborWriter().uint(1).take()}};
    EXPECT_REFUSED(decode_record(message_of_payload(payload, headers)), Code::malformed, "protected header");
    const auto unprotected = crypto::CborWriter().map(1).integer(-70002).text("main").take();
    EXPECT_REFUSED(decode_record(message_of_payload(payload, record_headers(), unprotected)), Code::malformed,
                   "unprotected");
    EXPECT_REFUSED(decode_record(message_of_payload(payload, record_headers()), 100), Code::too_large,
                   "100 are allowed");
}

TEST(DeviceRecord, PayloadsAreReadStrictly) {
    const auto payload = encode_payload(draft("m", 1, kMonday, hourly()).record);
    for (std::size_t size = 0; size < payload.size(); size += 7) {
        const auto cut = ByteView(payload).first(size);
        EXPECT_EQ(code_of(decode_record(message_of_payload(cut, record_headers()))), Code::malformed) << size;
    }
    auto longer = payload;
    longer.push_back(0);
    EXPECT_REFUSED(decode_record(message_of_payload(longer, record_headers())), Code::malformed, "left over");
    auto version = payload;
    ASSERT_EQ(version[2], 1);
    version[2] = 2;
    EXPECT_REFUSED(decode_record(message_of_payload(version, record_headers())), Code::unsupported, "version 1");
    auto kind = payload;
    ASSERT_EQ(kind[4], 3);
    kind[4] = 4;
    EXPECT_REFUSED(decode_record(message_of_payload(kind, record_headers())), Code::malformed, "kind");
    const auto few = crypto::CborWriter().map(1).uint(1).uint(1).take();
    EXPECT_REFUSED(decode_record(message_of_payload(few, record_headers())), Code::malformed, "the key 2 is missing");
    const auto unknown = crypto::CborWriter().map(1).uint(18).uint(1).take();
    EXPECT_REFUSED(decode_record(message_of_payload(unknown, record_headers())), Code::malformed,
                   "the key 18 is not known");
}

}  // namespace
}  // namespace tally::chaincode::test
