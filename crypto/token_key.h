#pragma once
// Keys that stay in a token: a smart card, a USB token or a hardware security module, reached by PKCS#11.
//
// A key is named by a URI (RFC 7512): pkcs11:token=NAME;object=LABEL?module-path=/usr/lib/softhsm/libsofthsm2.so
// The PIN is the first line of the file that `pin-source` names. Without `module-path` the modules are those that
// p11-kit knows. OpenSSL's engine of libp11 talks to the token; one module serves a process. P-256 keys only.
//
// For this room's own sources, and for TLS. From any thread: the engine serializes what the token does. Failures:
// bad_key, with what the token, the engine or the URI lacks.

#include <string>
#include <string_view>

#include "crypto/error.h"
#include "crypto/openssl_handle.h"

namespace tally::crypto {

[[nodiscard]] bool is_token_uri(std::string_view text);

// The private key's handle in OpenSSL, with its public part. Good for signing and for TLS; its secret cannot be read.
[[nodiscard]] Result<OpenSslHandle<evp_pkey_st>> open_token_key(std::string_view uri);

}  // namespace tally::crypto
