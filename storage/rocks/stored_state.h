#pragma once
// A LedgerState in RocksDB: one of its snapshots, which is released with this object. Safe from any thread.

#include <atomic>

#include "storage/model/transaction.h"
#include "storage/rocks/certificates.h"
#include "storage/rocks/database.h"
#include "storage/rocks/history_filter.h"
#include "storage/state_reader.h"

namespace tally::storage::rocks {

class StoredState : public LedgerState {
  public:
    // The ledger's (storage/ledger.h): `first_block`, from which on it has its history, and the first whole one.
    StoredState(const Database& database, const Certificates& certificates, const HistoryFilter& history,
                std::uint64_t first_block, const std::atomic<std::uint64_t>* first_whole_block);
    [[nodiscard]] Status read_height();  // once, before it is used
    ~StoredState() override;
    StoredState(const StoredState&) = delete;
    StoredState& operator=(const StoredState&) = delete;

    [[nodiscard]] Result<std::optional<VersionedValue>> get(const StateKey& key) const override;
    [[nodiscard]] Status scan(std::string_view space, std::string_view start, std::string_view end, bool reverse,
                              const Visit& visit) const override;
    [[nodiscard]] std::optional<std::uint64_t> height() const override { return height_; }
    [[nodiscard]] Result<std::vector<HistoryEntry>> history(const StateKey& key, Version from,
                                                            std::size_t limit) const override;
    [[nodiscard]] Result<Bytes> transaction_bytes(const crypto::Hash& id) const override;

    // Everything, in the order of the keys; the walk ends when `visit` fails.
    [[nodiscard]] Status each_entry(const std::function<Status(const StateEntry&)>& visit) const;
    [[nodiscard]] Status each_leaf(const std::function<Status(const LogLeaf&)>& visit) const;

  private:
    [[nodiscard]] std::unique_ptr<rocksdb::Iterator> walk(Family family) const;

    const Database& database_;
    const Certificates& certificates_;
    const HistoryFilter& history_;
    const rocksdb::Snapshot* snapshot_;
    std::optional<std::uint64_t> height_;
    std::uint64_t first_block_;
    const std::atomic<std::uint64_t>* first_whole_block_;
};

// A stored state value: the version, then the bytes.
[[nodiscard]] std::string stored_value(const Version& version, ByteView value);
[[nodiscard]] Result<VersionedValue> parse_stored_value(ByteView stored);

}  // namespace tally::storage::rocks
