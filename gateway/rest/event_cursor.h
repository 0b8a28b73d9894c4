#pragma once
// The text form of a place in the stream of events, "block.transaction.event": the id of a Server-Sent Event.
// Pure functions; callable from any thread.

#include <string>
#include <string_view>

#include "gateway/backend.h"

namespace tally::gateway {

[[nodiscard]] std::string cursor_text(const EventCursor& cursor);

// Strict: three decimal numbers without signs or leading zeros. Fails with invalid_argument.
[[nodiscard]] Result<EventCursor> parse_cursor(std::string_view text);

// The place right after an event that has been delivered.
[[nodiscard]] EventCursor after(const EventCursor& cursor);

}  // namespace tally::gateway
