#include "chaincode/records/device_record.h"
#include "chaincode/records/summary_cbor.h"

namespace tally::chaincode {
namespace {

void write_fields(crypto::CborWriter& writer, const DeviceRecord& record) {
    writer.uint(7).array(record.fields.size());
    for (const auto& field : record.fields) writer.array(3).text(field.name).text(field.unit).integer(field.scale);
    if (record.commitment) return;
    writer.uint(8);
    write_summary(writer, record.summary);
    writer.uint(9).bytes(record.root.view());
}

void write_hash(crypto::CborWriter& writer, unsigned key, const std::optional<crypto::Hash>& hash) {
    if (hash) writer.uint(key).bytes(hash->view());
}

void write_bytes(crypto::CborWriter& writer, unsigned key, const std::optional<ByteView>& bytes) {
    if (bytes) writer.uint(key).bytes(*bytes);
}

unsigned keys_of(const DeviceRecord& record) {
    constexpr unsigned kAlways = 8, kFigures = 2;
    const bool optional[] = {record.traffic.has_value(),        record.series.has_value(),
                             record.previous_daily.has_value(), record.rows_per_leaf > 1,
                             record.corrects.has_value(),       record.encrypted_series.has_value()};
    unsigned count = kAlways + (record.commitment ? 1U : kFigures);
    for (const bool there : optional) count += there ? 1U : 0U;
    return count;
}

}  // namespace

Bytes encode_payload(const DeviceRecord& record) {
    const auto sound = check_record(record);
    TALLY_INVARIANT(sound, sound.error().message);
    crypto::CborWriter writer;
    writer.reserve(512 + 64 * record.fields.size() + (record.series ? record.series->size() : 0));
    writer.map(keys_of(record));
    writer.uint(1).uint(1).uint(2).uint(static_cast<std::uint64_t>(record.kind)).uint(3).integer(record.sequence);
    writer.uint(4).integer(record.start_s).uint(5).integer(record.end_s).uint(6).integer(record.polling_interval_s);
    write_fields(writer, record);
    writer.uint(10);
    if (record.previous) {
        writer.bytes(record.previous->view());
    } else {
        writer.null();
    }
    if (const auto& traffic = record.traffic) {
        writer.uint(11).array(3).integer(traffic->messages).integer(traffic->payload_bytes).integer(traffic->samples);
    }
    write_bytes(writer, 12, record.series);
    write_hash(writer, 13, record.previous_daily);
    if (record.rows_per_leaf > 1) writer.uint(14).integer(record.rows_per_leaf);
    write_hash(writer, 15, record.corrects);
    write_hash(writer, 16, record.commitment);
    write_bytes(writer, 17, record.encrypted_series);
    return writer.take();
}

namespace {

// What is beside the signed parts: the channel as a hint, the packed series and the opening, each unless it is empty.
Bytes unprotected_map(std::string_view channel, ByteView packed, ByteView opening) {
    crypto::CborWriter map;
    map.reserve(32 + channel.size() + packed.size() + opening.size());
    map.map((channel.empty() ? 0U : 1U) + (packed.empty() ? 0U : 1U) + (opening.empty() ? 0U : 1U));
    if (!channel.empty()) map.integer(kChannelLabel).text(channel);
    if (!packed.empty()) map.integer(kPackedSeriesLabel).bytes(packed);
    if (!opening.empty()) map.integer(kOpeningLabel).bytes(opening);
    return map.take();
}

}  // namespace

Bytes sign_record(const crypto::PrivateKey& key, std::string_view channel, const DeviceRecord& record, ByteView packed,
                  ByteView opening) {
    crypto::Sign1Options options;
    options.headers.content_type = kRecordContentType;
    options.headers.kid = record.device;
    options.external_aad = as_bytes(channel);
    options.unprotected_map = unprotected_map(channel, packed, opening);
    return crypto::sign1(key, encode_payload(record), options);
}

Result<Bytes> without_readings(ByteView message) {
    const auto record = TRY(decode_record(message, message.size()));
    const auto cose = TRY(crypto::Sign1::decode(message, message.size()));
    return crypto::encode_sign1(cose.protected_bytes, unprotected_map(record.channel_hint, {}, {}), &cose.payload,
                                cose.signature);
}

crypto::Hash content_id_of(const DeviceRecord& record) { return crypto::sha256(encode_payload(record)); }

}  // namespace tally::chaincode
