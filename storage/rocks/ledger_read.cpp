// What a ledger answers.

#include "storage/rocks/ledger_impl.h"
#include "storage/rocks/stored_state.h"
#include "storage/rocks/stored_transaction.h"

namespace tally::storage {

using namespace rocks;

namespace {

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

}  // namespace

crypto::NodeReader Ledger::Impl::nodes() const {
    return [this](unsigned level, std::uint64_t index) -> Result<crypto::Hash> {
        const auto node = TRY(database->get(Family::log, log_key(level, index)));
        if (!node) return fail(Code::corrupt, "node ({}, {}) of the transaction log is missing", level, index);
        if (level > 0) return crypto::Hash::from(as_bytes(*node));
        return TRY(decode<LogLeaf>(as_bytes(*node), "a leaf of the transaction log")).hash();
    };
}

Status Ledger::Impl::signatures_from(BlockNumber block, const VisitSignature& visit) const {
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

Result<StoredHeader> Ledger::Impl::header(BlockNumber number) const {
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

Error Ledger::Impl::not_whole(BlockNumber number) const {
    return {Code::not_kept, fmt::format("block {}: the transactions before block {} are not kept on this node", number,
                                        first_whole_block.load())};
}

Error Ledger::Impl::not_kept(BlockNumber number) const {
    return {Code::not_kept,
            fmt::format("block {}: the blocks before {} are not kept on this node, which began with a snapshot", number,
                        first_block)};
}

Status Ledger::signatures_from(BlockNumber block, const VisitSignature& visit) const {
    return impl_->signatures_from(block, visit);
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
    return restore_transaction(as_bytes(*bytes), *impl_->certificates);
}

std::shared_ptr<const LedgerState> Ledger::state() const {
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
