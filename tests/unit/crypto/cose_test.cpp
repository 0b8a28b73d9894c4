#include "crypto/cose.h"

#include "crypto/cbor.h"
#include "tests/unit/crypto/known_key.h"
#include "tests/unit/crypto/sign1_batch.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

// The key "11" of the COSE working group's examples, and its messages over "This is the content.".
constexpr const char* kExampleKey =
    "04bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b"
    "6f"
    "b6ed28bbfc117e";
// RFC 9052 appendix C.2.1.
constexpr const char* kRfcExample =
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106"
    "c4"
    "d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36";
// sign1-tests of the working group's examples: sign-pass-02, sign-fail-02, -03 and -06.
constexpr const char* kPass02 =
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840eae868ecc176883766c5dc5ba5b8dca25dab3c2e56a551"
    "ce"
    "5705b793914348e155388b10c4f1b59a6733eab416870a945111a4b2fbdbef33a77234b1deff2f9b";
constexpr const char* kFail02 =
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742f5840eae868ecc176883766c5dc5ba5b8dca25dab3c2e56a551"
    "ce"
    "5705b793914348e19f43d6c6ba654472da301b645b293c9ba939295b97c4bdb847782bff384c5794";
constexpr const char* kFail03 =
    "d28445a1013903e6a10442313154546869732069732074686520636f6e74656e742e5840eae868ecc176883766c5dc5ba5b8dca25dab3c2e56"
    "a5"
    "51ce5705b793914348e19f43d6c6ba654472da301b645b293c9ba939295b97c4bdb847782bff384c5794";
constexpr const char* kFail06 =
    "d28445a201260300a10442313154546869732069732074686520636f6e74656e742e5840eae868ecc176883766c5dc5ba5b8dca25dab3c2e56"
    "a5"
    "51ce5705b793914348e19f43d6c6ba654472da301b645b293c9ba939295b97c4bdb847782bff384c5794";

// With the first key of RFC 8032 section 7.1, written with python3 (cbor2, cryptography): a record of device "meter-7"
// for the channel "meters", and the second of two messages under one batch signature.
constexpr const char* kRecord =
    "d284582ca3012703781d6170706c69636174696f6e2f74616c6c792d7265636f72642b63626f7204476d657465722d37a044830102035840c5"
    "b4"
    "cb8fdc33bb458c6606f1a93ae3aca4f2a9492b6480734b853f857ef8be3d59763428dc7cf70ec947b4d03c683e527a78f3498f7c3781946fb8"
    "3b"
    "cb9b6507";
constexpr const char* kBatchMessage =
    "d28447a1013a00010007a04162586985010201815820d07054b3a2fccb9682881b738cc45612559b845e1e3e2fff5fb9d2f339b0d8725840ce"
    "e3"
    "87bb04b24c7adacf5c7e47b2df530999062d7f38475c5c3e674d4cb10dbf40787c293b2e6b9602e09a27a3e01030d996e133accc38ef43cbea"
    "82"
    "d91d9404";

PublicKey example_key() { return *PublicKey::from_raw(Algorithm::p256, unhex(kExampleKey)); }

// The signature's bytes do not matter to the decoder.
Bytes message_with(std::string_view protected_hex, std::string_view unprotected_hex) {
    const ByteView payload;
    return encode_sign1(unhex(protected_hex), unhex(unprotected_hex), &payload, Bytes(64));
}

Code refusal(std::string_view protected_hex, std::string_view unprotected_hex = "a0") {
    return code_of(Sign1::decode(message_with(protected_hex, unprotected_hex)));
}

TEST(Cose, VerifiesTheExamplesOfTheWorkingGroup) {
    for (const auto& [hex, aad] : {std::pair(kRfcExample, ""), std::pair(kPass02, "11aa22bb33cc44dd55006699")}) {
        const Bytes message = unhex(hex);
        const Result<Sign1> sign1 = Sign1::decode(message);
        ASSERT_TRUE(sign1) << sign1.error().message;
        EXPECT_EQ(as_text(sign1->payload), "This is the content.");
        EXPECT_EQ(sign1->headers.alg, kEs256);
        EXPECT_EQ(to_hex(sign1->unprotected), "a104423131");
        EXPECT_TRUE(sign1->verify(example_key(), unhex(aad)));
        EXPECT_EQ(code_of(sign1->verify(example_key(), as_bytes("another channel"))), Code::bad_signature);
    }
    const Bytes message = unhex(kPass02);
    const Result<Sign1> sign1 = Sign1::decode(message);
    EXPECT_EQ(to_hex(sig_structure(sign1->protected_bytes, unhex("11aa22bb33cc44dd55006699"), sign1->payload)),
              "846a5369676e61747572653143a101264c11aa22bb33cc44dd5500669954546869732069732074686520636f6e74656e742e");
}

TEST(Cose, RefusesTheFailuresOfTheWorkingGroup) {
    for (const char* hex : {kFail02, kFail03, kFail06}) {
        const Bytes message = unhex(hex);
        const Result<Sign1> sign1 = Sign1::decode(message);
        ASSERT_TRUE(sign1);
        EXPECT_FALSE(sign1->verify(example_key(), {})) << hex;
    }
    Bytes wrong_tag = unhex(kRfcExample);  // sign-fail-01
    wrong_tag[0] = 0xd1;
    EXPECT_EQ(code_of(Sign1::decode(wrong_tag)), Code::malformed);
    EXPECT_EQ(code_of(Sign1::decode(ByteView(wrong_tag).subspan(1))), Code::malformed) << "no tag";
}

TEST(Cose, SignsWhatAnotherImplementationSigns) {
    Sign1Options options;
    options.headers.content_type = "application/tally-record+cbor";
    options.headers.kid = "meter-7";
    options.external_aad = as_bytes("meters");
    EXPECT_EQ(to_hex(sign1(known_key(), unhex("83010203"), options)), kRecord);
    const Bytes message = unhex(kRecord);
    const Result<Sign1> record = Sign1::decode(message);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->headers.kid, "meter-7");
    EXPECT_EQ(record->headers.content_type, "application/tally-record+cbor");
    EXPECT_TRUE(record->verify(known_key().public_key(), as_bytes("meters")));
    EXPECT_FALSE(record->verify(known_key().public_key(), as_bytes("water")));
    EXPECT_EQ(record->to_be_signed_hash(as_bytes("meters")),
              sha256(sig_structure(record->protected_bytes, as_bytes("meters"), record->payload)));
}

TEST(Cose, BatchesAreWhatAnotherImplementationSigns) {
    const std::vector<ByteView> payloads = {as_bytes("a"), as_bytes("b")};
    const std::vector<Bytes> messages = test::sign1_batch(known_key(), payloads);
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(to_hex(messages[1]), kBatchMessage);
    VerifiedSignatures memo;
    for (const Bytes& message : messages) {
        const Result<Sign1> sign1 = Sign1::decode(message);
        ASSERT_TRUE(sign1);
        EXPECT_EQ(sign1->headers.alg, kBatchEdDsa);
        EXPECT_TRUE(sign1->verify(known_key().public_key(), {}, &memo));
        EXPECT_FALSE(sign1->verify(known_key().public_key(), as_bytes("x"), &memo));
    }
    EXPECT_EQ(memo.hits(), 1u);
}

TEST(Cose, EveryFlippedBitIsNoticed) {
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        Bytes message = sign1(key, as_bytes("payload"), {});
        for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
            message[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
            const Result<Sign1> sign1 = Sign1::decode(message);
            ASSERT_FALSE(sign1 && sign1->verify(key.public_key(), {})) << bit;
            message[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        }
        for (std::size_t size = 0; size < message.size(); ++size) {
            ASSERT_EQ(code_of(Sign1::decode(ByteView(message).first(size))), Code::malformed) << size;
        }
        message.push_back(0);
        ASSERT_EQ(code_of(Sign1::decode(message)), Code::malformed);
    }
}

TEST(Cose, TheAlgorithmMustFitTheKeyAndTheForm) {
    const PrivateKey p256 = PrivateKey::generate(Algorithm::p256);
    const PrivateKey ed25519 = PrivateKey::generate(Algorithm::ed25519);
    const Bytes message = sign1(p256, as_bytes("m"), {});
    EXPECT_EQ(code_of(Sign1::decode(message)->verify(ed25519.public_key(), {})), Code::bad_key);
    Sign1 plain_as_batch = *Sign1::decode(message);
    plain_as_batch.headers.alg = kBatchEs256;
    EXPECT_FALSE(plain_as_batch.verify(p256.public_key(), {}));
    const std::vector<ByteView> payloads = {as_bytes("m")};
    const Bytes batch = test::sign1_batch(p256, payloads)[0];
    Sign1 batch_as_plain = *Sign1::decode(batch);
    batch_as_plain.headers.alg = kEs256;
    EXPECT_EQ(code_of(batch_as_plain.verify(p256.public_key(), {})), Code::bad_signature);
}

TEST(Cose, DetachedPayloadsAreVerifiedWhereTheyAre) {
    const PrivateKey key = PrivateKey::generate(Algorithm::p256);
    Sign1Options options;
    options.detached = true;
    const Bytes message = sign1(key, as_bytes("root"), options);
    const Result<Sign1> sign1 = Sign1::decode(message);
    ASSERT_TRUE(sign1);
    EXPECT_TRUE(sign1->detached);
    EXPECT_TRUE(sign1->verify_detached(key.public_key(), {}, as_bytes("root")));
    EXPECT_FALSE(sign1->verify_detached(key.public_key(), {}, as_bytes("toor")));
    EXPECT_EQ(code_of(sign1->verify(key.public_key(), {})), Code::malformed);
    const Bytes attached = crypto::sign1(key, as_bytes("root"), {});
    EXPECT_EQ(code_of(Sign1::decode(attached)->verify_detached(key.public_key(), {}, as_bytes("root"))),
              Code::malformed);
}

// {1: -8, 33: [h'3001', h'3002'], -5: "x"} and {1: -7, 33: h'3001'}, written with cbor2.
TEST(Cose, CertificateChainsAndOtherHeadersAreKept) {
    const Bytes message = message_with("a30127182182423001423002246178", "a0");
    const Result<Sign1> sign1 = Sign1::decode(message);
    ASSERT_TRUE(sign1) << sign1.error().message;
    EXPECT_EQ(sign1->headers.x5chain, (std::vector<Bytes>{{0x30, 0x01}, {0x30, 0x02}}));
    ASSERT_EQ(sign1->headers.extra.size(), 1u);
    EXPECT_EQ(sign1->headers.extra[0].first, -5);
    EXPECT_EQ(to_hex(sign1->headers.extra[0].second), "6178");
    EXPECT_EQ(sign1->headers.encode(), sign1->protected_bytes);
    const Bytes single = message_with(
        "a20126182142"
        "3001",
        "a0");
    EXPECT_EQ(Sign1::decode(single)->headers.x5chain, (std::vector<Bytes>{{0x30, 0x01}}));
    EXPECT_EQ(to_hex(Sign1::decode(single)->headers.encode()), "a201261821423001");
    EXPECT_EQ(refusal("a2012618218142"
                      "3001"),
              Code::malformed)
        << "an array of one";
    EXPECT_EQ(refusal("a201261821"
                      "89"
                      "404040404040404040"),
              Code::too_large);
}

TEST(Cose, HeadersThatMustBeRefusedAre) {
    EXPECT_EQ(refusal("a0"), Code::malformed) << "no algorithm";
    EXPECT_EQ(refusal("a0", "a10126"), Code::malformed) << "the algorithm is not protected";
    EXPECT_EQ(refusal(""), Code::malformed) << "an empty protected header";
    EXPECT_EQ(refusal("a10126", "a10126"), Code::malformed) << "a label in both";
    EXPECT_EQ(refusal("a2012604413"
                      "1",
                      "a1044131"),
              Code::malformed)
        << "a label in both";
    EXPECT_EQ(refusal("a201260126"), Code::malformed) << "a label twice";
    EXPECT_EQ(refusal("a2044131"
                      "0126"),
              Code::malformed)
        << "out of order";
    const Bytes unknown = message_with("a1011826", "a0");
    EXPECT_EQ(code_of(Sign1::decode(unknown)->verify(example_key(), {})), Code::unsupported) << "algorithm 38";
}

TEST(Cose, CriticalHeadersMustBeThereAndUnderstood) {
    // {1: -7, 2: [-70000], -70000: 1}
    const Bytes message = message_with("a3012602813a0001116f3a0001116f01", "a0");
    EXPECT_EQ(code_of(Sign1::decode(message)), Code::unsupported);
    const std::int64_t understood[] = {-70000};
    EXPECT_TRUE(Sign1::decode(message, 1 << 24, understood));
    EXPECT_EQ(refusal("a2012602813a0001116f"), Code::malformed) << "not there";
    EXPECT_EQ(refusal("a201260280"), Code::malformed) << "names nothing";
    EXPECT_EQ(refusal("a20126028161"
                      "78"),
              Code::unsupported)
        << "named by a text";
    EXPECT_EQ(refusal("a10126", "a1028101"), Code::malformed) << "not protected";
    EXPECT_TRUE(
        Sign1::decode(message_with("a3012602810404413"
                                   "1",
                                   "a0")))
        << "kid is understood";
}

TEST(Cose, SizesAreLimited) {
    const Bytes message = unhex(kRfcExample);
    EXPECT_EQ(code_of(Sign1::decode(message, message.size() - 1)), Code::too_large);
    EXPECT_TRUE(Sign1::decode(message, message.size()));
}

TEST(Cose, ALargeRecordVerifiesUnderBothAlgorithms) {
    const Bytes payload(40 * 1024, 0x5a);
    for (const Algorithm algorithm : {Algorithm::ed25519, Algorithm::p256}) {
        const PrivateKey key = PrivateKey::generate(algorithm);
        const Bytes message = sign1(key, payload, {});
        VerifiedSignatures memo;
        EXPECT_TRUE(Sign1::decode(message)->verify(key.public_key(), {}, &memo));
        EXPECT_TRUE(Sign1::decode(message)->verify(key.public_key(), {}, &memo));
        EXPECT_EQ(memo.hits(), 1u);
    }
}

}  // namespace
}  // namespace tally::crypto
