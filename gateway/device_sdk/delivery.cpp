#include "gateway/device_sdk/delivery.h"

#include "chaincode/json/strict_json.h"
#include "gateway/http/problem.h"

namespace tally::gateway::device_sdk {

namespace json = boost::json;

namespace {

Delivery delivery_of(Code code) {
    switch (code) {
        // What contradicts these is on the ledger for ever, or is in the record itself.
        case Code::stale_sequence:
        case Code::chain_broken:
        case Code::period_overlap:
        case Code::summary_mismatch:
        case Code::root_mismatch:
        case Code::device_retired: return Delivery::refused;
        case Code::duplicate_record:  // the node that answers has not the block yet
        case Code::schema_mismatch:
        case Code::clock_ahead:
        case Code::too_late:
        case Code::device_suspended:
        case Code::bad_signature:
        case Code::transaction_invalid:
        case Code::endorsements_differ: return Delivery::waiting;
        default: return Delivery::failed;
    }
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
