#include "chaincode/contracts/data/model.h"

#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {

std::string content_key(std::string_view content_id, std::string_view device) {
    return composite_key({"content", content_id, device});
}

std::string sequence_key(std::string_view device, std::int64_t sequence) {
    return composite_key({"seq", device, padded(sequence)});
}

std::string log_key(std::string_view device, std::int64_t received_ms, std::int64_t sequence) {
    return composite_key({"log", device, padded(received_ms), padded(sequence)});
}

std::string end_key(std::string_view device, RecordKind kind, std::int64_t end, std::int64_t sequence) {
    return composite_key({"end", device, enum_name(kind), padded(end), padded(sequence)});
}

std::string ends_from(std::string_view device, RecordKind kind, std::int64_t end) {
    return composite_key({"end", device, enum_name(kind), padded(end)});
}

std::string day_key(std::string_view device, std::int64_t start) {
    return composite_key({"day", device, padded(start)});
}

std::string shard_day_key(const StoredRecord& record) {
    return composite_key({"shardday", record.organization, record.shard, padded(record.from), record.device});
}

std::string daily_key(std::string_view device, std::int64_t sequence) {
    return composite_key({"daily", device, padded(sequence)});
}

std::string linked_key(std::string_view device) { return composite_key({"linked", device}); }

std::string series_key(std::string_view device, std::int64_t sequence) {
    return composite_key({"series", device, padded(sequence)});
}

std::string corrected_key(std::string_view device, std::int64_t sequence) {
    return composite_key({"corrected", device, padded(sequence)});
}

Result<StoredRecord> read_record(Stub& stub, std::string_view device, std::int64_t sequence) {
    auto record = TRY(get_document<StoredRecord>(stub, sequence_key(device, sequence), "a record"));
    if (!record) return fail(Code::not_found, "the device \"{}\" has no record {}", device, sequence);
    return std::move(*record);
}

Result<StoredRecord> record_at(Stub& stub, std::string_view device, const KeyValue& entry) {
    const auto sequence = unpadded(entry.value);
    if (!sequence)
        return fail(Code::corrupt, "an index of \"{}\" holds \"{}\" for a sequence", device, entry.value.substr(0, 32));
    return read_record(stub, device, *sequence);
}

Result<std::optional<std::string>> series_transaction(Stub& stub, const StoredRecord& record) {
    if (record.series != kAbsent) return record.transaction;
    return stub.get(series_key(record.device, record.sequence));
}

Result<std::optional<StoredRecord>> correction_of(Stub& stub, const StoredRecord& record) {
    const auto key = corrected_key(record.device, record.sequence);
    const auto by = TRY(stub.get(key));
    if (!by) return std::nullopt;
    return TRY(record_at(stub, record.device, {key, *by, {}}));
}

}  // namespace tally::chaincode::data
