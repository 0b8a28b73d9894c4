#pragma once
// Contract events as Server-Sent Events (WHATWG HTML section 9.2), from a cursor on, for as long as the client listens.
//
//   id: 41.3.0
//   event: record_published
//   data: {"id":"41.3.0","transaction":"...","contract":"data","name":"record_published","time_ms":...,"payload":{...}}
//
// A stream that ends early says so by an event "problem" without an id.
// A client that comes back with the last id as Last-Event-ID misses nothing and gets nothing twice. The next page is
// read when the page before it has been written, so a slow client costs one page of memory; it is read and formatted on
// one of the node's workers. Belongs to one connection.

#include <memory>
#include <string>

#include "gateway/backend.h"
#include "gateway/http/message.h"

namespace tally::gateway {

class EventFeed : public StreamSource {
  public:
    EventFeed(LedgerReads& ledger, Caller caller, EventCursor from, EventFilter filter);

    void start(std::function<void()> wake) override;
    [[nodiscard]] Piece read() override;
    [[nodiscard]] std::string_view heartbeat() const override { return ": still here\n\n"; }
    [[nodiscard]] std::string farewell(const Error& why) const override;

  private:
    struct Shared;  // with the workers and with what tells of commits
    void ask();

    LedgerReads& ledger_;
    const Caller caller_;
    const std::shared_ptr<Shared> shared_;
    bool opened_ = false;
    std::shared_ptr<void> subscription_;
};

// One event in that form.
void append_event(std::string& out, const EventRecord& event);

}  // namespace tally::gateway
