#pragma once
// Encryption of what only some may read, as COSE has it (RFC 9052, RFC 9053):
//
//   a text    COSE_Encrypt0 (tag 16), A256GCM (3) under a content key of 32 bytes. Unprotected: 4 kid, 5 IV (12 bytes,
//             random). external_aad is empty: what is sealed here lies in a signed record
//   a key     COSE_Encrypt (tag 96), A256GCM, of a content key for one reader: recipient ECDH-ES + HKDF-256 (-25) with
//   an
//             ephemeral X25519 key; no salt; PartyUInfo and PartyVInfo are empty. external_aad: the caller's
//
// kid of a text = the first 8 bytes of SHA-256("tally/content-key/v1" || content key). Pure but for random numbers;
// from any thread. Failures: malformed (no such message), bad_key (another key, or altered bytes: nothing tells which).

#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace tally::crypto {

inline constexpr std::size_t kContentKeyBytes = 32;
inline constexpr std::size_t kReadingKeyBytes = 32;  // of X25519
inline constexpr std::size_t kKidBytes = 8;

[[nodiscard]] Bytes content_key_id(ByteView content_key);

[[nodiscard]] Bytes seal(ByteView content_key, ByteView text);
[[nodiscard]] Result<Bytes> unseal(ByteView content_key, ByteView message);
// The kid of a sealed text; its form is checked, too.
[[nodiscard]] Result<Bytes> sealed_under(ByteView message);

// A reader's X25519 key. The secret is wiped when it goes.
class ReadingKey {
  public:
    [[nodiscard]] static ReadingKey generate();
    [[nodiscard]] static Result<ReadingKey> from_pem(std::string_view pem);  // PKCS#8 (RFC 8410)
    ReadingKey(const ReadingKey&) = default;
    ReadingKey(ReadingKey&&) = default;
    ReadingKey& operator=(const ReadingKey&) = default;
    ReadingKey& operator=(ReadingKey&&) = default;
    ~ReadingKey();

    [[nodiscard]] std::string pem() const;
    [[nodiscard]] const Bytes& public_key() const { return public_; }  // 32 bytes
    [[nodiscard]] Result<Bytes> unwrap(ByteView message, ByteView aad) const;
    // A content key, for the reader with this public key. bad_key when that is no point that gives a secret.
    [[nodiscard]] static Result<Bytes> wrap(ByteView reader, ByteView content_key, ByteView aad);

  private:
    ReadingKey() = default;
    Bytes secret_;
    Bytes public_;
};

// Whether it is a wrapped key by its form.
[[nodiscard]] Status check_wrapped(ByteView message);

}  // namespace tally::crypto
