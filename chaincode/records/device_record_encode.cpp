#include "chaincode/records/device_record.h"
#include "crypto/cbor.h"

namespace tally::chaincode {
namespace {

constexpr std::int64_t kChannelHint = -70001;

void write_fields(crypto::CborWriter& writer, const DeviceRecord& record) {
    writer.uint(7).array(record.fields.size());
    for (const auto& field : record.fields) writer.array(3).text(field.name).text(field.unit).integer(field.scale);
    writer.uint(8).array(record.summary.size());
    for (const auto& field : record.summary) {
        writer.array(7).integer(field.count).integer(field.missing).integer(field.sum);
        for (const auto value : {field.min, field.max, field.first, field.last}) {
            if (field.count == 0) {
                writer.null();
            } else {
                writer.integer(value);
            }
        }
    }
}

}  // namespace

Bytes encode_payload(const DeviceRecord& record) {
    const auto sound = check_record(record);
    TALLY_INVARIANT(sound, sound.error().message);
    crypto::CborWriter writer;
    writer.reserve(512 + 64 * record.fields.size() + (record.series ? record.series->size() : 0));
    writer.map(10U + (record.traffic ? 1U : 0U) + (record.series ? 1U : 0U));
    writer.uint(1).uint(1).uint(2).uint(static_cast<std::uint64_t>(record.kind)).uint(3).integer(record.sequence);
    writer.uint(4).integer(record.start_s).uint(5).integer(record.end_s).uint(6).integer(record.polling_interval_s);
    write_fields(writer, record);
    writer.uint(9).bytes(record.root.view()).uint(10);
    if (record.previous) {
        writer.bytes(record.previous->view());
    } else {
        writer.null();
    }
    if (const auto& traffic = record.traffic) {
        writer.uint(11).array(3).integer(traffic->messages).integer(traffic->payload_bytes).integer(traffic->samples);
    }
    if (record.series) writer.uint(12).bytes(*record.series);
    return writer.take();
}

Bytes sign_record(const crypto::PrivateKey& key, std::string_view channel, const DeviceRecord& record) {
    crypto::Sign1Options options;
    options.headers.content_type = kRecordContentType;
    options.headers.kid = record.device;
    options.external_aad = as_bytes(channel);
    options.unprotected_map = crypto::CborWriter().map(1).integer(kChannelHint).text(channel).take();
    return crypto::sign1(key, encode_payload(record), options);
}

crypto::Hash content_id_of(const DeviceRecord& record) { return crypto::sha256(encode_payload(record)); }

}  // namespace tally::chaincode
