#include "crypto/cose.h"

#include "crypto/cbor.h"
#include "crypto/cose_labels.h"

namespace tally::crypto {
namespace {

constexpr std::uint64_t kSign1Tag = 18;
constexpr std::uint8_t kLeafPrefix = 0;  // of RFC 9162
constexpr std::uint8_t kEmptyMap = 0xa0;

// The Sig_structure up to the payload's first byte: what is signed is this followed by the payload.
Bytes structure_head(ByteView protected_bytes, ByteView external_aad, std::size_t payload_size) {
    CborWriter writer;
    writer.reserve(48 + protected_bytes.size() + external_aad.size());
    writer.array(4).text("Signature1").bytes(protected_bytes).bytes(external_aad).bytes_head(payload_size);
    return writer.take();
}

Status verify_parts(const Sign1& message, const PublicKey& key, ByteView external_aad, ByteView payload,
                    VerifiedSignatures* memo) {
    const std::int64_t alg = message.headers.alg;
    const bool batch = alg == kBatchEs256 || alg == kBatchEdDsa;
    if (!batch && alg != kEs256 && alg != kEdDsa) return fail(Code::unsupported, "COSE: unknown algorithm {}", alg);
    if (alg != cose_algorithm(key.algorithm(), batch)) {
        return fail(Code::bad_key, "COSE: algorithm {} does not go with a key of {}", alg,
                    algorithm_name(key.algorithm()));
    }
    if (!batch && message.signature.size() != kSignatureBytes) {
        return fail(Code::bad_signature, "COSE: the signature has {} bytes, not 64", message.signature.size());
    }
    const Bytes head = structure_head(message.protected_bytes, external_aad, payload.size());
    if (batch) {
        const Hash leaf = sha256({ByteView(&kLeafPrefix, 1), head, payload});
        return verify_batch_leaf(key, leaf, message.signature, memo);
    }
    if (key.algorithm() == Algorithm::p256) {
        return verify_plain_digest(key, sha256({head, payload}), message.signature, memo);
    }
    Bytes whole;  // Ed25519 reads its message twice
    whole.reserve(head.size() + payload.size());
    append(whole, head);
    append(whole, payload);
    return verify_signature(key, whole, message.signature, memo);
}

}  // namespace

Result<Sign1> Sign1::decode(ByteView message, std::size_t max_bytes, std::span<const std::int64_t> understood) {
    if (message.size() > max_bytes) {
        return fail(Code::too_large, "COSE_Sign1: {} bytes, {} are allowed", message.size(), max_bytes);
    }
    CborReader reader(message, "COSE_Sign1");
    if (reader.tag() != kSign1Tag) reader.fault(Code::malformed, "the tag 18 is expected");
    if (reader.array() != 4) reader.fault(Code::malformed, "four items are expected");
    const ByteView protected_bytes = reader.bytes();
    const ByteView unprotected = reader.item();
    Sign1 result;
    result.detached = reader.skip_null();
    if (!result.detached) result.payload = reader.bytes();
    const ByteView signature = reader.bytes();
    TRY(reader.finish());

    std::vector<std::int64_t> labels;
    result.headers = TRY(decode_protected(protected_bytes, labels, understood));
    TRY(check_unprotected(unprotected, labels));
    result.protected_bytes = to_bytes(protected_bytes);
    result.unprotected = to_bytes(unprotected);
    result.signature = to_bytes(signature);
    return result;
}

Bytes sig_structure(ByteView protected_bytes, ByteView external_aad, ByteView payload) {
    Bytes structure = structure_head(protected_bytes, external_aad, payload.size());
    structure.reserve(structure.size() + payload.size());
    append(structure, payload);
    return structure;
}

Hash Sign1::to_be_signed_hash(ByteView external_aad) const { return to_be_signed_hash(external_aad, payload); }

Hash Sign1::to_be_signed_hash(ByteView external_aad, ByteView detached_payload) const {
    return sha256({structure_head(protected_bytes, external_aad, detached_payload.size()), detached_payload});
}

Status Sign1::verify(const PublicKey& key, ByteView external_aad, VerifiedSignatures* memo) const {
    if (detached) return fail(Code::malformed, "COSE_Sign1: the message carries no payload");
    return verify_parts(*this, key, external_aad, payload, memo);
}

Status Sign1::verify_detached(const PublicKey& key, ByteView external_aad, ByteView detached_payload,
                              VerifiedSignatures* memo) const {
    if (!detached) return fail(Code::malformed, "COSE_Sign1: the message carries its own payload");
    return verify_parts(*this, key, external_aad, detached_payload, memo);
}

Bytes encode_sign1(ByteView protected_bytes, ByteView unprotected_map, const ByteView* payload, ByteView signature) {
    CborWriter writer;
    writer.reserve(32 + protected_bytes.size() + unprotected_map.size() + signature.size() +
                   (payload == nullptr ? 0 : payload->size()));
    writer.tag(kSign1Tag).array(4).bytes(protected_bytes);
    writer.raw(unprotected_map.empty() ? ByteView(&kEmptyMap, 1) : unprotected_map);
    if (payload == nullptr) {
        writer.null();
    } else {
        writer.bytes(*payload);
    }
    return writer.bytes(signature).take();
}

Bytes sign1(const PrivateKey& key, ByteView payload, const Sign1Options& options) {
    CoseHeaders headers = options.headers;
    headers.alg = cose_algorithm(key.algorithm());
    const Bytes protected_bytes = headers.encode();
    const Bytes signature = key.sign(sig_structure(protected_bytes, options.external_aad, payload));
    return encode_sign1(protected_bytes, options.unprotected_map, options.detached ? nullptr : &payload, signature);
}

}  // namespace tally::crypto
