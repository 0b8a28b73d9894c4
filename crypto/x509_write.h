#pragma once
// What writing certificates, lists and requests has in common. For this room's own sources only.

#include <span>
#include <string>

#include "crypto/key_impl.h"
#include "crypto/x509_impl.h"

struct evp_md_st;
struct stack_st_GENERAL_NAME;

namespace tally::crypto {

[[nodiscard]] Error openssl_failed(std::string_view what);         // invalid_argument, with OpenSSL's reason
[[nodiscard]] const evp_md_st* digest_for(const PrivateKey& key);  // null for Ed25519, which hashes by itself
[[nodiscard]] Result<OpenSslHandle<X509_name_st>> write_name(const Name& name);
[[nodiscard]] OpenSslHandle<X509_name_st> copy_name(ByteView der);  // of a certificate that was read
[[nodiscard]] Result<OpenSslHandle<stack_st_GENERAL_NAME>> write_alternative_names(
    std::span<const std::string> dns_or_ip);

}  // namespace tally::crypto
