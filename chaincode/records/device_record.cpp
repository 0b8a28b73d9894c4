#include "chaincode/records/device_record.h"
#include "chaincode/records/summary_cbor.h"

namespace tally::chaincode {
namespace {

constexpr std::int64_t kRecordFormat = 1;

// Bit n stands for the key n.
using Keys = std::uint32_t;
constexpr Keys key_bit(unsigned key) { return Keys{1} << key; }
constexpr Keys kAlwaysThere = 0b111'1110 | key_bit(7) | key_bit(10);
constexpr Keys kOfFigures = key_bit(8) | key_bit(9);

void read_fields(crypto::CborReader& reader, std::vector<Field>& fields) {
    const auto count = reader.array();
    if (count > kMaxFields) reader.fault(Code::too_large, fmt::format("{} fields; {} are allowed", count, kMaxFields));
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        auto& field = fields.emplace_back();
        read_array_of(reader, 3, "a field");
        field.name = reader.text();
        field.unit = reader.text();
        field.scale = reader.integer();
    }
}

void read_entry(crypto::CborReader& reader, std::int64_t key, DeviceRecord& record) {
    switch (key) {
        case 1:
            if (reader.uint() != kRecordFormat) reader.fault(Code::unsupported, "only format version 1 is known");
            break;
        case 2: {
            const auto kind = reader.uint();
            if (kind < 1 || kind > 3) reader.fault(Code::malformed, "the kind must be 1, 2 or 3");
            record.kind = static_cast<RecordKind>(kind);
            break;
        }
        case 3: record.sequence = reader.integer(); break;
        case 4: record.start_s = reader.integer(); break;
        case 5: record.end_s = reader.integer(); break;
        case 6: record.polling_interval_s = reader.integer(); break;
        case 7: read_fields(reader, record.fields); break;
        case 8: read_summary(reader, record.summary); break;
        case 9: record.root = read_hash(reader); break;
        case 10:
            if (!reader.skip_null()) record.previous = read_hash(reader);
            break;
        case 11: {
            read_array_of(reader, 3, "the traffic");
            auto& traffic = record.traffic.emplace();
            traffic.messages = reader.integer();
            traffic.payload_bytes = reader.integer();
            traffic.samples = reader.integer();
            break;
        }
        case 12: record.series = reader.bytes(); break;
        case 13: record.previous_daily = read_hash(reader); break;
        case 14:
            record.rows_per_leaf = reader.integer();
            if (reader.ok() && record.rows_per_leaf < 2)
                reader.fault(Code::malformed, "it is at least 2; one row per leaf is said by leaving it out");
            break;
        case 15: record.corrects = read_hash(reader); break;
        case 16: record.commitment = read_hash(reader); break;
        case 17: record.encrypted_series = reader.bytes(); break;
        default: reader.fault(Code::malformed, fmt::format("the key {} is not known", key)); break;
    }
}

Status check_keys(Keys seen) {
    const auto has = [&](unsigned key) { return (seen & key_bit(key)) != 0; };
    const auto required = has(16) ? kAlwaysThere : kAlwaysThere | kOfFigures;
    for (unsigned key = 1; key <= 10; ++key) {
        if ((required & key_bit(key)) != 0 && !has(key))
            return fail(Code::malformed, "the record: the key {} is missing", key);
    }
    for (const unsigned key : {8U, 9U, 12U, 17U}) {
        if (has(16) && has(key))
            return fail(Code::malformed, "the record: the key 16 stands in the place of 8, 9 and 12; {} is there too",
                        key);
    }
    if (has(12) && has(17))
        return fail(Code::malformed, "the record: the key 17 stands in the place of 12, and both are there");
    return {};
}

Status read_payload(ByteView payload, DeviceRecord& record) {
    crypto::CborReader reader(payload, "the record");
    crypto::CborReader::MapKeys keys;
    Keys seen = 0;
    const auto count = reader.map();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        const auto key = keys.next_integer(reader);
        if (!reader.ok()) break;
        read_entry(reader, key, record);
        if (!reader.ok()) {
            const auto error = reader.status().error();
            return fail(error.code, "the key {}: {}", key, error.message);
        }
        seen |= key_bit(static_cast<unsigned>(key));
    }
    TRY(reader.finish());
    TRY(check_keys(seen));
    return check_record(record);
}

Status read_unprotected(ByteView unprotected, SignedRecord& out) {
    crypto::CborReader reader(unprotected, "the record's unprotected header");
    crypto::CborReader::MapKeys labels;
    const auto count = reader.map();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        const auto label = labels.next_integer(reader);
        if (label == kChannelLabel) {
            out.channel_hint = reader.text();
        } else if (label == kPackedSeriesLabel) {
            out.packed = to_bytes(reader.bytes());
        } else if (label == kOpeningLabel) {
            out.opening = to_bytes(reader.bytes());
        } else {
            reader.fault(Code::malformed,
                         fmt::format("the labels {}, the channel, {}, the packed series, and {}, the opening of a "
                                     "commitment, may be there",
                                     kChannelLabel, kPackedSeriesLabel, kOpeningLabel));
        }
    }
    TRY(reader.finish());
    const auto& record = out.record;
    if (out.opening && !record.commitment)
        return fail(Code::malformed, "the record has no commitment (key 16), and an opening beside it");
    if (out.packed && (record.series || record.encrypted_series))
        return fail(Code::malformed, "the record has its series packed, and one of the keys 12 and 17");
    if (out.packed && record.commitment && !out.opening)
        return fail(Code::malformed, "the record has a commitment (key 16), and its series packed without the opening");
    return {};
}

Status check_headers(const crypto::Sign1& cose) {
    const auto& headers = cose.headers;
    if (headers.alg != crypto::kEs256 && headers.alg != crypto::kEdDsa) {
        return fail(Code::unsupported, "the record: algorithm {}; -7 (ES256) and -8 (EdDSA) are known", headers.alg);
    }
    if (headers.content_type != kRecordContentType) {
        return fail(Code::malformed, "the record's content type is \"{}\", not \"{}\"",
                    headers.content_type.substr(0, 64), kRecordContentType);
    }
    if (!headers.extra.empty() || !headers.x5chain.empty()) {
        return fail(Code::malformed,
                    "the record's protected header holds more than algorithm, content type and device");
    }
    if (cose.detached) return fail(Code::malformed, "the record has no payload");
    if (cose.signature.size() != crypto::kSignatureBytes) {
        return fail(Code::malformed, "the record's signature has {} bytes, not {}", cose.signature.size(),
                    crypto::kSignatureBytes);
    }
    return {};
}

}  // namespace

Result<SignedRecord> decode_record(ByteView message, std::size_t max_bytes) {
    if (message.size() > max_bytes) {
        return fail(Code::too_large, "the record has {} bytes; {} are allowed", message.size(), max_bytes);
    }
    auto cose = TRY(crypto::Sign1::decode(message, max_bytes));
    TRY(check_headers(cose));
    SignedRecord out;
    out.record.device = std::move(cose.headers.kid);
    TRY(read_payload(cose.payload, out.record));
    TRY(read_unprotected(cose.unprotected, out));
    out.content_id = crypto::sha256(cose.payload);
    out.algorithm = cose.headers.alg == crypto::kEs256 ? crypto::Algorithm::p256 : crypto::Algorithm::ed25519;
    out.signature = std::move(cose.signature);
    return out;
}

}  // namespace tally::chaincode
