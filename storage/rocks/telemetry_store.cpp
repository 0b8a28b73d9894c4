#include "storage/telemetry_store.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <map>
#include <mutex>
#include <utility>

#include "storage/files.h"
#include "storage/rocks/database.h"

namespace tally::storage {
namespace {

using rocks::failure;
using rocks::get_big_endian;
using rocks::put_big_endian;

constexpr std::int64_t kQuarter_ms = 15 * 60 * 1000;
constexpr std::int64_t kMostInQuarter = 100'000;

// Keys: a kind, the device, NUL, a time of 8 bytes, then a sample's field or a counted message's
// id.
enum Kind : char { kSample = 's', kTraffic = 't', kClosed = 'c', kCounted = 'r', kDelivery = 'd' };

std::string prefix_of(Kind kind, std::string_view device) {
    return fmt::format("{}{}{}", static_cast<char>(kind), device, '\0');
}

// Times are not negative.
std::string key_of(Kind kind, std::string_view device, std::int64_t time_ms, std::string_view rest = {}) {
    auto key = prefix_of(kind, device);
    put_big_endian(key, static_cast<std::uint64_t>(std::max<std::int64_t>(time_ms, 0)), 8);
    key += rest;
    return key;
}

void put_number(std::string& to, std::int64_t number) { put_big_endian(to, static_cast<std::uint64_t>(number), 8); }
std::int64_t number_at(std::string_view from, std::size_t index) {
    return static_cast<std::int64_t>(get_big_endian(from.substr(index * 8, 8)));
}

std::string text_of(const TelemetryFigure& figure) {
    std::string out;
    put_number(out, figure.units);
    out += static_cast<char>(figure.scale);
    out += figure.unit;
    return out;
}

Result<TelemetryFigure> figure_of(std::string_view text) {
    if (text.size() < 9) return fail(Code::corrupt, "a sample in the telemetry store has {} bytes", text.size());
    return TelemetryFigure{number_at(text, 0), static_cast<signed char>(text[8]), std::string(text.substr(9))};
}

Result<TelemetryTraffic> traffic_of(std::string_view text) {
    if (text.size() != 32) return fail(Code::corrupt, "a counter in the telemetry store has {} bytes", text.size());
    return TelemetryTraffic{number_at(text, 0), number_at(text, 1), number_at(text, 2), number_at(text, 3)};
}

void add(TelemetryTraffic& to, const TelemetryTraffic& more) {
    to.messages += more.messages;
    to.payload_bytes += more.payload_bytes;
    to.samples += more.samples;
    to.last_arrival_ms = std::max(to.last_arrival_ms, more.last_arrival_ms);
}

std::string delivery_key(std::uint16_t packet) {
    std::string key(1, kDelivery);
    put_big_endian(key, packet, 2);
    return key;
}

TelemetrySpan span_of(std::string_view key, std::string_view value) {
    return {number_at(key.substr(key.size() - 8), 0), number_at(value, 0), value.size() == 9 && value[8] != 0};
}

}  // namespace

struct TelemetryStore::Impl {
    std::unique_ptr<rocksdb::DB> db;
    mutable std::mutex mutex;
    std::map<std::string, std::string> unsynced;  // guarded by mutex

    [[nodiscard]] Result<std::optional<std::string>> stored(const std::string& key) const {
        std::string value;
        const auto status = db->Get({}, key, &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) return failure(status, "reading telemetry");
        return value;
    }

    // With the mutex.
    [[nodiscard]] Result<std::optional<std::string>> get(const std::string& key) const {
        const auto found = unsynced.find(key);
        if (found != unsynced.end()) return found->second;
        return stored(key);
    }

    [[nodiscard]] Status write(rocksdb::WriteBatch& batch) const {
        rocksdb::WriteOptions synced;
        synced.sync = true;
        const auto status = db->Write(synced, &batch);
        if (!status.ok()) return failure(status, "keeping telemetry");
        return {};
    }

    // With the mutex.
    [[nodiscard]] Status sync() {
        if (unsynced.empty()) return {};
        rocksdb::WriteBatch batch;
        for (const auto& [key, value] : unsynced) batch.Put(key, value);
        TRY(write(batch));
        unsynced.clear();
        return {};
    }

    [[nodiscard]] Status put_now(const std::string& key, const std::string& value) {
        rocksdb::WriteBatch batch;
        batch.Put(key, value);
        return write(batch);
    }

    template <class Visit>  // Result<bool>(key, value)
    [[nodiscard]] Status each(const std::string& start, const std::string& end, Visit&& visit) const {
        rocksdb::ReadOptions options;
        const rocksdb::Slice upper(end);
        options.iterate_upper_bound = &upper;
        const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(options));
        for (at->Seek(start); at->Valid(); at->Next()) {
            if (!TRY(visit(at->key().ToStringView(), at->value().ToStringView()))) return {};
        }
        if (!at->status().ok()) return failure(at->status(), "reading telemetry");
        return {};
    }

    // The last closed span that begins by then. Spans go to disk at once.
    [[nodiscard]] Result<std::optional<TelemetrySpan>> closed_at(const std::string& device,
                                                                 std::int64_t time_ms) const {
        const auto prefix = prefix_of(kClosed, device);
        const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
        at->SeekForPrev(key_of(kClosed, device, time_ms));
        if (!at->Valid()) {
            if (!at->status().ok()) return failure(at->status(), "reading telemetry");
            return std::nullopt;
        }
        if (!at->key().ToStringView().starts_with(prefix) || at->key().size() != prefix.size() + 8) return std::nullopt;
        const auto span = span_of(at->key().ToStringView(), at->value().ToStringView());
        return time_ms < span.to_ms ? std::optional(span) : std::nullopt;
    }

    [[nodiscard]] Status check_room(const std::string& device, std::int64_t time_ms) const {
        const auto known = TRY(get(key_of(kTraffic, device, time_ms / kQuarter_ms * kQuarter_ms)));
        if (known && TRY(traffic_of(*known)).samples >= kMostInQuarter)
            return fail(Code::rate_limited, "{} has {} samples in a quarter of an hour", device, kMostInQuarter);
        return {};
    }

    [[nodiscard]] Status count(const std::string& device, std::int64_t time_ms, const TelemetryTraffic& more) {
        const auto key = key_of(kTraffic, device, time_ms / kQuarter_ms * kQuarter_ms);
        TelemetryTraffic sum;
        if (const auto known = TRY(get(key))) sum = TRY(traffic_of(*known));
        add(sum, more);
        std::string value;
        for (const auto number : {sum.messages, sum.payload_bytes, sum.samples, sum.last_arrival_ms})
            put_number(value, number);
        unsynced[key] = value;
        return {};
    }

    [[nodiscard]] Status put_span(const std::string& device, const TelemetrySpan& span) {
        std::string value;
        put_number(value, span.to_ms);
        value += span.is_on_ledger ? '\1' : '\0';
        return put_now(key_of(kClosed, device, span.from_ms), value);
    }
};

TelemetryStore::TelemetryStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TelemetryStore::~TelemetryStore() = default;

Result<std::unique_ptr<TelemetryStore>> TelemetryStore::open(const std::filesystem::path& directory) {
    TRY(make_directory(directory));
    TRY(keep_private(directory));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.paranoid_checks = true;
    options.write_buffer_size = 8U << 20;
    options.max_open_files = 64;
    options.max_background_jobs = 1;
    options.keep_log_file_num = 1;
    options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
    rocksdb::BlockBasedTableOptions tables;
    tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // most samples are new
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables));
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(options, directory.string(), &db);
    if (!status.ok()) return failure(status, fmt::format("opening the telemetry in {}", directory.string()));
    auto impl = std::make_unique<Impl>();
    impl->db.reset(db);
    return std::unique_ptr<TelemetryStore>(new TelemetryStore(std::move(impl)));
}

Result<std::optional<TelemetryFigure>> TelemetryStore::find(const std::string& device, std::int64_t time_ms,
                                                            const std::string& field) const {
    const std::lock_guard lock(impl_->mutex);
    const auto value = TRY(impl_->get(key_of(kSample, device, time_ms, field)));
    if (!value) return std::nullopt;
    return TRY(figure_of(*value));
}

Result<std::optional<TelemetrySpan>> TelemetryStore::closed_span(const std::string& device,
                                                                 std::int64_t time_ms) const {
    return impl_->closed_at(device, time_ms);
}

Result<bool> TelemetryStore::put(const std::string& device, const std::vector<Sample>& samples,
                                 std::size_t payload_bytes, std::int64_t received_ms) {
    const std::lock_guard lock(impl_->mutex);
    std::int64_t quarter = -1;
    for (const auto& sample : samples) {  // spans begin and end with quarters
        if (std::exchange(quarter, sample.time_ms / kQuarter_ms) == sample.time_ms / kQuarter_ms) continue;
        if (TRY(impl_->closed_at(device, sample.time_ms))) return false;
        TRY(impl_->check_room(device, sample.time_ms));
    }
    for (const auto& sample : samples) {
        impl_->unsynced[key_of(kSample, device, sample.time_ms, sample.field)] = text_of(sample.figure);
        TRY(impl_->count(device, sample.time_ms, {0, 0, 1, received_ms}));
    }
    const auto at_ms = samples.empty() ? received_ms : samples.front().time_ms;
    TRY(impl_->count(device, at_ms, {1, static_cast<std::int64_t>(payload_bytes), 0, received_ms}));
    return true;
}

Status TelemetryStore::count_once(const std::string& device, std::int64_t time_ms, const crypto::Hash& id,
                                  const TelemetryTraffic& message) {
    const std::lock_guard lock(impl_->mutex);
    const auto key = key_of(kCounted, device, time_ms, as_text(id.view()));
    if (TRY(impl_->get(key))) return {};
    impl_->unsynced[key] = "";
    return impl_->count(device, time_ms, message);
}

Result<TelemetryTraffic> TelemetryStore::traffic(const std::string& device, std::int64_t from_ms,
                                                 std::int64_t to_ms) const {
    TelemetryTraffic out;
    const std::lock_guard lock(impl_->mutex);
    const auto start = key_of(kTraffic, device, from_ms), end = key_of(kTraffic, device, to_ms);
    TRY(impl_->each(start, end, [&](std::string_view key, std::string_view value) -> Result<bool> {
        if (!impl_->unsynced.contains(std::string(key))) add(out, TRY(traffic_of(value)));
        return true;
    }));
    for (auto at = impl_->unsynced.lower_bound(start); at != impl_->unsynced.end() && at->first < end; ++at)
        add(out, TRY(traffic_of(at->second)));
    return out;
}

bool TelemetryStore::has_unsynced() const {
    const std::lock_guard lock(impl_->mutex);
    return !impl_->unsynced.empty();
}

Status TelemetryStore::sync() {
    const std::lock_guard lock(impl_->mutex);
    return impl_->sync();
}

void TelemetryStore::remember_delivery(std::uint16_t packet, const crypto::Hash& message) {
    const std::lock_guard lock(impl_->mutex);
    impl_->unsynced[delivery_key(packet)] = as_text(message.view());
}

Result<bool> TelemetryStore::was_delivered(std::uint16_t packet, const crypto::Hash& message) const {
    const std::lock_guard lock(impl_->mutex);
    const auto known = TRY(impl_->get(delivery_key(packet)));
    return known && *known == as_text(message.view());
}

Status TelemetryStore::forget_deliveries() {
    const std::lock_guard lock(impl_->mutex);
    rocksdb::WriteBatch batch;
    batch.DeleteRange(std::string(1, kDelivery), std::string(1, kDelivery + 1));
    std::erase_if(impl_->unsynced, [](const auto& entry) { return entry.first.front() == kDelivery; });
    return impl_->write(batch);
}

Status TelemetryStore::close(const std::string& device, std::int64_t from_ms, std::int64_t to_ms) {
    const std::lock_guard lock(impl_->mutex);
    TRY(impl_->sync());
    return impl_->put_span(device, {from_ms, to_ms, false});
}

Status TelemetryStore::set_on_ledger(const std::string& device, std::int64_t from_ms, std::int64_t to_ms) {
    const std::lock_guard lock(impl_->mutex);
    return impl_->put_span(device, {from_ms, to_ms, true});
}

Result<std::optional<TelemetrySpan>> TelemetryStore::span_from(const std::string& device, std::int64_t from_ms) const {
    const auto key = key_of(kClosed, device, from_ms);
    const auto value = TRY(impl_->stored(key));
    if (!value) return std::nullopt;
    return span_of(key, *value);
}

Status TelemetryStore::walk(const std::string& device, std::int64_t from_ms, std::int64_t to_ms,
                            const Visit& visit) const {
    const auto prefix = prefix_of(kSample, device);
    return impl_->each(key_of(kSample, device, from_ms), key_of(kSample, device, to_ms),
                       [&](std::string_view key, std::string_view value) -> Result<bool> {
                           const auto rest = key.substr(prefix.size());
                           return visit({number_at(rest, 0), std::string(rest.substr(8)), TRY(figure_of(value))});
                       });
}

Result<std::vector<std::string>> TelemetryStore::devices() const {
    std::vector<std::string> out;
    const std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator({}));
    for (at->Seek(std::string(1, kTraffic)); at->Valid() && at->key()[0] == kTraffic;) {
        const auto key = at->key().ToStringView();
        out.emplace_back(key.substr(1, key.find('\0') - 1));
        auto after = prefix_of(kTraffic, out.back());
        ++after.back();
        at->Seek(after);
    }
    if (!at->status().ok()) return failure(at->status(), "reading telemetry");
    return out;
}

Status TelemetryStore::remove_before(const std::string& device, std::int64_t time_ms) {
    const std::lock_guard lock(impl_->mutex);
    rocksdb::WriteBatch batch;
    for (const auto kind : {kSample, kTraffic, kClosed, kCounted})
        batch.DeleteRange(key_of(kind, device, 0), key_of(kind, device, time_ms));
    return impl_->write(batch);
}

}  // namespace tally::storage
