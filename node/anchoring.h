#pragma once
// Checkpoints of further channels on the root channel, in the name of this node's organization. Safe from any thread.

#include <filesystem>

#include "node/channel_store.h"
#include "node/endorsing/submitter.h"

namespace tally::node {

struct RootChannel {
    Identity peer;  // of this node; signs
    std::string channel;
    const Evaluator& evaluator;
    Submitter& submitter;
};

// Puts this channel's newest checkpoint on the root channel, unless it is there; before the first one, opens the
// channel there. False: that is under way, and the checkpoint can follow soon. The log says what fails.
[[nodiscard]] bool anchor_checkpoint(const ChannelStore& own, const std::filesystem::path& genesis, RootChannel root);

}  // namespace tally::node
