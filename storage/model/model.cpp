#include <cstring>

#include "crypto/merkle.h"
#include "storage/model/archive.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"

namespace tally::storage {

crypto::Hash BlockHeader::hash() const { return crypto::sha256(encode(*this)); }

crypto::Hash batch_digest(const Batch& batch) {
    std::vector<crypto::Hash> leaves;
    leaves.reserve(batch.size());
    for (const auto& transaction : batch) leaves.push_back(crypto::leaf_hash(transaction));
    return crypto::merkle_root(leaves);
}

crypto::Hash data_root(const std::vector<crypto::Hash>& batch_digests) {
    std::vector<crypto::Hash> leaves;
    leaves.reserve(batch_digests.size());
    for (const auto& digest : batch_digests) leaves.push_back(crypto::leaf_hash(digest.view()));
    return crypto::merkle_root(leaves);
}

std::size_t Block::transaction_count() const {
    std::size_t count = 0;
    for (const auto& batch : batches) count += batch.size();
    return count;
}

std::vector<ByteView> transactions_of(const Block& block) {
    std::vector<ByteView> all;
    all.reserve(block.transaction_count());
    for (const auto& batch : block.batches) all.insert(all.end(), batch.begin(), batch.end());
    return all;
}

Bytes writer_statement(const BlockHeader& header) {
    Bytes statement = to_bytes("tally/block-writer/v1");
    append(statement, header.hash().view());
    return statement;
}

ByteView proposal_in(ByteView transaction) {
    Decoder decoder(transaction);
    try {
        (void)decoder.read(sizeof(Transaction::Kind));
        return decoder.read(decoder.read_size());
    } catch (const ArchiveFault&) {
        return {};
    }
}

Bytes endorsement_statement(std::string_view channel, const crypto::Hash& simulation_digest) {
    Encoder encoder;
    encoder(std::string("tally/endorsement/v1"), std::string(channel), simulation_digest);
    return encoder.take();
}

crypto::Hash log_entry(const TransactionId& id, ValidationCode code, ByteView transaction) {
    return log_entry_of(id, code, crypto::sha256(transaction));
}

crypto::Hash log_entry_of(const TransactionId& id, ValidationCode code, const crypto::Hash& transaction_hash) {
    const auto number = static_cast<std::uint8_t>(code);
    return crypto::sha256({id.view(), ByteView(&number, 1), transaction_hash.view()});
}

crypto::Hash log_leaf(const crypto::Hash& entry) { return crypto::leaf_hash(entry.view()); }

std::string_view code_name(ValidationCode code) {
    switch (code) {
#define TALLY_VALIDATION_CODE(name, number) \
    case ValidationCode::name: return #name;
        TALLY_VALIDATION_CODES(TALLY_VALIDATION_CODE)
#undef TALLY_VALIDATION_CODE
    }
    return "UNASSIGNED";
}

std::optional<ValidationCode> validation_code(std::uint64_t number) {
    switch (number) {
#define TALLY_VALIDATION_CODE(name, number) \
    case number: return ValidationCode::name;
        TALLY_VALIDATION_CODES(TALLY_VALIDATION_CODE)
#undef TALLY_VALIDATION_CODE
        default: return std::nullopt;
    }
}

}  // namespace tally::storage
