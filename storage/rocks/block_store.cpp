#include "storage/block_store.h"

#include <mutex>

#include "storage/model/archive.h"
#include "storage/rocks/database.h"
#include "storage/rocks/stored_transaction.h"

namespace tally::storage {

using namespace rocks;

namespace {

struct StoredBlock {
    BlockHeader header;
    BlockMetadata metadata;
    std::uint32_t batches = 0;

    template <class A>
    void serialize(A& a) {
        a(header, metadata, batches);
    }
};

Tip tip_of(const BlockHeader& header) {
    return {header.number, header.hash(), header.time_ms, header.epoch, header.view, 0};
}

}  // namespace

struct BlockStore::Impl {
    std::unique_ptr<Database> database;
    std::optional<Certificates> certificates;
    bool read_only = false;
    mutable std::mutex mutex;  // never held across I/O
    std::optional<Tip> tip;

    [[nodiscard]] Result<StoredBlock> header(BlockNumber number) const {
        const auto stored = TRY(database->get(Family::blocks, block_key(number, 0)));
        if (!stored) return fail(Code::not_found, "there is no block {}", number);
        return decode<StoredBlock>(as_bytes(*stored), fmt::format("block {}", number));
    }

    Status load() {
        const std::unique_ptr<rocksdb::Iterator> at(
            database->db().NewIterator(rocksdb::ReadOptions(), database->family(Family::blocks)));
        at->SeekToLast();
        if (!at->status().ok()) return failure(at->status(), "reading the last block");
        if (at->Valid()) tip = tip_of(TRY(header(get_big_endian(at->key().ToStringView().substr(0, 8)))).header);
        return {};
    }
};

BlockStore::BlockStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlockStore::~BlockStore() { (void)close(); }

Result<std::unique_ptr<BlockStore>> BlockStore::open(const std::filesystem::path& directory, const Block& genesis) {
    auto impl = std::make_unique<Impl>();
    DatabaseOptions options;
    options.directory = directory;
    options.create = !std::filesystem::exists(directory);
    options.blob_files = false;
    options.logged = false;
    impl->database = TRY(Database::open(options));
    impl->certificates.emplace(*impl->database);
    TRY(impl->load());
    std::unique_ptr<BlockStore> store(new BlockStore(std::move(impl)));
    if (!store->tip()) TRY(store->append(genesis));
    const auto first = TRY(store->impl_->header(0)).header.hash();
    if (first != genesis.header.hash()) {
        return fail(Code::wrong_channel, "the blocks in {} begin with {}, the configuration names {}",
                    directory.string(), first.hex(), genesis.header.hash().hex());
    }
    return store;
}

Result<std::unique_ptr<BlockStore>> BlockStore::open_read_only(const std::filesystem::path& directory) {
    auto impl = std::make_unique<Impl>();
    DatabaseOptions options;
    options.directory = directory;
    options.read_only = true;
    options.blob_files = false;
    options.logged = false;
    impl->read_only = true;
    impl->database = TRY(Database::open(options));
    impl->certificates.emplace(*impl->database);
    TRY(impl->load());
    return std::unique_ptr<BlockStore>(new BlockStore(std::move(impl)));
}

Status BlockStore::append(const Block& block, const std::optional<std::string>& configuration) {
    const auto& header = block.header;
    const auto last = tip();
    if (header.number != (last ? last->number + 1 : 0) || (last && header.previous_hash != last->hash)) {
        return fail(Code::corrupt, "block {} does not follow block {}", header.number, last ? last->number : 0);
    }
    rocksdb::WriteBatch batch;
    auto* const family = impl_->database->family(Family::blocks);
    batch.Put(family, block_key(header.number, 0),
              slice(encode(StoredBlock{header, block.metadata, static_cast<std::uint32_t>(block.batches.size())})));
    std::uint32_t slot = 1;
    Certificates::Added added;
    for (const auto& each : block.batches) {
        Batch stored;
        stored.reserve(each.size());
        for (const auto& transaction : each)
            stored.push_back(store_transaction(transaction, *impl_->certificates, batch, added));
        batch.Put(family, block_key(header.number, slot++), slice(encode(stored)));
    }
    if (configuration) batch.Put(impl_->database->family(Family::meta), "configuration", *configuration);
    TRY(impl_->database->write(batch, fmt::format("writing block {}", header.number), false));
    impl_->certificates->written(added);
    const std::lock_guard lock(impl_->mutex);
    impl_->tip = tip_of(header);
    return {};
}

Status BlockStore::sync() { return impl_->database->flush(); }

Status BlockStore::close() {
    if (!impl_->database) return {};
    const auto status = impl_->read_only ? Status() : impl_->database->flush();
    const auto closed = impl_->database->close();
    impl_->database.reset();
    return status ? closed : status;
}

Result<std::optional<std::string>> BlockStore::configuration() const {
    return impl_->database->get(Family::meta, "configuration");
}

std::optional<Tip> BlockStore::tip() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->tip;
}

Result<Block> BlockStore::block_header(BlockNumber number) const {
    auto stored = TRY(impl_->header(number));
    return Block{std::move(stored.header), {}, std::move(stored.metadata)};
}

Result<Block> BlockStore::block(BlockNumber number) const {
    auto stored = TRY(impl_->header(number));
    Block block{std::move(stored.header), {}, std::move(stored.metadata)};
    for (std::uint32_t slot = 1; slot <= stored.batches; ++slot) {
        const auto bytes = TRY(impl_->database->get(Family::blocks, block_key(number, slot)));
        if (!bytes) return fail(Code::corrupt, "batch {} of block {} is missing", slot, number);
        const auto held = TRY(decode<Batch>(as_bytes(*bytes), fmt::format("a batch of block {}", number)));
        auto& batch = block.batches.emplace_back();
        batch.reserve(held.size());
        for (const auto& each : held) batch.push_back(TRY(restore_transaction(each, *impl_->certificates)));
    }
    return block;
}

}  // namespace tally::storage
