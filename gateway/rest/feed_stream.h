#pragma once
// A feed of the ledger as Server-Sent Events (WHATWG HTML section 9.2), for as long as the client listens.
//
// The next page is read when the page before it has been written, so a slow client costs one page of memory; it is read
// and formatted on one of the node's workers. A stream that ends early says so by an event "problem" without an id. A
// client that comes back with the last id as Last-Event-ID misses nothing and gets nothing twice. Belongs to one
// connection.

#include <memory>
#include <string>

#include "gateway/backend.h"
#include "gateway/http/message.h"

namespace tally::gateway {

struct FeedPage {
    std::string text;       // events
    bool advanced = false;  // the next page begins elsewhere than this one: there may be more
};
// The page after the one before, on a worker. One call at a time.
using ReadPage = std::function<Result<FeedPage>()>;

class FeedStream : public StreamSource {
  public:
    // `place` is let go when the stream ends.
    FeedStream(LedgerReads& ledger, Caller caller, std::shared_ptr<void> place, ReadPage read);

    void start(std::function<void()> wake) override;
    [[nodiscard]] Piece read() override;
    [[nodiscard]] std::string_view heartbeat() const override { return ": still here\n\n"; }
    [[nodiscard]] std::string farewell(const Error& why) const override;

  private:
    struct Shared;  // with the workers and the listener to commits
    void ask();

    LedgerReads& ledger_;
    const Caller caller_;
    const std::shared_ptr<Shared> shared_;
    bool opened_ = false;
    std::shared_ptr<void> subscription_;
    const std::shared_ptr<void> place_;
};

// Appends text without line breaks, which would end a field. In JSON text they stand only between tokens, where a blank
// means the same.
void append_one_line(std::string& out, std::string_view text);

}  // namespace tally::gateway
