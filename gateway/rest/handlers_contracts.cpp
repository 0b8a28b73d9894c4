#include "chaincode/json/strict_json.h"
#include "gateway/rest/answers.h"
#include "gateway/rest/handlers.h"

namespace tally::gateway::handlers {

namespace {

Result<std::shared_ptr<const chaincode::Contract>> find_contract(const Services& services, const Call& call) {
    const auto name = *call.text("contract");
    auto contract = services.backend->queries.contracts().share(name);
    if (contract == nullptr) return fail(Code::unknown_contract, "there is no contract \"{}\"", name.substr(0, 64));
    return contract;
}

// The arguments of a query, or why it cannot be one.
Result<json::object> query_arguments(const Services& services, const Call& call) {
    const auto contract = TRY(find_contract(services, call));
    const auto name = *call.text("function");
    const auto* function = contract->find(name);
    if (function == nullptr) {
        return fail(Code::unknown_function, "\"{}\" has no function \"{}\"", contract->name(), name.substr(0, 64));
    }
    if (function->writes) {
        return fail(Code::unsupported, "\"{}.{}\" writes: send a signed proposal to /v1/transactions", contract->name(),
                    name);
    }
    if (call.request.body.empty()) return json::object();
    auto arguments = TRY(chaincode::parse_json(as_text(call.request.body), "the body"));
    if (!arguments.is_object()) return fail(Code::invalid_argument, "the body must be an object of arguments");
    return std::move(arguments.get_object());
}

}  // namespace

Result<Response> list_contracts(const Services& services, Call&) {
    json::array contracts;
    const auto in_force = services.backend->queries.contracts();
    for (const auto& contract : in_force.all()) contracts.push_back(chaincode::manifest_of(*contract));
    return json_response(json::object{{"contracts", std::move(contracts)}});
}

Result<Response> describe_contract(const Services& services, Call& call) {
    const auto contract = TRY(find_contract(services, call));
    return json_response(chaincode::manifest_of(*contract));
}

void query_contract(const Services& services, Call call) {
    auto arguments = query_arguments(services, call);
    if (!arguments) return call.responder.send(arguments.error());
    services.backend->queries.query(*call.caller, *call.text("contract"), *call.text("function"), std::move(*arguments),
                                    answer_json(std::move(call.responder)));
}

}  // namespace tally::gateway::handlers
