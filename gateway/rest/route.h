#pragma once
// One call of the REST interface, declared once: routing, checking of parameters, access and the OpenAPI document all
// come from this declaration (the table is routes.cpp; contracts declare their own paths).
//
// Texts are static. Handlers, but for Reading, are called on HTTP threads and must not block; what they borrow lives as
// long as the server.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/backend.h"
#include "gateway/http/handler.h"

namespace tally::gateway {

class Router;
struct RestOptions;
class StreamPlaces;

// What handlers may use.
struct Services {
    Operations& operations;
    const Backend* backend;  // none where only operations are served: no other route is in the router then
    const RestOptions& options;
    const Router& router;
    const std::string& openapi;  // the document's text
    StreamPlaces& streams;
};

// A request that was admitted: its parameters are there, typed and checked.
struct Call {
    Request request;
    json::object arguments;                // path and query parameters by name
    std::shared_ptr<const Caller> caller;  // none where anyone may call
    Responder responder;

    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;  // false when absent
};

enum class Type { text, number, integer, boolean, text_list, integer_list };  // number: an integer that is not negative

struct Parameter {
    std::string name;
    Type type = Type::text;
    bool required = false;
    std::string description;
    std::vector<std::string> choices;  // of text; empty: any
};

// Of a query: whether its answer is attested, and where it has a path, the question that the caller signed.
inline constexpr std::string_view kAttest = "attest";
inline constexpr std::string_view kQuestion = "question";

struct RequestBody {
    std::vector<std::string_view> content_types;
    std::string_view description;
    std::uint64_t max_bytes = 1 << 20;
};

struct Answer {
    int status = 200;
    std::string_view content_type = "application/json";
    std::string_view schema;  // a component's name; empty: any
    std::string_view description;
};

// operations: a member or a monitor, or anyone on this host if the options say so.
enum class Access { anyone, member, operations };

// Answers at once from memory, or later through call.responder, or from the ledger on one of the node's workers, or is
// a contract's function with the parameters as its arguments.
using Immediate = Result<Response> (*)(const Services&, Call&);
using Deferred = void (*)(const Services&, Call);
struct Reading {
    Immediate handler;
};
struct ContractQuery {
    std::string_view contract;
    std::string_view function;
    const chaincode::Function* declaration;
};

struct Route {
    Method method = Method::get;
    std::string_view pattern;    // "/v1/blocks/{number}"
    std::string_view operation;  // OpenAPI's operationId
    std::string_view tag;
    std::string_view summary;
    std::variant<Immediate, Deferred, Reading, ContractQuery> handler;
    std::vector<Parameter> parameters = {};  // by name in the pattern or else in the query
    std::optional<RequestBody> body = {};
    std::vector<Answer> answers = {};
    std::vector<int> problems = {};  // beside those that every call has
    Access access = Access::member;
    std::vector<std::string_view> roles = {};  // empty: any member
    // Calls whose target begins so serve the channel's configuration (Operations::identify_for_configuration).
    std::string_view configuration = {};
};

// The table, and the part of it that any node serves.
[[nodiscard]] const std::vector<Route>& routes();
[[nodiscard]] const std::vector<Route>& operation_routes();

}  // namespace tally::gateway
