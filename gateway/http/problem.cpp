#include "gateway/http/problem.h"

#include <algorithm>

#include "chaincode/json/strict_json.h"
#include "crypto/code_named.h"

namespace tally::gateway {

namespace json = boost::json;

namespace {

constexpr std::pair<Kind, int> kStatuses[] = {
    {Kind::invalid, 400},   {Kind::unauthenticated, 401}, {Kind::forbidden, 403}, {Kind::untrusted, 403},
    {Kind::not_found, 404}, {Kind::conflict, 409},        {Kind::gone, 410},      {Kind::too_large, 413},
    {Kind::refused, 422},   {Kind::not_proven, 422},      {Kind::limited, 429},   {Kind::failed, 500},
    {Kind::damaged, 500},   {Kind::unavailable, 503},     {Kind::timed_out, 504},
};
static_assert(std::size(kStatuses) == static_cast<std::size_t>(kLastKind) + 1);

}  // namespace

int http_status(Kind kind) { return std::ranges::find(kStatuses, kind, &std::pair<Kind, int>::first)->second; }

Kind kind_of(int http_status) {
    const auto found = std::ranges::find(kStatuses, http_status, &std::pair<Kind, int>::second);
    return found == std::end(kStatuses) ? Kind::failed : found->first;
}

std::string_view status_title(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 303: return "See Other";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "Error";
    }
}

namespace {

// Of an answer that names no code of ours.
Code code_of_status(int status) {
    switch (status) {
        case 401: return Code::unauthenticated;
        case 403: return Code::permission_denied;
        case 404: return Code::not_found;
        case 413: return Code::too_large;
        case 429: return Code::rate_limited;
        case 408:
        case 504: return Code::timeout;
        default: return status >= 500 ? Code::unavailable : Code::unsupported;
    }
}

std::string text_of(const json::object& document, std::string_view name) {
    const auto* value = document.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

ReadProblem read_problem(int status, std::string_view content_type, std::string_view body) {
    const auto parsed = chaincode::parse_json(body, "the answer");
    const auto* document = parsed ? parsed->if_object() : nullptr;
    const bool is_problem = content_type.starts_with("application/problem+json") && document != nullptr;
    if (!is_problem || text_of(*document, "code").empty()) {
        return {{code_of_status(status),
                 fmt::format("the answer has the status {} and is not a node's; something else answers at this address",
                             status)},
                false,
                {}};
    }
    const auto name = text_of(*document, "code");
    const auto code = code_named(name, kind_of(status));
    const bool from_node = code.name() == name && http_status(code.kind()) == status &&
                           text_of(*document, "type") == fmt::format("urn:tally:problem:{}", name);
    auto detail = text_of(*document, "detail");
    if (detail.empty()) detail = fmt::format("the node answered with status {}", status);
    auto validation_code = text_of(*document, "validation_code");
    if (!validation_code.empty()) detail += fmt::format(" ({})", validation_code);
    return {{code, std::move(detail)}, from_node, std::move(validation_code)};
}

Problem Problem::of(const Error& error) {
    Problem problem = at(http_status(error.code.kind()), error.code, error.message);
    if (problem.status == 429 || problem.status == 503) problem.retry_after_s = 1;
    if (problem.status == 401) problem.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"tally\"");
    return problem;
}

Problem Problem::at(int status, Code code, std::string detail) {
    Problem problem;
    problem.status = status;
    problem.code = code;
    problem.detail = std::move(detail);
    return problem;
}

Response Problem::response(std::string_view request_id) const {
    json::object document;
    document.emplace("type", fmt::format("urn:tally:problem:{}", code.name()));
    document.emplace("title", status_title(status));
    document.emplace("status", status);
    document.emplace("code", code.name());
    document.emplace("detail", status == 500 ? "the node failed; its log says why, under this request's id" : detail);
    if (!request_id.empty()) document.emplace("instance", fmt::format("urn:tally:request:{}", request_id));
    if (!validation_code.empty()) document.emplace("validation_code", validation_code);
    if (retry_after_s) document.emplace("retry_after", *retry_after_s);

    Response response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = chaincode::json_text(document);
    response.headers = headers;
    if (retry_after_s) response.headers.emplace_back("Retry-After", std::to_string(*retry_after_s));
    response.note = fmt::format("{}: {}", code.name(), detail);
    return response;
}

}  // namespace tally::gateway
