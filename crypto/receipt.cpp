#include "crypto/receipt.h"

#include "crypto/cbor.h"
#include "crypto/cose.h"
#include "crypto/cose_labels.h"

namespace tally::crypto {
namespace {

constexpr std::uint64_t kRfc9162Sha256 = 1;
constexpr std::int64_t kInclusion = -1;
constexpr std::int64_t kConsistency = -2;
constexpr std::uint64_t kMaxConsistencyPath = 65;  // a consistency path can have one hash more than a tree has levels
constexpr std::size_t kMaxReceiptBytes = 1 << 16;

Bytes encode_proof(std::uint64_t first, std::uint64_t second, const std::vector<Hash>& path) {
    CborWriter writer;
    writer.array(3).uint(first).uint(second).array(path.size());
    for (const Hash& hash : path) writer.bytes(hash.view());
    return writer.take();
}

Bytes encode_with(ByteView protected_header, ByteView signature, std::int64_t kind, const Bytes& proof) {
    CborWriter unprotected;
    unprotected.map(1).integer(kLabelVdp).map(1).integer(kind).array(1).bytes(proof);
    return encode_sign1(protected_header, unprotected.view(), nullptr, signature);
}

struct Proof {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::vector<Hash> path;
};

Result<Proof> decode_proof(ByteView encoded) {
    CborReader reader(encoded, "receipt proof");
    Proof proof;
    if (reader.array() != 3) reader.fault(Code::malformed, "three items are expected");
    proof.first = reader.uint();
    proof.second = reader.uint();
    const std::uint64_t length = reader.array();
    if (length > kMaxConsistencyPath) reader.fault(Code::malformed, "the path is longer than any tree is high");
    for (std::uint64_t i = 0; i < length && reader.ok(); ++i) {
        const ByteView hash = reader.bytes();
        if (hash.size() != 32) reader.fault(Code::malformed, "a hash has 32 bytes");
        if (reader.ok()) proof.path.push_back(*Hash::from(hash));
    }
    TRY(reader.finish());
    return proof;
}

// {396: {kind: [bstr]}} and nothing else.
Status decode_unprotected(ByteView encoded, Receipt& receipt) {
    CborReader reader(encoded, "receipt");
    if (reader.map() != 1 || reader.integer() != kLabelVdp || reader.map() != 1) {
        reader.fault(Code::malformed, "the unprotected header holds one proof (label 396)");
    }
    const std::int64_t kind = reader.integer();
    if (reader.array() != 1) reader.fault(Code::malformed, "one proof is expected");
    const ByteView encoded_proof = reader.bytes();
    TRY(reader.finish());
    Proof proof = TRY(decode_proof(encoded_proof));
    if (kind == kInclusion) {
        receipt.inclusion = InclusionProof{proof.first, proof.second, std::move(proof.path)};
    } else if (kind == kConsistency) {
        receipt.consistency = ConsistencyProof{proof.first, proof.second, std::move(proof.path)};
    } else {
        return fail(Code::unsupported, "receipt: {} is no kind of proof", kind);
    }
    return {};
}

Status decode_binding(const CoseHeaders& headers, Receipt& receipt) {
    bool vds = false, channel = false, number = false, hash = false;
    for (const auto& [label, value] : headers.extra) {
        CborReader reader(value, "receipt header");
        if (label == kLabelVds) {
            vds = reader.uint() == kRfc9162Sha256;
        } else if (label == kLabelChannel) {
            receipt.binding.channel = reader.text();
            channel = true;
        } else if (label == kLabelBlockNumber) {
            receipt.binding.block_number = reader.uint();
            number = true;
        } else if (label == kLabelBlockHash) {
            const ByteView bytes = reader.bytes();
            TRY(reader.status());
            receipt.binding.block_hash = TRY(Hash::from(bytes));
            hash = true;
        } else if (label == kLabelTreeSize) {
            receipt.binding.tree_size = reader.uint();
            if (receipt.binding.tree_size == 0) reader.fault(Code::malformed, "a tree of nothing proves nothing");
        } else if (label == kLabelState) {
            const ByteView bytes = reader.bytes();
            TRY(reader.status());
            receipt.binding.state = TRY(Hash::from(bytes));
            if (receipt.binding.state.is_zero()) reader.fault(Code::malformed, "no state has the digest zero");
        } else {
            continue;
        }
        TRY(reader.finish());
    }
    if (!vds) return fail(Code::unsupported, "receipt: only RFC9162_SHA256 (label 395 = 1) is known");
    if (!channel || !number || !hash) return fail(Code::malformed, "receipt: it is not bound to a channel and block");
    return {};
}

}  // namespace

Bytes receipt_protected_header(Algorithm algorithm, const ReceiptBinding& binding, ByteView kid) {
    CoseHeaders headers;
    headers.alg = cose_algorithm(algorithm);
    headers.kid = as_text(kid);
    headers.extra = {
        {kLabelVds, CborWriter().uint(kRfc9162Sha256).take()},
        {kLabelChannel, CborWriter().text(binding.channel).take()},
        {kLabelBlockNumber, CborWriter().uint(binding.block_number).take()},
        {kLabelBlockHash, CborWriter().bytes(binding.block_hash.view()).take()},
    };
    if (binding.tree_size != 0) headers.extra.emplace_back(kLabelTreeSize, CborWriter().uint(binding.tree_size).take());
    if (!binding.state.is_zero())
        headers.extra.emplace_back(kLabelState, CborWriter().bytes(binding.state.view()).take());
    return headers.encode();
}

Bytes receipt_to_be_signed(ByteView protected_header, const Hash& root) {
    return sig_structure(protected_header, {}, root.view());
}

Bytes encode_receipt(ByteView protected_header, ByteView signature, const InclusionProof& proof) {
    const Bytes encoded = encode_proof(proof.tree_size, proof.leaf_index, proof.path);
    return encode_with(protected_header, signature, kInclusion, encoded);
}

Bytes encode_consistency_receipt(ByteView protected_header, ByteView signature, const ConsistencyProof& proof) {
    const Bytes encoded = encode_proof(proof.old_size, proof.new_size, proof.path);
    return encode_with(protected_header, signature, kConsistency, encoded);
}

Result<Receipt> Receipt::decode(ByteView encoded) {
    constexpr std::array kUnderstood = {kLabelVds,       kLabelChannel,  kLabelBlockNumber,
                                        kLabelBlockHash, kLabelTreeSize, kLabelState};
    Sign1 message = TRY(Sign1::decode(encoded, kMaxReceiptBytes, kUnderstood));
    if (!message.detached) return fail(Code::malformed, "receipt: the payload is the log's root, and detached");
    Receipt receipt;
    TRY(decode_binding(message.headers, receipt));
    TRY(decode_unprotected(message.unprotected, receipt));
    const std::uint64_t stated = receipt.inclusion ? receipt.inclusion->tree_size : receipt.consistency->new_size;
    if (receipt.binding.tree_size != 0 && receipt.binding.tree_size != stated) {
        return fail(Code::bad_proof, "receipt: the proof is for {} entries, what is signed has {}", stated,
                    receipt.binding.tree_size);
    }
    receipt.alg = message.headers.alg;
    receipt.kid = to_bytes(message.headers.kid);
    receipt.protected_header = std::move(message.protected_bytes);
    receipt.signature = std::move(message.signature);
    return receipt;
}

Status Receipt::verify_root(const Hash& root, const PublicKey& key) const {
    if (alg != cose_algorithm(key.algorithm())) {
        return fail(Code::bad_key, "receipt: algorithm {} does not go with a key of {}", alg,
                    algorithm_name(key.algorithm()));
    }
    return key.verify(receipt_to_be_signed(protected_header, root), signature);
}

Status Receipt::verify_inclusion(const Hash& leaf, const PublicKey& key) const {
    if (!inclusion) return fail(Code::bad_proof, "the receipt proves no inclusion");
    return verify_root(TRY(root_from_inclusion(leaf, inclusion->leaf_index, inclusion->tree_size, inclusion->path)),
                       key);
}

Status Receipt::verify_consistency(const Hash& old_root, const Hash& new_root, const PublicKey& key) const {
    if (!consistency) return fail(Code::bad_proof, "the receipt proves no consistency");
    TRY(crypto::verify_consistency(consistency->old_size, consistency->new_size, consistency->path, old_root,
                                   new_root));
    return verify_root(new_root, key);
}

}  // namespace tally::crypto
