#include "crypto/meter_key.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/meter_vectors.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

using namespace vectors;

std::string spaced(std::string_view hex) {
    std::string out = "\xef\xbb\xbf ";
    for (std::size_t i = 0; i < hex.size(); i += 4) out += std::string(hex.substr(i, 4)) + (i % 64 == 0 ? "\r\n" : " ");
    return out;
}

TEST(MeterKey, IsReadInEveryFormInWhichMetersShowIt) {
    const auto key = PublicKey::from_spki(unhex(kMeterSpki)).value();
    const std::vector<std::string> forms = {std::string(kMeterSpki),
                                            spaced(kMeterSpki),
                                            std::string(kMeterPoint),
                                            std::string(kMeterPoint.substr(2)),
                                            spaced(kMeterPoint.substr(2)),
                                            std::string(kMeterCompressed),
                                            std::string(kMeterSpkiBase64),
                                            to_base64(unhex(kMeterPoint)),
                                            to_base64(unhex(kMeterPoint.substr(2))),
                                            key.pem()};
    for (const auto& form : forms) {
        const auto read = meter_key_from(form);
        ASSERT_TRUE(read) << form << ": " << read.error().message;
        EXPECT_EQ(*read, key) << form;
    }
}

TEST(MeterKey, AnotherCurveIsUnsupportedByItsName) {
    for (const auto& foreign : kForeignKeys) {
        const auto read = meter_key_from(foreign.spki);
        ASSERT_FALSE(read) << foreign.name;
        EXPECT_EQ(read.error().code, Code::unsupported) << read.error().message;
        EXPECT_NE(read.error().message.find(foreign.name), std::string::npos) << read.error().message;
    }
    const auto bare = meter_key_from("04" + std::string(96, '1'));
    ASSERT_FALSE(bare);
    EXPECT_EQ(bare.error().code, Code::unsupported);
    EXPECT_NE(bare.error().message.find("secp192r1"), std::string::npos) << bare.error().message;
}

TEST(MeterKey, WhatIsNoKeyIsRefused) {
    std::string off_the_curve(kMeterPoint);
    off_the_curve.back() ^= 1;
    for (const std::string& text :
         {std::string(), std::string("hello"), std::string("04"), std::string(kMeterSpki.substr(2)), off_the_curve,
          std::string(kMeterSpki) + "00", std::string(kMaxKeyText + 1, 'a'),
          std::string("-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----\n")}) {
        const auto read = meter_key_from(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, Code::bad_key) << read.error().message;
    }
}

TEST(MeterSignature, IsReadAsMetersWriteIt) {
    const auto raw = unhex(kRawSignature);
    EXPECT_EQ(meter_signature_from(raw).value(), raw);
    EXPECT_EQ(meter_signature_from(unhex(kHighS)).value(), raw);
    EXPECT_EQ(meter_signature_from(unhex(kUnsignedIntegers)).value(), raw);
    const auto key = meter_key_from(kMeterSpki).value();
    EXPECT_TRUE(key.verify(as_bytes(kMeterPayload), raw));
    const auto low = meter_signature_from(from_base64(kLowSBase64).value()).value();
    EXPECT_NE(low, raw);
    EXPECT_EQ(meter_signature_from(unhex(kNonMinimal)).value(), low);
    EXPECT_TRUE(key.verify(as_bytes(kMeterPayload), low));
}

TEST(MeterSignature, EveryCutAndEveryLargerNumberIsRefused) {
    const auto der = unhex(kHighS);
    for (std::size_t size = 0; size < der.size(); ++size) {
        if (size == kSignatureBytes) continue;  // any 64 bytes are r || s
        EXPECT_FALSE(meter_signature_from(ByteView(der).first(size))) << size;
    }
    for (const auto text : {"3006020100020101", "3006020101020100", "300702010102010100", "3006020101020101ff",
                            "3080020101020101", "30ffffff", "30020200"}) {
        const auto read = meter_signature_from(unhex(text));
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, Code::bad_signature);
    }
    Bytes large = unhex("3026022101" + std::string(64, '0') + "020101");
    EXPECT_NE(meter_signature_from(large).error().message.find("33 bytes"), std::string::npos);
}

TEST(PublishedKeys, TheGeneratorAndTheKeysOfExamplesProveNothing) {
    // The generator of P-256, and the key of RFC 6979, A.2.5.
    for (const auto text : {"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c"
                            "0f9e162bce33576b315ece"
                            "cbb6406837bf51f5",
                            "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e956"
                            "28bc64f2f1b20c2d7e9f51"
                            "77a3c294d4462299"}) {
        const auto status = check_unpublished(meter_key_from(text).value());
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, Code::bad_key);
    }
    EXPECT_TRUE(check_unpublished(meter_key_from(kMeterSpki).value()));
}

}  // namespace
}  // namespace tally::crypto
