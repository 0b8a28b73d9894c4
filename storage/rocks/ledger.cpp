#include "storage/files.h"
#include "storage/rocks/ledger_impl.h"
#include "storage/rocks/stored_state.h"
#include "storage/rocks/stored_transaction.h"

namespace tally::storage {

using namespace rocks;

namespace {

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

Status Ledger::Impl::load() {
    const auto format = TRY(database->get(Family::meta, "format"));
    if (!format || *format != kLedgerFormat) {
        return fail(Code::corrupt, "{} does not hold a ledger of format {}", options.directory.string(), kLedgerFormat);
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

Status Ledger::Impl::publish() {
    const auto stored =
        std::make_shared<StoredState>(*database, *certificates, *history, first_block, &first_whole_block);
    TRY(stored->read_height());
    std::shared_ptr<const LedgerState> next = stored;
    const std::lock_guard lock(mutex);
    if (!latest || latest->height() <= next->height()) latest.swap(next);
    return {};
}

Status Ledger::Impl::compact(Family family, const rocksdb::Slice* until, Reclaim what) const {
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

void Ledger::Impl::put_signature(rocksdb::WriteBatch& batch, BlockNumber block, CheckpointSignature signature,
                                 Certificates::Added& added) {
    StoredSignature stored{std::move(signature), {}};
    const auto certificate = std::exchange(stored.signature.certificate, {});
    stored.signer = certificates->put(batch, certificate, added);
    batch.Put(database->family(Family::signatures), signature_key(block, stored.signer), slice(encode(stored)));
}

Status Ledger::Impl::check_follows(const Block& block, const std::vector<TransactionId>& ids,
                                   const BlockEffects& effects) const {
    const auto& header = block.header;
    const auto expected = tip_value ? tip_value->number + 1 : 0;
    if (header.channel != options.channel) {
        return fail(Code::corrupt, "block {} is of channel \"{}\", the ledger of \"{}\"", header.number, header.channel,
                    options.channel);
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
    TRY(update_state_digest(state, *Ledger::state(), effects.updates));

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
        batch.Put(database.family(Family::blocks), block_key(header.number, i + 1),
                  slice(store_transaction(transactions[i], *self.certificates, batch, added)));
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
    return impl_->publish();  // the state until now holds what was removed
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

}  // namespace tally::storage
