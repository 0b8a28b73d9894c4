#include "gateway/rest/event_cursor.h"

#include <charconv>
#include <limits>

namespace tally::gateway {

namespace {

// Consumes a number and the separator behind it.
template <class Number>
bool take(std::string_view& text, Number& number, bool last) {
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<std::size_t>(stopped - text.data());
    if (error != std::errc() || digits == 0 || (digits > 1 && text.front() == '0')) return false;
    text.remove_prefix(digits);
    if (last) return text.empty();
    if (text.empty() || text.front() != '.') return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string cursor_text(const EventCursor& cursor) {
    return fmt::format("{}.{}.{}", cursor.block, cursor.transaction, cursor.event);
}

Result<EventCursor> parse_cursor(std::string_view text) {
    EventCursor cursor;
    auto rest = text;
    if (!take(rest, cursor.block, false) || !take(rest, cursor.transaction, false) || !take(rest, cursor.event, true)) {
        return fail(Code::invalid_argument, "an event's id has the form \"block.transaction.event\"");
    }
    return cursor;
}

EventCursor after(const EventCursor& cursor) {
    if (cursor.event < std::numeric_limits<std::uint32_t>::max())
        return {cursor.block, cursor.transaction, cursor.event + 1};
    if (cursor.transaction < std::numeric_limits<std::uint32_t>::max())
        return {cursor.block, cursor.transaction + 1, 0};
    return {cursor.block + 1, 0, 0};
}

}  // namespace tally::gateway
