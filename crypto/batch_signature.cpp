#include "crypto/batch_signature.h"

#include <algorithm>

#include "crypto/cbor.h"

namespace tally::crypto {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMaxPath = 64;

// kBatchPrefix || root || tree size
using RootStatement = std::array<std::uint8_t, kBatchPrefix.size() + 32 + 8>;

RootStatement statement_of(const Hash& root, std::uint64_t tree_size) {
    RootStatement statement;
    auto at = std::copy(kBatchPrefix.begin(), kBatchPrefix.end(), statement.begin());
    at = std::copy(root.bytes.begin(), root.bytes.end(), at);
    for (unsigned i = 0; i < 8; ++i) *at++ = static_cast<std::uint8_t>(tree_size >> (8 * i));
    return statement;
}

Hash memo_entry(const PublicKey& key, const Hash& digest, ByteView signature) {
    return sha256({key.fingerprint().view(), digest.view(), signature});
}

template <class Verify>
Status verify_once(const PublicKey& key, const Hash& digest, ByteView signature, VerifiedSignatures* memo,
                   Verify verify) {
    if (memo == nullptr) return verify();
    const Hash entry = memo_entry(key, digest, signature);
    if (memo->contains(entry)) return {};
    Status status = verify();
    if (status) memo->insert(entry);
    return status;
}

Status verify_plain(const PublicKey& key, ByteView message, ByteView signature, VerifiedSignatures* memo) {
    if (key.algorithm() == Algorithm::p256) return verify_plain_digest(key, sha256(message), signature, memo);
    if (memo == nullptr) return key.verify(message, signature);
    return verify_once(key, sha256(message), signature, memo, [&] { return key.verify(message, signature); });
}

}  // namespace

Bytes BatchSignature::encode() const {
    CborWriter writer;
    writer.reserve(96 + 34 * path.size());
    writer.array(5).uint(kVersion).uint(tree_size).uint(leaf_index).array(path.size());
    for (const Hash& hash : path) writer.bytes(hash.view());
    writer.bytes(root_signature);
    return writer.take();
}

Result<BatchSignature> BatchSignature::decode(ByteView encoded) {
    CborReader reader(encoded, "batch signature");
    BatchSignature signature;
    if (reader.array() != 5) reader.fault(Code::malformed, "five items are expected");
    if (reader.uint() != kVersion) reader.fault(Code::unsupported, "only version 1 is known");
    signature.tree_size = reader.uint();
    signature.leaf_index = reader.uint();
    if (signature.leaf_index >= signature.tree_size) reader.fault(Code::malformed, "the leaf is outside the tree");
    const std::uint64_t length = reader.array();
    if (length > kMaxPath) reader.fault(Code::malformed, "the path is longer than any tree is high");
    for (std::uint64_t i = 0; i < length && reader.ok(); ++i) {
        const ByteView hash = reader.bytes();
        if (hash.size() != 32) reader.fault(Code::malformed, "a hash has 32 bytes");
        if (reader.ok()) signature.path.push_back(*Hash::from(hash));
    }
    const ByteView root_signature = reader.bytes();
    if (root_signature.size() != kSignatureBytes) reader.fault(Code::malformed, "the root's signature has 64 bytes");
    TRY(reader.finish());
    std::copy(root_signature.begin(), root_signature.end(), signature.root_signature.begin());
    return signature;
}

std::vector<Bytes> sign_batch(const PrivateKey& key, std::span<const ByteView> messages) {
    TALLY_INVARIANT(!messages.empty(), "a batch of no messages is to be signed");
    std::vector<Hash> leaves;
    leaves.reserve(messages.size());
    for (const ByteView message : messages) leaves.push_back(leaf_hash(message));
    BatchSignature signature;
    signature.tree_size = leaves.size();
    const Bytes root_signature = key.sign(statement_of(merkle_root(leaves), leaves.size()));
    std::copy(root_signature.begin(), root_signature.end(), signature.root_signature.begin());
    std::vector<Bytes> signatures;
    signatures.reserve(leaves.size());
    for (std::vector<Hash>& path : inclusion_paths(leaves)) {
        signature.path = std::move(path);
        signatures.push_back(signature.encode());
        ++signature.leaf_index;
    }
    return signatures;
}

Status verify_signature(const PublicKey& key, ByteView message, ByteView signature, VerifiedSignatures* memo) {
    if (signature.size() == kSignatureBytes) return verify_plain(key, message, signature, memo);
    return verify_batch_leaf(key, leaf_hash(message), signature, memo);
}

Status verify_batch_leaf(const PublicKey& key, const Hash& leaf, ByteView signature, VerifiedSignatures* memo) {
    const BatchSignature batch = TRY(BatchSignature::decode(signature));
    const Hash root = TRY(root_from_inclusion(leaf, batch.leaf_index, batch.tree_size, batch.path));
    Status status = verify_plain(key, statement_of(root, batch.tree_size), batch.root_signature, memo);
    if (!status) return std::unexpected(status.error().within("batch signature"));
    return status;
}

Status verify_plain_digest(const PublicKey& key, const Hash& digest, ByteView signature, VerifiedSignatures* memo) {
    return verify_once(key, digest, signature, memo, [&] { return key.verify_digest(digest, signature); });
}

void remember_signature(const PublicKey& key, const Hash& digest, ByteView signature, VerifiedSignatures& memo) {
    memo.insert(memo_entry(key, digest, signature));
}

}  // namespace tally::crypto
