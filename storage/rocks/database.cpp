#include "storage/rocks/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>

#include "crypto/hash.h"
#include "storage/files.h"
#include "storage/rocks/file_checksum.h"
#include "storage/rocks/manifest.h"
#include "storage/rocks/page_aligned_writes.h"

namespace tally::storage::rocks {
namespace {

constexpr std::uintmax_t kSpareBytes = 1U << 20;  // left free by every write

// Tables and blob files that stay open: a share of what the process may open, so that no other use of descriptors can
// take those that a flush or a new write-ahead log needs.
int open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    return static_cast<int>(std::clamp<rlim_t>(limit.rlim_cur / 8, 32, 1024));
}

// What passes by waiting. RocksDB knows the full disk alone by a code, and the rest by the system's words. Once it has
// given up on writing (fatal) no waiting helps.
bool is_shortage(const rocksdb::Status& status) {
    if (status.IsNoSpace() || status.subcode() == rocksdb::Status::SubCode::kNoSpace) return true;
    if (!status.IsIOError() || status.severity() >= rocksdb::Status::Severity::kFatalError) return false;
    const auto text = status.ToString();
    return std::ranges::any_of(std::array{EMFILE, ENFILE, ENOMEM, EDQUOT},
                               [&](int reason) { return text.find(std::strerror(reason)) != std::string::npos; });
}

// RocksDB's own log goes to the node's, errors only; there is no LOG file.
class Messages : public rocksdb::Logger {
  public:
    explicit Messages(std::function<void(std::string_view)> warn)
        : Logger(rocksdb::InfoLogLevel::ERROR_LEVEL), warn_(std::move(warn)) {}
    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override {
        if (!warn_) return;
        std::array<char, 1024> text{};
        const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
        if (size > 0) warn_(std::string_view(text.data(), std::min<std::size_t>(size, text.size() - 1)));
    }

  private:
    std::function<void(std::string_view)> warn_;
};

// RocksDB's own recovery from a full disk waits for 64 MiB of room, looks every 5 s, and refuses Resume meanwhile. Ours
// is to resume with the next write (Database::write).
class NoRecoveryOfItsOwn : public rocksdb::EventListener {
  public:
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status error, bool* auto_recovery) override {
        if (error.severity() >= rocksdb::Status::Severity::kHardError) *auto_recovery = false;
    }
};

rocksdb::Options options_for(const DatabaseOptions& in) {
    rocksdb::Options options;
    options.env = page_aligned_writes();
    options.create_if_missing = in.create;
    options.create_missing_column_families = in.create;
    options.error_if_exists = in.create;
    options.paranoid_checks = true;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.file_checksum_gen_factory = file_checksums();
    options.info_log = std::make_shared<Messages>(in.warn);
    options.listeners.push_back(std::make_shared<NoRecoveryOfItsOwn>());
    options.allow_fallocate = false;  // a write-ahead log would reserve up to 70 MiB, the last room of a full disk
    options.atomic_flush = !in.logged;
    options.max_total_wal_size = 256U << 20;
    options.max_background_jobs = 2;
    options.max_open_files = open_files();
    options.enable_pipelined_write = false;
    options.bytes_per_sync = 1U << 20;
    // What is flushed is seldom read soon, and costs less than through the page cache (bench/storage_bench).
    options.use_direct_io_for_flush_and_compaction =
        takes_direct_writes(in.create ? std::filesystem::absolute(in.directory).parent_path() : in.directory);
    return options;
}

// For values that are alike: documents of one contract share names and structure across a whole table.
void compress_alike(rocksdb::ColumnFamilyOptions& options) {
    options.compression = rocksdb::kZSTD;
    options.compression_opts.max_dict_bytes = 16U << 10;
    options.compression_opts.zstd_max_train_bytes = 1U << 20;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const DatabaseOptions& in, const rocksdb::Options& base,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions options(base);
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.cache_index_and_filter_blocks = true;
    // In pieces: the index of a whole table whose blocks compress well is larger than one shard of the cache, which
    // then takes none of it, and each read would decompress it anew.
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.format_version = 5;
    options.write_buffer_size = 16U << 20;
    options.compression = rocksdb::kNoCompression;
    switch (family) {
        case Family::blocks:
            options.write_buffer_size = 64U << 20;
            options.enable_blob_files = in.blob_files;
            options.min_blob_size = 512;
            if (in.blob_files) options.blob_compression_type = rocksdb::kZSTD;  // simulations are text
            options.blob_file_size = 256U << 20;
            break;
        case Family::index:
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
            options.write_buffer_size = 32U << 20;
            break;
        case Family::state:
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
            options.write_buffer_size = 32U << 20;
            compress_alike(options);
            break;
        case Family::history:
            options.write_buffer_size = 32U << 20;
            compress_alike(options);
            options.compaction_filter = in.history_filter.get();
            break;
        case Family::meta:
        case Family::headers:
        case Family::certificates:
        case Family::log:
        case Family::signatures: break;
    }
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& in) {
    if (!in.create) TRY(check_manifest(in.directory));
    const auto options = options_for(in);
    const auto cache = rocksdb::NewLRUCache(in.cache_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> families{{rocksdb::kDefaultColumnFamilyName, options}};
    for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
        families.emplace_back(std::string(kFamilyNames[i]), family_options(static_cast<Family>(i), in, options, cache));
    }
    std::unique_ptr<Database> database(new Database());
    database->directory_ = in.directory;
    database->history_filter_ = in.history_filter;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto path = in.directory.string();
    const auto status = in.read_only ? rocksdb::DB::OpenForReadOnly(options, path, families, &handles, &database->db_)
                                     : rocksdb::DB::Open(options, path, families, &handles, &database->db_);
    if (!status.ok()) return failure(status, fmt::format("opening the ledger in {}", path));
    database->handles_.assign(handles.begin() + 1, handles.end());
    database->db_->DestroyColumnFamilyHandle(handles.front());
    return database;
}

Database::~Database() { (void)close(); }

Status Database::close() {
    if (db_ == nullptr) return {};
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    handles_.clear();
    const auto status = db_->Close();
    delete db_;
    db_ = nullptr;
    if (!status.ok()) return failure(status, "closing the ledger");
    return {};
}

Status Database::write(rocksdb::WriteBatch& batch, std::string_view doing, bool logged) {
    // Asked before, as RocksDB does not survive every place where room can run out.
    std::error_code error;
    const auto space = std::filesystem::space(directory_, error);
    if (!error && space.available < batch.GetDataSize() + kSpareBytes) {
        return fail(Code::disk_full, "{}: no space left on the device", doing);
    }
    const auto attempt = [&] {
        // Resume replaces a write-ahead log that failed only when some memtable holds something (7.8): this one does.
        rocksdb::WriteOptions unlogged;
        unlogged.disableWAL = true;
        (void)db_->Put(unlogged, "spare", "");  // into the default family, which nobody reads
        rocksdb::WriteOptions options;
        options.disableWAL = !logged;
        return db_->Write(options, &batch);
    };
    auto status = attempt();
    if (!status.ok() && db_->Resume().ok()) status = attempt();
    if (!status.ok()) return failure(status, doing);
    return {};
}

Status Database::flush() {
    auto all = handles_;
    all.push_back(db_->DefaultColumnFamily());
    const auto status = db_->Flush(rocksdb::FlushOptions(), all);
    if (!status.ok()) return failure(status, "flushing the ledger");
    return {};
}

Result<std::optional<std::string>> Database::get(Family of, const rocksdb::Slice& key,
                                                 const rocksdb::Snapshot* snapshot) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    std::string value;
    const auto status = db_->Get(options, family(of), key, &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok())
        return failure(status, fmt::format("reading from {}", kFamilyNames[static_cast<std::size_t>(of)]));
    return value;
}

std::unexpected<Error> failure(const rocksdb::Status& status, std::string_view doing) {
    const auto text = status.ToString();
    if (is_shortage(status)) return fail(Code::disk_full, "{}: {}", doing, text);
    if (status.IsCorruption()) return fail(Code::corrupt, "{}: damaged on disk: {}", doing, text);
    if (status.IsInvalidArgument() && text.find("does not exist") != std::string::npos) {
        return fail(Code::not_found, "{}: {}", doing, text);
    }
    // RocksDB has no code of its own for this: flock's EAGAIN, or its own table of what this process has open.
    if (status.IsIOError() &&
        (text.find("While lock file") != std::string::npos || text.find("lock hold by") != std::string::npos)) {
        return fail(Code::locked, "{}: it is in use: {}", doing, text);
    }
    return fail(Code::io_error, "{}: {}", doing, text);
}

void put_big_endian(std::string& to, std::uint64_t number, unsigned width) {
    for (unsigned i = width; i-- > 0;) to.push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t get_big_endian(std::string_view from) {
    std::uint64_t number = 0;
    for (const char byte : from) number = number << 8 | static_cast<std::uint8_t>(byte);
    return number;
}

std::string number_key(std::uint64_t number) {
    std::string key;
    put_big_endian(key, number, 8);
    return key;
}

std::string block_key(std::uint64_t number, std::uint32_t slot) {
    std::string key;
    put_big_endian(key, number, 8);
    put_big_endian(key, slot, 4);
    return key;
}

std::string tagged_key(char tag, ByteView hash) {
    std::string key(1, tag);
    key.append(as_text(hash));
    return key;
}

std::string state_key(std::string_view space, std::string_view key) {
    std::string out(space);
    out.push_back('\0');
    out.append(key);
    return out;
}

std::string history_key(std::string_view space, std::string_view key, std::uint64_t block, std::uint32_t index) {
    const auto inner = state_key(space, key);
    std::string out;
    put_big_endian(out, inner.size(), 4);
    out.append(inner);
    put_big_endian(out, block, 8);
    put_big_endian(out, index, 4);
    return out;
}

std::string log_key(unsigned level, std::uint64_t index) {
    std::string key(1, static_cast<char>(level));
    put_big_endian(key, index, 8);
    return key;
}

std::string signature_key(std::uint64_t block, const crypto::Hash& certificate) {
    auto key = number_key(block);
    key.append(as_text(certificate.view().first(16)));
    return key;
}

}  // namespace tally::storage::rocks
