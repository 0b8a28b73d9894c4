#pragma once
// TLS contexts: TLS 1.2 with forward-secret AEAD ciphers and TLS 1.3, ALPN "http/1.1", no renegotiation.
//
// A server asks for a client certificate and lets any pass: the handshake proves possession of the key, the handler
// judges the chain. Sessions are resumed from the server's own bounded cache, never from tickets, so that a resumed
// connection still has the whole chain of its client. A client verifies the server's chain and its name.
// Contexts are immutable once made and may be shared by threads. Failures: bad_configuration, with OpenSSL's reason.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/x509.h"

struct ssl_ctx_st;
struct ssl_st;

namespace tally::gateway {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

struct TlsIdentity {
    std::string certificate_pem;  // chain, leaf first
    std::string key_pem;          // PKCS#8 or SEC1, or the URI of a key in a token (crypto/token_key.h)
};

// `client_roots` are named to clients as a hint which of their certificates to present.
[[nodiscard]] Result<TlsContext> server_tls(const TlsIdentity& identity,
                                            const std::vector<crypto::Certificate>& client_roots);

// Trusts `roots_pem` alone. `identity` may be empty.
[[nodiscard]] Result<TlsContext> client_tls(std::string_view roots_pem, const TlsIdentity& identity);

// Before a client's handshake: the name (DNS or IP address) that the server's certificate must have.
[[nodiscard]] Status expect_host(ssl_st* connection, const std::string& host);

// What the other side presented in the handshake, leaf first; empty when nothing.
[[nodiscard]] Result<std::vector<crypto::Certificate>> peer_chain(ssl_st* connection);

}  // namespace tally::gateway
