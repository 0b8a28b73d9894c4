// Certificate requests (PKCS #10, RFC 2986).

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/pem.h"
#include "crypto/x509.h"
#include "crypto/x509_write.h"

namespace tally::crypto {
namespace {

constexpr std::string_view kRequestLabel = "CERTIFICATE REQUEST";
constexpr std::size_t kMaxRequestBytes = 1 << 16;

}  // namespace

CertificateRequest::CertificateRequest(Bytes der, Name subject, PublicKey public_key,
                                       std::vector<std::string> dns_or_ip)
    : der_(std::move(der)),
      subject_(std::move(subject)),
      public_key_(std::move(public_key)),
      dns_or_ip_(std::move(dns_or_ip)) {}

CertificateRequest CertificateRequest::create(const PrivateKey& key, const Name& subject,
                                              std::vector<std::string> dns_or_ip) {
    const OpenSslHandle<X509_req_st> request(X509_REQ_new());
    Result<OpenSslHandle<X509_name_st>> name = write_name(subject);
    TALLY_INVARIANT(name.has_value(), "a request's name cannot be written: " + name.error().message);
    bool written = X509_REQ_set_subject_name(request.get(), name->get()) == 1 &&
                   X509_REQ_set_pubkey(request.get(), key.impl().key.get()) == 1;
    if (!dns_or_ip.empty()) {
        Result<OpenSslHandle<stack_st_GENERAL_NAME>> names = write_alternative_names(dns_or_ip);
        TALLY_INVARIANT(names.has_value(), "a request's names cannot be written: " + names.error().message);
        STACK_OF(X509_EXTENSION)* extensions = nullptr;
        written = written && X509V3_add1_i2d(&extensions, NID_subject_alt_name, names->get(), 0, 0) == 1 &&
                  X509_REQ_add_extensions(request.get(), extensions) == 1;
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    }
    written = written && X509_REQ_sign(request.get(), key.impl().key.get(), digest_for(key)) != 0;
    TALLY_INVARIANT(written, "OpenSSL does not write a certificate request");
    return {der_of(request.get()), subject, key.public_key(), std::move(dns_or_ip)};
}

namespace {

Result<std::vector<std::string>> requested_names(X509_REQ* request) {
    STACK_OF(X509_EXTENSION)* const extensions = X509_REQ_get_extensions(request);
    const int at = X509v3_get_ext_by_NID(extensions, NID_subject_alt_name, -1);
    Bytes value;
    if (at >= 0) {
        const ASN1_OCTET_STRING* const data = X509_EXTENSION_get_data(X509v3_get_ext(extensions, at));
        value = to_bytes(ByteView(ASN1_STRING_get0_data(data), static_cast<std::size_t>(ASN1_STRING_length(data))));
    }
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    std::vector<std::string> texts;
    std::vector<std::string> addresses;
    if (at >= 0) TRY(read_alternative_names(value, texts, addresses));
    texts.insert(texts.end(), addresses.begin(), addresses.end());
    return texts;
}

}  // namespace

Result<CertificateRequest> CertificateRequest::from_der(ByteView der) {
    if (der.size() > kMaxRequestBytes) return fail(Code::too_large, "request: {} bytes are too many", der.size());
    const unsigned char* at = der.data();
    const OpenSslHandle<X509_req_st> request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
    if (!request || !equal(der_of(request.get()), der)) {
        return fail(Code::certificate_malformed, "request: {}", take_openssl_error());
    }
    Name subject = TRY(read_name(der_of(X509_REQ_get_subject_name(request.get())))).name;
    const std::string what = fmt::format("request of {}", subject.common_name);
    EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
    Result<PublicKey> public_key = public_key_from(key);
    if (!public_key) return std::unexpected(public_key.error().within(what));
    if (X509_REQ_verify(request.get(), key) != 1) {
        (void)take_openssl_error();
        return fail(Code::bad_signature, "{}: its signature is not made with its key", what);
    }
    std::vector<std::string> names = TRY(requested_names(request.get()));
    (void)take_openssl_error();
    return CertificateRequest(to_bytes(der), std::move(subject), std::move(*public_key), std::move(names));
}

Result<CertificateRequest> CertificateRequest::from_pem(std::string_view pem) {
    return from_der(TRY(decode_pem(pem, kRequestLabel)));
}

std::string CertificateRequest::pem() const { return encode_pem(kRequestLabel, der_); }

}  // namespace tally::crypto
