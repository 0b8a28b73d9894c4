#include <cryptopp/donna.h>
#include <cryptopp/sha.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>

#include "crypto/bounded_cache.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/key_impl.h"
#include "crypto/pem.h"

namespace tally::crypto {
namespace {

// SubjectPublicKeyInfo up to the raw key: one canonical form each.
constexpr std::array<std::uint8_t, 12> kEd25519Spki = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::array<std::uint8_t, 26> kP256Spki = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr std::array<std::uint8_t, 26> kP256CompressedSpki = {0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                              0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                              0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00};
constexpr std::array<std::uint8_t, 23> kP384Spki = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                                    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                                    0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};

// The y coordinates of points whose order divides 8, little-endian. Under such a key one signature fits many messages.
constexpr std::array<std::array<std::uint8_t, 32>, 5> kSmallOrder = {{
    {0x00},
    {0x01},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
}};
// 2^255 - 19 and the group order L, little-endian.
constexpr std::array<std::uint8_t, 32> kFieldPrime = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
constexpr std::array<std::uint8_t, 32> kGroupOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                                      0xa2, 0xde, 0xf9, 0xde, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                                      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10};

bool is_below(ByteView little_endian, ByteView bound) {
    return std::lexicographical_compare(little_endian.rbegin(), little_endian.rend(), bound.rbegin(), bound.rend());
}

Status check_ed25519(ByteView raw) {
    std::array<std::uint8_t, 32> y;
    std::copy(raw.begin(), raw.end(), y.begin());
    y[31] &= 0x7f;  // the sign of x
    if (!is_below(y, kFieldPrime)) return fail(Code::bad_key, "an Ed25519 key is not in its canonical form");
    if (std::find(kSmallOrder.begin(), kSmallOrder.end(), y) != kSmallOrder.end()) {
        return fail(Code::bad_key, "an Ed25519 key of small order proves nothing");
    }
    return {};
}

OpenSslHandle<evp_pkey_st> parse_spki(ByteView der) {
    const unsigned char* at = der.data();
    OpenSslHandle<evp_pkey_st> key(
        d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(der.size()), verifying_context(), nullptr));
    if (key && at != der.data() + der.size()) key.reset();
    return key;
}

template <std::size_t size>
Bytes spki_of(const std::array<std::uint8_t, size>& prefix, ByteView raw) {
    Bytes spki;
    spki.reserve(prefix.size() + raw.size());
    append(spki, prefix);
    append(spki, raw);
    return spki;
}

Result<Bytes> uncompressed_point(const evp_pkey_st* key) {
    std::array<std::uint8_t, 256> point;
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1) {
        return fail(Code::bad_key, "the public key cannot be read: {}", take_openssl_error());
    }
    return to_bytes(ByteView(point).first(size));
}

Result<PublicKey> make(Algorithm algorithm, bool only_certifies, Bytes raw, Bytes spki) {
    OpenSslHandle<evp_pkey_st> key = parse_spki(spki);
    if (!key) {
        return fail(Code::bad_key, "{} key: {}", only_certifies ? "P-384" : algorithm_name(algorithm),
                    take_openssl_error());
    }
    auto impl = std::make_shared<PublicKey::Impl>();
    impl->algorithm = algorithm;
    impl->only_certifies = only_certifies;
    impl->raw = std::move(raw);
    impl->spki = std::move(spki);
    impl->fingerprint = sha256(impl->spki);
    impl->key = std::move(key);
    return PublicKey(std::move(impl));
}

// ECDSA-Sig-Value (RFC 3279 section 2.2.3) from r || s: two minimal INTEGERs in a SEQUENCE of at most 72 bytes.
struct DerSignature {
    std::array<std::uint8_t, 72> bytes;
    std::size_t size = 2;

    explicit DerSignature(ByteView raw) {
        add_integer(raw.first(32));
        add_integer(raw.last(32));
        bytes[0] = 0x30;
        bytes[1] = static_cast<std::uint8_t>(size - 2);
    }
    [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
    void add_integer(ByteView value) {
        while (value.size() > 1 && value.front() == 0) value = value.subspan(1);
        const bool sign_byte = (value.front() & 0x80) != 0;
        bytes[size++] = 0x02;
        bytes[size++] = static_cast<std::uint8_t>(value.size() + (sign_byte ? 1 : 0));
        if (sign_byte) bytes[size++] = 0;
        std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        size += value.size();
    }
};

bool ecdsa_fits(const PublicKey::Impl& key, ByteView der, ByteView digest) {
    const OpenSslHandle<evp_pkey_ctx_st> context(
        EVP_PKEY_CTX_new_from_pkey(verifying_context(), key.key.get(), nullptr));
    const bool fits = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                      EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) == 1;
    if (!fits) (void)take_openssl_error();
    return fits;
}

// OpenSSL takes longer to decode a key than to verify with it, and devices' keys come back with every record. The keys
// parsed last are kept by the digest of their encoding.
constexpr std::size_t kParsedKeys = 16'384;

template <class Parse>
Result<PublicKey> parsed_once(const Hash& digest, Parse parse) {
    static BoundedCache<PublicKey> keys(kParsedKeys);
    if (auto known = keys.find(digest)) return *std::move(known);
    auto key = parse();
    if (key) keys.insert(digest, *key);
    return key;
}

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::ed25519: return "Ed25519";
        case Algorithm::p256: return "P-256";
    }
    return "unknown";
}

Result<PublicKey> PublicKey::from_raw(Algorithm algorithm, ByteView raw) {
    switch (algorithm) {
        case Algorithm::ed25519:
            if (raw.size() != 32) return fail(Code::bad_key, "an Ed25519 key has 32 bytes, not {}", raw.size());
            TRY(check_ed25519(raw));
            return make(algorithm, false, to_bytes(raw), spki_of(kEd25519Spki, raw));
        case Algorithm::p256: break;
    }
    if (raw.size() == 65 && raw[0] == 4) {
        Bytes spki = spki_of(kP256Spki, raw);
        return parsed_once(sha256(spki), [&] { return make(algorithm, false, to_bytes(raw), std::move(spki)); });
    }
    if (raw.size() != 33 || (raw[0] != 2 && raw[0] != 3)) {
        return fail(Code::bad_key, "a P-256 key has 65 bytes beginning with 4, or 33 beginning with 2 or 3");
    }
    const OpenSslHandle<evp_pkey_st> key = parse_spki(spki_of(kP256CompressedSpki, raw));
    if (!key) return fail(Code::bad_key, "P-256 key: {}", take_openssl_error());
    // OpenSSL gives the point back in the form in which it came.
    OpenSslHandle<evp_pkey_st> copy(EVP_PKEY_dup(key.get()));
    if (!copy || EVP_PKEY_set_utf8_string_param(copy.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                                OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) != 1) {
        return fail(Code::bad_key, "P-256 key: {}", take_openssl_error());
    }
    Bytes point = TRY(uncompressed_point(copy.get()));
    if (point.size() != 65) return fail(Code::bad_key, "P-256 key: its point cannot be expanded");
    Bytes spki = spki_of(kP256Spki, point);
    return make(algorithm, false, std::move(point), std::move(spki));
}

Result<PublicKey> public_key_from(evp_pkey_st* key) {
    if (key == nullptr) return fail(Code::bad_key, "the key is of an unknown kind ({})", take_openssl_error());
    if (EVP_PKEY_is_a(key, "ED25519") == 1) {
        std::array<std::uint8_t, 32> raw;
        std::size_t size = raw.size();
        if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1) {
            return fail(Code::bad_key, "Ed25519 key: {}", take_openssl_error());
        }
        return PublicKey::from_raw(Algorithm::ed25519, ByteView(raw).first(size));
    }
    std::array<char, 64> group{};
    if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 ||
        std::string_view(group.data()) != "prime256v1") {
        (void)take_openssl_error();
        return fail(Code::bad_key, "only P-256 and Ed25519 keys are accepted");
    }
    return PublicKey::from_raw(Algorithm::p256, TRY(uncompressed_point(key)));
}

namespace {

// The raw key behind this beginning, if it has that many bytes.
template <std::size_t size>
std::optional<ByteView> behind(const std::array<std::uint8_t, size>& prefix, std::size_t raw_bytes, ByteView spki) {
    if (spki.size() != size + raw_bytes || !equal(spki.first(size), prefix)) return std::nullopt;
    return spki.subspan(size);
}

}  // namespace

Result<PublicKey> certified_key_from(ByteView spki, bool p384_allowed) {
    const auto p384 = behind(kP384Spki, 97, spki);
    if (!p384 || !p384_allowed) return PublicKey::from_spki(spki);
    if (p384->front() != 4) return fail(Code::bad_key, "a P-384 key is not an uncompressed point");
    return make(Algorithm::p256, true, to_bytes(*p384), to_bytes(spki));
}

Result<PublicKey> PublicKey::from_spki(ByteView der) {
    return parsed_once(sha256(der), [&]() -> Result<PublicKey> {
        if (const auto raw = behind(kEd25519Spki, 32, der)) return from_raw(Algorithm::ed25519, *raw);
        if (const auto raw = behind(kP256Spki, 65, der)) return from_raw(Algorithm::p256, *raw);
        if (const auto raw = behind(kP256CompressedSpki, 33, der)) return from_raw(Algorithm::p256, *raw);
        return fail(Code::bad_key, "only P-256 (as a named curve) and Ed25519 keys are accepted");
    });
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) { return from_spki(TRY(decode_pem(pem, "PUBLIC KEY"))); }

Algorithm PublicKey::algorithm() const { return impl_->algorithm; }
const Bytes& PublicKey::raw() const { return impl_->raw; }
const Bytes& PublicKey::spki() const { return impl_->spki; }
std::string PublicKey::pem() const { return encode_pem("PUBLIC KEY", impl_->spki); }
const Hash& PublicKey::fingerprint() const { return impl_->fingerprint; }
bool PublicKey::only_certifies() const { return impl_->only_certifies; }

Status PublicKey::verify(ByteView message, ByteView signature) const {
    switch (impl_->algorithm) {
        case Algorithm::p256: return verify_digest(sha256(message), signature);
        case Algorithm::ed25519: break;
    }
    if (signature.size() != kSignatureBytes) {
        return fail(Code::bad_signature, "an Ed25519 signature has 64 bytes, not {}", signature.size());
    }
    const std::uint8_t nothing = 0;
    const std::uint8_t* const data = message.empty() ? &nothing : message.data();
    if (!is_below(signature.last(32), kGroupOrder) ||
        CryptoPP::Donna::ed25519_sign_open(data, message.size(), impl_->raw.data(), signature.data()) != 0) {
        return fail(Code::bad_signature, "the Ed25519 signature does not fit the message and the key");
    }
    return {};
}

Status PublicKey::verify_digest(const Hash& digest, ByteView signature) const {
    if (impl_->algorithm != Algorithm::p256) {
        return fail(Code::unsupported, "{} signs messages, not digests", algorithm_name(impl_->algorithm));
    }
    if (impl_->only_certifies) return fail(Code::bad_key, "a P-384 key is accepted on certificates only");
    if (signature.size() != kSignatureBytes) {
        return fail(Code::bad_signature, "a P-256 signature has 64 bytes (r || s), not {}", signature.size());
    }
    const DerSignature der(signature);
    if (ecdsa_fits(*impl_, der.view(), digest.bytes)) return {};
    return fail(Code::bad_signature, "the P-256 signature does not fit the message and the key");
}

namespace {

// ECDSA-Sig-Value in DER: two positive integers, no longer than the group's order.
bool is_ecdsa_signature(ByteView signature, std::size_t bytes) {
    const auto read = [&]() -> Status {
        DerReader in(TRY(whole_element(signature, DerTag::sequence)).content);
        for (int i = 0; i < 2; ++i) {
            const ByteView number = TRY(in.unsigned_integer());
            if (number.empty() || number.size() > bytes) return fail(Code::bad_signature, "out of range");
        }
        return in.end();
    };
    return read().has_value();
}

template <class Digest>
Bytes digest_by(ByteView message) {
    Bytes digest(Digest::DIGESTSIZE);
    Digest().CalculateDigest(digest.data(), message.data(), message.size());
    return digest;
}

}  // namespace

bool verify_certificate_signature(const PublicKey& key, CertificateSignature algorithm, ByteView message,
                                  ByteView signature) {
    if (key.algorithm() == Algorithm::ed25519) {
        return algorithm == CertificateSignature::ed25519 && key.verify(message, signature).has_value();
    }
    if (!is_ecdsa_signature(signature, key.only_certifies() ? 48 : 32)) return false;
    switch (algorithm) {
        case CertificateSignature::ecdsa_sha256: return ecdsa_fits(key.impl(), signature, sha256(message).bytes);
        case CertificateSignature::ecdsa_sha384:
            return ecdsa_fits(key.impl(), signature, digest_by<CryptoPP::SHA384>(message));
        case CertificateSignature::ecdsa_sha512:
            return ecdsa_fits(key.impl(), signature, digest_by<CryptoPP::SHA512>(message));
        case CertificateSignature::ed25519:
        case CertificateSignature::unknown: return false;
    }
    return false;
}

}  // namespace tally::crypto
