#pragma once
// Final blocks for whoever is behind. Safe from any thread.

#include "consensus/messages.h"
#include "storage/chain.h"

namespace tally::node {

// Of one epoch, from `from` on, ending on a block that has a proof of its own; none when there is no such block.
[[nodiscard]] std::optional<consensus::FetchedBlocks> blocks_from(const storage::Chain& chain,
                                                                  storage::BlockNumber from);

}  // namespace tally::node
