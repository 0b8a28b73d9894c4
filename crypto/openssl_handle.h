#pragma once
// Owning handles of OpenSSL's objects, without OpenSSL's headers. For this room's own sources only.
//
// OpenSSL's objects may be read from many threads at once, as long as nobody changes them.

#include <memory>

#include "crypto/bytes.h"

struct ossl_lib_ctx_st;
struct evp_pkey_st;
struct evp_pkey_ctx_st;
struct x509_st;
struct X509_crl_st;
struct X509_req_st;
struct X509_name_st;
struct stack_st_GENERAL_NAME;

namespace tally::crypto {

struct OpenSslDeleter {
    void operator()(evp_pkey_st* object) const;
    void operator()(evp_pkey_ctx_st* object) const;
    void operator()(x509_st* object) const;
    void operator()(X509_crl_st* object) const;
    void operator()(X509_req_st* object) const;
    void operator()(X509_name_st* object) const;
    void operator()(stack_st_GENERAL_NAME* names) const;
};

template <class Object>
using OpenSslHandle = std::unique_ptr<Object, OpenSslDeleter>;

// As DER; empty when OpenSSL cannot write it.
[[nodiscard]] Bytes der_of(const x509_st* certificate);
[[nodiscard]] Bytes der_of(const X509_crl_st* list);
[[nodiscard]] Bytes der_of(const X509_req_st* request);
[[nodiscard]] Bytes der_of(const X509_name_st* name);

// Where keys and signatures are judged: OpenSSL's default provider, and no configuration file. It is never given back.
[[nodiscard]] ossl_lib_ctx_st* verifying_context();

// The reason of the newest error that OpenSSL noted on this thread, and a clean slate: TLS must not find it.
[[nodiscard]] const char* take_openssl_error();

}  // namespace tally::crypto
