#pragma once
// Private keys in PEM that a passphrase protects: PKCS#8 EncryptedPrivateKeyInfo (RFC 5958), as `openssl pkcs8 -topk8`
// and `openssl pkey -aes256` write it; read also in OpenSSL's older form ("Proc-Type: 4,ENCRYPTED").
//
// Pure; from any thread. Failures: bad_key (another passphrase, no private key, a cipher that is not known).

#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace tally::crypto {

[[nodiscard]] bool is_encrypted_pem(std::string_view pem);
// The key as PKCS#8 without a passphrase; the caller's to overwrite.
[[nodiscard]] Result<std::string> decrypt_pem(std::string_view pem, std::string_view passphrase);
// AES-256-CBC with a key of PBKDF2 (HMAC-SHA-256), which OpenSSL and Java read. The passphrase is not empty.
[[nodiscard]] Result<std::string> encrypt_pem(std::string_view pem, std::string_view passphrase);

}  // namespace tally::crypto
