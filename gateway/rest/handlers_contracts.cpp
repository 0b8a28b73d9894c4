#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
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

// The signed question of a path's query; it must ask exactly what the path does.
Result<Bytes> signed_question(const ContractQuery& query, const json::object& arguments, const Call& call) {
    const auto text = call.text(kQuestion);
    if (!text) {
        return fail(
            Code::invalid_argument,
            "an attested answer needs its question, signed by the caller: give it as \"question\" in base64url, "
            "or POST it to /v1/queries?attest=true");
    }
    const auto bytes = from_base64url(*text);
    if (!bytes) return std::unexpected(bytes.error().within("\"question\""));
    const auto question = TRY(chaincode::SignedProposal::decode(*bytes, bytes->size()));
    const auto& asked = question.proposal;
    const bool same = asked.contract == query.contract && asked.function == query.function &&
                      TRY(chaincode::parse_json(asked.arguments, "the question's arguments")) == json::value(arguments);
    if (same) return *bytes;
    return fail(Code::invalid_argument, "the signed question is {}.{} {}, the path asks {}.{} {}", asked.contract,
                asked.function, asked.arguments, query.contract, query.function, chaincode::json_text(arguments));
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

void query_by_path(const Services& services, const ContractQuery& query, Call call) {
    auto arguments = call.arguments;
    arguments.erase(kAttest);
    arguments.erase(kQuestion);
    if (!call.flag(kAttest)) {
        return services.backend->queries.query(*call.caller, std::string(query.contract), std::string(query.function),
                                               std::move(arguments), answer_json(std::move(call.responder)));
    }
    auto question = signed_question(query, arguments, call);
    if (!question) return call.responder.send(question.error());
    services.backend->queries.attest(*call.caller, std::move(*question),
                                     answer_bytes(std::move(call.responder), kCbor));
}

}  // namespace tally::gateway::handlers
