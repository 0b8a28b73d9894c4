#include "crypto/key.h"

#include <algorithm>
#include <array>
#include <thread>

#include "crypto/x509.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

struct Ed25519Vector {
    const char* secret;
    const char* key;
    const char* message;
    const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Ed25519Vector kRfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
     "655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
     "b00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
     "c027beceea1ec40a"},
};

// RFC 6979 appendix A.2.5; its signature of "sample" has s above n/2. The signatures of "tally" were made with
// python3-cryptography under the same key, until one had the shape.
constexpr const char* kP256Secret = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr const char* kP256Key =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f51"
    "77"
    "a3c294d4462299";
constexpr const char* kSampleSignature =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064d"
    "c4"
    "ab2f843acda8";
constexpr const char* kTestSignature =
    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0c"
    "c8"
    "4250e46f0083";
constexpr const char* kShortR =
    "00af87308bd8f70662229a44af7c376593308b4eaf02fb987f97973ce9f8ecb59d15125e69dbd8ddfdba410b53780c437fdcc57a29acda4e2f"
    "c7"
    "e1716f6debfb";
constexpr const char* kShortS =
    "ffc624e90aec47162c56263edbc663a7f38e4a2048b005cfceade0174dea6a7400d29afd1a80127c26ee81247fa829e6dd00d821c524ebf2f7"
    "6e"
    "52b7eaaef2dd";
// One signature with both values of s.
constexpr const char* kLowS =
    "5b1d70c41537f12619935f03b62776d8ad2a0b64bf2b60fe2ec78889755ffa7165b23f7ed743c377d1050c5b55e95ec9e996445a905eab9810"
    "cd"
    "b4055c21275c";
constexpr const char* kHighSignature =
    "5b1d70c41537f12619935f03b62776d8ad2a0b64bf2b60fe2ec78889755ffa719a4dc08028bc3c892efaf3a4aa16a135d350b65316b8f2ece2"
    "ec"
    "16bda041fdf5";

// Written by `openssl ecparam -name prime256v1 -genkey`, `openssl pkey` and `openssl ec -conv_form compressed`.
constexpr const char* kSec1Pem = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFkIX2rcQ3Lknlbxn5f8i+08263+svVL81r1HDKymV3YoAoGCCqGSM49
AwEHoUQDQgAEIMucNj/ydX4QnV7d5+u5LrsfzEYMjC1kgvkx8dm5460wHrAvo4bp
7Jr4LAQdXYZ7jrJtt+VrjX0L6528HvsnaQ==
-----END EC PRIVATE KEY-----
)";
constexpr const char* kPkcs8Pem = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWQhfatxDcuSeVvGf
l/yL7Tzbrf6y9UvzWvUcMrKZXdihRANCAAQgy5w2P/J1fhCdXt3n67kuux/MRgyM
LWSC+THx2bnjrTAesC+jhunsmvgsBB1dhnuOsm235WuNfQvrnbwe+ydp
-----END PRIVATE KEY-----
)";
constexpr const char* kSpkiPem = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIMucNj/ydX4QnV7d5+u5LrsfzEYM
jC1kgvkx8dm5460wHrAvo4bp7Jr4LAQdXYZ7jrJtt+VrjX0L6528HvsnaQ==
-----END PUBLIC KEY-----
)";
constexpr const char* kCompressedSpkiPem = R"(-----BEGIN PUBLIC KEY-----
MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADIMucNj/ydX4QnV7d5+u5LrsfzEYM
jC1kgvkx8dm5460=
-----END PUBLIC KEY-----
)";

// `openssl ecparam -name prime256v1 -genkey -param_enc explicit`: the curve is spelled out instead of named.
constexpr const char* kSpelledOutPem = R"(-----BEGIN PUBLIC KEY-----
MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABAm44R9vX05CYYJALexCSWOM
iN1xojAt7XXB6wfoqsOd/BIMOUpEjxOJgGkUkdAVDqFLPtpUnLYTnoyyGE2uoLg=
-----END PUBLIC KEY-----
)";

PublicKey p256_key() { return *PublicKey::from_raw(Algorithm::p256, unhex(kP256Key)); }

TEST(Key, Ed25519GivesTheVectorsOfRfc8032) {
    for (const Ed25519Vector& vector : kRfc8032) {
        const Result<PrivateKey> key = PrivateKey::from_raw(Algorithm::ed25519, unhex(vector.secret));
        ASSERT_TRUE(key);
        EXPECT_EQ(to_hex(key->public_key().raw()), vector.key);
        EXPECT_EQ(to_hex(key->sign(unhex(vector.message))), vector.signature);
        EXPECT_TRUE(key->public_key().verify(unhex(vector.message), unhex(vector.signature)));
        EXPECT_EQ(code_of(key->public_key().verify(as_bytes("another"), unhex(vector.signature))), Code::bad_signature);
    }
}

TEST(Key, P256VerifiesTheVectorsOfRfc6979) {
    EXPECT_TRUE(p256_key().verify(as_bytes("sample"), unhex(kSampleSignature)));
    EXPECT_TRUE(p256_key().verify(as_bytes("test"), unhex(kTestSignature)));
    EXPECT_TRUE(p256_key().verify_digest(sha256(as_bytes("sample")), unhex(kSampleSignature)));
    EXPECT_EQ(code_of(p256_key().verify(as_bytes("test"), unhex(kSampleSignature))), Code::bad_signature);
    EXPECT_EQ(to_hex(PrivateKey::from_raw(Algorithm::p256, unhex(kP256Secret))->public_key().raw()), kP256Key);
}

TEST(Key, P256AcceptsHighSAndLeadingZeros) {
    for (const char* signature : {kShortR, kShortS, kLowS, kHighSignature}) {
        EXPECT_TRUE(p256_key().verify(as_bytes("tally"), unhex(signature))) << signature;
    }
}

TEST(Key, P256RefusesIntegersOutsideTheGroup) {
    const Bytes valid = unhex(kLowS);
    const std::string zero(64, '0');
    const std::string order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    const std::string r = std::string(kLowS).substr(0, 64), s = std::string(kLowS).substr(64);
    for (const std::string& signature :
         {zero + zero, r + zero, zero + s, r + order, order + s, order + order, std::string(128, 'f')}) {
        EXPECT_EQ(code_of(p256_key().verify(as_bytes("tally"), unhex(signature))), Code::bad_signature) << signature;
    }
}

TEST(Key, ASignatureHasExactlySixtyFourBytes) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        const Bytes signature = key.sign(as_bytes("m"));
        ASSERT_EQ(signature.size(), kSignatureBytes);
        EXPECT_TRUE(key.public_key().verify(as_bytes("m"), signature));
        for (const std::size_t size : {0u, 1u, 32u, 63u, 65u, 128u}) {
            Bytes other = signature;
            other.resize(size);
            EXPECT_EQ(code_of(key.public_key().verify(as_bytes("m"), other)), Code::bad_signature) << size;
        }
    }
}

TEST(Key, EveryFlippedBitOfASignatureIsNoticed) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        Bytes signature = key.sign(as_bytes("m"));
        for (std::size_t bit = 0; bit < 512; ++bit) {
            signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
            ASSERT_FALSE(key.public_key().verify(as_bytes("m"), signature)) << bit;
            signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        }
    }
}

TEST(Key, Ed25519RefusesASignatureWithTheGroupOrderAdded) {
    const PublicKey key = *PublicKey::from_raw(Algorithm::ed25519, unhex(kRfc8032[1].key));
    const Bytes order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    Bytes signature = unhex(kRfc8032[1].signature);
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += signature[32 + i] + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    EXPECT_EQ(code_of(key.verify(unhex("72"), signature)), Code::bad_signature);
}

TEST(Key, Ed25519RefusesKeysOfSmallOrderAndOtherFormsOfAKey) {
    for (const char* raw : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000080",
                            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
        EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::ed25519, unhex(raw))), Code::bad_key) << raw;
    }
}

TEST(Key, RawKeysOfOtherSizesOrOffTheCurveAreRefused) {
    EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::ed25519, Bytes(31, 9))), Code::bad_key);
    EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::ed25519, Bytes(33, 9))), Code::bad_key);
    Bytes point = unhex(kP256Key);
    EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::p256, ByteView(point).first(64))), Code::bad_key);
    EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::p256, ByteView(point).subspan(1))), Code::bad_key);
    point[64] ^= 1;
    EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::p256, point)), Code::bad_key);
    point[64] ^= 1;
    for (const std::uint8_t form : {0, 1, 2, 3, 5, 6, 7}) {
        point[0] = form;
        EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::p256, point)), Code::bad_key) << int{form};
    }
    EXPECT_EQ(code_of(PublicKey::from_raw(Algorithm::p256, Bytes{0})), Code::bad_key) << "infinity";
}

TEST(Key, ACompressedPointIsTheSameKey) {
    Bytes compressed = unhex(kP256Key);
    compressed[0] = 2 + (compressed[64] & 1);
    compressed.resize(33);
    const Result<PublicKey> key = PublicKey::from_raw(Algorithm::p256, compressed);
    ASSERT_TRUE(key);
    EXPECT_EQ(*key, p256_key());
    EXPECT_EQ(to_hex(key->raw()), kP256Key);
    const Result<PublicKey> from_pem = PublicKey::from_pem(kCompressedSpkiPem);
    ASSERT_TRUE(from_pem);
    EXPECT_EQ(from_pem->pem(), kSpkiPem) << "there is one canonical form";
}

// RFC 5480 section 2.1.1: specifiedCurve must not be used. One key has one form.
TEST(Key, ACurveThatIsSpelledOutIsRefused) { EXPECT_EQ(code_of(PublicKey::from_pem(kSpelledOutPem)), Code::bad_key); }

TEST(Key, ReadsAndWritesWhatOpenSslDoes) {
    const Result<PrivateKey> sec1 = PrivateKey::from_pem(kSec1Pem);
    const Result<PrivateKey> pkcs8 = PrivateKey::from_pem(kPkcs8Pem);
    ASSERT_TRUE(sec1 && pkcs8);
    EXPECT_EQ(sec1->pem(), kPkcs8Pem);
    EXPECT_EQ(pkcs8->pem(), kPkcs8Pem);
    EXPECT_EQ(pkcs8->public_key().pem(), kSpkiPem);
    EXPECT_EQ(PublicKey::from_pem(kSpkiPem), pkcs8->public_key());
    EXPECT_EQ(PublicKey::from_spki(pkcs8->public_key().spki()), pkcs8->public_key());
    // `printf tally | openssl dgst -sha256 -sign`, as r and s.
    EXPECT_TRUE(pkcs8->public_key().verify(as_bytes("tally"),
                                           unhex("01f30409737c0db05b6ed7a7af0c2423b4f190d94ee1b83f935091b7fb6fe7c2"
                                                 "b26ef388203c9d1102aa402a4586b6790bbdddd6dd2ecd9ed4b4290277effaaf")));
}

TEST(Key, GeneratedKeysSurvivePem) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        const Result<PrivateKey> again = PrivateKey::from_pem(key.pem());
        ASSERT_TRUE(again);
        EXPECT_EQ(again->public_key(), key.public_key());
        EXPECT_TRUE(key.public_key().verify(as_bytes("m"), again->sign(as_bytes("m"))));
        EXPECT_EQ(PublicKey::from_pem(key.public_key().pem()), key.public_key());
        EXPECT_NE(PrivateKey::generate(algorithm).public_key(), key.public_key());
        EXPECT_EQ(key.public_key().fingerprint(), sha256(key.public_key().spki()));
    }
}

TEST(Key, PrivateKeysOutsideTheGroupAreRefused) {
    EXPECT_EQ(code_of(PrivateKey::from_raw(Algorithm::p256, Bytes(32, 0))), Code::bad_key);
    EXPECT_EQ(code_of(PrivateKey::from_raw(Algorithm::p256, Bytes(32, 0xff))), Code::bad_key);
    EXPECT_EQ(code_of(PrivateKey::from_raw(Algorithm::p256,
                                           unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"))),
              Code::bad_key);
    EXPECT_EQ(code_of(PrivateKey::from_raw(Algorithm::ed25519, Bytes(31))), Code::bad_key);
}

TEST(Key, SpkiWithBytesBehindItOrTruncatedIsRefused) {
    Bytes spki = p256_key().spki();
    for (std::size_t size = 0; size < spki.size(); ++size) {
        EXPECT_EQ(code_of(PublicKey::from_spki(ByteView(spki).first(size))), Code::bad_key) << size;
    }
    spki.push_back(0);
    EXPECT_EQ(code_of(PublicKey::from_spki(spki)), Code::bad_key);
}

TEST(Key, PemOfOtherThingsIsRefused) {
    EXPECT_FALSE(PublicKey::from_pem(kPkcs8Pem));
    EXPECT_FALSE(PrivateKey::from_pem(kSpkiPem));
    EXPECT_FALSE(PrivateKey::from_pem(std::string(kPkcs8Pem) + kPkcs8Pem));
    EXPECT_FALSE(PrivateKey::from_pem(""));
    std::string encrypted = kPkcs8Pem;
    encrypted.insert(encrypted.find('\n') + 1, "Proc-Type: 4,ENCRYPTED\n");
    EXPECT_FALSE(PrivateKey::from_pem(encrypted));
}

TEST(Key, Ed25519SignsNoDigests) {
    const PublicKey key = PrivateKey::generate(Algorithm::ed25519).public_key();
    EXPECT_EQ(code_of(key.verify_digest(Hash{}, Bytes(64))), Code::unsupported);
}

TEST(Key, ManyThreadsMayShareOne) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        std::array<std::thread, 4> threads;
        for (std::thread& thread : threads) {
            thread = std::thread([&] {
                for (int i = 0; i < 20; ++i) {
                    EXPECT_TRUE(key.public_key().verify(as_bytes("m"), key.sign(as_bytes("m"))));
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
}

}  // namespace
}  // namespace tally::crypto
