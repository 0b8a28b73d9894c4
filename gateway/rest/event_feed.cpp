#include "gateway/rest/event_feed.h"

#include <mutex>
#include <optional>

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

std::string problem_event(const Error& error) {
    return fmt::format("event: problem\ndata: {}\n\n", Problem::of(error).response({}).body);
}

std::string json_string(std::string_view text) { return chaincode::json_text(json::value(text)); }

}  // namespace

struct EventFeed::Shared {
    std::mutex mutex;
    EventCursor at;
    const EventFilter filter;
    std::function<void()> wake;  // set once, before anything is read
    bool asked = false;          // a worker reads the next page, or is about to
    bool awaited = false;        // by a connection that sleeps until it is woken
    std::optional<Piece> ready;  // and has
    bool news = false;           // a commit since it was asked

    Shared(EventCursor from, EventFilter wanted) : at(from), filter(std::move(wanted)) {}

    // On a worker.
    void read(LedgerReads& ledger) {
        const auto from = [this] {
            const std::lock_guard lock(mutex);
            return at;
        }();
        auto page = ledger.events(from, filter, kEventsPerPage);
        Piece piece;
        if (page) {
            for (const auto& event : page->events) append_event(piece.text, event);
            piece.next = page->next == from ? Next::wait : Next::again;
        } else {
            piece = {problem_event(page.error()), Next::end};
        }
        {
            const std::lock_guard lock(mutex);
            if (page) at = page->next;
            ready = std::move(piece);
            if (!std::exchange(awaited, false)) return;
        }
        wake();
    }
};

EventFeed::EventFeed(LedgerReads& ledger, Caller caller, EventCursor from, EventFilter filter)
    : ledger_(ledger), caller_(std::move(caller)), shared_(std::make_shared<Shared>(from, std::move(filter))) {}

void EventFeed::start(std::function<void()> wake) {
    shared_->wake = wake;
    subscription_ = ledger_.on_commit([shared = shared_, wake = std::move(wake)] {
        {
            const std::lock_guard lock(shared->mutex);
            shared->news = true;
        }
        wake();
    });
}

// When the workers have no room it is tried again with the next commit or heartbeat.
void EventFeed::ask() {
    {
        const std::lock_guard lock(shared_->mutex);
        if (std::exchange(shared_->asked, true)) return;
        shared_->news = false;
    }
    if (ledger_.post(caller_, [&ledger = ledger_, shared = shared_] { shared->read(ledger); })) return;
    const std::lock_guard lock(shared_->mutex);
    shared_->asked = false;
}

StreamSource::Piece EventFeed::read() {
    ask();
    Piece piece;
    if (!std::exchange(opened_, true)) piece.text = kOpening;
    const std::lock_guard lock(shared_->mutex);
    shared_->awaited = !shared_->ready && shared_->asked;
    if (!shared_->ready) return piece;
    piece.text += shared_->ready->text;
    piece.next = shared_->ready->next;
    if (piece.next == Next::wait && shared_->news) piece.next = Next::again;
    shared_->ready.reset();
    shared_->asked = false;
    return piece;
}

std::string EventFeed::farewell(const Error& why) const { return problem_event(why); }

void append_event(std::string& out, const EventRecord& event) {
    const auto id = cursor_text(event.at);
    out += fmt::format("id: {}\nevent: ", id);
    append_one_line(out, event.name);
    out += fmt::format(
        "\ndata: {{\"id\":\"{}\",\"transaction\":\"{}\",\"contract\":{},\"name\":{},\"time_ms\":{},\"payload\":", id,
        event.transaction_id.hex(), json_string(event.contract), json_string(event.name), event.block_time_ms);
    append_one_line(out, event.payload.empty() ? std::string_view("null") : std::string_view(event.payload));
    out += "}\n\n";
}

}  // namespace tally::gateway
