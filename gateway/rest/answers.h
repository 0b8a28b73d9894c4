#pragma once
// Turns the Backend's results into responses. Pure functions; callable from any thread.

#include <functional>
#include <string_view>

#include "gateway/backend.h"
#include "gateway/http/message.h"
#include "gateway/http/responder.h"

namespace tally::gateway {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kCose = "application/cose";
inline constexpr std::string_view kCbor = "application/cbor";
inline constexpr std::string_view kVitroBlock = "application/vnd.vitro.iot-block";
inline constexpr std::string_view kOcmf = "application/vnd.tally.ocmf";
inline constexpr std::string_view kEventStream = "text/event-stream";

[[nodiscard]] Response json_response(const json::value& value, int status = 200);
// Of JSON text.
[[nodiscard]] Response json_text_response(std::string text);
[[nodiscard]] Response bytes_response(const Bytes& bytes, std::string_view content_type);

// {"id", "state", and when committed "validation_code", "block", "index", "result"}
[[nodiscard]] json::object transaction_json(const TransactionStatus& status);

// 200 when committed and valid; 202 when not decided yet; 409 with the validation code when committed and invalid.
[[nodiscard]] Response transaction_response(const TransactionStatus& status, json::object body,
                                            std::string_view request_id);

// Completes a responder with what a query gave, JSON text.
[[nodiscard]] Done<std::string> answer_json(Responder responder);

// Completes a responder with a file.
[[nodiscard]] Done<Bytes> answer_bytes(Responder responder, std::string_view content_type);

// The id of a transaction as it stands in a path: 64 hexadecimal digits, else invalid_argument.
[[nodiscard]] Result<storage::TransactionId> parse_transaction_id(std::string_view text);

}  // namespace tally::gateway
