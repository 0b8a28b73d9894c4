#include "crypto/multiset_hash.h"

#include <algorithm>
#include <random>

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

Hash of(std::string_view text) { return sha256(as_bytes(text)); }

// The first block of the keystream of RFC 8439, appendix A.1, test vector 1: key, nonce and counter are zero.
TEST(MultisetHash, OneElementIsItsKeystream) {
    MultisetHash hash;
    hash.add(Hash{});
    EXPECT_EQ(
        to_hex(hash.view().first(64)),
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518"
        "a11cc387b669b2ee6586");
    EXPECT_EQ(hash.view().size(), 2048U);
}

// Computed with python3 (hashlib, cryptography) from the header's three lines.
TEST(MultisetHash, OfSeveralElementsIsWhatAnotherImplementationGives) {
    MultisetHash hash;
    EXPECT_EQ(hash.digest().hex(), "e5a00aa9991ac8a5ee3109844d84a55583bd20572ad3ffcd42792f3c36b183ad");
    for (const char* text : {"a", "b", "c"}) hash.add(of(text));
    EXPECT_EQ(to_hex(hash.view().first(16)), "a103410d2e918b2045e18844334a352b");
    EXPECT_EQ(hash.digest().hex(), "392010df967805b1a55840f9b622f44c70e9518ff98837dbfe6e6cecaeb2bf8f");
}

TEST(MultisetHash, KnowsNoOrderAndRemovingUndoesAdding) {
    std::vector<Hash> elements;
    for (int i = 0; i < 200; ++i) elements.push_back(of(std::to_string(i)));
    MultisetHash all;
    for (const auto& element : elements) all.add(element);
    std::mt19937_64 random(7);
    for (int round = 0; round < 10; ++round) {
        std::shuffle(elements.begin(), elements.end(), random);
        MultisetHash other;
        other.remove(of("never there before it comes"));
        for (const auto& element : elements) other.add(element);
        EXPECT_NE(other, all);
        other.add(of("never there before it comes"));
        EXPECT_EQ(other, all);
        for (const auto& element : elements) other.remove(element);
        EXPECT_EQ(other, MultisetHash());
    }
}

TEST(MultisetHash, TellsSetsApart) {
    std::vector<Hash> digests;
    for (int without = 0; without < 50; ++without) {
        MultisetHash hash;
        for (int i = 0; i < 50; ++i) {
            if (i != without) hash.add(of(std::to_string(i)));
        }
        digests.push_back(hash.digest());
    }
    std::sort(digests.begin(), digests.end());
    EXPECT_EQ(std::unique(digests.begin(), digests.end()), digests.end());
    MultisetHash once, twice;
    once.add(of("a"));
    twice.add(of("a"));
    twice.add(of("a"));
    EXPECT_NE(once, twice);
}

TEST(MultisetHash, IsReadBackFromExactlyItsBytes) {
    MultisetHash hash;
    hash.add(of("a"));
    EXPECT_EQ(MultisetHash::from(hash.view()), hash);
    EXPECT_EQ(code_of(MultisetHash::from(hash.view().first(2047))), Code::malformed);
    EXPECT_EQ(code_of(MultisetHash::from(Bytes(2049))), Code::malformed);
}

}  // namespace
}  // namespace tally::crypto
