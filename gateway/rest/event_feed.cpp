#include "gateway/rest/event_feed.h"

#include "chaincode/json/strict_json.h"
#include "gateway/http/problem.h"
#include "gateway/rest/event_cursor.h"

namespace tally::gateway {

namespace {

constexpr std::size_t kEventsPerPage = 64;
constexpr std::string_view kOpening = "retry: 2000\n\n";

// Line breaks would end the field; JSON text has them, if at all, only between tokens, where a blank is as good.
void append_one_line(std::string& out, std::string_view text) {
    for (const char c : text) out.push_back(c == '\n' || c == '\r' ? ' ' : c);
}

std::string quoted(std::string_view text) { return chaincode::json_text(json::value(text)); }

}  // namespace

EventFeed::EventFeed(Backend& backend, EventCursor from, EventFilter filter)
    : backend_(backend), at_(from), filter_(std::move(filter)) {}

void EventFeed::start(std::function<void()> wake) { subscription_ = backend_.on_commit(std::move(wake)); }

StreamSource::Piece EventFeed::read() {
    Piece piece;
    if (!opened_) piece.text = kOpening;
    opened_ = true;
    auto page = backend_.events(at_, filter_, kEventsPerPage);
    if (!page) {
        const auto problem = Problem::of(page.error()).response({});
        piece.text += fmt::format("event: problem\ndata: {}\n\n", problem.body);
        piece.next = Next::end;
        return piece;
    }
    for (const auto& event : page->events) append_event(piece.text, event);
    piece.next = page->next == at_ ? Next::wait : Next::again;
    at_ = page->next;
    return piece;
}

void append_event(std::string& out, const EventRecord& event) {
    const auto id = cursor_text(event.at);
    out += fmt::format("id: {}\nevent: ", id);
    append_one_line(out, event.name);
    out += fmt::format(
        "\ndata: {{\"id\":\"{}\",\"transaction\":\"{}\",\"contract\":{},\"name\":{},\"time_ms\":{},\"payload\":", id,
        event.transaction_id.hex(), quoted(event.contract), quoted(event.name), event.block_time_ms);
    append_one_line(out, event.payload.empty() ? std::string_view("null") : std::string_view(event.payload));
    out += "}\n\n";
}

}  // namespace tally::gateway
