#pragma once
// How many file descriptors the process may have, and who gets how many. The ledger and the log must never run out of
// them: RocksDB may turn read-only for good when it cannot open a file. So what strangers can take, connections, is
// bounded below the limit, and the rest is a reserve. Pure but for the limit itself; any thread.

#include <cstddef>
#include <cstdint>

namespace tally::node {

struct DescriptorLimit {
    std::uint64_t now = 0;
    std::uint64_t most = 0;  // that the process may set without privileges
};
[[nodiscard]] DescriptorLimit descriptor_limit();
// Raises the limit to the most that is allowed; before the ledger is opened. The limit that is in force then.
std::uint64_t raise_descriptor_limit();

constexpr std::size_t kFewestConnections = 16;
// HTTP connections at most, of those that are wanted, in a process with so many channels and peers in all of them. What
// is kept back is for RocksDB's tables (an eighth of the limit for each ledger, storage/rocks/database.cpp), logs,
// snapshots and the connections between nodes. Never less than kFewestConnections.
[[nodiscard]] std::size_t http_connections(std::uint64_t limit, std::size_t wanted, std::size_t channels,
                                           std::size_t peers);

// Connections from other nodes and strangers to one channel's port, at most: those of its peers, anew after a failure
// while the old ones are still there, and some that have not said yet who they are.
[[nodiscard]] constexpr std::size_t inbound_connections(std::size_t peers) { return 32 + 2 * peers; }

}  // namespace tally::node
