#pragma once
// The RocksDB of a ledger: how it is opened, its column families, and how its failures become ours.
// Private to storage/. Safe from any thread.

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::storage::rocks {

enum class Family : std::uint8_t { meta, headers, blocks, index, state, history, log, signatures, certificates };
inline constexpr std::array<std::string_view, 9> kFamilyNames = {
    "meta", "headers", "blocks", "index", "state", "history", "log", "signatures", "certificates"};

struct DatabaseOptions {
    std::filesystem::path directory;
    bool create = false;
    bool read_only = false;
    std::size_t cache_bytes = 256U << 20;
    std::function<void(std::string_view)> warn = {};
    // Payloads beside the tables: compaction leaves them alone. Not where keys only grow, as nothing is compacted then,
    // and each blob's own CRC-32C (in software, in Debian's RocksDB) costs more than writing it.
    bool blob_files = true;
    // Of the history, what compaction drops; lives as long as the database.
    std::shared_ptr<const rocksdb::CompactionFilter> history_filter = {};
    // Without a log of its own a crash must leave all families as of one moment: a flush of one is a flush of all.
    bool logged = true;
};

class Database {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    [[nodiscard]] rocksdb::DB& db() const { return *db_; }
    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family family) const {
        return handles_[static_cast<std::size_t>(family)];
    }
    // None when absent; `snapshot` may be null.
    [[nodiscard]] Result<std::optional<std::string>> get(Family family, const rocksdb::Slice& key,
                                                         const rocksdb::Snapshot* snapshot = nullptr) const;
    // All or nothing, not synced. disk_full may be tried again: it succeeds once there is room.
    // Without `logged` it survives the process only after a flush.
    [[nodiscard]] Status write(rocksdb::WriteBatch& batch, std::string_view doing, bool logged = true);
    [[nodiscard]] Status flush();
    [[nodiscard]] Status close();

  private:
    Database() = default;
    std::filesystem::path directory_;
    std::shared_ptr<const rocksdb::CompactionFilter> history_filter_;
    rocksdb::DB* db_ = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

[[nodiscard]] std::unexpected<Error> failure(const rocksdb::Status& status, std::string_view doing);
[[nodiscard]] inline rocksdb::Slice slice(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline ByteView bytes_of(const rocksdb::Slice& slice) {
    return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

// Keys.
void put_big_endian(std::string& to, std::uint64_t number, unsigned width);
[[nodiscard]] std::uint64_t get_big_endian(std::string_view from);
[[nodiscard]] std::string number_key(std::uint64_t number);
[[nodiscard]] std::string block_key(std::uint64_t number, std::uint32_t slot);
[[nodiscard]] std::string tagged_key(char tag, ByteView hash);
[[nodiscard]] std::string state_key(std::string_view space, std::string_view key);
[[nodiscard]] std::string history_key(std::string_view space, std::string_view key, std::uint64_t block,
                                      std::uint32_t index);
[[nodiscard]] std::string log_key(unsigned level, std::uint64_t index);
[[nodiscard]] std::string signature_key(std::uint64_t block, const crypto::Hash& certificate);

}  // namespace tally::storage::rocks
