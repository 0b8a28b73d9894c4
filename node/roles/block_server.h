#pragma once
// Final blocks for whoever is behind. Safe from any thread.

#include "consensus/messages.h"
#include "storage/chain.h"

namespace tally::node {

// Of one epoch, from `from` on, with a proof of the last; none when there is no such block. The answer fits into a
// message: a few megabytes, or one block.
[[nodiscard]] std::optional<consensus::FetchedBlocks> blocks_from(const storage::Chain& chain,
                                                                  storage::BlockNumber from);

}  // namespace tally::node
