#include "crypto/sealed.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>

#include "crypto/cbor.h"
#include "crypto/hash.h"
#include "crypto/openssl_handle.h"
#include "crypto/pem.h"
#include "crypto/random.h"

namespace tally::crypto {
namespace {

constexpr std::int64_t kA256Gcm = 3;
constexpr std::int64_t kEcdhEsHkdf256 = -25;
constexpr std::int64_t kEphemeralKey = -1;  // header label
constexpr std::int64_t kOkp = 1, kX25519 = 4;
constexpr std::uint64_t kEncrypt0Tag = 16, kEncryptTag = 96;
constexpr std::size_t kIvBytes = 12, kAuthenticationBytes = 16;
constexpr std::size_t kWrappedBytes = kContentKeyBytes + kAuthenticationBytes;
constexpr std::string_view kKidDomain = "tally/content-key/v1";

// PKCS#8 around the 32 secret bytes (RFC 8410).
constexpr std::array<std::uint8_t, 16> kX25519Pkcs8 = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                       0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20};

struct Wiped {
    Bytes bytes;
    ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// {1: algorithm}, the protected header of all that is made here.
Bytes algorithm_header(std::int64_t algorithm) {
    CborWriter writer;
    writer.map(1).uint(1).integer(algorithm);
    return writer.take();
}

Bytes enc_structure(std::string_view context, ByteView aad) {
    CborWriter writer;
    writer.array(3).text(context).bytes(algorithm_header(kA256Gcm)).bytes(aad);
    return writer.take();
}

// The ciphertext with its authentication tag.
Bytes encrypt(ByteView key, ByteView iv, ByteView aad, ByteView text) {
    const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    Bytes out(text.size() + kAuthenticationBytes);
    int size = 0;
    const bool made =
        cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, aad.data(), static_cast<int>(aad.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), out.data(), &size, text.data(), static_cast<int>(text.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), out.data() + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kAuthenticationBytes, out.data() + text.size()) == 1;
    TALLY_INVARIANT(made, "OpenSSL does not encrypt");
    return out;
}

Result<Bytes> decrypt(ByteView key, ByteView iv, ByteView aad, ByteView sealed) {
    const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    const auto text = sealed.first(sealed.size() - kAuthenticationBytes);
    Bytes tag(sealed.end() - kAuthenticationBytes, sealed.end());
    Bytes out(text.size());
    int size = 0;
    const bool opened =
        cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, aad.data(), static_cast<int>(aad.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), out.data(), &size, text.data(), static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kAuthenticationBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), out.data() + size, &size) == 1;
    (void)take_openssl_error();
    if (opened) return out;
    return fail(Code::bad_key, "the key does not open it, or it was altered");
}

OpenSslHandle<evp_pkey_st> private_x25519(ByteView secret) {
    return OpenSslHandle<evp_pkey_st>(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size()));
}

Result<Bytes> public_of(ByteView secret) {
    const auto key = private_x25519(secret);
    Bytes out(kReadingKeyBytes);
    std::size_t size = out.size();
    if (key && EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1) return out;
    return fail(Code::bad_key, "an X25519 key has no public part: {}", take_openssl_error());
}

// COSE_KDF_Context (RFC 9053 section 5.2) for a key of A256GCM.
Bytes kdf_context() {
    CborWriter writer;
    writer.array(4).integer(kA256Gcm);
    for (int party = 0; party < 2; ++party) writer.array(3).null().null().null();
    writer.array(2).uint(256).bytes(algorithm_header(kEcdhEsHkdf256));
    return writer.take();
}

// What both sides derive: HKDF-SHA-256 of the X25519 secret.
Result<Bytes> shared_key(ByteView secret, ByteView other) {
    const auto own = private_x25519(secret);
    const OpenSslHandle<evp_pkey_st> peer(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
    const OpenSslHandle<evp_pkey_ctx_st> context(own ? EVP_PKEY_CTX_new(own.get(), nullptr) : nullptr);
    Wiped agreed{Bytes(32)};
    std::size_t size = agreed.bytes.size();
    // OpenSSL refuses a point of small order: the secret would be zero.
    if (!peer || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
        EVP_PKEY_derive(context.get(), agreed.bytes.data(), &size) != 1)
        return fail(Code::bad_key, "the X25519 key gives no secret: {}", take_openssl_error());

    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> derivation(EVP_KDF_CTX_new(kdf.get()),
                                                                               &EVP_KDF_CTX_free);
    auto info = kdf_context();
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 4> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, agreed.bytes.data(), agreed.bytes.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
    Bytes out(kContentKeyBytes);
    const bool derived = derivation && EVP_KDF_derive(derivation.get(), out.data(), out.size(), parameters.data()) == 1;
    TALLY_INVARIANT(derived, "OpenSSL does not derive a key");
    return out;
}

struct Sealed {
    ByteView kid;  // empty: none
    ByteView iv;
    ByteView text;  // with the authentication tag
};

void read_protected(CborReader& reader, std::int64_t algorithm, std::string_view name) {
    const auto expected = algorithm_header(algorithm);
    if (!std::ranges::equal(reader.bytes(), expected)) reader.fault(Code::malformed, name);
}

Result<Sealed> read_sealed(ByteView message) {
    CborReader reader(message, "the sealed text");
    Sealed out;
    if (reader.tag() != kEncrypt0Tag || reader.array() != 3)
        reader.fault(Code::malformed, "it is no COSE_Encrypt0 message");
    read_protected(reader, kA256Gcm, "its algorithm is not A256GCM alone");
    CborReader::MapKeys keys;
    const auto labels = reader.map();
    for (std::uint64_t i = 0; i < labels && reader.ok(); ++i) {
        switch (keys.next_integer(reader)) {
            case 4: out.kid = reader.bytes(); break;
            case 5: out.iv = reader.bytes(); break;
            default: reader.fault(Code::malformed, "its unprotected header has another label than kid and IV");
        }
    }
    out.text = reader.bytes();
    TRY(reader.finish());
    if (out.iv.size() != kIvBytes || out.text.size() < kAuthenticationBytes)
        return fail(Code::malformed, "the sealed text has an IV of {} bytes and a text of {}", out.iv.size(),
                    out.text.size());
    return out;
}

struct Wrapped {
    ByteView ephemeral;
    ByteView iv;
    ByteView text;
};

Result<Wrapped> read_wrapped(ByteView message) {
    CborReader reader(message, "the wrapped key");
    Wrapped out;
    const auto expect = [&](std::int64_t value, std::int64_t expected) {
        if (value != expected) reader.fault(Code::malformed, "it is not of the form that docs/formats.md describes");
    };
    expect(static_cast<std::int64_t>(reader.tag()), static_cast<std::int64_t>(kEncryptTag));
    expect(static_cast<std::int64_t>(reader.array()), 4);
    read_protected(reader, kA256Gcm, "its algorithm is not A256GCM alone");
    expect(static_cast<std::int64_t>(reader.map()), 1);
    expect(reader.integer(), 5);
    out.iv = reader.bytes();
    out.text = reader.bytes();
    expect(static_cast<std::int64_t>(reader.array()), 1);
    expect(static_cast<std::int64_t>(reader.array()), 3);
    read_protected(reader, kEcdhEsHkdf256, "its recipient is not ECDH-ES + HKDF-256");
    expect(static_cast<std::int64_t>(reader.map()), 1);
    expect(reader.integer(), kEphemeralKey);
    expect(static_cast<std::int64_t>(reader.map()), 3);
    expect(reader.integer(), 1);
    expect(reader.integer(), kOkp);
    expect(reader.integer(), -1);
    expect(reader.integer(), kX25519);
    expect(reader.integer(), -2);
    out.ephemeral = reader.bytes();
    expect(static_cast<std::int64_t>(reader.bytes().size()), 0);
    TRY(reader.finish());
    if (out.ephemeral.size() != kReadingKeyBytes || out.iv.size() != kIvBytes || out.text.size() != kWrappedBytes)
        return fail(Code::malformed, "the wrapped key has parts of other lengths");
    return out;
}

}  // namespace

Bytes content_key_id(ByteView content_key) {
    const auto hash = sha256({as_bytes(kKidDomain), content_key});
    return {hash.bytes.begin(), hash.bytes.begin() + kKidBytes};
}

Bytes seal(ByteView content_key, ByteView text) {
    TALLY_INVARIANT(content_key.size() == kContentKeyBytes, "a content key has 32 bytes");
    const auto iv = random_bytes(kIvBytes);
    CborWriter writer;
    writer.tag(kEncrypt0Tag).array(3).bytes(algorithm_header(kA256Gcm));
    writer.map(2).uint(4).bytes(content_key_id(content_key)).uint(5).bytes(iv);
    writer.bytes(encrypt(content_key, iv, enc_structure("Encrypt0", {}), text));
    return writer.take();
}

Result<Bytes> unseal(ByteView content_key, ByteView message) {
    if (content_key.size() != kContentKeyBytes)
        return fail(Code::bad_key, "a content key has {} bytes, not {}", kContentKeyBytes, content_key.size());
    const auto sealed = TRY(read_sealed(message));
    return decrypt(content_key, sealed.iv, enc_structure("Encrypt0", {}), sealed.text);
}

Result<Bytes> sealed_under(ByteView message) { return to_bytes(TRY(read_sealed(message)).kid); }

ReadingKey::~ReadingKey() { OPENSSL_cleanse(secret_.data(), secret_.size()); }

ReadingKey ReadingKey::generate() {
    ReadingKey out;
    out.secret_ = random_bytes(kReadingKeyBytes);
    auto made = public_of(out.secret_);
    TALLY_INVARIANT(made.has_value(), "an X25519 key cannot be made of random bytes");
    out.public_ = std::move(*made);
    return out;
}

Result<ReadingKey> ReadingKey::from_pem(std::string_view pem) {
    auto blocks = TRY(decode_pem(pem));
    const auto form = ByteView(kX25519Pkcs8);
    if (blocks.size() != 1 || blocks.front().label != "PRIVATE KEY" ||
        blocks.front().der.size() != form.size() + kReadingKeyBytes ||
        !std::equal(form.begin(), form.end(), blocks.front().der.begin()))
        return fail(Code::bad_key, "it is not one X25519 key in PKCS#8: `tally reading-key new` makes one");
    ReadingKey out;
    Wiped der{std::move(blocks.front().der)};
    out.secret_.assign(der.bytes.begin() + static_cast<std::ptrdiff_t>(form.size()), der.bytes.end());
    out.public_ = TRY(public_of(out.secret_));
    return out;
}

std::string ReadingKey::pem() const {
    Wiped der{Bytes(kX25519Pkcs8.begin(), kX25519Pkcs8.end())};
    der.bytes.insert(der.bytes.end(), secret_.begin(), secret_.end());
    return encode_pem("PRIVATE KEY", der.bytes);
}

Result<Bytes> ReadingKey::wrap(ByteView reader, ByteView content_key, ByteView aad) {
    if (reader.size() != kReadingKeyBytes || content_key.size() != kContentKeyBytes)
        return fail(Code::bad_key, "an X25519 key and a content key have 32 bytes each");
    const auto ephemeral = ReadingKey::generate();
    const Wiped key{TRY(shared_key(ephemeral.secret_, reader))};
    const auto iv = random_bytes(kIvBytes);
    CborWriter writer;
    writer.tag(kEncryptTag).array(4).bytes(algorithm_header(kA256Gcm)).map(1).uint(5).bytes(iv);
    writer.bytes(encrypt(key.bytes, iv, enc_structure("Encrypt", aad), content_key));
    writer.array(1).array(3).bytes(algorithm_header(kEcdhEsHkdf256));
    writer.map(1).integer(kEphemeralKey).map(3).uint(1).integer(kOkp).integer(-1).integer(kX25519);
    writer.integer(-2).bytes(ephemeral.public_key()).bytes({});
    return writer.take();
}

Result<Bytes> ReadingKey::unwrap(ByteView message, ByteView aad) const {
    const auto wrapped = TRY(read_wrapped(message));
    const Wiped key{TRY(shared_key(secret_, wrapped.ephemeral))};
    return decrypt(key.bytes, wrapped.iv, enc_structure("Encrypt", aad), wrapped.text);
}

Status check_wrapped(ByteView message) {
    TRY(read_wrapped(message));
    return {};
}

}  // namespace tally::crypto
