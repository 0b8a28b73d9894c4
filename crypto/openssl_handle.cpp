#include "crypto/openssl_handle.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace tally::crypto {

void OpenSslDeleter::operator()(evp_pkey_st* object) const { EVP_PKEY_free(object); }
void OpenSslDeleter::operator()(evp_pkey_ctx_st* object) const { EVP_PKEY_CTX_free(object); }
void OpenSslDeleter::operator()(x509_st* object) const { X509_free(object); }
void OpenSslDeleter::operator()(X509_crl_st* object) const { X509_CRL_free(object); }
void OpenSslDeleter::operator()(X509_req_st* object) const { X509_REQ_free(object); }
void OpenSslDeleter::operator()(X509_name_st* object) const { X509_NAME_free(object); }
void OpenSslDeleter::operator()(x509_store_st* object) const { X509_STORE_free(object); }
void OpenSslDeleter::operator()(x509_store_ctx_st* object) const { X509_STORE_CTX_free(object); }
void OpenSslDeleter::operator()(stack_st_X509* certificates) const { sk_X509_free(certificates); }

const char* take_openssl_error() {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == nullptr ? "it does not parse" : reason;
}

}  // namespace tally::crypto
