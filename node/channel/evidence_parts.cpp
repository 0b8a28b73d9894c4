#include "node/channel/evidence_parts.h"

#include "node/channel/ledger_json.h"

namespace tally::node {

const chaincode::agreement::Terms* ProvenFigures::terms_on(chaincode::Date day) const {
    const chaincode::agreement::Terms* out = nullptr;
    for (const auto& [number, version] : versions) {
        if (version.terms.from > day) continue;
        if (out == nullptr || version.terms.from >= out->from) out = &version.terms;
    }
    return out;
}

const chaincode::data::SettledDay* ProvenFigures::settled_on(const std::string& device, chaincode::Date day) const {
    const auto of_device = settled.find(device);
    if (of_device == settled.end()) return nullptr;
    const auto found = of_device->second.find(day);
    return found == of_device->second.end() ? nullptr : &found->second;
}

namespace evidence {

Result<ReceiptFacts> verified(ByteView receipt, const Configurations& configurations) {
    Result<ReceiptFacts> facts = fail(Code::bad_proof, "there is no configuration to verify it with");
    for (const auto& each : configurations) {
        facts = verify_receipt_file(receipt, *each);
        if (facts) break;
    }
    if (facts && facts->code != storage::ValidationCode::VALID)
        return fail(Code::bad_proof, "the transaction {} is {}", facts->id.hex(), code_name(facts->code));
    return facts;
}

Result<ReceiptFacts> verified_in(std::string_view channel, ByteView receipt, const Configurations& configurations) {
    auto facts = TRY(verified(receipt, configurations));
    if (facts.channel != channel)
        return fail(Code::wrong_channel, "the transaction {} is of the channel \"{}\"", facts.id.hex(), facts.channel);
    return facts;
}

Result<ReceiptFacts> verified_call(ByteView receipt, const Configurations& configurations, std::string_view function) {
    auto facts = TRY(verified(receipt, configurations));
    if (const auto found = facts.contract + "." + facts.function; found != function)
        return fail(Code::bad_proof, "the transaction {} calls {}, not {}", facts.id.hex(), found, function);
    return facts;
}

Status must(Checks& checks, bool holds, const std::string& what, std::string expected, std::string found) {
    return holds ? Status() : checks.same(what, std::move(expected), std::move(found));
}

Status must(Checks& checks, const std::string& what, std::string expected, const Status& holds) {
    return holds ? Status() : checks.judged(what, std::move(expected), "", holds);
}

}  // namespace evidence

}  // namespace tally::node
