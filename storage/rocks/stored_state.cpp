#include "storage/rocks/stored_state.h"

#include "storage/ledger.h"
#include "storage/model/archive.h"
#include "storage/rocks/ledger_records.h"
#include "storage/rocks/stored_transaction.h"

namespace tally::storage::rocks {

StoredState::StoredState(const Database& database, const Certificates& certificates, const HistoryFilter& history,
                         std::uint64_t first_block, const std::atomic<std::uint64_t>* first_whole_block)
    : database_(database),
      certificates_(certificates),
      history_(history),
      snapshot_(database.db().GetSnapshot()),
      first_block_(first_block),
      first_whole_block_(first_whole_block) {}

Status StoredState::read_height() {
    if (const auto stored = TRY(database_.get(Family::meta, "tip", snapshot_))) {
        height_ = TRY(decode<Tip>(as_bytes(*stored), "the ledger's tip")).number;
    }
    return {};
}

StoredState::~StoredState() { database_.db().ReleaseSnapshot(snapshot_); }

Result<std::optional<VersionedValue>> StoredState::get(const StateKey& key) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    rocksdb::PinnableSlice value;
    const auto status =
        database_.db().Get(options, database_.family(Family::state), state_key(key.space, key.key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return failure(status, "reading the world state");
    return TRY(parse_stored_value(bytes_of(value)));
}

Status StoredState::scan(std::string_view space, std::string_view start, std::string_view end, bool reverse,
                         const Visit& visit) const {
    const auto low = state_key(space, start);
    auto high = state_key(space, end);
    if (end.empty()) high.back() = '\1';  // behind every key of the namespace
    const rocksdb::Slice low_slice(low);
    const rocksdb::Slice high_slice(high);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.iterate_lower_bound = &low_slice;
    options.iterate_upper_bound = &high_slice;
    std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator(options, database_.family(Family::state)));
    for (reverse ? at->SeekToLast() : at->SeekToFirst(); at->Valid(); reverse ? at->Prev() : at->Next()) {
        auto key = at->key();
        key.remove_prefix(space.size() + 1);
        if (!visit(std::string_view(key.data(), key.size()), TRY(parse_stored_value(bytes_of(at->value()))))) return {};
    }
    if (!at->status().ok()) return failure(at->status(), "scanning the world state");
    return {};
}

Result<std::vector<HistoryEntry>> StoredState::history(const StateKey& key, Version from, std::size_t limit) const {
    if (from.block < first_block_) {
        return fail(Code::not_kept, "the history before block {} is not kept on this node, which began with a snapshot",
                    first_block_);
    }
    if (from.block < *first_whole_block_ && !history_.keeps(key.space)) {
        return fail(Code::not_kept, "the history before block {} is not kept on this node", first_whole_block_->load());
    }
    const auto low = history_key(key.space, key.key, from.block, from.transaction);
    const auto high = history_key(key.space, key.key, UINT64_MAX, UINT32_MAX);
    const rocksdb::Slice high_slice(high);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.iterate_upper_bound = &high_slice;
    std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator(options, database_.family(Family::history)));
    std::vector<HistoryEntry> entries;
    for (at->Seek(low); at->Valid() && entries.size() < limit; at->Next()) {
        const std::string_view text(at->key().data(), at->key().size());
        const auto numbers = text.substr(text.size() - 12);
        HistoryEntry entry;
        entry.version.block = get_big_endian(numbers.substr(0, 8));
        entry.version.transaction = static_cast<std::uint32_t>(get_big_endian(numbers.substr(8)));
        const auto value = bytes_of(at->value());
        if (value.empty() || value[0] > 1) return fail(Code::corrupt, "a history entry has no valid marker");
        if (value[0] == 1) entry.value = to_bytes(value.subspan(1));
        entries.push_back(std::move(entry));
    }
    if (!at->status().ok()) return failure(at->status(), "reading a key's history");
    return entries;
}

Result<Bytes> StoredState::transaction_bytes(const crypto::Hash& id) const {
    const auto location = TRY(location_of(database_, id, snapshot_));
    if (!location) return fail(Code::not_found, "there is no transaction {}", id.hex());
    const auto bytes = TRY(database_.get(Family::blocks, block_key(location->block, location->index + 1), snapshot_));
    if (!bytes && location->block < *first_whole_block_) {
        return fail(Code::not_kept,
                    "transaction {} is in block {}: the transactions before block {} are not kept on this node",
                    id.hex(), location->block, first_whole_block_->load());
    }
    if (!bytes) return fail(Code::corrupt, "transaction {} of block {} is missing", location->index, location->block);
    return restore_transaction(as_bytes(*bytes), certificates_);
}

std::unique_ptr<rocksdb::Iterator> StoredState::walk(Family family) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.fill_cache = false;
    return std::unique_ptr<rocksdb::Iterator>(database_.db().NewIterator(options, database_.family(family)));
}

Status StoredState::each_entry(const std::function<Status(const StateEntry&)>& visit) const {
    const auto at = walk(Family::state);
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const auto key = at->key().ToStringView();
        const auto end = key.find('\0');
        if (end == std::string_view::npos) return fail(Code::corrupt, "a state's key has no namespace");
        auto value = TRY(parse_stored_value(bytes_of(at->value())));
        TRY(visit({{std::string(key.substr(0, end)), std::string(key.substr(end + 1))},
                   value.version,
                   std::move(value.value)}));
    }
    if (!at->status().ok()) return failure(at->status(), "reading the world state");
    return {};
}

Status StoredState::each_leaf(const std::function<Status(const LogLeaf&)>& visit) const {
    const auto at = walk(Family::log);
    const auto behind = log_key(1, 0);
    for (at->SeekToFirst(); at->Valid() && at->key().compare(behind) < 0; at->Next()) {
        TRY(visit(TRY(decode<LogLeaf>(bytes_of(at->value()), "a leaf of the transaction log"))));
    }
    if (!at->status().ok()) return failure(at->status(), "reading the transaction log");
    return {};
}

std::string stored_value(const Version& version, ByteView value) {
    std::string stored;
    stored.reserve(12 + value.size());
    put_big_endian(stored, version.block, 8);
    put_big_endian(stored, version.transaction, 4);
    stored.append(as_text(value));
    return stored;
}

Result<VersionedValue> parse_stored_value(ByteView stored) {
    if (stored.size() < 12) return fail(Code::corrupt, "a state value of {} bytes has no version", stored.size());
    const auto text = as_text(stored);
    VersionedValue out;
    out.version.block = get_big_endian(text.substr(0, 8));
    out.version.transaction = static_cast<std::uint32_t>(get_big_endian(text.substr(8, 4)));
    out.value = to_bytes(stored.subspan(12));
    return out;
}

}  // namespace tally::storage::rocks
