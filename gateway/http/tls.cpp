#include "gateway/http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>

#include "crypto/token_key.h"

namespace tally::gateway {

namespace {

constexpr long kMaxPresentedChain = 32 << 10;  // bytes of certificates in a handshake
constexpr long kCachedSessions = 4096;
constexpr std::array<unsigned char, 9> kAlpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Handle = std::unique_ptr<T, Free>;

// The newest reason on this thread's queue, which is left clean.
std::string openssl_reason() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

Handle<BIO> memory_bio(std::string_view text) {
    return Handle<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Handle<X509> to_openssl(const crypto::Certificate& certificate) {
    const auto* der = certificate.der().data();
    return Handle<X509>(d2i_X509(nullptr, &der, static_cast<long>(certificate.der().size())));
}

int no_passphrase(char*, int, int, void*) { return 0; }

Result<Handle<EVP_PKEY>> private_key(const std::string& pem) {
    if (crypto::is_token_uri(pem)) return Handle<EVP_PKEY>(TRY(crypto::open_token_key(pem)).release());
    const auto bio = memory_bio(pem);
    return Handle<EVP_PKEY>(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
}

Status use_identity(SSL_CTX* context, const TlsIdentity& identity) {
    auto chain = crypto::Certificate::chain_from_pem(identity.certificate_pem);
    if (!chain) return std::unexpected(chain.error().within("the TLS certificate"));
    if (SSL_CTX_use_certificate(context, to_openssl(chain->front()).get()) != 1) {
        return fail(Code::bad_configuration, "the TLS certificate cannot be used: {}", openssl_reason());
    }
    for (std::size_t i = 1; i < chain->size(); ++i) {
        if (SSL_CTX_add1_chain_cert(context, to_openssl((*chain)[i]).get()) != 1) {
            return fail(Code::bad_configuration, "the TLS certificate chain cannot be used: {}", openssl_reason());
        }
    }
    const auto key = TRY(private_key(identity.key_pem));
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return fail(Code::bad_configuration, "the TLS key does not fit the certificate: {}", openssl_reason());
    }
    return {};
}

Result<TlsContext> fresh_context(const SSL_METHOD* method) {
    TlsContext context(SSL_CTX_new(method), &SSL_CTX_free);
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context.get(), kCiphers12) != 1) {
        return fail(Code::bad_configuration, "TLS cannot be set up: {}", openssl_reason());
    }
    SSL_CTX_set_options(context.get(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_max_cert_list(context.get(), kMaxPresentedChain);
    return context;
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
                void*) {
    unsigned char* chosen = nullptr;
    const int outcome = SSL_select_next_proto(&chosen, out_length, kAlpn.data(), kAlpn.size(), in, in_length);
    *out = chosen;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Any certificate passes here: see the header.
int accept_any(X509_STORE_CTX*, void*) { return 1; }

bool is_ip_address(const std::string& host) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
    ERR_clear_error();
    ASN1_OCTET_STRING_free(address);
    return address != nullptr;
}

}  // namespace

Result<TlsContext> server_tls(const TlsIdentity& identity, const std::vector<crypto::Certificate>& client_roots) {
    auto context = TRY(fresh_context(TLS_server_method()));
    TRY(use_identity(context.get(), identity));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context.get(), &accept_any, nullptr);
    for (const auto& root : client_roots) SSL_CTX_add_client_CA(context.get(), to_openssl(root).get());
    SSL_CTX_set_alpn_select_cb(context.get(), &select_alpn, nullptr);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context.get(), kCachedSessions);
    static constexpr unsigned char kSessionContext[] = "tally";
    SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1);
    return context;
}

Result<TlsContext> client_tls(std::string_view roots_pem, const TlsIdentity& identity) {
    auto context = TRY(fresh_context(TLS_client_method()));
    auto roots = crypto::Certificate::chain_from_pem(roots_pem);
    if (!roots) return std::unexpected(roots.error().within("the trusted roots"));
    X509_STORE* store = SSL_CTX_get_cert_store(context.get());
    for (const auto& root : *roots) X509_STORE_add_cert(store, to_openssl(root).get());
    ERR_clear_error();
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_protos(context.get(), kAlpn.data(), kAlpn.size());
    if (!identity.certificate_pem.empty()) TRY(use_identity(context.get(), identity));
    return context;
}

Status expect_host(ssl_st* connection, const std::string& host) {
    const bool address = is_ip_address(host);
    const int named = address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str())
                              : SSL_set1_host(connection, host.c_str());
    if (named != 1 || (!address && SSL_set_tlsext_host_name(connection, host.c_str()) != 1)) {
        return fail(Code::invalid_argument, "\"{}\" is not a host name: {}", host, openssl_reason());
    }
    return {};
}

Result<std::vector<crypto::Certificate>> peer_chain(ssl_st* connection) {
    std::vector<crypto::Certificate> chain;
    const auto take = [&](X509* certificate) -> Status {
        unsigned char* der = nullptr;
        const int length = i2d_X509(certificate, &der);
        if (length < 0) return fail(Code::certificate_malformed, "the presented certificate cannot be encoded");
        auto parsed = crypto::Certificate::from_der(ByteView(der, static_cast<std::size_t>(length)));
        OPENSSL_free(der);
        chain.push_back(TRY(std::move(parsed)));
        return {};
    };
    const Handle<X509> leaf(SSL_get1_peer_certificate(connection));
    if (!leaf) return chain;
    TRY(take(leaf.get()));
    const STACK_OF(X509)* presented = SSL_get_peer_cert_chain(connection);
    for (int i = 0; i < sk_X509_num(presented); ++i) {
        X509* certificate = sk_X509_value(presented, i);
        const bool leaf_again = i == 0 && X509_cmp(certificate, leaf.get()) == 0;  // a client's view begins with it
        if (!leaf_again) TRY(take(certificate));
    }
    return chain;
}

}  // namespace tally::gateway
