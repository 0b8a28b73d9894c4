#pragma once
// Frames that no correct node sends, each of which a node must blame its sender for. Pure.

#include <functional>
#include <string>
#include <vector>

#include "node/network/frame.h"

namespace tally::node {

struct HostileFrame {
    std::string name;
    std::function<FramePtr()> make;  // some are large: one at a time
};

// The same list each time.
[[nodiscard]] std::vector<HostileFrame> hostile_frames(const std::string& channel);

}  // namespace tally::node
