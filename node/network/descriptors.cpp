#include "node/network/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace tally::node {
namespace {

constexpr std::uint64_t kOfProcess = 48;  // threads' event files, log, configuration files while they are read
constexpr std::uint64_t kOfChannel = 48;  // log, snapshot, write-ahead logs, files that are just written
constexpr std::uint64_t kOfPeer = 3;      // the socket to it: its connection, its event file, the next connection

}  // namespace

DescriptorLimit descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {1024, 1024};
    return {limit.rlim_cur, limit.rlim_max};
}

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return descriptor_limit().now;
}

std::size_t http_connections(std::uint64_t limit, std::size_t wanted, std::size_t channels, std::size_t peers) {
    const auto tables = std::clamp<std::uint64_t>(limit / 8, 32, 1024);
    // As many inbound connections as each channel's network allows.
    const auto inbound = channels * inbound_connections(0) + 2 * peers;
    const auto kept = kOfProcess + channels * (kOfChannel + tables) + peers * kOfPeer + inbound;
    const auto left = limit > kept ? limit - kept : 0;
    return std::max(kFewestConnections, static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left)));
}

}  // namespace tally::node
