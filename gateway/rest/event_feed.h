#pragma once
// Contract events as Server-Sent Events, from a cursor on.
//
//   id: 41.3.0
//   event: record_published
//   data: {"id":"41.3.0","transaction":"...","contract":"data","name":"record_published","time_ms":...,"payload":{...}}

#include "gateway/rest/feed_stream.h"

namespace tally::gateway {

[[nodiscard]] ReadPage event_pages(LedgerReads& ledger, EventCursor from, EventFilter filter);

// One event in that form.
void append_event(std::string& out, const EventRecord& event);

}  // namespace tally::gateway
