#include "node/channel/device_evidence.h"

#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"

namespace tally::node {

namespace {

// The rows as they came with the record.
Status take_series(DeviceEvidence::Record& record) {
    const auto& message = record.message;
    if (message.record.series) record.series = to_bytes(*message.record.series);
    if (message.packed) record.series = TRY(chaincode::unpack_series(message.record, *message.packed));
    record.series_holds = chaincode::check_series(message.record, record.series);
    return {};
}

}  // namespace

Result<ReceiptFacts> DeviceEvidence::verified(ByteView receipt) const {
    Result<ReceiptFacts> facts = fail(Code::bad_proof, "there is no configuration to verify it with");
    for (const auto& configuration : configurations_) {
        facts = verify_receipt_file(receipt, *configuration);
        if (facts) break;
    }
    if (!facts) return fail(Code::bad_proof, "its receipt does not verify: {}", facts.error().message);
    if (facts->code != storage::ValidationCode::VALID)
        return fail(Code::bad_proof, "the transaction {} is {}", facts->id.hex(), code_name(facts->code));
    return facts;
}

Status DeviceEvidence::add_key(ByteView receipt) { return keys_.add(TRY(verified(receipt))); }

Status DeviceEvidence::add_series(ByteView receipt, std::int64_t sequence) {
    const auto facts = TRY(verified(receipt));
    if (facts.contract != "data" || facts.function != "attach_series" || facts.attachments.size() != 1)
        return fail(Code::bad_proof, "the transaction {} carries no series", facts.id.hex());
    const auto found = records_.find(sequence);
    if (found == records_.end()) return fail(Code::not_found, "record {} is not proven", sequence);
    auto& record = found->second;
    auto rows = TRY(chaincode::unpack_series(record.message.record, facts.attachments.front()));
    TRY(chaincode::check_series(record.message.record, rows));
    record.series = std::move(rows);
    record.series_holds = {};
    return {};
}

Result<const DeviceEvidence::Record*> DeviceEvidence::add_record(ByteView receipt) {
    Record record{TRY(verified(receipt)), {}, {}, 0, {}};
    const auto& facts = record.facts;
    if (facts.contract != "data" || facts.function != "publish" || facts.attachments.empty())
        return fail(Code::bad_proof, "the transaction {} carries no record", facts.id.hex());
    const auto& attachments = record.facts.attachments;
    record.message = TRY(chaincode::decode_record(attachments.front()));
    if (record.message.record.device != device_)
        return fail(Code::bad_proof, "the record of transaction {} is of \"{}\"", facts.id.hex(),
                    record.message.record.device);
    TRY(take_series(record));
    if (const auto cose = crypto::Sign1::decode(attachments.front())) {
        record.key_epoch = keys_.epoch_of(facts.created_ms, record.message.record.end_s * 1000,
                                          [&](const auto& key) { return cose->verify(key, as_bytes(facts.channel)); });
    }
    const auto sequence = record.message.record.sequence;
    const auto [at, is_new] = records_.insert_or_assign(sequence, std::move(record));
    return &at->second;
}

}  // namespace tally::node
