#include "node/channel/device_keys.h"

#include <algorithm>

#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/arguments.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/key_rotation.h"
#include "crypto/meter_key.h"

namespace tally::node {

namespace registry = chaincode::registry;

namespace {

template <class Arguments>
Result<Arguments> arguments_of(const ReceiptFacts& facts) {
    return chaincode::from_json<Arguments>(TRY(chaincode::parse_json(facts.arguments, "the arguments")));
}
template <class Answer>
Result<Answer> answer_of(const ReceiptFacts& facts) {
    return chaincode::from_json<Answer>(TRY(chaincode::parse_json(facts.result, "the result")));
}

Result<crypto::PublicKey> leaf_key(const std::vector<std::string>& chain) {
    return TRY(registry::parse_chain(chain)).front().public_key();
}

std::string_view profile_of(const registry::RegisterDevice& in) {
    return in.profile ? std::string_view(*in.profile) : registry::kProfileRecord;
}

// Whether what it registers waits for another organization's consent.
Result<bool> waits(const ReceiptFacts& facts) {
    if (facts.function == "import_devices") return TRY(answer_of<registry::Imported>(facts)).pending > 0;
    return TRY(answer_of<registry::DeviceSummary>(facts)).pending.value_or(false);
}

// Whether it gives the device its key. Devices that sign records never wait.
Result<bool> registers(const registry::RegisterDevice& in, const std::string& device, const ReceiptFacts& facts) {
    if (in.id != device) return false;
    return profile_of(in) == registry::kProfileRecord || !TRY(waits(facts));
}

Result<crypto::PublicKey> registered_key(const registry::RegisterDevice& in) {
    if (!in.public_key) return leaf_key(in.certificate_chain);
    return profile_of(in) == registry::kProfileOcmf ? crypto::meter_key_from(*in.public_key)
                                                    : registry::parse_public_key(*in.public_key);
}

Result<crypto::PublicKey> confirmed_key(const registry::ConfirmDevice& in, const std::vector<Bytes>& stated) {
    const auto key =
        std::ranges::find_if(stated, [&](const Bytes& each) { return crypto::sha256(each).hex() == in.fingerprint; });
    if (key != stated.end()) return crypto::PublicKey::from_spki(*key);
    return fail(Code::bad_proof, "the key of \"{}\" with the fingerprint {} is not in the file", in.id, in.fingerprint);
}

// The key that this transaction gave the device.
Result<crypto::PublicKey> key_given(const ReceiptFacts& facts, const std::string& device,
                                    const std::vector<Bytes>& stated) {
    if (facts.contract == "registry" && facts.function == "register_device") {
        const auto in = TRY(arguments_of<registry::RegisterDevice>(facts));
        if (TRY(registers(in, device, facts))) return registered_key(in);
    }
    if (facts.contract == "registry" && facts.function == "import_devices") {
        for (const auto& row : TRY(arguments_of<registry::ImportDevices>(facts)).devices) {
            const auto in = TRY(chaincode::from_json<registry::RegisterDevice>(row));
            if (TRY(registers(in, device, facts))) return registered_key(in);
        }
    }
    if (facts.contract == "registry" && facts.function == "confirm_device") {
        const auto in = TRY(arguments_of<registry::ConfirmDevice>(facts));
        if (in.id == device) return confirmed_key(in, stated);
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

}  // namespace

Status DeviceKeys::add(const ReceiptFacts& facts) {
    auto key = TRY(key_given(facts, device_, stated_));
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

DeviceKeys::Epoch DeviceKeys::epoch_of(std::int64_t created_ms, std::int64_t period_end_ms,
                                       const Verify& verify) const {
    for (std::size_t i = keys_.size(); i-- > 0;) {
        const auto& key = keys_[i];
        if (key.from_ms > created_ms) continue;
        const bool current = key.until_ms > created_ms;
        if (!current && (key.compromised || key.until_ms < period_end_ms)) continue;
        if (verify(key.key)) return static_cast<Epoch>(i) + 1;
    }
    return 0;
}

}  // namespace tally::node
