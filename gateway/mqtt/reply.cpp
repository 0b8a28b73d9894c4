#include "gateway/mqtt/reply.h"

#include "chaincode/json/strict_json.h"
#include "gateway/http/problem.h"

namespace tally::gateway::mqtt {

std::string reply_text(const std::string& content_id, const Response& response) {
    auto body = chaincode::parse_json(response.body, "an answer");
    boost::json::object out{
        {"content_id", content_id}, {"status", response.status}, {"content_type", response.content_type}};
    out["body"] = body ? std::move(*body) : boost::json::value(response.body);
    return chaincode::json_text(out);
}

std::string reply_text(const std::string& content_id, const Error& error) {
    return reply_text(content_id, Problem::of(error).response("mqtt"));
}

}  // namespace tally::gateway::mqtt
