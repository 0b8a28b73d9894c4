#pragma once
// Blocks as Server-Sent Events: the header of each, from a number on.
//
//   id: 41
//   event: block
//   data: {"number":41,"hash":"...","previous_hash":"...","time":"...","transaction_count":3,...}

#include "gateway/rest/feed_stream.h"

namespace tally::gateway {

[[nodiscard]] ReadPage block_pages(LedgerReads& ledger, std::uint64_t from);

}  // namespace tally::gateway
