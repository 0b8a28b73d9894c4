#include "storage/ledger.h"

#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>

#include "storage/files.h"
#include "storage/rocks/certificates.h"
#include "storage/rocks/database.h"
#include "storage/rocks/history_filter.h"
#include "storage/rocks/ledger_records.h"
#include "storage/rocks/snapshot.h"
#include "storage/state_digest.h"

namespace tally::storage {

using namespace rocks;

namespace {

constexpr unsigned kNumberWidth = 8;  // of a block's number in keys

class Entries : public EntryCursor {
  public:
    Entries(std::unique_ptr<rocksdb::Iterator> at, std::string family)
        : at_(std::move(at)), family_(std::move(family)) {}

    Result<bool> next() override {
        if (started_)
            at_->Next();
        else
            at_->SeekToFirst();
        started_ = true;
        if (!at_->status().ok()) return failure(at_->status(), fmt::format("reading {}", family_));
        return at_->Valid();
    }
    ByteView key() const override { return bytes_of(at_->key()); }
    ByteView value() const override { return bytes_of(at_->value()); }

  private:
    std::unique_ptr<rocksdb::Iterator> at_;
    std::string family_;
    bool started_ = false;
};

std::vector<crypto::Hash> digests_of(const Block& block) {
    std::vector<crypto::Hash> digests;
    digests.reserve(block.batches.size());
    for (const auto& batch : block.batches) digests.push_back(batch_digest(batch));
    return digests;
}

// Made beside and renamed into place: a crash leaves a whole ledger or none.
Status create_ledger(const LedgerOptions& options) {
    const auto& directory = options.directory;
    std::error_code error;
    if (std::filesystem::exists(directory, error) && !std::filesystem::is_empty(directory, error)) {
        return fail(Code::already_exists, "{} is not empty", directory.string());
    }
    auto unfinished = directory;
    unfinished += ".new";
    std::filesystem::remove_all(unfinished, error);
    TRY(make_directory(unfinished));
    const auto database = TRY(Database::open({unfinished, true, false, options.cache_bytes, options.warn}));
    rocksdb::WriteBatch batch;
    batch.Put(database->family(Family::meta), "format", std::string(kLedgerFormat));
    batch.Put(database->family(Family::meta), "channel", options.channel);
    TRY(database->write(batch, "creating the ledger"));
    if (const auto status = database->db().SyncWAL(); !status.ok()) return failure(status, "creating the ledger");
    TRY(database->close());
    std::filesystem::rename(unfinished, directory, error);
    if (error) return fail(Code::io_error, "{}: {}", directory.string(), error.message());
    return sync_directory(std::filesystem::absolute(directory).parent_path());
}

}  // namespace

struct Ledger::Impl {
    LedgerOptions options;
    std::unique_ptr<Database> database;
    std::shared_ptr<HistoryFilter> history;
    std::optional<Certificates> certificates;
    std::optional<Tip> tip_value;                  // guarded by mutex
    std::shared_ptr<const LedgerSnapshot> latest;  // guarded by mutex
    mutable std::mutex mutex;                      // never held across I/O
    crypto::MerkleFrontier frontier;               // the committer's
    crypto::MultisetHash state;                    // the committer's
    BlockNumber first_block = 0;                   // the blocks before it are not here
    std::atomic<BlockNumber> first_whole_block{0};

    [[nodiscard]] Status load() {
        const auto format = TRY(database->get(Family::meta, "format"));
        if (!format || *format != kLedgerFormat) {
            return fail(Code::corrupt, "{} does not hold a ledger of format {}", options.directory.string(),
                        kLedgerFormat);
        }
        options.channel = TRY(database->get(Family::meta, "channel")).value_or("");
        if (const auto stored = TRY(database->get(Family::meta, "base"))) first_block = get_big_endian(*stored);
        first_whole_block = first_block;
        if (const auto stored = TRY(database->get(Family::meta, "kept"))) first_whole_block = get_big_endian(*stored);
        history->drop_before(first_whole_block);
        if (const auto stored = TRY(database->get(Family::meta, "tip"))) {
            tip_value = TRY(decode<Tip>(as_bytes(*stored), "the ledger's tip"));
        }
        if (const auto stored = TRY(database->get(Family::meta, "frontier"))) {
            auto kept = TRY(decode<StoredFrontier>(as_bytes(*stored), "the transaction log's frontier"));
            frontier = TRY(crypto::MerkleFrontier::from(kept.size, std::move(kept.peaks)));
        }
        if (const auto stored = TRY(database->get(Family::meta, "state"))) {
            state = TRY(crypto::MultisetHash::from(as_bytes(*stored)));
        }
        if (tip_value && frontier.size() != tip_value->log_size) {
            return fail(Code::corrupt, "the transaction log has {} leaves where the tip says {}", frontier.size(),
                        tip_value->log_size);
        }
        TRY(publish());
        return {};
    }

    // From any thread: the height is read in the snapshot itself, and an older one replaces no newer one.
    [[nodiscard]] Status publish() {
        const auto snapshot = std::make_shared<Snapshot>(*database, *history, first_block, &first_whole_block);
        TRY(snapshot->read_height());
        std::shared_ptr<const LedgerSnapshot> next = snapshot;
        const std::lock_guard lock(mutex);
        if (!latest || latest->height() <= next->height()) latest.swap(next);
        return {};
    }

    [[nodiscard]] crypto::NodeReader nodes() const {
        return [this](unsigned level, std::uint64_t index) -> Result<crypto::Hash> {
            const auto node = TRY(database->get(Family::log, log_key(level, index)));
            if (!node) return fail(Code::corrupt, "node ({}, {}) of the transaction log is missing", level, index);
            if (level > 0) return crypto::Hash::from(as_bytes(*node));
            return TRY(decode<LogLeaf>(as_bytes(*node), "a leaf of the transaction log")).hash();
        };
    }

    [[nodiscard]] Status compact(Family family, const rocksdb::Slice* until, Reclaim what) const {
        rocksdb::CompactRangeOptions how;
        how.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
        // A blob file goes by itself when nothing in it is referred to any more.
        const bool rewrite = what == Reclaim::everything;
        how.blob_garbage_collection_policy =
            rewrite ? rocksdb::BlobGarbageCollectionPolicy::kForce : rocksdb::BlobGarbageCollectionPolicy::kDisable;
        if (rewrite) how.blob_garbage_collection_age_cutoff = 1;
        const auto status = database->db().CompactRange(how, database->family(family), nullptr, until);
        if (!status.ok()) return failure(status, "giving the room of what was pruned back");
        return {};
    }

    void put_signature(rocksdb::WriteBatch& batch, BlockNumber block, CheckpointSignature signature,
                       Certificates::Added& added) {
        StoredSignature stored{std::move(signature), {}};
        const auto certificate = std::exchange(stored.signature.certificate, {});
        stored.signer = certificates->put(batch, certificate, added);
        batch.Put(database->family(Family::signatures), signature_key(block, stored.signer), slice(encode(stored)));
    }

    [[nodiscard]] Status signatures_from(BlockNumber block, const VisitSignature& visit) const {
        const std::unique_ptr<rocksdb::Iterator> at(
            database->db().NewIterator(rocksdb::ReadOptions(), database->family(Family::signatures)));
        std::string from;
        put_big_endian(from, block, kNumberWidth);
        for (at->Seek(from); at->Valid(); at->Next()) {
            const auto number = get_big_endian(at->key().ToStringView().substr(0, kNumberWidth));
            auto stored = TRY(decode<StoredSignature>(bytes_of(at->value()), "a checkpoint's signature"));
            stored.signature.certificate = TRY(certificates->get(stored.signer));
            if (!visit(number, std::move(stored.signature))) return {};
        }
        if (!at->status().ok()) return failure(at->status(), "reading from signatures");
        return {};
    }

    [[nodiscard]] Result<StoredHeader> header(BlockNumber number) const {
        const auto stored = TRY(database->get(Family::headers, number_key(number)));
        if (!stored && number < first_block) return std::unexpected(not_kept(number));
        if (!stored) return fail(Code::not_found, "there is no block {}", number);
        auto parsed = TRY(decode<StoredHeader>(as_bytes(*stored), fmt::format("block {}", number)));
        parsed.metadata.writer_certificate = TRY(certificates->get(parsed.writer));
        TRY(signatures_from(number, [&](BlockNumber at, CheckpointSignature signature) {
            if (at == number) parsed.metadata.checkpoint.signatures.push_back(std::move(signature));
            return at == number;
        }));
        return parsed;
    }

    [[nodiscard]] Error not_whole(BlockNumber number) const {
        return {Code::not_kept, fmt::format("block {}: the transactions before block {} are not kept on this node",
                                            number, first_whole_block.load())};
    }

    [[nodiscard]] Error not_kept(BlockNumber number) const {
        return {Code::not_kept,
                fmt::format("block {}: the blocks before {} are not kept on this node, which began with a snapshot",
                            number, first_block)};
    }

    [[nodiscard]] Status check_follows(const Block& block, const std::vector<TransactionId>& ids,
                                       const BlockEffects& effects) const {
        const auto& header = block.header;
        const auto expected = tip_value ? tip_value->number + 1 : 0;
        if (header.channel != options.channel) {
            return fail(Code::corrupt, "block {} is of channel \"{}\", the ledger of \"{}\"", header.number,
                        header.channel, options.channel);
        }
        if (header.number != expected) {
            return fail(Code::corrupt, "block {} came where {} is next", header.number, expected);
        }
        if (header.previous_hash != (tip_value ? tip_value->hash : crypto::Hash{})) {
            return fail(Code::corrupt, "block {} does not link to the block before it", header.number);
        }
        if (tip_value && header.time_ms < tip_value->time_ms) {
            return fail(Code::corrupt, "block {} is older than the block before it", header.number);
        }
        if (header.data_root != data_root(digests_of(block))) {
            return fail(Code::corrupt, "block {}: its transactions do not give its data root", header.number);
        }
        const auto count = block.transaction_count();
        if (ids.size() != count || effects.codes.size() != count) {
            return fail(Code::corrupt, "block {} has {} transactions, {} ids and {} codes", header.number, count,
                        ids.size(), effects.codes.size());
        }
        return {};
    }
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Ledger::~Ledger() {
    if (impl_) impl_->latest.reset();
}

Result<std::unique_ptr<Ledger>> Ledger::open(LedgerOptions options) {
    auto impl = std::make_unique<Impl>();
    if (options.create) {
        TRY(create_ledger(options));
    } else if (!std::filesystem::exists(options.directory / "CURRENT")) {
        if (std::filesystem::exists(options.directory) && !std::filesystem::is_empty(options.directory)) {
            return fail(Code::corrupt, "{} is damaged: its file CURRENT is missing", options.directory.string());
        }
        return fail(Code::not_found, "{} holds no ledger", options.directory.string());
    }
    impl->history = std::make_shared<HistoryFilter>(options.spaces_with_whole_history);
    impl->database = TRY(Database::open(
        {options.directory, false, options.read_only, options.cache_bytes, options.warn, true, impl->history}));
    impl->certificates.emplace(*impl->database);
    impl->options = std::move(options);
    TRY(impl->load());
    return std::unique_ptr<Ledger>(new Ledger(std::move(impl)));
}

Status Ledger::append(Block& block, const std::vector<TransactionId>& ids, const BlockEffects& effects,
                      const SignCheckpoint& sign) {
    auto& self = *impl_;
    TRY(self.check_follows(block, ids, effects));
    const auto& header = block.header;
    const auto& database = *self.database;
    const auto transactions = transactions_of(block);
    rocksdb::WriteBatch batch;

    auto frontier = self.frontier;
    const auto first_leaf = frontier.size();
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const LogLeaf leaf{ids[i], effects.codes[i], crypto::sha256(transactions[i]), header.number};
        batch.Put(database.family(Family::log), log_key(0, frontier.size()), slice(encode(leaf)));
        frontier.append(leaf.hash(), [&](unsigned level, std::uint64_t index, const crypto::Hash& hash) {
            if (level > 0) batch.Put(database.family(Family::log), log_key(level, index), slice(hash.view()));
        });
    }

    auto state = self.state;
    TRY(update_state_digest(state, *snapshot(), effects.updates));

    const auto hash = header.hash();
    block.metadata.codes = effects.codes;
    auto& checkpoint = block.metadata.checkpoint;
    checkpoint = {header.channel, header.number, hash, frontier.size(), frontier.root(), state.digest(), {}};
    if (sign) checkpoint.signatures = sign(checkpoint);

    StoredHeader stored{header, {}, block.metadata, {}};
    Certificates::Added added;
    stored.writer = self.certificates->put(batch, std::exchange(stored.metadata.writer_certificate, {}), added);
    for (auto& signature : std::exchange(stored.metadata.checkpoint.signatures, {}))
        self.put_signature(batch, header.number, std::move(signature), added);
    for (const auto& each : block.batches) stored.batch_sizes.push_back(static_cast<std::uint32_t>(each.size()));
    const auto number_value = number_key(header.number);
    batch.Put(database.family(Family::headers), number_value, slice(encode(stored)));
    batch.Put(database.family(Family::index), tagged_key('h', hash.view()), number_value);
    if ((header.flags & BlockHeader::kSealing) != 0) {
        batch.Put(database.family(Family::index), tagged_key('s', as_bytes(number_value)), "");
    }
    for (std::uint32_t i = 0; i < transactions.size(); ++i) {
        batch.Put(database.family(Family::blocks), block_key(header.number, i + 1), slice(transactions[i]));
        if (effects.codes[i] == ValidationCode::DUPLICATE_TXID) continue;  // the first one keeps its place
        const TransactionLocation location{header.number, i, effects.codes[i], first_leaf + i};
        batch.Put(database.family(Family::index), id_key(ids[i], effects.codes[i]), slice(encode(location)));
    }
    for (const auto& update : effects.updates) {
        const auto key = state_key(update.key.space, update.key.key);
        auto past = history_key(update.key.space, update.key.key, update.version.block, update.version.transaction);
        if (update.value) {
            batch.Put(database.family(Family::state), key, stored_value(update.version, *update.value));
            std::string kept(1, '\1');
            kept.append(as_text(*update.value));
            batch.Put(database.family(Family::history), past, kept);
        } else {
            batch.Delete(database.family(Family::state), key);
            batch.Put(database.family(Family::history), past, std::string(1, '\0'));
        }
    }
    const Tip tip{header.number, hash, header.time_ms, header.epoch, header.view, frontier.size()};
    batch.Put(database.family(Family::meta), "tip", slice(encode(tip)));
    batch.Put(database.family(Family::meta), "frontier", slice(stored_frontier(frontier)));
    batch.Put(database.family(Family::meta), "state", slice(state.view()));

    TRY(self.database->write(batch, fmt::format("writing block {}", header.number)));
    self.certificates->written(added);
    self.frontier = std::move(frontier);
    self.state = state;
    {
        const std::lock_guard lock(self.mutex);
        self.tip_value = tip;
    }
    TRY(self.publish());
    return {};
}

Status Ledger::add_signature(BlockNumber block, const CheckpointSignature& signature) {
    rocksdb::WriteBatch batch;
    Certificates::Added added;
    impl_->put_signature(batch, block, signature, added);
    TRY(impl_->database->write(batch, fmt::format("writing a signature of block {}", block)));
    impl_->certificates->written(added);
    return {};
}

Status Ledger::signatures_from(BlockNumber block, const VisitSignature& visit) const {
    return impl_->signatures_from(block, visit);
}

Status Ledger::sync() {
    const auto status = impl_->database->db().SyncWAL();
    if (!status.ok()) return failure(status, "syncing the ledger");
    return {};
}

Status Ledger::close() {
    TRY(impl_->database->flush());
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->latest.reset();
    }
    return impl_->database->close();
}

const std::string& Ledger::channel() const { return impl_->options.channel; }

BlockNumber Ledger::first_block() const { return impl_->first_block; }
BlockNumber Ledger::first_whole_block() const { return impl_->first_whole_block; }

Status Ledger::prune(BlockNumber before) {
    const auto last = tip();
    const BlockNumber from = impl_->first_whole_block;
    if (!last || before <= from) return {};
    if (before > last->number) {
        return fail(Code::invalid_argument, "block {} is not before the last block, {}", before, last->number);
    }
    const auto sealing = TRY(sealing_blocks());
    rocksdb::WriteBatch batch;
    // Between the blocks that stay whole. A receipt for one of those takes later signatures, as the log goes on.
    auto low = std::max<BlockNumber>(from, 1);
    const auto drop_until = [&](BlockNumber high) -> Status {
        if (low >= high) return {};
        for (const auto family : {Family::blocks, Family::signatures}) {
            const auto status = batch.DeleteRange(impl_->database->family(family), number_key(low), number_key(high));
            if (!status.ok()) return failure(status, "pruning");
        }
        return {};
    };
    for (const auto number : sealing) {
        if (number < low || number >= before) continue;
        TRY(drop_until(number));
        low = number + 1;
    }
    TRY(drop_until(before));
    std::string kept;
    put_big_endian(kept, before, kNumberWidth);
    batch.Put(impl_->database->family(Family::meta), "kept", kept);
    TRY(impl_->database->write(batch, fmt::format("pruning the transactions before block {}", before)));
    impl_->first_whole_block = before;
    return impl_->publish();  // the snapshot until now holds what was removed
}

// Of these families nearly nothing is left before the first block that is kept: so what is read is what was pruned
// since the last time.
Status Ledger::reclaim(Reclaim what) {
    TRY(sync());  // what the filter drops, a power loss must not make readable again
    impl_->history->drop_before(impl_->first_whole_block);
    const auto behind = number_key(impl_->first_whole_block);
    const rocksdb::Slice end(behind);
    TRY(impl_->compact(Family::blocks, &end, what));
    return impl_->compact(Family::signatures, &end, what);
}

Status Ledger::reclaim_history() {
    TRY(sync());
    impl_->history->drop_before(impl_->first_whole_block);
    return impl_->compact(Family::history, nullptr, Reclaim::everything);
}

std::optional<Tip> Ledger::tip() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->tip_value;
}

Result<Block> Ledger::block_header(BlockNumber number) const {
    auto stored = TRY(impl_->header(number));
    return Block{std::move(stored.header), {}, std::move(stored.metadata)};
}

Result<Block> Ledger::block(BlockNumber number) const {
    auto stored = TRY(impl_->header(number));
    Block block{std::move(stored.header), {}, std::move(stored.metadata)};
    if (stored.batch_sizes.empty() && !block.metadata.codes.empty()) return std::unexpected(impl_->not_whole(number));
    std::uint32_t slot = 1;
    for (const auto size : stored.batch_sizes) {
        auto& batch = block.batches.emplace_back();
        for (std::uint32_t i = 0; i < size; ++i) batch.push_back(TRY(transaction(number, slot++ - 1)));
    }
    return block;
}

Result<Block> Ledger::block_by_hash(const crypto::Hash& hash) const {
    const auto number = TRY(impl_->database->get(Family::index, tagged_key('h', hash.view())));
    if (!number) return fail(Code::not_found, "there is no block with hash {}", hash.hex());
    return block(get_big_endian(*number));
}

Result<std::vector<BlockNumber>> Ledger::sealing_blocks() const {
    const std::unique_ptr<rocksdb::Iterator> at(
        impl_->database->db().NewIterator(rocksdb::ReadOptions(), impl_->database->family(Family::index)));
    std::vector<BlockNumber> numbers;
    for (at->Seek("s"); at->Valid() && at->key().starts_with("s"); at->Next()) {
        numbers.push_back(get_big_endian(at->key().ToStringView().substr(1)));
    }
    if (!at->status().ok()) return failure(at->status(), "reading the sealing blocks");
    return numbers;
}

std::uint64_t Ledger::estimated_entries() const {
    std::uint64_t count = 0;
    (void)impl_->database->db().GetIntProperty(impl_->database->family(Family::state), "rocksdb.estimate-num-keys",
                                               &count);
    return count;
}

Result<std::optional<TransactionLocation>> Ledger::find(const TransactionId& id) const {
    return location_of(*impl_->database, id);
}

Result<bool> Ledger::id_is_used(const TransactionId& id) const {
    return TRY(impl_->database->get(Family::index, id_key(id, ValidationCode::VALID))).has_value();
}

Result<Bytes> Ledger::transaction(BlockNumber block, std::uint32_t index) const {
    const auto bytes = TRY(impl_->database->get(Family::blocks, block_key(block, index + 1)));
    if (!bytes && block < impl_->first_whole_block) return std::unexpected(impl_->not_whole(block));
    if (!bytes) return fail(Code::not_found, "there is no transaction {} in block {}", index, block);
    return to_bytes(*bytes);
}

std::shared_ptr<const LedgerSnapshot> Ledger::snapshot() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->latest;
}

Result<std::vector<crypto::Hash>> Ledger::inclusion_path(std::uint64_t log_index, std::uint64_t log_size) const {
    return crypto::inclusion_path(log_index, log_size, impl_->nodes());
}

Result<std::vector<crypto::Hash>> Ledger::consistency_path(std::uint64_t old_size, std::uint64_t new_size) const {
    return crypto::consistency_path(old_size, new_size, impl_->nodes());
}

Result<std::unique_ptr<EntryCursor>> Ledger::entries(std::string_view name) const {
    const auto found = std::find(kFamilyNames.begin(), kFamilyNames.end(), name);
    if (found == kFamilyNames.end()) return fail(Code::invalid_argument, "there is no column family \"{}\"", name);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const auto family = static_cast<Family>(found - kFamilyNames.begin());
    std::unique_ptr<rocksdb::Iterator> at(impl_->database->db().NewIterator(options, impl_->database->family(family)));
    return std::make_unique<Entries>(std::move(at), std::string(name));
}

Status Ledger::check_files() const {
    auto& db = impl_->database->db();
    for (const auto& status : {db.VerifyFileChecksums(rocksdb::ReadOptions()), db.VerifyChecksum()}) {
        if (!status.ok()) return failure(status, "checking the ledger's files");
    }
    return {};
}

}  // namespace tally::storage
