#pragma once
// The text of a reply: {"content_id", "status", "content_type", "body"}. Pure.

#include <string>

#include "gateway/http/message.h"

namespace tally::gateway::mqtt {

[[nodiscard]] std::string reply_text(const std::string& content_id, const Response& response);
[[nodiscard]] std::string reply_text(const std::string& content_id, const Error& error);

}  // namespace tally::gateway::mqtt
