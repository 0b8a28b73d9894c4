// Vitro IoT Blocks. In either field order, what is accepted holds the digest of its content, within the size limits.

#include "chaincode/records/vitro_block.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    for (const auto profile : {VitroProfile::vitro1, VitroProfile::vitro2}) {
        const auto block = decode_vitro(in, profile);
        if (!block) {
            TALLY_FUZZ_EXPECT(!block.error().message.empty());
            continue;
        }
        TALLY_FUZZ_EXPECT(size <= kMaxVitroBytes && block->blob.size() == size - kVitroOverhead);
        TALLY_FUZZ_EXPECT(block->blob.size() % 16 == 0 && block->signature.size() == 64);
        TALLY_FUZZ_EXPECT(*vitro_node_of(in, profile) == block->node_hex());
        Bytes covered = to_bytes(block->blob);
        covered.push_back(static_cast<std::uint8_t>(block->parameter));
        covered.push_back(static_cast<std::uint8_t>(block->parameter >> 8));
        append(covered, block->node);
        for (unsigned i = 0; i < 4; ++i) covered.push_back(static_cast<std::uint8_t>(block->timestamp_s >> 8 * i));
        TALLY_FUZZ_EXPECT(crypto::sha256(covered) == block->digest);
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const auto key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 7));
    for (const auto profile : {VitroProfile::vitro1, VitroProfile::vitro2}) {
        for (const std::size_t blob_size : {32U, 48U, 1664U}) {
            const Bytes blob(blob_size, 0x5a);
            VitroBlock block;
            block.parameter = 513;
            block.timestamp_s = 1'750'032'000;
            block.blob = blob;
            const auto bytes = *sign_vitro(key, profile, block);
            add(bytes.data(), bytes.size());
        }
    }
}
