#pragma once
// Read access to a world state as it was after one block. Implementations: the ledger's own, and plain maps in tests.
// Safe to use from one thread at a time unless the implementation says more.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "storage/model/read_write_set.h"

namespace tally::storage {

struct VersionedValue {
    Bytes value;
    Version version;
};

// An entry of the state with all that its digest is made of (state_digest.h).
struct StateEntry {
    StateKey key;
    Version version;
    Bytes value;

    template <class A>
    void serialize(A& a) {
        a(key, version, value);
    }
    friend bool operator==(const StateEntry&, const StateEntry&) = default;
};

class StateReader {
  public:
    virtual ~StateReader() = default;

    // None when the key is absent. Fails only when the store does (io_error, corrupt).
    [[nodiscard]] virtual Result<std::optional<VersionedValue>> get(const StateKey& key) const = 0;

    // Visits keys of [start, end) in bytewise order (descending when `reverse`) until `visit` returns false. An empty
    // `end` means the end of the namespace.
    using Visit = std::function<bool(std::string_view key, const VersionedValue& value)>;
    [[nodiscard]] virtual Status scan(std::string_view space, std::string_view start, std::string_view end,
                                      bool reverse, const Visit& visit) const = 0;

    // The number of the last block in this state; none before the genesis block.
    [[nodiscard]] virtual std::optional<std::uint64_t> height() const = 0;
};

// One change in a key's past, oldest first.
struct HistoryEntry {
    Version version;
    std::optional<Bytes> value;  // none: deleted
};

// What queries may see beyond the state: the past, and the attachments that transactions carried.
class ArchiveReader {
  public:
    virtual ~ArchiveReader() = default;

    // At most `limit` changes of the key, oldest first, from `from` on. not_kept when some of them may lie before the
    // first block that this ledger has.
    [[nodiscard]] virtual Result<std::vector<HistoryEntry>> history(const StateKey& key, Version from,
                                                                    std::size_t limit) const = 0;

    // The bytes of a committed transaction; not_found when there is none.
    [[nodiscard]] virtual Result<Bytes> transaction_bytes(const crypto::Hash& id) const = 0;
};

// Series that this node keeps for collections, in no block: the packed rows of a device's record. Any thread.
class KeptSeries {
  public:
    virtual ~KeptSeries() = default;
    [[nodiscard]] virtual Result<std::optional<Bytes>> series(const std::string& device,
                                                              const crypto::Hash& content_id) const = 0;
};

// The ledger as it was after one block, with its past: what is committed later does not change it. Lives no longer than
// its ledger. (A snapshot is the file with which a new node begins: snapshot_file.h.)
class LedgerState : public StateReader, public ArchiveReader {};

}  // namespace tally::storage
