#include "gateway/rest/answers.h"

#include "chaincode/json/strict_json.h"
#include "gateway/http/problem.h"

namespace tally::gateway {

namespace {

std::string_view state_name(TransactionStatus::State state) {
    switch (state) {
        case TransactionStatus::State::unknown: return "unknown";
        case TransactionStatus::State::pending: return "pending";
        case TransactionStatus::State::committed: return "committed";
    }
    return "unknown";
}

}  // namespace

Response json_text_response(std::string text) {
    Response response;
    response.content_type = kJson;
    response.body = std::move(text);
    return response;
}

Response json_response(const json::value& value, int status) {
    auto response = json_text_response(chaincode::json_text(value));
    response.status = status;
    return response;
}

Response bytes_response(const Bytes& bytes, std::string_view content_type) {
    Response response;
    response.content_type = content_type;
    response.body = as_text(bytes);
    return response;
}

json::object transaction_json(const TransactionStatus& status) {
    json::object out{{"id", status.id.hex()}, {"state", state_name(status.state)}};
    if (status.state == TransactionStatus::State::committed) {
        out.emplace("validation_code", storage::code_name(status.code));
        out.emplace("block", status.block);
        out.emplace("index", status.index);
    }
    if (!status.result.is_null()) out.emplace("result", status.result);
    return out;
}

Response transaction_response(const TransactionStatus& status, json::object body, std::string_view request_id) {
    const bool committed = status.state == TransactionStatus::State::committed;
    if (committed && status.code != storage::ValidationCode::VALID) {
        auto problem = Problem::of(
            {Code::transaction_invalid, fmt::format("transaction {} was ordered in block {} and found invalid: {}",
                                                    status.id.hex(), status.block, storage::code_name(status.code))});
        problem.validation_code = storage::code_name(status.code);
        return problem.response(request_id);
    }
    auto response = json_response(std::move(body), committed ? 200 : 202);
    response.headers.emplace_back("Location", fmt::format("/v1/transactions/{}", status.id.hex()));
    return response;
}

Done<std::string> answer_json(Responder responder) {
    return [responder = std::move(responder)](Result<std::string> result) {
        result ? responder.send(json_text_response(std::move(*result))) : responder.send(result.error());
    };
}

Done<Bytes> answer_bytes(Responder responder, std::string_view content_type) {
    return [responder = std::move(responder), content_type](const Result<Bytes>& bytes) {
        bytes ? responder.send(bytes_response(*bytes, content_type)) : responder.send(bytes.error());
    };
}

Result<storage::TransactionId> parse_transaction_id(std::string_view text) {
    auto id = storage::TransactionId::from_hex(text);
    if (!id) return fail(Code::invalid_argument, "a transaction's id is 64 hexadecimal digits");
    return *id;
}

}  // namespace tally::gateway
