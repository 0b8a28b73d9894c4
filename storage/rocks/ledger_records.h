#pragma once
// Values of the ledger's column families that have a structure of their own (storage/ledger.h lists the families).
// Private to storage/.

#include <optional>
#include <vector>

#include "crypto/merkle.h"
#include "storage/ledger.h"
#include "storage/model/archive.h"
#include "storage/model/block.h"
#include "storage/rocks/database.h"

namespace tally::storage::rocks {

inline constexpr std::string_view kLedgerFormat = "tally-ledger-4";

// A block without its transactions, certificates and checkpoint signatures.
struct StoredHeader {
    BlockHeader header;
    std::vector<std::uint32_t> batch_sizes;
    BlockMetadata metadata;
    crypto::Hash writer;  // of the writer's certificate

    template <class A>
    void serialize(A& a) {
        a(header, batch_sizes, metadata, writer);
    }
};

// A checkpoint's signature whose certificate is named.
struct StoredSignature {
    CheckpointSignature signature;
    crypto::Hash signer;

    template <class A>
    void serialize(A& a) {
        a(signature, signer);
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

// Where a transaction of this code is entered in the index: a refused one does not cover the one that uses the id up.
[[nodiscard]] inline std::string id_key(const TransactionId& id, ValidationCode code) {
    return tagged_key(uses_id(code) ? 't' : 'r', id.view());
}
[[nodiscard]] inline Result<std::optional<TransactionLocation>> location_of(
    const Database& database, const TransactionId& id, const rocksdb::Snapshot* snapshot = nullptr) {
    auto entry = TRY(database.get(Family::index, tagged_key('t', id.view()), snapshot));
    if (!entry) entry = TRY(database.get(Family::index, tagged_key('r', id.view()), snapshot));
    if (!entry) return std::nullopt;
    return TRY(decode<TransactionLocation>(as_bytes(*entry), "a transaction's index entry"));
}

}  // namespace tally::storage::rocks
