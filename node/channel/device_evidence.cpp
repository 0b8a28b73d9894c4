#include "node/channel/device_evidence.h"

#include <algorithm>

#include "chaincode/contracts/registry/arguments.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/key_rotation.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"

namespace tally::node {

namespace registry = chaincode::registry;

namespace {

template <class Arguments>
Result<Arguments> arguments_of(const ReceiptFacts& facts) {
    return chaincode::from_json<Arguments>(TRY(chaincode::parse_json(facts.arguments, "the arguments")));
}

Result<crypto::PublicKey> leaf_key(const std::vector<std::string>& chain) {
    return TRY(registry::parse_chain(chain)).front().public_key();
}

// Of a device that signs records: for others a registration may still wait for another organization's consent.
bool registers(const registry::RegisterDevice& in, const std::string& device) {
    return in.id == device && in.profile.value_or(std::string(registry::kProfileRecord)) == registry::kProfileRecord;
}

Result<crypto::PublicKey> registered_key(const registry::RegisterDevice& in) {
    return in.public_key ? registry::parse_public_key(*in.public_key) : leaf_key(in.certificate_chain);
}

// The key that this transaction gave the device.
Result<crypto::PublicKey> key_given(const ReceiptFacts& facts, const std::string& device) {
    if (facts.contract == "registry" && facts.function == "register_device") {
        const auto in = TRY(arguments_of<registry::RegisterDevice>(facts));
        if (registers(in, device)) return registered_key(in);
    }
    if (facts.contract == "registry" && facts.function == "import_devices") {
        for (const auto& row : TRY(arguments_of<registry::ImportDevices>(facts)).devices) {
            const auto in = TRY(chaincode::from_json<registry::RegisterDevice>(row));
            if (registers(in, device)) return registered_key(in);
        }
    }
    if (facts.contract == "registry" && facts.function == "rotate_key" && !facts.attachments.empty()) {
        const auto rotation = TRY(chaincode::decode_key_rotation(facts.attachments.front()));
        if (rotation.device == device) return crypto::PublicKey::from_spki(rotation.new_key);
    }
    if (facts.contract == "registry" && facts.function == "recertify") {
        const auto in = TRY(arguments_of<registry::RotateKey>(facts));
        if (in.device == device) return leaf_key(in.certificate_chain);
    }
    return fail(Code::bad_proof, "the transaction {} gives \"{}\" no key", facts.id.hex(), device);
}

bool ends_a_compromised_key(const ReceiptFacts& facts) {
    if (facts.function != "rotate_key" && facts.function != "recertify") return false;
    const auto in = arguments_of<registry::RotateKey>(facts);
    return in && in->compromised.value_or(false);
}

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

Status DeviceEvidence::add_key(ByteView receipt) {
    const auto facts = TRY(verified(receipt));
    auto key = TRY(key_given(facts, device_));
    if (!keys_.empty()) {
        auto& before = keys_.back();
        if (before.key == key) return {};  // the same key with another certificate
        if (facts.created_ms < before.from_ms)
            return fail(Code::bad_proof, "the keys of \"{}\" are not in the order of time", device_);
        before.until_ms = facts.created_ms;
        before.compromised = ends_a_compromised_key(facts);
    }
    keys_.push_back({std::move(key), facts.created_ms});
    return {};
}

// As the contract judged it when the record came.
DeviceEvidence::KeyEpoch DeviceEvidence::key_epoch_of(const chaincode::SignedRecord& record, ByteView message,
                                                      const ReceiptFacts& facts) const {
    const auto cose = crypto::Sign1::decode(message);
    if (!cose) return 0;
    const auto end_ms = record.record.end_s * 1000;
    for (std::size_t i = keys_.size(); i-- > 0;) {
        const auto& key = keys_[i];
        if (key.from_ms > facts.created_ms) continue;
        const bool current = key.until_ms > facts.created_ms;
        if (!current && (key.compromised || key.until_ms < end_ms)) continue;
        if (cose->verify(key.key, as_bytes(facts.channel))) return static_cast<std::int64_t>(i) + 1;
    }
    return 0;
}

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
    record.key_epoch = key_epoch_of(record.message, attachments.front(), facts);
    const auto sequence = record.message.record.sequence;
    const auto [at, is_new] = records_.insert_or_assign(sequence, std::move(record));
    return &at->second;
}

}  // namespace tally::node
