// Certificates and revocation lists that this software writes itself.

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/key_impl.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "crypto/x509_write.h"

namespace tally::crypto {
namespace {

template <class Object>
struct Freed {
    void (*release)(Object*);
    void operator()(Object* object) const { release(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Freed<Object>>;

constexpr long kVersion3 = 2;
constexpr long kListVersion2 = 1;

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
    const auto& stated = issuer.impl().extensions.own_key_id;
    return stated ? to_bytes(*stated) : key_identifier(issuer.public_key());
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
        const OpenSslHandle<stack_st_GENERAL_NAME> names = TRY(write_alternative_names(what.dns_or_ip));
        written = X509_add1_ext_i2d(out, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
    }
    if (!written || X509_sign(out, issuer_key.impl().key.get(), digest_for(issuer_key)) == 0) {
        return std::unexpected(openssl_failed("a certificate cannot be written"));
    }
    return Certificate::from_der(der_of(out));
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
    return write_certificate(issuer_key, copy_name(issuer.impl().subject_der).get(), identifier_of(issuer), what);
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
        X509_CRL_set_issuer_name(list.get(), copy_name(issuer.impl().subject_der).get()) == 1 &&
        X509_CRL_set1_lastUpdate(list.get(), this_update.get()) == 1 &&
        X509_CRL_set1_nextUpdate(list.get(), next_update.get()) == 1 &&
        X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number_field.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
        X509_CRL_add1_ext_i2d(list.get(), NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
        X509_CRL_sign(list.get(), issuer_key.impl().key.get(), digest_for(issuer_key)) != 0;
    if (!written) return std::unexpected(openssl_failed("a revocation list cannot be written"));
    return RevocationList::from_der(der_of(list.get()));
}

}  // namespace tally::crypto
