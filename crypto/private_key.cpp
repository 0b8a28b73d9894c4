#include <cryptopp/donna.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "crypto/key.h"
#include "crypto/key_impl.h"
#include "crypto/pem.h"
#include "crypto/random.h"
#include "crypto/token_key.h"

namespace tally::crypto {
namespace {

// PKCS#8 (RFC 5958, 5915, 8410) around the 32 secret bytes.
constexpr std::array<std::uint8_t, 16> kEd25519Pkcs8 = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                        0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr std::array<std::uint8_t, 33> kP256SecretOnly = {
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01};
constexpr std::array<std::uint8_t, 2> kP256Secret = {0x04, 0x20};
constexpr std::array<std::uint8_t, 34> kP256Pkcs8 = {
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01};
constexpr std::array<std::uint8_t, 5> kP256Public = {0xa1, 0x44, 0x03, 0x42, 0x00};
constexpr std::array<std::uint8_t, 32> kP256Order = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                                     0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                                     0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

constexpr int kExitWithoutToken = 4;  // as a node that is not there

// Bytes that are overwritten before they are given back.
struct SecretBytes {
    Bytes bytes;
    SecretBytes() { bytes.reserve(256); }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

OpenSslHandle<evp_pkey_st> parse_private(ByteView der) {
    const unsigned char* at = der.data();
    OpenSslHandle<evp_pkey_st> key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
    if (key && at != der.data() + der.size()) key.reset();
    return key;
}

bool is_p256_scalar(ByteView secret) {
    const bool zero = std::all_of(secret.begin(), secret.end(), [](std::uint8_t byte) { return byte == 0; });
    return !zero && std::lexicographical_compare(secret.begin(), secret.end(), kP256Order.begin(), kP256Order.end());
}

Result<PrivateKey> ed25519_from(ByteView seed) {
    std::array<std::uint8_t, 32> raw;
    CryptoPP::Donna::ed25519_publickey(raw.data(), seed.data());
    auto impl = std::make_shared<PrivateKey::Impl>(TRY(PublicKey::from_raw(Algorithm::ed25519, raw)));
    std::copy(seed.begin(), seed.end(), impl->secret.begin());
    SecretBytes der;
    append(der.bytes, kEd25519Pkcs8);
    append(der.bytes, seed);
    impl->key = parse_private(der.bytes);
    if (!impl->key) return fail(Code::bad_key, "Ed25519 private key: {}", take_openssl_error());
    return PrivateKey(std::move(impl));
}

Result<PrivateKey> p256_from(ByteView scalar) {
    if (!is_p256_scalar(scalar)) return fail(Code::bad_key, "a P-256 private key lies outside [1, n-1]");
    SecretBytes der;  // without the public key, which OpenSSL then works out
    append(der.bytes, kP256SecretOnly);
    append(der.bytes, kP256Secret);
    append(der.bytes, scalar);
    OpenSslHandle<evp_pkey_st> key = parse_private(der.bytes);
    if (!key) return fail(Code::bad_key, "P-256 private key: {}", take_openssl_error());
    auto impl = std::make_shared<PrivateKey::Impl>(TRY(public_key_from(key.get())));
    std::copy(scalar.begin(), scalar.end(), impl->secret.begin());
    impl->key = std::move(key);
    return PrivateKey(std::move(impl));
}

Result<PrivateKey> in_token(std::string_view uri) {
    auto key = TRY(open_token_key(uri));
    auto impl = std::make_shared<PrivateKey::Impl>(TRY(public_key_from(key.get())));
    if (impl->public_key.algorithm() != Algorithm::p256)
        return fail(Code::bad_key, "the key in the token is {}; it must be P-256",
                    algorithm_name(impl->public_key.algorithm()));
    impl->key = std::move(key);
    impl->token = uri;
    return PrivateKey(std::move(impl));
}

// A token that was pulled out, or that locked itself, is no fault of this program, and without its key it has nothing
// to do: it ends, and whatever supervises it starts it again.
[[noreturn]] void end_without_token(const std::string& uri) {
    fmt::print(stderr, "tally: the token with the key {} does not sign any more: {}\n", uri, take_openssl_error());
    std::fflush(stderr);
    std::_Exit(kExitWithoutToken);
}

}  // namespace

PrivateKey::Impl::~Impl() { OPENSSL_cleanse(secret.data(), secret.size()); }

Result<PrivateKey> PrivateKey::from_raw(Algorithm algorithm, ByteView secret) {
    if (secret.size() != 32) return fail(Code::bad_key, "a private key has 32 bytes, not {}", secret.size());
    switch (algorithm) {
        case Algorithm::ed25519: return ed25519_from(secret);
        case Algorithm::p256: break;
    }
    return p256_from(secret);
}

PrivateKey PrivateKey::generate(Algorithm algorithm) {
    while (true) {
        SecretBytes secret;
        secret.bytes = random_bytes(32);
        if (algorithm == Algorithm::p256 && !is_p256_scalar(secret.bytes)) continue;
        Result<PrivateKey> key = from_raw(algorithm, secret.bytes);
        TALLY_INVARIANT(key.has_value(), "a private key cannot be made of random bytes");
        return std::move(*key);
    }
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    if (is_token_uri(pem)) return in_token(pem);
    if (pem.find("ENCRYPTED") != std::string_view::npos) {
        return fail(
            Code::bad_key,
            "the private key is encrypted with a passphrase, and this one is read without; `openssl pkey -in FILE "
            "-out NEW` decrypts it");
    }
    std::vector<PemBlock> blocks = TRY(decode_pem(pem));
    std::erase_if(
        blocks, [](const PemBlock& block) { return block.label != "PRIVATE KEY" && block.label != "EC PRIVATE KEY"; });
    if (blocks.size() != 1) {
        return fail(Code::bad_key, "one unencrypted private key is expected, {} are there", blocks.size());
    }
    SecretBytes der;
    der.bytes.swap(blocks.front().der);
    const OpenSslHandle<evp_pkey_st> key = parse_private(der.bytes);
    if (!key) return fail(Code::bad_key, "private key: {}", take_openssl_error());
    const PublicKey public_part = TRY(public_key_from(key.get()));
    SecretBytes secret;
    secret.bytes.resize(32);
    bool read = false;
    if (public_part.algorithm() == Algorithm::ed25519) {
        std::size_t size = 32;
        read = EVP_PKEY_get_raw_private_key(key.get(), secret.bytes.data(), &size) == 1 && size == 32;
    } else {
        BIGNUM* scalar = nullptr;
        read = EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 &&
               BN_bn2binpad(scalar, secret.bytes.data(), 32) == 32;
        BN_clear_free(scalar);
    }
    if (!read) return fail(Code::bad_key, "the private key's secret cannot be read: {}", take_openssl_error());
    PrivateKey made = TRY(from_raw(public_part.algorithm(), secret.bytes));
    if (made.public_key() != public_part) return fail(Code::bad_key, "the private key does not fit its public key");
    return made;
}

std::string PrivateKey::pem() const {
    if (!impl_->token.empty()) return impl_->token;
    SecretBytes der;
    if (algorithm() == Algorithm::ed25519) {
        append(der.bytes, kEd25519Pkcs8);
        append(der.bytes, impl_->secret);
    } else {
        append(der.bytes, kP256Pkcs8);
        append(der.bytes, kP256Secret);
        append(der.bytes, impl_->secret);
        append(der.bytes, kP256Public);
        append(der.bytes, public_key().raw());
    }
    return encode_pem("PRIVATE KEY", der.bytes);
}

const PublicKey& PrivateKey::public_key() const { return impl_->public_key; }

Bytes PrivateKey::sign(ByteView message) const {
    if (algorithm() == Algorithm::p256) return sign_digest(sha256(message));
    const std::uint8_t nothing = 0;
    Bytes signature(kSignatureBytes);
    CryptoPP::Donna::ed25519_sign(message.empty() ? &nothing : message.data(), message.size(), impl_->secret.data(),
                                  public_key().raw().data(), signature.data());
    return signature;
}

Bytes PrivateKey::sign_digest(const Hash& digest) const {
    TALLY_INVARIANT(algorithm() == Algorithm::p256, "a digest is to be signed with an Ed25519 key");
    std::array<std::uint8_t, 72> der;
    std::size_t size = der.size();
    const OpenSslHandle<evp_pkey_ctx_st> context(EVP_PKEY_CTX_new_from_pkey(nullptr, impl_->key.get(), nullptr));
    const bool made = context && EVP_PKEY_sign_init(context.get()) == 1 &&
                      EVP_PKEY_sign(context.get(), der.data(), &size, digest.bytes.data(), 32) == 1;
    if (!made && !impl_->token.empty()) end_without_token(impl_->token);
    TALLY_INVARIANT(made, "OpenSSL does not sign");
    const unsigned char* at = der.data();
    ECDSA_SIG* const parsed = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
    TALLY_INVARIANT(parsed != nullptr, "OpenSSL made a signature that it cannot read");
    Bytes signature(kSignatureBytes);
    BN_bn2binpad(ECDSA_SIG_get0_r(parsed), signature.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parsed), signature.data() + 32, 32);
    ECDSA_SIG_free(parsed);
    return signature;
}

}  // namespace tally::crypto
