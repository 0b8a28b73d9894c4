// Keys with a passphrase, as openssl wrote them (pkcs8 -topk8 -v2 aes256; ec -aes256; pkey -aes256; passphrase "rain").

#include "crypto/encrypted_pem.h"

#include <gtest/gtest.h>

#include "crypto/key.h"

namespace tally::crypto {
namespace {

constexpr std::string_view kP256 = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhBmkw0TmlHFwICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFmIKBQFB/S9USk7Jvb/KNQEgZDa
vnBNzZaLGsReLeIzATrsRnASCaTrDftk/PLe5+x4z4tC9UxRdKYE82+k5VpzAs1n
na9Z8skpUmfc0nLjP6uUbtlFcGa/dw0cSjTaAbGC2TQTyXUd6Sg/FJsR6ozxXgCw
aaf9pqbLiPEYlELeXCpf2nq2T46AhtL1t0zO/krptDUjZCNSeVdQwh2ne77NcC8=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr std::string_view kP256Traditional = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,5C8B0E1DE334A6EE65A8FF6D34B83A4F

WF6CsdMy/MQOxAnxjH2hWPcG5b+ngzZCHHNr5EUWgYajHpbx/25Vob+NDEgU/RAC
03yk+y4aN6KdQ8JrcJaOrnuboP/hVELZYFCacskFSkZNn3CF3kcf4H33uTd5WoS2
M737lbNrZwtsYZg8/azc37dPFPgIcCs3Hii8cb0EZEM=
-----END EC PRIVATE KEY-----
)";
constexpr std::string_view kP256Public = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjBLmDofbeYgh+uPSi0GOmR/OvPYE
WVMp5VMjjGU0VsW76gIOwRRQ11wxr5rL7l2YzLiBZBPQOJ4Fun26G8vNwg==
-----END PUBLIC KEY-----
)";
constexpr std::string_view kEd25519 = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjLA+qyMQKo9wICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENAR73qWSspl+U8ov+dMVIQEQKxy
b/dsXU4e4iYlgvNvJzy6Vf2BSCbOLlGRc6Dizdf9p+9V4stBhDyeXmQqXYRxfHjD
7w8wf9dT3hxRhIxy5CA=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr std::string_view kEd25519Public = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAEoQZPap5yiE/aTqYtOU/g4F2sJPKLR88Fjvj6XIbLAQ=
-----END PUBLIC KEY-----
)";

TEST(EncryptedPem, KeysOfOpensslAreRead) {
    for (const auto& [pem, expected] : {std::pair(kP256, kP256Public), std::pair(kP256Traditional, kP256Public),
                                        std::pair(kEd25519, kEd25519Public)}) {
        ASSERT_TRUE(is_encrypted_pem(pem));
        const auto plain = decrypt_pem(pem, "rain");
        ASSERT_TRUE(plain) << plain.error().message;
        const auto key = PrivateKey::from_pem(*plain);
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(key->public_key(), *PublicKey::from_pem(expected));
    }
}

TEST(EncryptedPem, AnotherPassphraseDoesNotOpenThem) {
    for (const auto pem : {kP256, kP256Traditional, kEd25519}) {
        for (const auto* passphrase : {"snow", "", "rain "}) {
            const auto plain = decrypt_pem(pem, passphrase);
            ASSERT_FALSE(plain);
            EXPECT_EQ(plain.error().code, Code::bad_key);
        }
    }
    EXPECT_FALSE(
        decrypt_pem("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "rain"));
    EXPECT_FALSE(decrypt_pem("", "rain"));
}

TEST(EncryptedPem, WhatIsEncryptedIsOpenedAgain) {
    for (const auto algorithm : {Algorithm::p256, Algorithm::ed25519}) {
        const auto key = PrivateKey::generate(algorithm);
        EXPECT_FALSE(is_encrypted_pem(key.pem()));
        const auto pem = encrypt_pem(key.pem(), "a longer passphrase, with ümlauts");
        ASSERT_TRUE(pem) << pem.error().message;
        EXPECT_TRUE(is_encrypted_pem(*pem));
        EXPECT_FALSE(PrivateKey::from_pem(*pem));
        const auto plain = decrypt_pem(*pem, "a longer passphrase, with ümlauts");
        ASSERT_TRUE(plain) << plain.error().message;
        EXPECT_EQ(PrivateKey::from_pem(*plain)->public_key(), key.public_key());
    }
    EXPECT_FALSE(encrypt_pem(PrivateKey::generate(Algorithm::p256).pem(), ""));
}

}  // namespace
}  // namespace tally::crypto
