#include "chaincode/contracts/data/publish.h"

#include "chaincode/contracts/data/admission.h"
#include "chaincode/contracts/data/continuity.h"
#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/totals.h"
#include "chaincode/contracts/registry/api.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"

namespace tally::chaincode::data {
namespace {

// Checks the series if it came; where it came. Without its key nobody can check an encrypted one.
Result<std::string_view> checked_series(const SignedRecord& in, const PublishingTerms& terms) {
    const auto& record = in.record;
    if (terms.collection && (record.series || in.packed)) {
        return fail(refusals::confidential_series,
                    "the readings of \"{}\" are kept by the collection \"{}\": its records must come without their "
                    "rows{}",
                    record.device, *terms.collection, record.series ? ", which the device must not sign inline" : "");
    }
    if (record.encrypted_series) return kEncrypted;
    if (record.series) {
        TRY(check_series(record, *record.series));
        return kInline;
    }
    if (!in.packed) return kAbsent;
    TRY(check_series(record, TRY(unpack_series(record, *in.packed))));
    return kPacked;
}

Published outcome_of(const StoredRecord& record) {
    return {record.content_id, record.transaction, record.device, record.kind, record.sequence, record.from, record.to};
}

// Where queries by period find it.
Status put_into_periods(Stub& stub, const StoredRecord& record) {
    const auto sequence = padded(record.sequence);
    TRY(stub.put(end_key(record.device, record.kind, record.to, record.sequence), sequence));
    if (record.kind != RecordKind::DAILY) return {};
    TRY(stub.put(day_key(record.device, record.from), sequence));
    TRY(stub.put(shard_day_key(record), sequence));
    TRY(stub.put(daily_key(record.device, record.sequence), ""));
    if (!record.previous_daily) return {};
    const auto since = TRY(stub.get(linked_key(record.device)));
    if (since && *since < sequence) return {};
    return stub.put(linked_key(record.device), sequence);
}

Result<Published> store(Stub& stub, StoredRecord& record) {
    record.transaction = stub.transaction_id().hex();
    record.received_ms = stub.time_ms();
    record.received_from = fmt::format("{}/{}", stub.caller().organization, stub.caller().name);
    const auto sequence = padded(record.sequence);
    TRY(put_document(stub, content_key(record.content_id, record.device),
                     ContentEntry{record.transaction, record.sequence}));
    TRY(put_document(stub, sequence_key(record.device, record.sequence), record));
    TRY(stub.put(log_key(record.device, record.received_ms, record.sequence), sequence));
    if (record.corrects) {
        const auto key = content_key(*record.corrects, record.device);
        const auto corrected = TRY(get_document<ContentEntry>(stub, key, "a content entry"));
        TRY(stub.put(corrected_key(record.device, corrected->sequence), sequence));
    } else {
        TRY(put_into_periods(stub, record));
    }
    if (record.collection) TRY(list_for_keepers(stub, record));
    TRY(count(stub, record));
    const auto outcome = outcome_of(record);
    emit(
        stub, "record_published",
        RecordPublished{outcome, record.organization, record.shard, record.format, record.corrects, record.collection});
    return outcome;
}

StoredRecord stored_form(const SignedRecord& in, const PublishingTerms& terms) {
    const auto& record = in.record;
    StoredRecord out;
    out.content_id = in.content_id.hex();
    out.device = record.device;
    out.organization = terms.organization;
    out.shard = terms.shard;
    out.format = "record";
    out.kind = record.kind;
    out.sequence = record.sequence;
    out.from = record.start_s;
    out.to = record.end_s;
    out.polling_interval_s = record.polling_interval_s;
    out.fields = record.fields;
    out.summary = record.summary;
    out.rows = record.rows();
    if (record.commitment)
        out.commitment = record.commitment->hex();
    else
        out.root = record.root.hex();
    if (record.previous) out.previous = record.previous->hex();
    out.traffic = record.traffic;
    if (record.previous_daily) out.previous_daily = record.previous_daily->hex();
    out.rows_per_leaf = record.rows_per_leaf;
    if (record.corrects) out.corrects = record.corrects->hex();
    out.signature = to_base64(in.signature);
    return out;
}

// Figures are in blocks unless the device's collection keeps them; then a commitment stands in their place.
Status check_figures(Stub& stub, const SignedRecord& in, const PublishingTerms& terms) {
    const auto& record = in.record;
    const bool are_kept =
        terms.collection && registry::keeps_figures(TRY(registry::api::get_collection(stub, {*terms.collection})));
    if (record.commitment && !are_kept) {
        return fail(refusals::figures_withheld,
                    "the record holds a commitment (key 16) in the place of its figures, and no collection keeps the "
                    "figures of \"{}\"",
                    record.device);
    }
    if (in.opening) {
        return fail(refusals::confidential_figures,
                    "the opening of the commitment of \"{}\" is beside its record, and must not be in a block",
                    record.device);
    }
    if (are_kept && !record.commitment && !record.fields.empty()) {
        return fail(refusals::confidential_figures,
                    "the figures of \"{}\" are kept by the collection \"{}\": it must sign a commitment in their place",
                    record.device, *terms.collection);
    }
    return {};
}

Result<Published> publish_record(Stub& stub) {
    const auto message = stub.attachments()[0];
    const auto in = TRY(decode_record(message));
    const auto& record = in.record;
    const Period period{record.start_s, record.end_s};
    const auto terms = TRY(terms_of(stub, record.device));
    auto stored = stored_form(in, terms);
    stored.bytes = static_cast<std::int64_t>(message.size());
    stored.epoch = TRY(check_signature(stub, terms, in));
    TRY(check_new(stub, stored.content_id, stored.device));
    TRY(check_figures(stub, in, terms));
    TRY(check_profile(terms, registry::kProfileRecord));
    TRY(check_status(terms, period));
    TRY(check_clock(stub, terms, period));
    if (!record.corrects) TRY(check_arrival(stub, terms, period));
    TRY(check_sequence(stub, record.device, record.sequence));
    stored.schema = TRY(check_schema(terms, record));
    stored.series = TRY(checked_series(in, terms));
    const bool has_readings = stored.rows > 0 || record.commitment;
    if (has_readings && stored.series == kAbsent) stored.collection = terms.collection;
    TRY(check_chain(stub, stored));
    if (record.corrects) {
        TRY(check_correction(stub, stored));
    } else if (record.kind == RecordKind::DAILY) {
        TRY(check_daily_chain(stub, stored));
        TRY(check_day(stub, stored));
    }
    return store(stub, stored);
}

// Both field orders are asked whose device the block is: only the registry knows the profile.
struct KnownVitroDevice {
    PublishingTerms terms;
    VitroProfile profile = VitroProfile::vitro1;
};

Result<KnownVitroDevice> vitro_device(Stub& stub, ByteView block) {
    for (const auto& [profile, name] : {std::pair(VitroProfile::vitro1, registry::kProfileVitro1),
                                        std::pair(VitroProfile::vitro2, registry::kProfileVitro2)}) {
        auto terms = terms_of(stub, TRY(vitro_node_of(block, profile)));
        if (terms && terms->profile == name) return KnownVitroDevice{std::move(*terms), profile};
        if (!terms && terms.error().code != registry::refusals::unknown_device)
            return std::unexpected(std::move(terms.error()));
    }
    return fail(registry::refusals::unknown_device,
                "the IoT block's node is {} or {}; neither is registered for its field order",
                TRY(vitro_node_of(block, VitroProfile::vitro1)), TRY(vitro_node_of(block, VitroProfile::vitro2)));
}

Result<Published> publish_vitro(Stub& stub) {
    const auto bytes = stub.attachments()[0];
    const auto known = TRY(vitro_device(stub, bytes));
    const auto block = TRY(decode_vitro(bytes, known.profile));
    const Period period{block.timestamp_s, std::int64_t{block.timestamp_s} + 1};
    StoredRecord stored;
    stored.content_id = block.digest.hex();
    stored.device = known.terms.device;
    stored.epoch = TRY(check_signature(known.terms, block));
    TRY(check_publisher(stub, known.terms));
    TRY(check_new(stub, stored.content_id, stored.device));
    TRY(check_status(known.terms, period));
    TRY(check_clock(stub, known.terms, period));
    TRY(check_arrival(stub, known.terms, period));
    stored.organization = known.terms.organization;
    stored.shard = known.terms.shard;
    stored.format = "vitro";
    stored.kind = RecordKind::INTERVAL;
    // Blocks carry no sequence; a device's blocks differ in their second or in their parameter.
    stored.sequence = std::int64_t{block.timestamp_s} << 16 | block.parameter;
    stored.from = period.from_s;
    stored.to = period.to_s;
    stored.series = kAbsent;
    stored.bytes = static_cast<std::int64_t>(bytes.size());
    stored.signature = to_base64(block.signature);
    stored.parameter = block.parameter;
    stored.ciphertext_sha256 = crypto::sha256(block.blob).hex();
    TRY(check_sequence(stub, stored.device, stored.sequence));
    return store(stub, stored);
}

}  // namespace

Result<Published> publish(Stub& stub, const Publish& arguments) {
    switch (arguments.format) {
        case Format::record: return publish_record(stub);
        case Format::vitro: break;
    }
    return publish_vitro(stub);
}

}  // namespace tally::chaincode::data
