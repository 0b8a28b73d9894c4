// What certificates may hold, one deviation at a time: no library decides it.

#include <gtest/gtest.h>

#include <functional>

#include "crypto/x509.h"
#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) append(out, part);
    return out;
}

Bytes element(std::uint8_t tag, const Bytes& content) {
    Bytes out{tag};
    if (content.size() >= 0x100) {
        append(out, Bytes{0x82, static_cast<std::uint8_t>(content.size() >> 8)});
    } else if (content.size() >= 0x80) {
        out.push_back(0x81);
    }
    out.push_back(static_cast<std::uint8_t>(content.size()));
    append(out, content);
    return out;
}
Bytes element(std::uint8_t tag, std::string_view text) { return element(tag, to_bytes(text)); }

Bytes name_of(std::uint8_t type, std::string_view text) {
    return element(0x30, element(0x31, element(0x30, joined({unhex("0603550403"), element(type, text)}))));
}
Bytes extension(std::string_view oid_hex, const Bytes& value, const Bytes& critical = {}) {
    return element(0x30, joined({element(0x06, unhex(oid_hex)), critical, element(0x04, value)}));
}

const Bytes kCritical = {0x01, 0x01, 0xff};

// A certificate's parts as RFC 5280 wants them; a test changes one.
struct Parts {
    Bytes version = unhex("a003020102");
    Bytes serial = unhex("020105");
    Bytes inner_algorithm = unhex("300506032b6570");
    Bytes issuer = name_of(0x0c, "Issuer");
    Bytes dates = joined({element(0x17, "240101000000Z"), element(0x18, "20510101000000Z")});
    Bytes subject = name_of(0x13, "Subject");
    Bytes key =
        joined({unhex("302a300506032b6570032100"), PrivateKey::generate(Algorithm::ed25519).public_key().raw()});
    Bytes ids;
    std::vector<Bytes> extensions = {extension("551d13", unhex("3000"), kCritical)};
    Bytes algorithm = unhex("300506032b6570");
    Bytes signature = joined({{0x00}, Bytes(64, 7)});

    [[nodiscard]] Bytes der() const {
        Bytes list;
        for (const Bytes& each : extensions) append(list, each);
        const Bytes signed_part = element(0x30, joined({version, serial, inner_algorithm, issuer, element(0x30, dates),
                                                        subject, key, ids, element(0xa3, element(0x30, list))}));
        return element(0x30, joined({signed_part, algorithm, element(0x03, signature)}));
    }
};

bool is_read(const std::function<void(Parts&)>& change) {
    Parts parts;
    change(parts);
    return Certificate::from_der(parts.der()).has_value();
}

TEST(Profile, WhatRfc5280WantsIsRead) {
    const auto certificate = Certificate::from_der(Parts().der());
    ASSERT_TRUE(certificate) << certificate.error().message;
    EXPECT_EQ(certificate->subject().common_name, "Subject");
    EXPECT_EQ(certificate->issuer().common_name, "Issuer");
    EXPECT_EQ(certificate->not_before_ms(), 1'704'067'200'000);
    EXPECT_EQ(certificate->not_after_ms(), 2'556'144'000'000);
}

TEST(Profile, FieldsHaveOneForm) {
    EXPECT_FALSE(is_read([](Parts& p) { p.version.clear(); })) << "version 1";
    EXPECT_FALSE(is_read([](Parts& p) { p.version = unhex("a003020101"); })) << "version 2";
    EXPECT_FALSE(is_read([](Parts& p) { p.serial = unhex("0201ff"); })) << "negative";
    EXPECT_FALSE(is_read([](Parts& p) { p.serial = unhex("02020005"); })) << "a zero too many";
    EXPECT_FALSE(is_read([](Parts& p) { p.serial = element(0x02, Bytes(21, 1)); })) << "too long";
    EXPECT_TRUE(is_read([](Parts& p) { p.serial = element(0x02, Bytes(20, 1)); }));
    EXPECT_FALSE(is_read([](Parts& p) { p.inner_algorithm = unhex("300a06082a8648ce3d040302"); })) << "two algorithms";
    EXPECT_TRUE(is_read([](Parts& p) { p.algorithm = p.inner_algorithm = unhex("300d06092a864886f70d01010b0500"); }))
        << "another algorithm is read, and signs nothing";
    EXPECT_FALSE(is_read([](Parts& p) { p.ids = unhex("81020001"); })) << "a unique id";
    EXPECT_FALSE(is_read([](Parts& p) { p.signature[0] = 1; })) << "odd bits";
    EXPECT_FALSE(is_read([](Parts& p) { p.key[4] ^= 1; }));
}

TEST(Profile, DatesHaveOneForm) {
    const auto with = [](std::uint8_t tag, std::string_view text) {
        return is_read([&](Parts& p) { p.dates = joined({element(0x17, "240101000000Z"), element(tag, text)}); });
    };
    EXPECT_TRUE(with(0x17, "491231235959Z"));
    EXPECT_TRUE(with(0x18, "99991231235959Z"));
    EXPECT_FALSE(with(0x17, "2401010000Z")) << "no seconds";
    EXPECT_FALSE(with(0x17, "240101000000+0000"));
    EXPECT_FALSE(with(0x18, "20510101000000.5Z"));
    EXPECT_FALSE(with(0x17, "240230000000Z")) << "the 30th of February";
    EXPECT_FALSE(with(0x17, "240101240000Z"));
    EXPECT_FALSE(with(0x17, "240101000060Z"));
    EXPECT_FALSE(with(0x16, "240101000000Z"));
}

TEST(Profile, NamesAreText) {
    const auto with = [](std::uint8_t tag, std::string_view text) {
        return is_read([&](Parts& p) { p.subject = name_of(tag, text); });
    };
    EXPECT_TRUE(with(0x0c, "K\u00f6ln"));
    EXPECT_FALSE(with(0x13, "K\u00f6ln"));
    EXPECT_FALSE(with(0x0c, "\xc0\x80")) << "no shortest form";
    EXPECT_FALSE(with(0x0c, "\xed\xa0\x80")) << "a surrogate";
    EXPECT_FALSE(with(0x0c, "a\x1b[31m"));
    EXPECT_FALSE(with(0x0c, "a\u009b31m")) << "one byte less, the same to a terminal";
    EXPECT_FALSE(with(0x14, "T61")) << "nobody agrees what it means";
    EXPECT_FALSE(with(0x1e, std::string_view("\0a", 2))) << "BMPString";
    EXPECT_FALSE(with(0x0c, std::string(513, 'a')));
}

TEST(Profile, ExtensionsAreFewAndDistinctAndWellFormed) {
    const auto with = [](std::vector<Bytes> extensions) {
        return is_read([&](Parts& p) { p.extensions = extensions; });
    };
    const Bytes basic = extension("551d13", unhex("3000"));
    EXPECT_FALSE(with({}));
    EXPECT_FALSE(with({basic, basic}));
    EXPECT_FALSE(with({extension("551d13", unhex("3000"), {0x01, 0x01, 0x00})})) << "a default spelled out";
    EXPECT_FALSE(with({extension("551d13", unhex("3000"), {0x01, 0x01, 0x01})})) << "no boolean";
    EXPECT_FALSE(with({extension("551d13", unhex("3003010100"))})) << "a default spelled out";
    EXPECT_FALSE(with({extension("551d13", unhex("3003020100"))})) << "a path length of no authority";
    EXPECT_FALSE(with({extension("551d13", unhex("30000500"))})) << "something behind it";
    EXPECT_FALSE(with({extension("551d0f", unhex("0302078f"))})) << "bits that are not there";
    EXPECT_FALSE(with({extension("551d0f", unhex("030100"))})) << "no bit";
    EXPECT_FALSE(with({extension("551d25", unhex("3000"))})) << "no usage";
    EXPECT_TRUE(with({extension("551d0f", unhex("03020780"))}));
    EXPECT_TRUE(with({extension("2a030405", unhex("ff"))})) << "what is not understood is not read";
    std::vector<Bytes> many;
    for (std::uint8_t i = 0; i < 32; ++i) many.push_back(extension("2a03" + to_hex(Bytes{i}), {}));
    EXPECT_TRUE(with(many));
    many.push_back(basic);
    EXPECT_FALSE(with(many));
}

TEST(Profile, LengthsAreInTheirShortestForm) {
    Bytes der = Parts().der();
    ASSERT_EQ(der[1], 0x81);
    Bytes longer = joined({{der[0], 0x82, 0x00}, Bytes(der.begin() + 2, der.end())});
    EXPECT_FALSE(Certificate::from_der(longer));
    der[1] = 0x80;
    EXPECT_FALSE(Certificate::from_der(der)) << "indefinite";
    EXPECT_FALSE(Certificate::from_der(unhex("3084ffffffff")));
    EXPECT_FALSE(Certificate::from_der(unhex("30")));
}

}  // namespace
}  // namespace tally::crypto
