#include "storage/ledger_import.h"

#include <rocksdb/write_batch.h>

#include "storage/files.h"
#include "storage/ledger.h"
#include "storage/rocks/certificates.h"
#include "storage/rocks/database.h"
#include "storage/rocks/ledger_records.h"
#include "storage/rocks/stored_state.h"
#include "storage/rocks/stored_transaction.h"

namespace tally::storage {

using namespace rocks;

namespace {

constexpr std::size_t kBatchBytes = 4U << 20;

}  // namespace

struct LedgerImport::Impl {
    std::filesystem::path directory;
    std::filesystem::path unfinished;
    std::unique_ptr<Database> database;
    std::optional<Certificates> certificates;
    rocksdb::WriteBatch batch;
    crypto::MerkleFrontier log;
    BlockNumber block_of_leaf = 0;
    std::uint32_t index_in_block = 0;

    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family which) const { return database->family(which); }

    // Unlogged: `finish` flushes, and before it nothing counts.
    [[nodiscard]] Status write() {
        TRY(database->write(batch, "writing a snapshot's ledger", false));
        batch.Clear();
        return {};
    }
    [[nodiscard]] Status write_when_full() { return batch.GetDataSize() < kBatchBytes ? Status() : write(); }

    // Certificates and signatures are kept beside the block.
    [[nodiscard]] StoredHeader stored_header(const Block& block) {
        StoredHeader stored{block.header, {}, block.metadata, {}};
        Certificates::Added added;
        stored.writer = certificates->put(batch, std::exchange(stored.metadata.writer_certificate, {}), added);
        for (auto& signature : std::exchange(stored.metadata.checkpoint.signatures, {})) {
            const auto signer = certificates->put(batch, std::exchange(signature.certificate, {}), added);
            batch.Put(family(Family::signatures), signature_key(block.header.number, signer),
                      slice(encode(StoredSignature{std::move(signature), signer})));
        }
        certificates->written(added);  // or nothing of this ledger is
        return stored;
    }

    void put_header(const Block& block) {
        auto stored = stored_header(block);
        for (const auto& each : block.batches) stored.batch_sizes.push_back(static_cast<std::uint32_t>(each.size()));
        const auto number = number_key(block.header.number);
        batch.Put(family(Family::headers), number, slice(encode(stored)));
        batch.Put(family(Family::index), tagged_key('h', block.header.hash().view()), number);
        if ((block.header.flags & BlockHeader::kSealing) != 0) {
            batch.Put(family(Family::index), tagged_key('s', as_bytes(number)), "");
        }
    }
};

LedgerImport::LedgerImport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LedgerImport::~LedgerImport() {
    if (!impl_->database) return;
    (void)impl_->database->close();
    std::error_code ignored;
    std::filesystem::remove_all(impl_->unfinished, ignored);
}

Result<std::unique_ptr<LedgerImport>> LedgerImport::begin(const std::filesystem::path& directory,
                                                          const std::string& channel) {
    std::error_code error;
    if (std::filesystem::exists(directory, error) && !std::filesystem::is_empty(directory, error)) {
        return fail(Code::already_exists, "{} is not empty", directory.string());
    }
    auto impl = std::make_unique<Impl>();
    impl->directory = directory;
    impl->unfinished = directory;
    impl->unfinished += ".new";
    std::filesystem::remove_all(impl->unfinished, error);
    TRY(make_directory(impl->unfinished));
    DatabaseOptions options;
    options.directory = impl->unfinished;
    options.create = true;
    impl->database = TRY(Database::open(options));
    impl->certificates.emplace(*impl->database);
    impl->batch.Put(impl->family(Family::meta), "format", std::string(kLedgerFormat));
    impl->batch.Put(impl->family(Family::meta), "channel", channel);
    return std::unique_ptr<LedgerImport>(new LedgerImport(std::move(impl)));
}

Status LedgerImport::block(const Block& block) {
    impl_->put_header(block);
    std::uint32_t slot = 1;
    Certificates::Added added;
    for (const auto transaction : transactions_of(block)) {
        impl_->batch.Put(impl_->family(Family::blocks), block_key(block.header.number, slot++),
                         slice(store_transaction(transaction, *impl_->certificates, impl_->batch, added)));
    }
    impl_->certificates->written(added);  // or nothing of this ledger is
    return impl_->write_when_full();
}

Status LedgerImport::entry(const StateEntry& entry) {
    impl_->batch.Put(impl_->family(Family::state), state_key(entry.key.space, entry.key.key),
                     stored_value(entry.version, entry.value));
    return impl_->write_when_full();
}

Status LedgerImport::leaf(const LogLeaf& leaf) {
    auto& self = *impl_;
    const auto index = self.log.size();
    self.batch.Put(self.family(Family::log), log_key(0, index), slice(encode(leaf)));
    self.log.append(leaf.hash(), [&](unsigned level, std::uint64_t at, const crypto::Hash& hash) {
        if (level > 0) self.batch.Put(self.family(Family::log), log_key(level, at), slice(hash.view()));
    });
    if (leaf.block != std::exchange(self.block_of_leaf, leaf.block)) self.index_in_block = 0;
    const TransactionLocation location{leaf.block, self.index_in_block++, leaf.code, index};
    if (leaf.code != ValidationCode::DUPLICATE_TXID) {
        self.batch.Put(self.family(Family::index), id_key(leaf.id, leaf.code), slice(encode(location)));
    }
    return self.write_when_full();
}

Status LedgerImport::finish(const Block& tip, const crypto::MultisetHash& state) {
    auto& self = *impl_;
    const auto& header = tip.header;
    TRY(self.write());
    if (const auto held = TRY(self.database->get(Family::headers, number_key(header.number)))) {
        auto stored = self.stored_header(tip);
        stored.batch_sizes = TRY(decode<StoredHeader>(as_bytes(*held), "the snapshot's block")).batch_sizes;
        self.batch.Put(self.family(Family::headers), number_key(header.number), slice(encode(stored)));
    } else {
        self.put_header(tip);
    }
    const Tip last{header.number, header.hash(), header.time_ms, header.epoch, header.view, self.log.size()};
    self.batch.Put(self.family(Family::meta), "tip", slice(encode(last)));
    self.batch.Put(self.family(Family::meta), "frontier", slice(stored_frontier(self.log)));
    self.batch.Put(self.family(Family::meta), "state", slice(state.view()));
    std::string base;
    put_big_endian(base, header.number + 1, 8);
    self.batch.Put(self.family(Family::meta), "base", base);
    TRY(self.write());
    TRY(self.database->flush());
    TRY(self.database->close());
    self.database.reset();
    std::error_code error;
    std::filesystem::rename(self.unfinished, self.directory, error);
    if (error) return fail(Code::io_error, "{}: {}", self.directory.string(), error.message());
    return sync_directory(std::filesystem::absolute(self.directory).parent_path());
}

const crypto::MerkleFrontier& LedgerImport::log() const { return impl_->log; }

}  // namespace tally::storage
