#include "chaincode/contracts/data/continuity.h"
#include "chaincode/contracts/data/refusals.h"

#include <fmt/chrono.h>

#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {
namespace {

// A day has 23 to 25 hours. So a day that strictly encloses another ends at most two hours behind it, and a neighbour's
// day ends at least 23 hours behind it.
constexpr std::int64_t kEnclosing_s = kLongestPeriod_s - kShortestDay_s;

Result<std::optional<StoredRecord>> neighbour(Stub& stub, std::string_view device, std::int64_t sequence) {
    return get_document<StoredRecord>(stub, sequence_key(device, sequence), "a record");
}

}  // namespace

std::string time_text(std::int64_t seconds) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

Status check_new(Stub& stub, std::string_view content_id, std::string_view device) {
    if (!TRY(stub.get(content_key(content_id, device)))) return {};
    return fail(refusals::duplicate_record, "the device \"{}\" has published this record before; its content id is {}",
                device, content_id);
}

Status check_sequence(Stub& stub, std::string_view device, std::int64_t sequence) {
    if (!TRY(stub.get(sequence_key(device, sequence)))) return {};
    return fail(refusals::stale_sequence, "the device \"{}\" has published another record with the sequence {}", device,
                sequence);
}

Status check_chain(Stub& stub, const StoredRecord& record) {
    if (record.sequence == 1 && record.previous) {
        return fail(refusals::chain_broken, "the record has the sequence 1 and names a predecessor, {}",
                    *record.previous);
    }
    if (const auto before = TRY(neighbour(stub, record.device, record.sequence - 1));
        before && record.previous != before->content_id) {
        return fail(refusals::chain_broken, "the record names {} as its predecessor; record {} is {}",
                    record.previous.value_or("none"), before->sequence, before->content_id);
    }
    if (const auto behind = TRY(neighbour(stub, record.device, record.sequence + 1));
        behind && behind->previous != record.content_id) {
        return fail(refusals::chain_broken, "record {} names {} as its predecessor; this one is {}", behind->sequence,
                    behind->previous.value_or("none"), record.content_id);
    }
    return {};
}

Status check_daily_chain(Stub& stub, const StoredRecord& record) {
    const auto& device = record.device;
    if (!record.previous_daily) {
        const auto since = TRY(stub.get(linked_key(device)));
        if (!since || *since > padded(record.sequence)) return {};
        return fail(refusals::chain_broken,
                    "the record names no DAILY record before it (key 13); the device does since record {}, and goes on",
                    unpadded(*since).value_or(0));
    }
    const auto& name = *record.previous_daily;
    if (record.sequence == 1)
        return fail(refusals::chain_broken, "the record has the sequence 1 and names a DAILY record before it, {}",
                    name);
    const auto named = TRY(get_document<ContentEntry>(stub, content_key(name, device), "a content entry"));
    if (!named) {
        if (!TRY(stub.get(daily_key(device, record.sequence - 1)))) return {};
        return fail(refusals::chain_broken,
                    "the record names {} as the DAILY record before it (key 13); that is record {}", name,
                    record.sequence - 1);
    }
    if (named->sequence >= record.sequence || !TRY(stub.get(daily_key(device, named->sequence)))) {
        return fail(refusals::chain_broken,
                    "the record names record {} as the DAILY record before it (key 13); that one is later, no DAILY "
                    "record, or a correction",
                    named->sequence);
    }
    const auto between =
        TRY(stub.range(daily_key(device, named->sequence + 1), daily_key(device, record.sequence), {.limit = 1}));
    if (between.entries.empty()) return {};
    return fail(refusals::chain_broken,
                "the record names record {} as the DAILY record before it (key 13); record {} lies between them",
                named->sequence, unpadded(last_part(between.entries[0].key)).value_or(0));
}

Status check_correction(Stub& stub, const StoredRecord& record) {
    const auto& name = *record.corrects;
    const auto entry = TRY(get_document<ContentEntry>(stub, content_key(name, record.device), "a content entry"));
    if (!entry) {
        return fail(refusals::chain_broken, "the record corrects {} (key 15), which is no record of \"{}\"", name,
                    record.device);
    }
    const auto corrected = TRY(read_record(stub, record.device, entry->sequence));
    if (corrected.sequence > record.sequence) {
        return fail(refusals::chain_broken, "the record corrects record {} (key 15), which has a later sequence",
                    corrected.sequence);
    }
    if (corrected.kind != record.kind || corrected.from != record.from || corrected.to != record.to) {
        return fail(refusals::period_overlap,
                    "the record corrects record {} (key 15), which is a {} record from {} to {}; this one is a {} "
                    "record from {} to {}",
                    corrected.sequence, enum_name(corrected.kind), time_text(corrected.from), time_text(corrected.to),
                    enum_name(record.kind), time_text(record.from), time_text(record.to));
    }
    if (const auto by = TRY(stub.get(corrected_key(record.device, corrected.sequence)))) {
        return fail(refusals::period_overlap,
                    "record {} is corrected by record {} already; a record may correct that one", corrected.sequence,
                    unpadded(*by).value_or(0));
    }
    return {};
}

Status check_day(Stub& stub, const StoredRecord& record) {
    const auto starts =
        TRY(stub.range(day_key(record.device, record.from), day_key(record.device, record.to), {.limit = 1}));
    const auto ends =
        TRY(stub.range(ends_from(record.device, RecordKind::DAILY, record.from + 1),
                       ends_from(record.device, RecordKind::DAILY, record.to + kEnclosing_s + 1), {.limit = 1}));
    if (starts.entries.empty() && ends.entries.empty()) return {};
    const auto& other = starts.entries.empty() ? ends.entries[0] : starts.entries[0];
    return fail(refusals::period_overlap, "the day from {} to {} overlaps that of record {} of \"{}\"",
                time_text(record.from), time_text(record.to), other.value, record.device);
}

}  // namespace tally::chaincode::data
