#include "gateway/rest/openapi.h"

#include <boost/json/value_from.hpp>
#include <set>

#include "gateway/http/problem.h"
#include "gateway/rest/schemas.h"
#include "gateway/version.h"

namespace tally::gateway {

namespace {

json::object text_schema(std::string_view description = {}) {
    json::object schema{{"type", "string"}};
    if (!description.empty()) schema.emplace("description", description);
    return schema;
}

json::object integer_schema() { return {{"type", "integer"}}; }

json::object schema_of_type(const Parameter& parameter) {
    switch (parameter.type) {
        case Type::number: return {{"type", "integer"}, {"minimum", 0}};
        case Type::integer: return integer_schema();
        case Type::boolean: return {{"type", "boolean"}};
        case Type::text_list: return {{"type", "array"}, {"items", text_schema()}};
        case Type::integer_list: return {{"type", "array"}, {"items", integer_schema()}};
        case Type::text: break;
    }
    auto schema = text_schema();
    if (parameter.choices.empty()) return schema;
    json::array choices;
    for (const auto& choice : parameter.choices) choices.emplace_back(choice);
    schema.emplace("enum", std::move(choices));
    return schema;
}

json::array parameters_of(const Router::Bound& bound) {
    json::array list;
    for (const auto& parameter : bound.parameters) {
        json::object entry{{"name", parameter.name},
                           {"in", bound.in_path(parameter.name) ? "path" : "query"},
                           {"required", parameter.required},
                           {"schema", schema_of_type(parameter)}};
        if (!parameter.description.empty()) entry.emplace("description", parameter.description);
        if (parameter.type == Type::text_list || parameter.type == Type::integer_list) entry.emplace("explode", false);
        list.push_back(std::move(entry));
    }
    return list;
}

json::object answer_of(const Answer& answer) {
    json::object out{{"description", answer.description.empty() ? status_title(answer.status) : answer.description}};
    if (answer.content_type.empty()) return out;
    json::object media;
    if (!answer.schema.empty()) {
        media.emplace("schema", json::object{{"$ref", fmt::format("#/components/schemas/{}", answer.schema)}});
    }
    out.emplace("content", json::object{{answer.content_type, std::move(media)}});
    return out;
}

// One status may have several content types; the last one's description is for all.
void add_answer(json::object& responses, const Answer& answer) {
    auto made = answer_of(answer);
    const auto [at, is_new] = responses.emplace(std::to_string(answer.status), made);
    if (is_new) return;
    auto& known = at->value().as_object();
    known["description"] = made.at("description");
    for (auto& [type, media] : made.at("content").as_object()) known.at("content").as_object().emplace(type, media);
}

json::object problem_answer(int status) {
    return {{"description", status_title(status)},
            {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

std::set<int> problems_of(const Router::Bound& bound) {
    const auto& route = *bound.route;
    std::set<int> problems(route.problems.begin(), route.problems.end());
    problems.insert({429, 500});
    if (!bound.parameters.empty() || route.body) problems.insert(400);
    if (route.access != Access::anyone) problems.insert({401, 403});
    if (route.body) problems.insert({408, 413, 415});
    if (!std::holds_alternative<Immediate>(route.handler)) problems.insert({503, 504});
    if (std::holds_alternative<ContractQuery>(route.handler)) problems.insert({404, 409, 410, 422});
    return problems;
}

// Of a contract's function, as a component.
json::object reference_to(std::string_view contract, std::string_view function, std::string_view part) {
    return {{"$ref", fmt::format("#/components/schemas/{}.{}.{}", contract, function, part)}};
}

json::object json_content(json::object schema) { return {{"application/json", {{"schema", std::move(schema)}}}}; }

std::string refusals_of(const chaincode::Function& function, int status) {
    std::string text;
    for (const auto& each : function.refusals) {
        if (http_status(each.kind()) == status)
            text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", each.name(), each.meaning);
    }
    return text;
}

void add_refusals(json::object& responses, const chaincode::Function& function) {
    for (const auto& each : function.refusals) {
        const auto status = http_status(each.kind());
        auto answer = problem_answer(status);
        answer["description"] = refusals_of(function, status);
        responses[std::to_string(status)] = std::move(answer);
    }
}

json::object responses_of(const Router::Bound& bound) {
    json::object responses;
    if (const auto* query = std::get_if<ContractQuery>(&bound.route->handler)) {
        auto content = json_content(reference_to(query->contract, query->function, "answer"));
        content.emplace("application/cbor", json::object{});
        responses.emplace("200", json::object{{"description", "The answer; with attest, an answer file"},
                                              {"content", std::move(content)}});
        add_refusals(responses, *query->declaration);
        for (const int status : problems_of(bound)) {
            if (!responses.contains(std::to_string(status)))
                responses.emplace(std::to_string(status), problem_answer(status));
        }
        return responses;
    }
    for (const auto& answer : bound.route->answers) add_answer(responses, answer);
    if (bound.route->answers.empty()) responses.emplace("200", answer_of({}));
    for (const int status : problems_of(bound)) {
        if (!responses.contains(std::to_string(status)))
            responses.emplace(std::to_string(status), problem_answer(status));
    }
    return responses;
}

json::object operation_of(const Router::Bound& bound) {
    const auto& route = *bound.route;
    json::object operation{{"operationId", route.operation}, {"summary", route.summary}, {"tags", {route.tag}}};
    if (!bound.parameters.empty()) operation.emplace("parameters", parameters_of(bound));
    if (route.body) {
        json::object content;
        for (const auto type : route.body->content_types) content.emplace(type, json::object{});
        operation.emplace("requestBody", json::object{{"required", true},
                                                      {"description", route.body->description},
                                                      {"content", std::move(content)}});
    }
    operation.emplace("responses", responses_of(bound));
    if (route.access == Access::anyone) operation.emplace("security", json::array{});
    if (const auto* query = std::get_if<ContractQuery>(&route.handler)) {
        operation.emplace("x-tally-function", fmt::format("{}.{}", query->contract, query->function));
    }
    if (!route.roles.empty()) {
        json::array roles;
        for (const auto role : route.roles) roles.emplace_back(role);
        operation.emplace("x-tally-roles", std::move(roles));
    }
    return operation;
}

json::object components_of(const chaincode::ContractSet& contracts) {
    auto schemas = answer_schemas();
    for (const auto& shared : contracts.all()) {
        const auto& contract = *shared;
        for (const auto& function : contract.functions()) {
            schemas.emplace(fmt::format("{}.{}.arguments", contract.name(), function.name), function.schema);
            schemas.emplace(fmt::format("{}.{}.answer", contract.name(), function.name), function.answer);
        }
    }
    return {{"schemas", std::move(schemas)},
            {"securitySchemes",
             {{"certificate", {{"type", "mutualTLS"}}},
              {"token", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}};
}

// POST /v1/contracts/NAME/FUNCTION: what the general path serves, with the schemas of this function.
json::object query_operation(const chaincode::Contract& contract, const chaincode::Function& function) {
    json::object responses{
        {"200", json::object{{"description", "The answer"},
                             {"content", json_content(reference_to(contract.name(), function.name, "answer"))}}}};
    add_refusals(responses, function);
    for (const int status : {400, 401, 403, 404, 429, 500, 503, 504}) {
        if (!responses.contains(std::to_string(status)))
            responses.emplace(std::to_string(status), problem_answer(status));
    }
    json::object operation{
        {"operationId", fmt::format("query.{}.{}", contract.name(), function.name)},
        {"summary", function.summary},
        {"tags", {contract.name()}},
        {"requestBody",
         {{"required", true}, {"content", json_content(reference_to(contract.name(), function.name, "arguments"))}}},
        {"responses", std::move(responses)}};
    if (!function.roles.empty()) operation.emplace("x-tally-roles", json::value_from(function.roles));
    return operation;
}

void add_queries(json::object& paths, const chaincode::ContractSet& contracts) {
    for (const auto& contract : contracts.all()) {
        for (const auto& function : contract->functions()) {
            if (function.writes || !function.callers.empty()) continue;
            paths.emplace(fmt::format("/v1/contracts/{}/{}", contract->name(), function.name),
                          json::object{{"post", query_operation(*contract, function)}});
        }
    }
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c | 0x20);  // method names are letters
    return out;
}

}  // namespace

json::object openapi_document(const Router& router, const chaincode::ContractSet& contracts, std::string_view channel) {
    json::object paths;
    for (const auto& bound : router.all()) {
        auto& path = paths.emplace(bound.route->pattern, json::object{}).first->value().get_object();
        path.emplace(lower_case(method_name(bound.route->method)), operation_of(bound));
    }
    add_queries(paths, contracts);
    return {{"openapi", "3.1.0"},
            {"servers", {{{"url", "/"}, {"description", "the gateway that serves this document"}}}},
            {"info",
             {{"title", fmt::format("Tally gateway, channel {}", channel)},
              {"version", kRelease},
              {"description", "Signed data of metered devices: kept, ordered, billed and audited."}}},
            {"security", {{{"certificate", json::array{}}}, {{"token", json::array{}}}}},
            {"paths", std::move(paths)},
            {"components", components_of(contracts)}};
}

}  // namespace tally::gateway
