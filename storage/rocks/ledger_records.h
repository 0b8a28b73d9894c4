#pragma once
// Values of the ledger's column families that have a structure of their own (storage/ledger.h lists the families).
// Private to storage/.

#include <vector>

#include "crypto/merkle.h"
#include "storage/model/archive.h"
#include "storage/model/block.h"
#include "storage/rocks/database.h"

namespace tally::storage::rocks {

inline constexpr std::string_view kLedgerFormat = "tally-ledger-2";

// A block without its transactions.
struct StoredHeader {
    BlockHeader header;
    std::vector<std::uint32_t> batch_sizes;
    BlockMetadata metadata;

    template <class A>
    void serialize(A& a) {
        a(header, batch_sizes, metadata);
    }
};

struct StoredFrontier {
    std::uint64_t size = 0;
    std::vector<crypto::Hash> peaks;

    template <class A>
    void serialize(A& a) {
        a(size, peaks);
    }
};
[[nodiscard]] inline Bytes stored_frontier(const crypto::MerkleFrontier& frontier) {
    return encode(StoredFrontier{frontier.size(), {frontier.peaks().begin(), frontier.peaks().end()}});
}

}  // namespace tally::storage::rocks
