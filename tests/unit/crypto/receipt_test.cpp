#include "crypto/receipt.h"

#include "crypto/cose.h"
#include "tests/unit/crypto/known_key.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

// Seven entries "entry 0" to "entry 6", signed with the first key of RFC 8032 section 7.1. Tree, proofs, CBOR and
// signature were made with python3 (hashlib, cbor2, cryptography) from RFC 9162 and the receipts' description.
constexpr const char* kTreeRoot = "98c97f0ba3175cd08b031dd084b9dc4e649b64d1a28e6ea694646503173ab587";
constexpr const char* kRootOfThree = "94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19";
constexpr const char* kInclusion =
    "d2845891a8012704582003d66dd08835c1ca3f128cceacd1f31ac94163096b20f445ae84285bc0832d7219018b013a00011170666d657465"
    "72733a00011171182a3a00011172582008d9ca04b1da2e3f32e14ae998015a3f202883791e68b2865d665cf3c89d94573a00011173073a00"
    "01117458209bf2a874330945595547f455e4e49261a9f2b9c02807243a2925f601ef7c37b2a119018ca12081586a8307048358209ff537b6"
    "18a257ef82908c45915acbaeb6d9dea035d6d93964fc88c19e98c8b35820be15781b628a28414c1c8a11b86db8422fa1041215fe0d7c4496"
    "d23cda1e414258209799f307517ef517c2205df9b67762bf34756b20099fb7dfcce76bcebd273b2ef658409497c61b3464d16f61cee2d677"
    "bb7ec4ca5216ecf2979bc0a50dddb19a63022ffc251880eff250702a679dc321c582ea2be0d9c28a3ba22fce01b955b485c102";
constexpr const char* kConsistency =
    "d2845891a8012704582003d66dd08835c1ca3f128cceacd1f31ac94163096b20f445ae84285bc0832d7219018b013a00011170666d657465"
    "72733a00011171182a3a00011172582008d9ca04b1da2e3f32e14ae998015a3f202883791e68b2865d665cf3c89d94573a00011173073a00"
    "01117458209bf2a874330945595547f455e4e49261a9f2b9c02807243a2925f601ef7c37b2a119018ca12181588c83030784582057c79f4f"
    "31ae029c5d4bd30b073c27c94df93438b2b4697e1e1eef5bc0394a41582061ca1139f6815841d5baf2d0d2d9bd9dfee97c898dd6f7ba0c0a"
    "a941ee6c01eb58205a47662fd8a317d96049a3f9f47c55dc67ca66051baa3683dbb19b2fe09a07b0582094afb8a2ca051c05458ea39dcd19"
    "b1bd68e7e33529f10b439d2a615a51f636e2f658409497c61b3464d16f61cee2d677bb7ec4ca5216ecf2979bc0a50dddb19a63022ffc2518"
    "80eff250702a679dc321c582ea2be0d9c28a3ba22fce01b955b485c102";

ReceiptBinding binding() { return {"meters", 42, sha256(as_bytes("block 42")), 7, sha256(as_bytes("state 42"))}; }
Bytes header() {
    return receipt_protected_header(Algorithm::ed25519, binding(), sha256(as_bytes("certificate")).view());
}
std::vector<Hash> entries() {
    std::vector<Hash> leaves;
    for (int i = 0; i < 7; ++i) leaves.push_back(leaf_hash(as_bytes(fmt::format("entry {}", i))));
    return leaves;
}

TEST(Receipt, IsWhatAnotherImplementationWrites) {
    const Bytes signature = known_key().sign(receipt_to_be_signed(header(), merkle_root(entries())));
    EXPECT_EQ(merkle_root(entries()).hex(), kTreeRoot);
    EXPECT_EQ(to_hex(encode_receipt(header(), signature, {7, 4, inclusion_paths(entries())[4]})), kInclusion);
    const Receipt receipt = *Receipt::decode(unhex(kConsistency));
    EXPECT_EQ(to_hex(encode_consistency_receipt(header(), signature, *receipt.consistency)), kConsistency);
}

TEST(Receipt, ProvesInclusion) {
    const Result<Receipt> receipt = Receipt::decode(unhex(kInclusion));
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->binding, binding());
    EXPECT_EQ(receipt->kid, to_bytes(sha256(as_bytes("certificate")).view()));
    EXPECT_EQ(receipt->alg, kEdDsa);
    EXPECT_FALSE(receipt->consistency);
    const PublicKey key = known_key().public_key();
    EXPECT_TRUE(receipt->verify_inclusion(entries()[4], key));
    EXPECT_TRUE(receipt->verify_root(unhex_hash(kTreeRoot), key));
    EXPECT_EQ(code_of(receipt->verify_inclusion(entries()[3], key)), Code::bad_signature);
    EXPECT_EQ(code_of(receipt->verify_consistency(unhex_hash(kTreeRoot), unhex_hash(kTreeRoot), key)), Code::bad_proof);
    EXPECT_FALSE(receipt->verify_inclusion(entries()[4], PrivateKey::generate(Algorithm::ed25519).public_key()));
    EXPECT_EQ(code_of(receipt->verify_inclusion(entries()[4], PrivateKey::generate(Algorithm::p256).public_key())),
              Code::bad_key);
}

TEST(Receipt, ProvesConsistency) {
    const Result<Receipt> receipt = Receipt::decode(unhex(kConsistency));
    ASSERT_TRUE(receipt) << receipt.error().message;
    const PublicKey key = known_key().public_key();
    EXPECT_TRUE(receipt->verify_consistency(unhex_hash(kRootOfThree), unhex_hash(kTreeRoot), key));
    EXPECT_EQ(code_of(receipt->verify_consistency(unhex_hash(kTreeRoot), unhex_hash(kTreeRoot), key)), Code::bad_proof);
    EXPECT_EQ(code_of(receipt->verify_consistency(unhex_hash(kRootOfThree), unhex_hash(kRootOfThree), key)),
              Code::bad_proof);
    EXPECT_EQ(code_of(receipt->verify_inclusion(entries()[4], key)), Code::bad_proof);
}

// Generic COSE tools see a COSE_Sign1 with a detached payload.
TEST(Receipt, IsACoseMessageOverTheRoot) {
    const Bytes message = unhex(kInclusion);
    const Result<Sign1> sign1 = Sign1::decode(message);
    ASSERT_TRUE(sign1);
    EXPECT_TRUE(sign1->verify_detached(known_key().public_key(), {}, unhex_hash(kTreeRoot).view()));
}

TEST(Receipt, EveryFlippedByteIsNoticed) {
    const PublicKey key = known_key().public_key();
    for (const char* hex : {kInclusion, kConsistency}) {
        Bytes encoded = unhex(hex);
        for (std::size_t i = 0; i < encoded.size(); ++i) {
            for (const std::uint8_t flip : {0x01, 0x80}) {
                encoded[i] ^= flip;
                const Result<Receipt> receipt = Receipt::decode(encoded);
                if (receipt && receipt->inclusion) {
                    ASSERT_FALSE(receipt->verify_inclusion(entries()[4], key)) << i;
                }
                if (receipt && receipt->consistency) {
                    ASSERT_FALSE(receipt->verify_consistency(unhex_hash(kRootOfThree), unhex_hash(kTreeRoot), key))
                        << i;
                }
                encoded[i] ^= flip;
            }
        }
        for (std::size_t size = 0; size < encoded.size(); ++size) {
            ASSERT_EQ(code_of(Receipt::decode(ByteView(encoded).first(size))), Code::malformed) << size;
        }
    }
}

TEST(Receipt, OfOtherTreesOrWithoutABindingIsRefused) {
    const auto with_header = [](std::string_view protected_hex) {
        std::string hex = kInclusion;
        const std::size_t at = hex.find("5891a8");
        const std::size_t end = hex.find("a119018c");
        return unhex(hex.substr(0, at) + fmt::format("58{:02x}", protected_hex.size() / 2) +
                     std::string(protected_hex) + hex.substr(end));
    };
    const std::string whole = to_hex(header());
    ASSERT_TRUE(Receipt::decode(with_header(whole)));
    std::string other_tree = whole;
    other_tree.replace(other_tree.find("19018b01"), 8, "19018b02");
    EXPECT_EQ(code_of(Receipt::decode(with_header(other_tree))), Code::unsupported);
    std::string no_number = whole;  // the label becomes one that is not known
    no_number.replace(no_number.find("3a00011171"), 10, "3a00011271");
    EXPECT_EQ(code_of(Receipt::decode(with_header(no_number))), Code::malformed);
}

TEST(Receipt, ABoundTreeSizeIsTheProofs) {
    const Bytes signature = known_key().sign(receipt_to_be_signed(header(), merkle_root(entries())));
    EXPECT_EQ(code_of(Receipt::decode(encode_receipt(header(), signature, {6, 4, inclusion_paths(entries())[4]}))),
              Code::bad_proof);
    EXPECT_EQ(code_of(Receipt::decode(encode_consistency_receipt(header(), signature, {7, 8, {}}))), Code::bad_proof);
}

TEST(Receipt, BothAlgorithmsSign) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        ReceiptBinding unsized = binding();
        unsized.tree_size = 0;
        const Bytes protected_header =
            receipt_protected_header(algorithm, unsized, key.public_key().fingerprint().view());
        const Hash only = leaf_hash(as_bytes("only"));
        const Bytes signature = key.sign(receipt_to_be_signed(protected_header, only));
        const Bytes encoded = encode_receipt(protected_header, signature, {1, 0, {}});
        const Result<Receipt> receipt = Receipt::decode(encoded);
        ASSERT_TRUE(receipt);
        EXPECT_EQ(receipt->binding, unsized);
        EXPECT_TRUE(receipt->verify_inclusion(only, key.public_key())) << "a tree of one leaf has an empty path";
    }
}

}  // namespace
}  // namespace tally::crypto
