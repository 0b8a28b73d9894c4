#include "gateway/device_sdk/delivery.h"

#include <algorithm>

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/refusals.h"
#include "gateway/http/problem.h"

namespace tally::gateway::device_sdk {

namespace json = boost::json;

namespace {

// What contradicts these is on the ledger for ever, or is in the record itself.
constexpr Code kFinal[] = {
    chaincode::data::refusals::stale_sequence,
    chaincode::data::refusals::chain_broken,
    chaincode::data::refusals::period_overlap,
    chaincode::refusals::summary_mismatch,
    chaincode::refusals::root_mismatch,
    chaincode::refusals::commitment_mismatch,
    chaincode::registry::refusals::device_retired,
};
// The record may be taken later. Of a duplicate the node that answers has not the block yet.
constexpr Code kForNow[] = {
    chaincode::data::refusals::duplicate_record,
    chaincode::refusals::schema_mismatch,
    chaincode::data::refusals::clock_ahead,
    chaincode::data::refusals::too_late,
    chaincode::registry::refusals::device_suspended,
    chaincode::data::refusals::confidential_series,  // the device may be released from its collection
    chaincode::data::refusals::confidential_figures,
    chaincode::data::refusals::figures_withheld,
    Code::bad_signature,
    Code::transaction_invalid,
    Code::endorsements_differ,
};

Delivery delivery_of(const Code& code) {
    if (std::ranges::find(kFinal, code) != std::end(kFinal)) return Delivery::refused;
    return std::ranges::find(kForNow, code) != std::end(kForNow) ? Delivery::waiting : Delivery::failed;
}

bool is_text(const json::object& object, std::string_view name, std::string_view wanted) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() && std::string_view(value->get_string()) == wanted;
}

Judgement unclear(std::string sentence) { return {Delivery::failed, {Code::unavailable, std::move(sentence)}}; }

}  // namespace

Judgement judge(const Result<ClientResponse>& answer, const crypto::Hash& content_id) {
    if (!answer) return {Delivery::failed, answer.error()};
    if (answer->status >= 400) {
        auto problem = read_problem(answer->status, answer->header("Content-Type"), answer->body);
        const auto delivery = problem.from_node ? delivery_of(problem.error.code) : Delivery::failed;
        return {delivery, std::move(problem.error)};
    }
    auto parsed = chaincode::parse_json(answer->body, "the answer");
    const auto* outcome = parsed ? parsed->if_object() : nullptr;
    const auto* transaction = outcome == nullptr ? nullptr : outcome->if_contains("transaction");
    if (transaction == nullptr || !transaction->is_object()) {
        return unclear(
            fmt::format("the answer has the status {} and is not a node's; something else answers at this address",
                        answer->status));
    }
    const auto& facts = transaction->get_object();
    if (!is_text(facts, "state", "committed") || !is_text(facts, "validation_code", "VALID"))
        return unclear("the record was accepted and is in no block yet");
    if (!is_text(*outcome, "content_id", content_id.hex())) return unclear("the answer speaks of another record");
    const auto* duplicate = outcome->if_contains("duplicate");
    const bool earlier = duplicate != nullptr && duplicate->is_bool() && duplicate->get_bool();
    return {Delivery::committed, {}, earlier, std::move(*parsed)};
}

}  // namespace tally::gateway::device_sdk
