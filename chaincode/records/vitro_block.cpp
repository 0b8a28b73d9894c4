#include "chaincode/records/vitro_block.h"

#include <algorithm>

namespace tally::chaincode {
namespace {

constexpr std::size_t kCipherBlock = 16;

struct Layout {
    std::size_t parameter, node, timestamp, digest, signature, blob;
};

Layout layout_of(VitroProfile profile, std::size_t blob_size) {
    switch (profile) {
        case VitroProfile::vitro1: return {0, 2, 11, 15 + blob_size, 47 + blob_size, 15};
        case VitroProfile::vitro2: break;
    }
    return {13, 0, 9, 15, 47, 111};
}

Status check_size(std::size_t size) {
    if (size > kMaxVitroBytes) {
        return fail(Code::too_large, "the IoT block has {} bytes; {} are allowed", size, kMaxVitroBytes);
    }
    if (size < kVitroOverhead + 2 * kCipherBlock || (size - kVitroOverhead) % kCipherBlock != 0) {
        return fail(Code::malformed, "an IoT block of {} bytes does not hold an IV and whole cipher blocks", size);
    }
    return {};
}

crypto::Hash digest_of(ByteView block, const Layout& at, std::size_t blob_size) {
    return crypto::sha256({block.subspan(at.blob, blob_size), block.subspan(at.parameter, 2),
                           block.subspan(at.node, kVitroNodeBytes), block.subspan(at.timestamp, 4)});
}

}  // namespace

Result<std::string> vitro_node_of(ByteView block, VitroProfile profile) {
    TRY(check_size(block.size()));
    return to_hex(block.subspan(layout_of(profile, block.size() - kVitroOverhead).node, kVitroNodeBytes));
}

Result<VitroBlock> decode_vitro(ByteView block, VitroProfile profile) {
    TRY(check_size(block.size()));
    const auto blob_size = block.size() - kVitroOverhead;
    const auto at = layout_of(profile, blob_size);
    VitroBlock out;
    out.parameter = static_cast<std::uint16_t>(block[at.parameter] | block[at.parameter + 1] << 8);
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(at.node), kVitroNodeBytes, out.node.begin());
    for (std::size_t i = 4; i-- > 0;) out.timestamp_s = out.timestamp_s << 8 | block[at.timestamp + i];
    out.blob = block.subspan(at.blob, blob_size);
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(at.digest), out.digest.bytes.size(),
                out.digest.bytes.begin());
    out.signature = block.subspan(at.signature, crypto::kSignatureBytes);
    if (digest_of(block, at, blob_size) != out.digest) {
        return fail(Code::bad_signature, "the IoT block's digest is not that of its content");
    }
    return out;
}

Result<Bytes> sign_vitro(const crypto::PrivateKey& key, VitroProfile profile, const VitroBlock& block) {
    if (key.algorithm() != crypto::Algorithm::p256)
        return fail(Code::bad_key, "an IoT block is signed with a P-256 key");
    Bytes out(kVitroOverhead + block.blob.size());
    TRY(check_size(out.size()));
    const auto at = layout_of(profile, block.blob.size());
    const auto write = [&](std::size_t where, ByteView what) {
        std::copy(what.begin(), what.end(), out.begin() + static_cast<std::ptrdiff_t>(where));
    };
    for (std::size_t i = 0; i < 2; ++i) out[at.parameter + i] = static_cast<std::uint8_t>(block.parameter >> 8 * i);
    for (std::size_t i = 0; i < 4; ++i) out[at.timestamp + i] = static_cast<std::uint8_t>(block.timestamp_s >> 8 * i);
    write(at.node, block.node);
    write(at.blob, block.blob);
    const auto digest = digest_of(out, at, block.blob.size());
    write(at.digest, digest.view());
    write(at.signature, key.sign_digest(digest));
    return out;
}

}  // namespace tally::chaincode
