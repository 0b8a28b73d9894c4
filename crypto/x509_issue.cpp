// Certificates, revocation lists and requests that this software writes itself.

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

#include "crypto/key_impl.h"
#include "crypto/pem.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::string_view kRequestLabel = "CERTIFICATE REQUEST";
constexpr std::size_t kMaxRequestBytes = 1 << 16;
constexpr long kVersion3 = 2;
constexpr long kListVersion2 = 1;

template <class Object>
struct Freed {
    void (*release)(Object*);
    void operator()(Object* object) const { release(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Freed<Object>>;

Error openssl_failed(std::string_view what) {
    return {Code::invalid_argument, fmt::format("{}: {}", what, take_openssl_error())};
}

// Ed25519 hashes by itself.
const EVP_MD* digest_for(const PrivateKey& key) {
    return key.algorithm() == Algorithm::ed25519 ? nullptr : EVP_sha256();
}

Result<OpenSslHandle<X509_name_st>> write_name(const Name& name) {
    if (name == Name{}) return fail(Code::invalid_argument, "a certificate's name is empty");
    OpenSslHandle<X509_name_st> written(X509_NAME_new());
    const std::array<std::pair<int, const std::string*>, 3> parts = {
        {{NID_organizationName, &name.organization},
         {NID_organizationalUnitName, &name.organizational_unit},
         {NID_commonName, &name.common_name}}};
    for (const auto& [kind, text] : parts) {
        if (text->empty()) continue;
        if (X509_NAME_add_entry_by_NID(written.get(), kind, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(text->data()),
                                       static_cast<int>(text->size()), -1, 0) != 1) {
            return std::unexpected(openssl_failed(fmt::format("the name \"{}\"", *text)));
        }
    }
    TRY(read_name(written.get()));  // what cannot be read back must not be written
    return written;
}

Result<Owned<GENERAL_NAMES>> write_alternative_names(std::span<const std::string> dns_or_ip) {
    Owned<GENERAL_NAMES> names(GENERAL_NAMES_new(), {GENERAL_NAMES_free});
    for (const std::string& text : dns_or_ip) {
        const bool plain = !text.empty() && text.find_first_not_of(
                                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "0123456789.-_*:") == std::string::npos;
        if (!plain) return fail(Code::invalid_argument, "\"{}\" is neither a DNS name nor an address", text);
        std::array<unsigned char, 16> address{};
        int size = 0;
        if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) size = 4;
        if (size == 0 && inet_pton(AF_INET6, text.c_str(), address.data()) == 1) size = 16;
        if (size == 0 && text.find(':') != std::string::npos) {
            return fail(Code::invalid_argument, "\"{}\" is neither a DNS name nor an address", text);
        }
        ASN1_STRING* const value = ASN1_STRING_type_new(size == 0 ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
        ASN1_STRING_set(value, size == 0 ? static_cast<const void*>(text.data()) : address.data(),
                        size == 0 ? static_cast<int>(text.size()) : size);
        GENERAL_NAME* const name = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(name, size == 0 ? GEN_DNS : GEN_IPADD, value);
        sk_GENERAL_NAME_push(names.get(), name);
    }
    return names;
}

Status set_time(ASN1_TIME* time, std::int64_t ms) {
    const std::int64_t seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
    // RFC 5280 knows the years 1950 to 9999.
    if (seconds < -631152000 || seconds > 253402300799 ||
        ASN1_TIME_adj(time, static_cast<time_t>(seconds), 0, 0) == nullptr) {
        return fail(Code::invalid_argument, "{} ms is no date that a certificate can hold", ms);
    }
    return {};
}

ASN1_INTEGER* random_serial() {
    Bytes bytes = random_bytes(16);
    bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);  // positive, and always of 16 bytes
    BIGNUM* const number = BN_bin2bn(bytes.data(), 16, nullptr);
    ASN1_INTEGER* const serial = BN_to_ASN1_INTEGER(number, nullptr);
    BN_free(number);
    return serial;
}

Bytes key_identifier(const PublicKey& key) {  // RFC 7093 section 2, method 1: the left 160 bits of the SHA-256
    return to_bytes(sha256(key.raw()).view().first(20));
}

bool add_basic_constraints(X509* certificate, bool ca, int path_length) {
    const Owned<BASIC_CONSTRAINTS> constraints(BASIC_CONSTRAINTS_new(), {BASIC_CONSTRAINTS_free});
    constraints->ca = ca ? 0xff : 0;
    if (ca && path_length >= 0) {
        constraints->pathlen = ASN1_INTEGER_new();
        ASN1_INTEGER_set(constraints->pathlen, path_length);
    }
    return X509_add1_ext_i2d(certificate, NID_basic_constraints, constraints.get(), 1, X509V3_ADD_DEFAULT) == 1;
}

bool add_key_usage(X509* certificate, bool ca) {
    constexpr int kDigitalSignature = 0, kCertificateSign = 5, kListSign = 6;
    const Owned<ASN1_BIT_STRING> usage(ASN1_BIT_STRING_new(), {ASN1_BIT_STRING_free});
    if (ca) {
        ASN1_BIT_STRING_set_bit(usage.get(), kCertificateSign, 1);
        ASN1_BIT_STRING_set_bit(usage.get(), kListSign, 1);
    } else {
        ASN1_BIT_STRING_set_bit(usage.get(), kDigitalSignature, 1);
    }
    return X509_add1_ext_i2d(certificate, NID_key_usage, usage.get(), 1, X509V3_ADD_DEFAULT) == 1;
}

bool add_extended_key_usage(X509* certificate, bool tls_server, bool tls_client) {
    if (!tls_server && !tls_client) return true;
    const Owned<EXTENDED_KEY_USAGE> usage(EXTENDED_KEY_USAGE_new(), {EXTENDED_KEY_USAGE_free});
    if (tls_server) sk_ASN1_OBJECT_push(usage.get(), OBJ_nid2obj(NID_server_auth));
    if (tls_client) sk_ASN1_OBJECT_push(usage.get(), OBJ_nid2obj(NID_client_auth));
    return X509_add1_ext_i2d(certificate, NID_ext_key_usage, usage.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

Owned<ASN1_OCTET_STRING> octet_string(ByteView bytes) {
    Owned<ASN1_OCTET_STRING> string(ASN1_OCTET_STRING_new(), {ASN1_OCTET_STRING_free});
    ASN1_OCTET_STRING_set(string.get(), bytes.data(), static_cast<int>(bytes.size()));
    return string;
}

Owned<AUTHORITY_KEYID> authority_key_id(ByteView issuer_identifier) {
    Owned<AUTHORITY_KEYID> authority(AUTHORITY_KEYID_new(), {AUTHORITY_KEYID_free});
    authority->keyid = octet_string(issuer_identifier).release();
    return authority;
}

// The identifier that the issuer's certificate states, which need not be made our way.
Bytes identifier_of(const Certificate& issuer) {
    const ASN1_OCTET_STRING* const stated = X509_get0_subject_key_id(issuer.impl().certificate.get());
    if (stated == nullptr) return key_identifier(issuer.public_key());
    const ByteView bytes(ASN1_STRING_get0_data(stated), static_cast<std::size_t>(ASN1_STRING_length(stated)));
    return to_bytes(bytes);
}

template <class Object, class Encode>
Bytes der_of(const Object* object, Encode encode) {
    unsigned char* out = nullptr;
    const int size = encode(object, &out);
    TALLY_INVARIANT(size > 0, "OpenSSL does not encode what it signed");
    Bytes der(out, out + size);
    OPENSSL_free(out);
    return der;
}

Result<Certificate> write_certificate(const PrivateKey& issuer_key, const X509_NAME* issuer_name,
                                      ByteView issuer_identifier, const Issue& what) {
    if (what.not_after_ms <= what.not_before_ms) {
        return fail(Code::invalid_argument, "a certificate ends before it begins");
    }
    const OpenSslHandle<X509_name_st> subject = TRY(write_name(what.subject));
    const OpenSslHandle<x509_st> certificate(X509_new());
    X509* const out = certificate.get();
    const Owned<ASN1_INTEGER> serial(random_serial(), {ASN1_INTEGER_free});
    TRY(set_time(X509_getm_notBefore(out), what.not_before_ms));
    TRY(set_time(X509_getm_notAfter(out), what.not_after_ms));
    const Owned<ASN1_OCTET_STRING> identifier = octet_string(key_identifier(what.key));
    const Owned<AUTHORITY_KEYID> authority = authority_key_id(issuer_identifier);
    bool written = X509_set_version(out, kVersion3) == 1 && X509_set_serialNumber(out, serial.get()) == 1 &&
                   X509_set_subject_name(out, subject.get()) == 1 &&
                   X509_set_issuer_name(out, issuer_name == nullptr ? subject.get() : issuer_name) == 1 &&
                   X509_set_pubkey(out, what.key.impl().key.get()) == 1 &&
                   add_basic_constraints(out, what.ca, what.path_length) && add_key_usage(out, what.ca) &&
                   add_extended_key_usage(out, what.tls_server, what.tls_client) &&
                   X509_add1_ext_i2d(out, NID_subject_key_identifier, identifier.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
                   X509_add1_ext_i2d(out, NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_DEFAULT) == 1;
    if (written && !what.dns_or_ip.empty()) {
        const Owned<GENERAL_NAMES> names = TRY(write_alternative_names(what.dns_or_ip));
        written = X509_add1_ext_i2d(out, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
    }
    if (!written || X509_sign(out, issuer_key.impl().key.get(), digest_for(issuer_key)) == 0) {
        return std::unexpected(openssl_failed("a certificate cannot be written"));
    }
    return Certificate::from_der(der_of(out, i2d_X509));
}

Status check_issuer(const PrivateKey& key, const Certificate& issuer) {
    if (issuer.public_key() != key.public_key()) {
        return fail(Code::bad_key, "the key is not that of the issuer {}", issuer.subject_text());
    }
    if (!issuer.is_ca()) return fail(Code::invalid_argument, "{} is no authority", issuer.subject_text());
    return {};
}

Result<Owned<ASN1_INTEGER>> read_serial(const std::string& hex) {
    const Bytes bytes = TRY(from_hex(hex.size() % 2 == 0 ? hex : "0" + hex));
    if (bytes.empty() || bytes.size() > 20) {
        return fail(Code::invalid_argument, "\"{}\" is no serial number of 1 to 20 bytes", hex);
    }
    BIGNUM* const number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    Owned<ASN1_INTEGER> serial(BN_to_ASN1_INTEGER(number, nullptr), {ASN1_INTEGER_free});
    BN_free(number);
    return serial;
}

}  // namespace

Status check_names(const Name& subject, std::span<const std::string> dns_or_ip) {
    TRY(write_name(subject));
    TRY(write_alternative_names(dns_or_ip));
    return {};
}

Certificate issue_root(const PrivateKey& key, const Name& subject, std::int64_t not_before_ms,
                       std::int64_t not_after_ms) {
    const Issue what{.subject = subject,
                     .key = key.public_key(),
                     .not_before_ms = not_before_ms,
                     .not_after_ms = not_after_ms,
                     .ca = true};
    Result<Certificate> root = write_certificate(key, nullptr, key_identifier(key.public_key()), what);
    TALLY_INVARIANT(root.has_value(), "a root certificate cannot be written: " + root.error().message);
    return std::move(*root);
}

Result<Certificate> issue(const PrivateKey& issuer_key, const Certificate& issuer, const Issue& what) {
    TRY(check_issuer(issuer_key, issuer));
    if (what.key.only_certifies()) return fail(Code::bad_key, "only P-256 and Ed25519 keys are certified");
    return write_certificate(issuer_key, X509_get_subject_name(issuer.impl().certificate.get()), identifier_of(issuer),
                             what);
}

Result<RevocationList> issue_crl(const PrivateKey& issuer_key, const Certificate& issuer,
                                 std::span<const std::string> revoked_serials_hex, std::uint64_t number,
                                 std::int64_t this_update_ms, std::int64_t next_update_ms) {
    TRY(check_issuer(issuer_key, issuer));
    if (next_update_ms <= this_update_ms)
        return fail(Code::invalid_argument, "a revocation list ends before it begins");
    const OpenSslHandle<X509_crl_st> list(X509_CRL_new());
    const Owned<ASN1_TIME> this_update(ASN1_TIME_new(), {ASN1_TIME_free});
    const Owned<ASN1_TIME> next_update(ASN1_TIME_new(), {ASN1_TIME_free});
    const Owned<ASN1_INTEGER> number_field(ASN1_INTEGER_new(), {ASN1_INTEGER_free});
    TRY(set_time(this_update.get(), this_update_ms));
    TRY(set_time(next_update.get(), next_update_ms));
    ASN1_INTEGER_set_uint64(number_field.get(), number);
    const Owned<AUTHORITY_KEYID> authority = authority_key_id(identifier_of(issuer));
    for (const std::string& hex : revoked_serials_hex) {
        const Owned<ASN1_INTEGER> serial = TRY(read_serial(hex));
        X509_REVOKED* const entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, serial.get());
        X509_REVOKED_set_revocationDate(entry, this_update.get());
        X509_CRL_add0_revoked(list.get(), entry);
    }
    X509_CRL_sort(list.get());
    const bool written =
        X509_CRL_set_version(list.get(), kListVersion2) == 1 &&
        X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.impl().certificate.get())) == 1 &&
        X509_CRL_set1_lastUpdate(list.get(), this_update.get()) == 1 &&
        X509_CRL_set1_nextUpdate(list.get(), next_update.get()) == 1 &&
        X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number_field.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
        X509_CRL_add1_ext_i2d(list.get(), NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
        X509_CRL_sign(list.get(), issuer_key.impl().key.get(), digest_for(issuer_key)) != 0;
    if (!written) return std::unexpected(openssl_failed("a revocation list cannot be written"));
    return RevocationList::from_der(der_of(list.get(), i2d_X509_CRL));
}

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
        Result<Owned<GENERAL_NAMES>> names = write_alternative_names(dns_or_ip);
        TALLY_INVARIANT(names.has_value(), "a request's names cannot be written: " + names.error().message);
        STACK_OF(X509_EXTENSION)* extensions = nullptr;
        written = written && X509V3_add1_i2d(&extensions, NID_subject_alt_name, names->get(), 0, 0) == 1 &&
                  X509_REQ_add_extensions(request.get(), extensions) == 1;
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    }
    written = written && X509_REQ_sign(request.get(), key.impl().key.get(), digest_for(key)) != 0;
    TALLY_INVARIANT(written, "OpenSSL does not write a certificate request");
    return {der_of(request.get(), i2d_X509_REQ), subject, key.public_key(), std::move(dns_or_ip)};
}

namespace {

std::vector<std::string> requested_names(X509_REQ* request) {
    std::vector<std::string> texts;
    STACK_OF(X509_EXTENSION)* const extensions = X509_REQ_get_extensions(request);
    const Owned<GENERAL_NAMES> names(
        static_cast<GENERAL_NAMES*>(X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)),
        {GENERAL_NAMES_free});
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
        const ASN1_STRING* const value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
        const std::string octets(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                 static_cast<std::size_t>(ASN1_STRING_length(value)));
        if (name->type == GEN_DNS) {
            texts.push_back(octets);
            continue;
        }
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (octets.size() != 4 && octets.size() != 16) continue;
        inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), text.data(), text.size());
        texts.emplace_back(text.data());
    }
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return texts;
}

}  // namespace

Result<CertificateRequest> CertificateRequest::from_der(ByteView der) {
    if (der.size() > kMaxRequestBytes) return fail(Code::too_large, "request: {} bytes are too many", der.size());
    const unsigned char* at = der.data();
    const OpenSslHandle<X509_req_st> request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
    if (!request || at != der.data() + der.size()) {
        return fail(Code::certificate_malformed, "request: {}", take_openssl_error());
    }
    Name subject = TRY(read_name(X509_REQ_get_subject_name(request.get())));
    const std::string what = fmt::format("request of {}", subject.common_name);
    EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
    Result<PublicKey> public_key = public_key_from(key, false);
    if (!public_key) return std::unexpected(public_key.error().within(what));
    if (X509_REQ_verify(request.get(), key) != 1) {
        (void)take_openssl_error();
        return fail(Code::bad_signature, "{}: its signature is not made with its key", what);
    }
    std::vector<std::string> names = requested_names(request.get());
    (void)take_openssl_error();
    return CertificateRequest(to_bytes(der), std::move(subject), std::move(*public_key), std::move(names));
}

Result<CertificateRequest> CertificateRequest::from_pem(std::string_view pem) {
    return from_der(TRY(decode_pem(pem, kRequestLabel)));
}

std::string CertificateRequest::pem() const { return encode_pem(kRequestLabel, der_); }

}  // namespace tally::crypto
