#include "chaincode/records/vitro_block.h"

#include "tests/unit/chaincode/memory_state.h"
#include "tests/unit/chaincode/records/record_vectors.h"

namespace tally::chaincode::test {
namespace {

TEST(VitroBlock, BothFieldOrdersAreReadAsAnotherImplementationWroteThem) {
    const auto key = *crypto::PublicKey::from_raw(crypto::Algorithm::p256, *from_hex(vectors::kVitroKey));
    for (const auto& [profile, text] :
         {std::pair(VitroProfile::vitro1, vectors::kVitro1), std::pair(VitroProfile::vitro2, vectors::kVitro2)}) {
        const auto bytes = *from_hex(text);
        const auto block = decode_vitro(bytes, profile);
        ASSERT_OK(block);
        EXPECT_EQ(block->parameter, 513);
        EXPECT_EQ(block->node_hex(), "0123a1b2c3d4e5f6ee");
        EXPECT_EQ(block->timestamp_s, 1'750'032'000U);
        EXPECT_EQ(block->blob.size(), 48U);
        EXPECT_EQ(block->digest.hex(), vectors::kVitroDigest);
        EXPECT_TRUE(key.verify_digest(block->digest, block->signature)) << "a high s is a valid s";
        EXPECT_EQ(*vitro_node_of(bytes, profile), "0123a1b2c3d4e5f6ee");
    }
}

TEST(VitroBlock, EveryChangedByteOfTheContentIsFoundWithoutTheKey) {
    const auto bytes = *from_hex(vectors::kVitro1);
    const auto covered = bytes.size() - crypto::kSignatureBytes;
    for (std::size_t i = 0; i < covered; ++i) {
        auto changed = bytes;
        changed[i] ^= 0x40;
        EXPECT_EQ(code_of(decode_vitro(changed, VitroProfile::vitro1)), Code::bad_signature) << i;
    }
}

TEST(VitroBlock, SizesThatNoCipherGivesAreRefused) {
    EXPECT_REFUSED(decode_vitro(Bytes(kMaxVitroBytes + 1), VitroProfile::vitro1), Code::too_large, "1786");
    for (const std::size_t size : {0U, 111U, 127U, 142U, 144U, 1785U}) {
        EXPECT_EQ(code_of(decode_vitro(Bytes(size), VitroProfile::vitro2)), Code::malformed) << size;
    }
}

TEST(VitroBlock, IsSignedSoThatItReads) {
    const auto key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 8));
    const Bytes blob(1664, 3);
    VitroBlock block;
    block.parameter = 0xfffe;
    block.timestamp_s = 0xfffffffd;
    block.blob = blob;
    for (const auto profile : {VitroProfile::vitro1, VitroProfile::vitro2}) {
        const auto bytes = sign_vitro(key, profile, block);
        ASSERT_OK(bytes);
        const auto read = decode_vitro(*bytes, profile);
        ASSERT_OK(read);
        EXPECT_EQ(read->parameter, block.parameter);
        EXPECT_EQ(read->timestamp_s, block.timestamp_s);
        EXPECT_TRUE(key.public_key().verify_digest(read->digest, read->signature));
    }
    EXPECT_EQ(
        code_of(sign_vitro(crypto::PrivateKey::generate(crypto::Algorithm::ed25519), VitroProfile::vitro1, block)),
        Code::bad_key);
}

}  // namespace
}  // namespace tally::chaincode::test
