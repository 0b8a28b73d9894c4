#include "crypto/openssl_handle.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace tally::crypto {
namespace {

template <class Object, class Encode>
Bytes encoded(const Object* object, Encode encode) {
    unsigned char* out = nullptr;
    const int size = encode(object, &out);
    if (size <= 0) return {};
    Bytes der(out, out + size);
    OPENSSL_free(out);
    return der;
}

}  // namespace

void OpenSslDeleter::operator()(evp_pkey_st* object) const { EVP_PKEY_free(object); }
void OpenSslDeleter::operator()(evp_pkey_ctx_st* object) const { EVP_PKEY_CTX_free(object); }
void OpenSslDeleter::operator()(x509_st* object) const { X509_free(object); }
void OpenSslDeleter::operator()(X509_crl_st* object) const { X509_CRL_free(object); }
void OpenSslDeleter::operator()(X509_req_st* object) const { X509_REQ_free(object); }
void OpenSslDeleter::operator()(X509_name_st* object) const { X509_NAME_free(object); }
void OpenSslDeleter::operator()(stack_st_GENERAL_NAME* names) const { GENERAL_NAMES_free(names); }

Bytes der_of(const x509_st* certificate) { return encoded(certificate, i2d_X509); }
Bytes der_of(const X509_crl_st* list) { return encoded(list, i2d_X509_CRL); }
Bytes der_of(const X509_req_st* request) { return encoded(request, i2d_X509_REQ); }
Bytes der_of(const X509_name_st* name) { return encoded(name, i2d_X509_NAME); }

OSSL_LIB_CTX* verifying_context() {
    static OSSL_LIB_CTX* const context = [] {
        OSSL_LIB_CTX* const fresh = OSSL_LIB_CTX_new();
        TALLY_INVARIANT(fresh != nullptr && OSSL_PROVIDER_load(fresh, "default") != nullptr,
                        "OpenSSL's default provider cannot be loaded");
        return fresh;
    }();
    return context;
}

const char* take_openssl_error() {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == nullptr ? "it does not parse" : reason;
}

}  // namespace tally::crypto
