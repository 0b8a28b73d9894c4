#pragma once
// Waits until a node is ready, and shows meanwhile how far it has fetched what it missed. One thread.

#include <chrono>
#include <functional>

#include "node/cli/member_client.h"

namespace tally::node::cli {

struct WaitOptions {
    std::filesystem::path profile;
    std::string url;  // empty: the profile's node
    unsigned seconds = 600;
};

// `connect` must not need the node. timeout with the node's own reason when the patience ends before; unavailable when
// only a snapshot helps it; what is wrong with the profile or the URL does not become right by waiting.
using Connect = std::function<Result<MemberClient>()>;
[[nodiscard]] Result<boost::json::object> await_ready(const Connect& connect, std::chrono::seconds patience);

[[nodiscard]] Status wait_for_node(const WaitOptions& options);

}  // namespace tally::node::cli
