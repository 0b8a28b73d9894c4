#include "gateway/rest/feed_stream.h"

#include <mutex>
#include <optional>

#include "gateway/http/problem.h"

namespace tally::gateway {

namespace {

constexpr std::string_view kOpening = "retry: 2000\n\n";

std::string problem_event(const Error& error) {
    return fmt::format("event: problem\ndata: {}\n\n", Problem::of(error).response({}).body);
}

}  // namespace

struct FeedStream::Shared {
    std::mutex mutex;
    const ReadPage read_page;
    std::function<void()> wake;  // set once, before anything is read
    bool asked = false;          // a worker reads the next page, or is about to
    bool awaited = false;        // by a connection that sleeps until it is woken
    std::optional<Piece> ready;  // and has
    bool news = false;           // a commit since it was asked

    explicit Shared(ReadPage read) : read_page(std::move(read)) {}

    // On a worker.
    void read() {
        auto page = read_page();
        Piece piece;
        if (page) {
            piece = {std::move(page->text), page->advanced ? Next::again : Next::wait};
        } else {
            piece = {problem_event(page.error()), Next::end};
        }
        {
            const std::lock_guard lock(mutex);
            ready = std::move(piece);
            if (!std::exchange(awaited, false)) return;
        }
        wake();
    }
};

FeedStream::FeedStream(LedgerReads& ledger, Caller caller, std::shared_ptr<void> place, ReadPage read)
    : ledger_(ledger),
      caller_(std::move(caller)),
      shared_(std::make_shared<Shared>(std::move(read))),
      place_(std::move(place)) {}

void FeedStream::start(std::function<void()> wake) {
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
void FeedStream::ask() {
    {
        const std::lock_guard lock(shared_->mutex);
        if (std::exchange(shared_->asked, true)) return;
        shared_->news = false;
    }
    if (ledger_.post(caller_, [shared = shared_] { shared->read(); })) return;
    const std::lock_guard lock(shared_->mutex);
    shared_->asked = false;
}

StreamSource::Piece FeedStream::read() {
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

std::string FeedStream::farewell(const Error& why) const { return problem_event(why); }

void append_one_line(std::string& out, std::string_view text) {
    for (const char c : text) out.push_back(c == '\n' || c == '\r' ? ' ' : c);
}

}  // namespace tally::gateway
