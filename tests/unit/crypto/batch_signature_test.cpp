#include "crypto/batch_signature.h"

#include <thread>

#include "tests/unit/crypto/known_key.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

// "message 0" to "message 2" signed with the first key of RFC 8032 section 7.1. The tree, the CBOR and the signature
// were made with python3 (hashlib, cbor2, cryptography) from the format's description.
constexpr const char* kSignatures[] = {
    "850103008258206cd205857783ed4b229fdf1ddf24700b1e2ecd622cef7e67d6a71ee2cf1718bc58207ceacf907e7d19c7c72c053737b2e8dc"
    "b7"
    "2d9810a47be7e2005524c3de8b3140584012137133f0853a4f2b0e3f02abc6a2ac46531204d37831399da317e3924536079ad457ede293b0eb"
    "24"
    "1986e5ce2324c1d40a5c3bad0f0fd2f4612e06d7bc210d",
    "85010301825820ecc008ffcdb6f2cfac5ad32f49c783a1fee060e6cdc7c654227dd0b2721f098058207ceacf907e7d19c7c72c053737b2e8dc"
    "b7"
    "2d9810a47be7e2005524c3de8b3140584012137133f0853a4f2b0e3f02abc6a2ac46531204d37831399da317e3924536079ad457ede293b0eb"
    "24"
    "1986e5ce2324c1d40a5c3bad0f0fd2f4612e06d7bc210d",
    "8501030281582034395ba0332d6deb0946ccfee223421888cf18922960d372152c7dddb588e539584012137133f0853a4f2b0e3f02abc6a2ac"
    "46"
    "531204d37831399da317e3924536079ad457ede293b0eb241986e5ce2324c1d40a5c3bad0f0fd2f4612e06d7bc210d"};

std::vector<Bytes> some_messages(std::size_t count) {
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < count; ++i) messages.push_back(to_bytes(fmt::format("message {}", i)));
    return messages;
}

std::vector<Bytes> signed_batch(const PrivateKey& key, const std::vector<Bytes>& messages) {
    return sign_batch(key, std::vector<ByteView>(messages.begin(), messages.end()));
}

TEST(BatchSignature, IsWhatAnotherImplementationWrites) {
    const std::vector<Bytes> signatures = signed_batch(known_key(), some_messages(3));
    ASSERT_EQ(signatures.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(to_hex(signatures[i]), kSignatures[i]);
}

TEST(BatchSignature, EveryMessageOfEverySizeOfBatchVerifies) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        for (std::size_t count = 1; count <= 17; ++count) {
            const std::vector<Bytes> messages = some_messages(count);
            const std::vector<Bytes> signatures = signed_batch(key, messages);
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_TRUE(verify_signature(key.public_key(), messages[i], signatures[i])) << i << " of " << count;
                ASSERT_FALSE(verify_signature(key.public_key(), as_bytes("another"), signatures[i]));
                if (i > 0) {
                    ASSERT_FALSE(verify_signature(key.public_key(), messages[i - 1], signatures[i]));
                }
                const Result<BatchSignature> decoded = BatchSignature::decode(signatures[i]);
                ASSERT_TRUE(decoded);
                ASSERT_EQ(decoded->encode(), signatures[i]);
            }
        }
    }
}

TEST(BatchSignature, TheRootIsSignedWithTheSizeOfItsTree) {
    const PrivateKey key = known_key();
    const std::vector<Bytes> messages = some_messages(300);
    const Result<BatchSignature> signature = BatchSignature::decode(signed_batch(key, messages)[299]);
    ASSERT_TRUE(signature);
    std::vector<Hash> leaves;
    for (const Bytes& message : messages) leaves.push_back(leaf_hash(message));
    Bytes statement = to_bytes("tally/batch-signature/v1");
    append(statement, merkle_root(leaves).view());
    append(statement, unhex("2c01000000000000"));  // 300
    EXPECT_TRUE(key.public_key().verify(statement, signature->root_signature));
}

TEST(BatchSignature, APlainSignatureIsOneToo) {
    const PrivateKey key = PrivateKey::generate(Algorithm::p256);
    VerifiedSignatures memo;
    for (VerifiedSignatures* use : {static_cast<VerifiedSignatures*>(nullptr), &memo, &memo}) {
        EXPECT_TRUE(verify_signature(key.public_key(), as_bytes("m"), key.sign(as_bytes("m")), use));
        EXPECT_EQ(code_of(verify_signature(key.public_key(), as_bytes("n"), key.sign(as_bytes("m")), use)),
                  Code::bad_signature);
    }
}

TEST(BatchSignature, EveryFlippedBitIsNoticed) {
    VerifiedSignatures memo;
    const PublicKey key = known_key().public_key();
    Bytes signature = unhex(kSignatures[1]);
    EXPECT_TRUE(verify_signature(key, as_bytes("message 1"), signature, &memo));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        ASSERT_FALSE(verify_signature(key, as_bytes("message 1"), signature)) << bit;
        ASSERT_FALSE(verify_signature(key, as_bytes("message 1"), signature, &memo)) << bit << " with the memo";
        signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    EXPECT_FALSE(verify_signature(PrivateKey::generate(Algorithm::ed25519).public_key(), as_bytes("message 1"),
                                  signature, &memo));
}

TEST(BatchSignature, TruncatedOrLengthenedIsMalformed) {
    const PublicKey key = known_key().public_key();
    Bytes signature = unhex(kSignatures[0]);
    for (std::size_t size = 0; size < signature.size(); ++size) {
        if (size == kSignatureBytes) continue;
        ASSERT_EQ(code_of(verify_signature(key, as_bytes("message 0"), ByteView(signature).first(size))),
                  Code::malformed);
    }
    signature.push_back(0);
    EXPECT_EQ(code_of(verify_signature(key, as_bytes("message 0"), signature)), Code::malformed);
}

TEST(BatchSignature, EachDistinctSignatureIsVerifiedOnce) {
    const PrivateKey key = PrivateKey::generate(Algorithm::p256);
    const std::vector<Bytes> messages = some_messages(50);
    const std::vector<Bytes> signatures = signed_batch(key, messages);
    VerifiedSignatures memo;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        ASSERT_TRUE(verify_signature(key.public_key(), messages[i], signatures[i], &memo));
    }
    EXPECT_EQ(memo.hits(), 49u);
}

TEST(VerifiedSignatures, ForgetsTheOldestAndKeepsTheNewest) {
    constexpr std::size_t kCapacity = 1024;
    VerifiedSignatures memo(kCapacity);
    const auto entry = [](int i) { return sha256(as_bytes(std::to_string(i))); };
    for (int i = 0; i < 10000; ++i) memo.insert(entry(i));
    std::size_t kept = 0;
    for (int i = 0; i < 10000; ++i) kept += memo.contains(entry(i)) ? 1 : 0;
    EXPECT_LE(kept, kCapacity + 16);
    EXPECT_GE(kept, kCapacity / 2 - 16);
    for (int i = 9900; i < 10000; ++i) EXPECT_TRUE(memo.contains(entry(i))) << i;
    EXPECT_FALSE(memo.contains(entry(0)));
}

TEST(VerifiedSignatures, MayBeSharedByThreads) {
    VerifiedSignatures memo(256);
    std::atomic<std::uint64_t> found = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&memo, &found, t] {
            for (int i = 0; i < 2000; ++i) {
                const Hash entry = sha256(as_bytes(std::to_string(i * (t + 1))));
                memo.insert(entry);
                found += memo.contains(entry) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(memo.hits(), found);
}

}  // namespace
}  // namespace tally::crypto
