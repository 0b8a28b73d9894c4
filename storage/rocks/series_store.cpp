#include "storage/series_store.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "storage/files.h"
#include "storage/model/archive.h"
#include "storage/rocks/database.h"

namespace tally::storage {
namespace {

using rocks::bytes_of;
using rocks::failure;
using rocks::get_big_endian;
using rocks::put_big_endian;
using rocks::slice;

// What stands before the packed rows.
struct Header {
    std::string collection;
    std::int64_t from_s = 0;
    std::int64_t to_s = 0;
    std::int64_t received_ms = 0;
    Bytes packed;

    template <class A>
    void serialize(A& a) {
        a(collection, from_s, to_s, received_ms, packed);
    }
};

std::string of_device_prefix(std::string_view device) { return fmt::format("s{}{}", device, '\0'); }

std::string series_key(std::string_view device, const crypto::Hash& content_id) {
    return of_device_prefix(device) + std::string(as_text(content_id.view()));
}

// The period of a record is not negative.
std::string end_key(std::string_view collection, std::int64_t end_s) {
    auto key = fmt::format("e{}{}", collection, '\0');
    put_big_endian(key, static_cast<std::uint64_t>(end_s), 8);
    return key;
}

std::string end_key(const KeptEntry& entry) {
    return fmt::format("{}{}{}{}", end_key(entry.collection, entry.to_s), entry.device, '\0',
                       as_text(entry.content_id.view()));
}

// The first key that does not extend the prefix.
std::string after(std::string prefix) {
    ++prefix.back();
    return prefix;
}

}  // namespace

struct SeriesStore::Impl {
    std::unique_ptr<rocksdb::DB> db;

    [[nodiscard]] Result<std::optional<std::string>> get(const std::string& key) const {
        std::string value;
        const auto status = db->Get({}, key, &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) return failure(status, "reading a kept series");
        return value;
    }

    [[nodiscard]] Status write(rocksdb::WriteBatch& batch) const {
        rocksdb::WriteOptions synced;
        synced.sync = true;
        const auto status = db->Write(synced, &batch);
        if (!status.ok()) return failure(status, "keeping a series");
        return {};
    }

    // Every key of the prefix until `visit` returns false.
    template <class Visit>  // Result<bool>(key, value)
    [[nodiscard]] Status walk(const std::string& start, const std::string& end, Visit&& visit) const {
        rocksdb::ReadOptions options;
        const rocksdb::Slice upper(end);
        options.iterate_upper_bound = &upper;
        const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(options));
        for (at->Seek(start); at->Valid(); at->Next()) {
            if (!TRY(visit(at->key().ToStringView(), at->value()))) break;
        }
        if (!at->status().ok()) return failure(at->status(), "reading kept series");
        return {};
    }

    // Rewrites the files that hold keys of [start, end], so that what was deleted there is in none of them.
    [[nodiscard]] Status compact(const std::string& start, const std::string& end) const {
        rocksdb::CompactRangeOptions options;
        options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
        options.exclusive_manual_compaction = false;
        const rocksdb::Slice first(start), last(end);
        const auto status = db->CompactRange(options, &first, &last);
        if (!status.ok()) return failure(status, "removing kept series");
        return {};
    }
};

SeriesStore::SeriesStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SeriesStore::~SeriesStore() = default;

Result<std::unique_ptr<SeriesStore>> SeriesStore::open(const std::filesystem::path& directory) {
    TRY(make_directory(directory));
    TRY(keep_private(directory));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.paranoid_checks = true;
    options.compression = rocksdb::kNoCompression;  // the rows are packed
    options.write_buffer_size = 4U << 20;
    options.target_file_size_base = 8U << 20;  // a removal rewrites whole files
    options.max_open_files = 64;
    options.max_background_jobs = 1;
    options.recycle_log_file_num = 0;
    options.keep_log_file_num = 1;
    options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(options, directory.string(), &db);
    if (!status.ok()) return failure(status, fmt::format("opening the kept series in {}", directory.string()));
    auto impl = std::make_unique<Impl>();
    impl->db.reset(db);
    return std::unique_ptr<SeriesStore>(new SeriesStore(std::move(impl)));
}

Status SeriesStore::put(const KeptEntry& entry, ByteView packed) {
    rocksdb::WriteBatch batch;
    const Header header{entry.collection, entry.from_s, entry.to_s, entry.received_ms, to_bytes(packed)};
    batch.Put(series_key(entry.device, entry.content_id), slice(encode(header)));
    batch.Put(end_key(entry), "");
    return impl_->write(batch);
}

Result<std::optional<Bytes>> SeriesStore::series(const std::string& device, const crypto::Hash& content_id) const {
    const auto stored = TRY(impl_->get(series_key(device, content_id)));
    if (!stored) return std::nullopt;
    return std::move(TRY(decode<Header>(as_bytes(*stored), "a kept series")).packed);
}

Result<bool> SeriesStore::has(const std::string& device, const crypto::Hash& content_id) const {
    rocksdb::PinnableSlice value;
    const auto status = impl_->db->Get({}, impl_->db->DefaultColumnFamily(), series_key(device, content_id), &value);
    if (status.IsNotFound()) return false;
    if (!status.ok()) return failure(status, "reading a kept series");
    return true;
}

Result<std::vector<KeptEntry>> SeriesStore::of_device(const std::string& device) const {
    const auto prefix = of_device_prefix(device);
    std::vector<KeptEntry> out;
    TRY(impl_->walk(prefix, after(prefix), [&](std::string_view key, const rocksdb::Slice& value) -> Result<bool> {
        const auto header = TRY(decode<Header>(bytes_of(value), "a kept series"));
        const auto id = TRY(crypto::Hash::from(as_bytes(key.substr(prefix.size()))));
        out.push_back({device, id, header.collection, header.from_s, header.to_s, header.received_ms});
        return true;
    }));
    return out;
}

Result<std::vector<KeptEntry>> SeriesStore::ended_before(const std::string& collection, std::int64_t time_s,
                                                         std::size_t limit) const {
    const auto start = end_key(collection, 0), end = end_key(collection, std::max<std::int64_t>(time_s, 0));
    std::vector<KeptEntry> out;
    TRY(impl_->walk(start, end, [&](std::string_view key, const rocksdb::Slice&) -> Result<bool> {
        const auto rest = key.substr(collection.size() + 2);
        const auto ends = static_cast<std::int64_t>(get_big_endian(rest.substr(0, 8)));
        const auto device = rest.substr(8, rest.size() - 8 - 33);
        const auto id = TRY(crypto::Hash::from(as_bytes(rest.substr(rest.size() - 32))));
        out.push_back({std::string(device), id, collection, 0, ends, 0});
        return out.size() < limit;
    }));
    return out;
}

Status SeriesStore::remove(const std::vector<KeptEntry>& entries) {
    if (entries.empty()) return {};
    rocksdb::WriteBatch batch;
    std::string low, high;
    for (const auto& each : entries) {
        const auto key = series_key(each.device, each.content_id);
        low = low.empty() ? key : std::min(low, key);
        high = std::max(high, key);
        batch.Delete(key);
        batch.Delete(end_key(each));
    }
    TRY(impl_->write(batch));
    // A flush ends the write-ahead log that still has the rows.
    if (const auto flushed = impl_->db->Flush({}); !flushed.ok()) return failure(flushed, "removing kept series");
    return impl_->compact(low, high);
}

Status SeriesStore::finish_removals() {
    if (const auto flushed = impl_->db->Flush({}); !flushed.ok()) return failure(flushed, "removing kept series");
    return impl_->compact("s", "t");
}

Result<std::optional<std::string>> SeriesStore::mark(std::string_view name) const {
    return impl_->get(fmt::format("m{}", name));
}

Status SeriesStore::set_mark(std::string_view name, std::string_view value) {
    rocksdb::WriteBatch batch;
    batch.Put(fmt::format("m{}", name), std::string(value));
    return impl_->write(batch);
}

}  // namespace tally::storage
