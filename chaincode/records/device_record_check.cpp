#include <set>

#include "chaincode/records/device_record.h"
#include "chaincode/records/identifier.h"
#include "crypto/cbor.h"

namespace tally::chaincode {
namespace {

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

Status check_links(const DeviceRecord& record) {
    if (record.previous_daily && record.kind != RecordKind::DAILY)
        return fail(Code::malformed, "the key 13: only a DAILY record names the DAILY record before it");
    if (record.previous_daily && record.corrects)
        return fail(Code::malformed, "the key 13: a record that corrects another one (key 15) names no DAILY record");
    return {};
}

// COSE_Encrypt0: 16([protected, {unprotected}, ciphertext]), the ciphertext with an authentication tag of 16 bytes.
Status check_encrypted(ByteView series) {
    constexpr std::uint64_t kEncrypt0 = 16;
    constexpr std::size_t kTagBytes = 16;
    crypto::CborReader reader(series, "the key 17");
    if (reader.tag() != kEncrypt0) reader.fault(Code::malformed, "the tag 16, COSE_Encrypt0, is expected");
    if (reader.array() != 3) reader.fault(Code::malformed, "three items are expected");
    reader.bytes();
    if (reader.peek() != crypto::CborReader::Type::map) reader.fault(Code::malformed, "a map of headers is expected");
    reader.item();
    if (reader.bytes().size() < kTagBytes) reader.fault(Code::malformed, "the ciphertext is too short for its tag");
    return reader.finish();
}

Status check_series_form(const DeviceRecord& record) {
    if (record.rows_per_leaf < 1 || record.rows_per_leaf > kMaxRowsPerLeaf) {
        return fail(Code::malformed, "the key 14: {} rows per leaf; 2 to {} are allowed", record.rows_per_leaf,
                    kMaxRowsPerLeaf);
    }
    if (record.commitment && (record.series || record.encrypted_series))
        return fail(Code::malformed, "the key 16 stands in the place of the series, and both are there");
    if (!record.encrypted_series) return {};
    if (record.series) return fail(Code::malformed, "the key 17 stands in the place of the series, and both are there");
    return check_encrypted(*record.encrypted_series);
}

}  // namespace

Status check_summary(const DeviceRecord& record) {
    if (record.commitment) {
        if (record.summary.empty()) return {};
        return fail(Code::malformed, "the key 16 stands in the place of the summary, and both are there");
    }
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

std::int64_t DeviceRecord::rows() const { return summary.empty() ? 0 : summary[0].count + summary[0].missing; }

Status check_record(const DeviceRecord& record) {
    TRY(check_identifier(record.device, "the device's id"));
    if (record.sequence < 1 || record.sequence > kMaxSequence) {
        return fail(Code::malformed, "the sequence is {}; it counts from 1 to {}", record.sequence, kMaxSequence);
    }
    TRY(check_period(record));
    TRY(check_fields(record));
    TRY(check_summary(record));
    TRY(check_links(record));
    TRY(check_series_form(record));
    if (const auto& traffic = record.traffic) {
        if (traffic->messages < 0 || traffic->payload_bytes < 0 || traffic->samples < 0) {
            return fail(Code::malformed, "a traffic counter is negative");
        }
    }
    return {};
}

}  // namespace tally::chaincode
