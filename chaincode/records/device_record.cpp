#include "chaincode/records/device_record.h"

#include <set>

#include "chaincode/records/identifier.h"
#include "crypto/cbor.h"

namespace tally::chaincode {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kChannelHint = -70001;
constexpr unsigned kLastRequiredKey = 10;

crypto::Hash read_hash(crypto::CborReader& reader) {
    const auto bytes = reader.bytes();
    crypto::Hash hash;
    if (bytes.size() == hash.bytes.size()) {
        std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
    } else {
        reader.fault(Code::malformed, "a SHA-256 digest has 32 bytes");
    }
    return hash;
}

std::uint64_t read_array_of(crypto::CborReader& reader, std::uint64_t size, std::string_view what) {
    const auto count = reader.array();
    if (reader.ok() && count != size)
        reader.fault(Code::malformed, fmt::format("{} has {} items, not {}", what, count, size));
    return count;
}

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

std::int64_t read_value_or_null(crypto::CborReader& reader, bool is_null) {
    if (!is_null) return reader.integer();
    reader.null();
    return 0;
}

void read_summary(crypto::CborReader& reader, std::vector<FieldSummary>& summary) {
    const auto count = reader.array();
    if (count > kMaxFields) reader.fault(Code::too_large, "a summary of too many fields");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        auto& field = summary.emplace_back();
        read_array_of(reader, 7, "a field's summary");
        field.count = reader.integer();
        field.missing = reader.integer();
        field.sum = reader.integer();
        const bool none = field.count == 0;
        field.min = read_value_or_null(reader, none);
        field.max = read_value_or_null(reader, none);
        field.first = read_value_or_null(reader, none);
        field.last = read_value_or_null(reader, none);
    }
}

void read_entry(crypto::CborReader& reader, std::int64_t key, DeviceRecord& record) {
    switch (key) {
        case 1:
            if (reader.uint() != kFormat) reader.fault(Code::unsupported, "only format version 1 is known");
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
        default: reader.fault(Code::malformed, fmt::format("the key {} is not known", key)); break;
    }
}

Status read_payload(ByteView payload, DeviceRecord& record) {
    crypto::CborReader reader(payload, "the record");
    crypto::CborReader::MapKeys keys;
    unsigned seen = 0;
    const auto count = reader.map();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        const auto key = keys.next_integer(reader);
        if (!reader.ok()) break;
        read_entry(reader, key, record);
        if (key >= 0 && key < 32) seen |= 1U << static_cast<unsigned>(key);
    }
    TRY(reader.finish());
    for (unsigned key = 1; key <= kLastRequiredKey; ++key) {
        if ((seen >> key & 1U) == 0) return fail(Code::malformed, "the record: the key {} is missing", key);
    }
    return check_record(record);
}

Result<std::string> channel_hint_of(ByteView unprotected) {
    crypto::CborReader reader(unprotected, "the record's unprotected header");
    const auto count = reader.map();
    std::string hint;
    if (count > 0) {
        if (count > 1 || reader.integer() != kChannelHint) {
            reader.fault(Code::malformed, "only the label -70001, the channel, may be there");
        }
        hint = reader.text();
    }
    TRY(reader.finish());
    return hint;
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

Status check_period(const DeviceRecord& record) {
    if (record.start_s < 0 || record.end_s <= record.start_s || record.end_s > kLastSecond) {
        return fail(Code::malformed, "the record's period [{}, {}) is none", record.start_s, record.end_s);
    }
    const auto length = record.end_s - record.start_s;
    if (length > kLongestPeriod_s) {
        return fail(Code::malformed, "the record's period is {} s long; at most {} are allowed", length,
                    kLongestPeriod_s);
    }
    if (record.kind == RecordKind::DAILY && length < kShortestDay_s) {
        return fail(Code::malformed, "a DAILY record covers a day of 23 to 25 hours, not {} s", length);
    }
    if (record.polling_interval_s < 1 || record.polling_interval_s > kLongestPeriod_s) {
        return fail(Code::malformed, "the polling interval is {} s; 1 to {} are allowed", record.polling_interval_s,
                    kLongestPeriod_s);
    }
    return {};
}

Status check_fields(const DeviceRecord& record) {
    if (record.fields.empty() && record.kind != RecordKind::KEEPALIVE) {
        return fail(Code::malformed, "only a KEEPALIVE record may have no fields");
    }
    std::set<std::string_view> names;
    for (const auto& field : record.fields) {
        TRY(check_identifier(field.name, "a field's name"));
        TRY(check_unit(field.unit, fmt::format("the unit of \"{}\"", field.name)));
        if (field.scale < -kMaxScale || field.scale > kMaxScale) {
            return fail(Code::malformed, "the scale of \"{}\" is {}; -18 to 18 are allowed", field.name, field.scale);
        }
        if (!names.insert(field.name).second)
            return fail(Code::malformed, "the field \"{}\" is there twice", field.name);
    }
    return {};
}

// Whether there are `count` integers with this first, last, smallest, largest and sum.
bool can_be(const FieldSummary& field) {
    using Wide = __int128;
    const auto& [count, missing, sum, min, max, first, last] = field;
    if (min > first || first > max || min > last || last > max) return false;
    if (count == 1) return first == last && min == first && max == first && sum == first;
    // Beside the first and the last, the smallest and the largest must be among the rest; the others are free.
    const int wants_min = first != min && last != min ? 1 : 0;
    const int wants_max = first != max && last != max ? 1 : 0;
    const Wide rest = Wide{count} - 2;
    if (wants_min + wants_max > rest) return false;
    const Wide ends = Wide{first} + last;
    const Wide least = ends + wants_max * Wide{max} + (rest - wants_max) * Wide{min};
    const Wide most = ends + wants_min * Wide{min} + (rest - wants_min) * Wide{max};
    return least <= sum && sum <= most;
}

Status check_summary(const DeviceRecord& record) {
    if (record.summary.size() != record.fields.size()) {
        return fail(Code::malformed, "the record has {} fields and a summary of {}", record.fields.size(),
                    record.summary.size());
    }
    for (std::size_t i = 0; i < record.summary.size(); ++i) {
        const auto& field = record.summary[i];
        const auto& name = record.fields[i].name;
        if (field.count < 0 || field.missing < 0 || field.count > kLongestPeriod_s ||
            field.missing > kLongestPeriod_s || field.count + field.missing != record.rows()) {
            return fail(Code::malformed, "the summary of \"{}\": count and missing do not make up the rows", name);
        }
        if (field.count == 0 ? field != FieldSummary{0, field.missing} : !can_be(field)) {
            return fail(Code::malformed, "the summary of \"{}\" contradicts itself", name);
        }
    }
    return {};
}

}  // namespace

std::string_view Field::describe(std::string_view member) {
    if (member == "name") return "what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -";
    if (member == "unit") return "a unit of SenML's registry (RFC 8428), for example W";
    if (member == "scale") return "an integer v stands for v * 10^scale units";
    return {};
}

std::int64_t DeviceRecord::rows() const { return summary.empty() ? 0 : summary[0].count + summary[0].missing; }

Status check_record(const DeviceRecord& record) {
    TRY(check_identifier(record.device, "the device's id"));
    if (record.sequence < 1 || record.sequence > kMaxSequence) {
        return fail(Code::malformed, "the sequence is {}; it counts from 1 to {}", record.sequence, kMaxSequence);
    }
    TRY(check_period(record));
    TRY(check_fields(record));
    TRY(check_summary(record));
    if (const auto& traffic = record.traffic) {
        if (traffic->messages < 0 || traffic->payload_bytes < 0 || traffic->samples < 0) {
            return fail(Code::malformed, "a traffic counter is negative");
        }
    }
    return {};
}

Result<SignedRecord> decode_record(ByteView message, std::size_t max_bytes) {
    if (message.size() > max_bytes) {
        return fail(Code::too_large, "the record has {} bytes; {} are allowed", message.size(), max_bytes);
    }
    auto cose = TRY(crypto::Sign1::decode(message, max_bytes));
    TRY(check_headers(cose));
    SignedRecord out;
    out.record.device = std::move(cose.headers.kid);
    TRY(read_payload(cose.payload, out.record));
    out.channel_hint = TRY(channel_hint_of(cose.unprotected));
    out.content_id = crypto::sha256(cose.payload);
    out.algorithm = cose.headers.alg == crypto::kEs256 ? crypto::Algorithm::p256 : crypto::Algorithm::ed25519;
    out.signature = std::move(cose.signature);
    return out;
}

}  // namespace tally::chaincode
