// Sealed texts and wrapped keys. The vectors were made with Python's cryptography and cbor2, from RFC 9052 and RFC
// 9053.

#include "crypto/sealed.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

constexpr std::string_view kReader = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
)";
const Bytes kReaderPublic = unhex("8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
const Bytes kWrapped = unhex(
    "d8608443a10103a1054c000102030405060708090a0b5830c3701743d33d2b1a3da513dc9b89343da172b263e0e3ed8bf42ed82b8d9440a694"
    "62"
    "1609717e2d172df3540e2d04c1b4818344a1013818a120a3010120042158207d9c24316539825c1896e57f28197746793ce60cbee3ad47da9d"
    "07"
    "b85fa55e2a40");
const Bytes kSealed = unhex(
    "d08343a10103a20448ef3134e653b34bd0054c000102030405060708090a0b5818ac491ac971f433bf81a497915f00bd166e0639ba0df0aca"
    "e");
const Bytes kKid = unhex("ef3134e653b34bd0");

Bytes content_key() {
    Bytes out;
    for (std::uint8_t byte = 200; byte < 232; ++byte) out.push_back(byte);
    return out;
}

Bytes altered(Bytes bytes, std::size_t at) {
    bytes[at] ^= 1;
    return bytes;
}

TEST(Sealed, TextThatPythonSealedIsOpened) {
    const auto text = unseal(content_key(), kSealed);
    ASSERT_TRUE(text.has_value()) << text.error().message;
    EXPECT_EQ(as_text(*text), "the rows");
    EXPECT_EQ(*sealed_under(kSealed), kKid);
    EXPECT_EQ(content_key_id(content_key()), kKid);
}

TEST(Sealed, KeyThatPythonWrappedIsUnwrapped) {
    const auto reader = ReadingKey::from_pem(kReader);
    ASSERT_TRUE(reader.has_value()) << reader.error().message;
    EXPECT_EQ(reader->public_key(), kReaderPublic);
    EXPECT_EQ(reader->pem(), kReader);
    const auto key = reader->unwrap(kWrapped, as_bytes("device-1"));
    ASSERT_TRUE(key.has_value()) << key.error().message;
    EXPECT_EQ(*key, content_key());
    EXPECT_EQ(reader->unwrap(kWrapped, as_bytes("device-2")).error().code, Code::bad_key);
}

TEST(Sealed, WhatIsSealedAndWrappedComesBackAndNeverTwiceTheSame) {
    const auto reader = ReadingKey::generate();
    for (const std::string text : {"", "a", "the rows of a day"}) {
        const auto message = seal(content_key(), as_bytes(text));
        EXPECT_NE(message, seal(content_key(), as_bytes(text)));
        EXPECT_EQ(as_text(*unseal(content_key(), message)), text);
    }
    const auto wrapped = ReadingKey::wrap(reader.public_key(), content_key(), as_bytes("m"));
    ASSERT_TRUE(wrapped.has_value());
    EXPECT_TRUE(check_wrapped(*wrapped).has_value());
    EXPECT_EQ(*ReadingKey::from_pem(reader.pem())->unwrap(*wrapped, as_bytes("m")), content_key());
    EXPECT_FALSE(ReadingKey::generate().unwrap(*wrapped, as_bytes("m")).has_value());
}

TEST(Sealed, AnyChangedByteIsFound) {
    const auto reader = *ReadingKey::from_pem(kReader);
    for (std::size_t at = 0; at < kSealed.size(); ++at) {
        if (at >= 7 && at < 17) continue;  // the kid is a hint, which nothing protects
        EXPECT_FALSE(unseal(content_key(), altered(kSealed, at)).has_value()) << at;
    }
    for (std::size_t at = 0; at < kWrapped.size(); ++at)
        EXPECT_FALSE(reader.unwrap(altered(kWrapped, at), as_bytes("device-1")).has_value()) << at;
    for (std::size_t size = 0; size < kWrapped.size(); ++size) {
        EXPECT_FALSE(check_wrapped(ByteView(kWrapped).first(size)).has_value());
        if (size < kSealed.size()) {
            EXPECT_FALSE(sealed_under(ByteView(kSealed).first(size)).has_value());
        }
    }
}

TEST(Sealed, KeysOfOtherKindsAreRefused) {
    EXPECT_EQ(unseal(Bytes(31), kSealed).error().code, Code::bad_key);
    EXPECT_EQ(ReadingKey::wrap(Bytes(32), content_key(), {}).error().code, Code::bad_key) << "a point of small order";
    EXPECT_EQ(ReadingKey::wrap(kReaderPublic, Bytes(16), {}).error().code, Code::bad_key);
    EXPECT_EQ(ReadingKey::from_pem("").error().code, Code::bad_key);
    EXPECT_EQ(ReadingKey::from_pem("-----BEGIN PRIVATE KEY-----\n"
                                   "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
                                   "-----END PRIVATE KEY-----\n")
                  .error()
                  .code,
              Code::bad_key)
        << "a key of Ed25519";
}

}  // namespace
}  // namespace tally::crypto
