#include "gateway/rest/event_feed.h"

#include "chaincode/json/strict_json.h"
#include "gateway/rest/event_cursor.h"

namespace tally::gateway {

namespace {

constexpr std::size_t kEventsPerPage = 64;

std::string json_quoted(std::string_view text) { return chaincode::json_text(json::value(text)); }

}  // namespace

ReadPage event_pages(LedgerReads& ledger, EventCursor from, EventFilter filter) {
    return [&ledger, at = from, filter = std::move(filter)]() mutable -> Result<FeedPage> {
        const auto page = TRY(ledger.events(at, filter, kEventsPerPage));
        FeedPage out;
        for (const auto& event : page.events) append_event(out.text, event);
        out.advanced = page.next != at;
        at = page.next;
        return out;
    };
}

void append_event(std::string& out, const EventRecord& event) {
    const auto id = cursor_text(event.at);
    out += fmt::format("id: {}\nevent: ", id);
    append_one_line(out, event.name);
    out += fmt::format(
        "\ndata: {{\"id\":\"{}\",\"transaction\":\"{}\",\"contract\":{},\"name\":{},\"time_ms\":{},\"payload\":", id,
        event.transaction_id.hex(), json_quoted(event.contract), json_quoted(event.name), event.block_time_ms);
    append_one_line(out, event.payload.empty() ? std::string_view("null") : std::string_view(event.payload));
    out += "}\n\n";
}

}  // namespace tally::gateway
