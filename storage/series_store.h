#pragma once
// The series that a node keeps for collections, beside the ledger: rows that are in no block. A RocksDB of its own, as
// what is removed here must be gone, and a ledger's states would hold on to it.
//
//   's' device 0x00 content id(32)                       -> collection, period and time of the record; the packed rows
//   'e' collection 0x00 end(8) device 0x00 content id    -> nothing: by the end of the period
//   'm' name                                             -> a mark of the keeper: how far it has looked
//
// Any thread. `put` is synced to disk before it returns. `remove` returns once the rows are in no file of the store
// any more. Failures: io_error, disk_full, corrupt, locked.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/hash.h"
#include "storage/state_reader.h"

namespace tally::storage {

struct KeptEntry {
    std::string device;
    crypto::Hash content_id;
    std::string collection;
    std::int64_t from_s = 0;
    std::int64_t to_s = 0;
    std::int64_t received_ms = 0;  // when the record was published
};

class SeriesStore : public KeptSeries {
  public:
    // Makes the directory if it is not there.
    [[nodiscard]] static Result<std::unique_ptr<SeriesStore>> open(const std::filesystem::path& directory);
    ~SeriesStore() override;

    [[nodiscard]] Status put(const KeptEntry& entry, ByteView packed);
    [[nodiscard]] Result<std::optional<Bytes>> series(const std::string& device,
                                                      const crypto::Hash& content_id) const override;
    [[nodiscard]] Result<bool> has(const std::string& device, const crypto::Hash& content_id) const;

    // The entries of a device, and those of a collection whose period ended before a time, at most `limit`.
    [[nodiscard]] Result<std::vector<KeptEntry>> of_device(const std::string& device) const;
    [[nodiscard]] Result<std::vector<KeptEntry>> ended_before(const std::string& collection, std::int64_t time_s,
                                                              std::size_t limit) const;
    [[nodiscard]] Status remove(const std::vector<KeptEntry>& entries);
    // Completes a `remove` that the process did not live to end: whatever was removed is in no file any more.
    [[nodiscard]] Status finish_removals();

    [[nodiscard]] Result<std::optional<std::string>> mark(std::string_view name) const;
    [[nodiscard]] Status set_mark(std::string_view name, std::string_view value);

    struct Impl;

  private:
    explicit SeriesStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
