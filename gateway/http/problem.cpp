#include "gateway/http/problem.h"

#include "chaincode/json/strict_json.h"
#include "crypto/code_named.h"

namespace tally::gateway {

namespace json = boost::json;

int http_status(Code code) {
    switch (code) {
        case Code::malformed:
        case Code::invalid_argument:
        case Code::unsupported: return 400;
        case Code::unauthenticated: return 401;
        case Code::permission_denied:
        case Code::certificate_malformed:
        case Code::certificate_untrusted:
        case Code::certificate_not_yet_valid:
        case Code::certificate_expired:
        case Code::certificate_revoked:
        case Code::certificate_wrong_purpose:
        case Code::crl_expired: return 403;
        case Code::not_found:
        case Code::unknown_contract:
        case Code::unknown_function:
        case Code::unknown_device: return 404;
        case Code::already_exists:
        case Code::conflict:
        case Code::proposal_replayed:
        case Code::duplicate_record:
        case Code::endorsements_differ:
        case Code::transaction_invalid: return 409;
        case Code::not_kept: return 410;
        case Code::too_large: return 413;
        case Code::wrong_channel:
        case Code::bad_configuration:  // a proposed one: a node whose own is bad does not start
        case Code::needs_upgrade:
        case Code::proposal_expired:
        case Code::bad_key:
        case Code::bad_signature:
        case Code::bad_proof:
        case Code::device_suspended:
        case Code::device_retired:
        case Code::stale_sequence:
        case Code::chain_broken:
        case Code::period_overlap:
        case Code::schema_mismatch:
        case Code::summary_mismatch:
        case Code::root_mismatch:
        case Code::clock_ahead:
        case Code::too_late:
        case Code::endorsement_refused: return 422;
        case Code::rate_limited: return 429;
        case Code::busy:
        case Code::unavailable:
        case Code::disk_full:
        case Code::locked: return 503;
        case Code::timeout: return 504;
        case Code::io_error:
        case Code::corrupt:
        case Code::internal: return 500;
    }
    return 500;
}

std::string_view status_title(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 202: return "Accepted";
        case 204: return "No Content";
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
    const auto code = code_named(name);
    const bool from_node = code_name(code) == name && http_status(code) == status &&
                           text_of(*document, "type") == fmt::format("urn:tally:problem:{}", name);
    auto detail = text_of(*document, "detail");
    if (detail.empty()) detail = fmt::format("the node answered with status {}", status);
    auto validation_code = text_of(*document, "validation_code");
    if (!validation_code.empty()) detail += fmt::format(" ({})", validation_code);
    return {{code, std::move(detail)}, from_node, std::move(validation_code)};
}

Problem Problem::of(const Error& error) {
    Problem problem = at(http_status(error.code), error.code, error.message);
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
    document.emplace("type", fmt::format("urn:tally:problem:{}", code_name(code)));
    document.emplace("title", status_title(status));
    document.emplace("status", status);
    document.emplace("code", code_name(code));
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
    response.note = fmt::format("{}: {}", code_name(code), detail);
    return response;
}

}  // namespace tally::gateway
