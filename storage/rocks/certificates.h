#pragma once
// Certificates of a ledger, each stored once: transactions, blocks and signatures name them by their SHA-256. Private
// to storage/. Safe from any thread.

#include <map>

#include "crypto/bounded_cache.h"
#include "storage/rocks/database.h"

namespace tally::storage::rocks {

class Certificates {
  public:
    explicit Certificates(const Database& database) : database_(database) {}

    // What a batch adds; they count as stored once it is written.
    using Added = std::map<crypto::Hash, Bytes>;

    // The name of a certificate; puts it into `batch` unless it is known to be stored. Zero for no certificate.
    [[nodiscard]] crypto::Hash put(rocksdb::WriteBatch& batch, ByteView certificate, Added& added);
    void written(const Added& added);
    // corrupt when it is missing or not the one that was named.
    [[nodiscard]] Result<Bytes> get(const crypto::Hash& name) const;

  private:
    const Database& database_;
    mutable crypto::BoundedCache<Bytes> known_{2048};  // a channel's nodes, and what they had before a renewal
};

}  // namespace tally::storage::rocks
