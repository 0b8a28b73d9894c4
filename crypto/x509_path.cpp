// Path validation: OpenSSL builds the path and checks signatures, dates and constraints; the rest is judged here.

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/x509.h"
#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxPresented = 8;
constexpr int kMaxPathLength = 8;
constexpr int kSecurityLevel = 2;  // 112 bits: no SHA-1, no short keys

std::int64_t seconds_of(std::int64_t ms) { return ms / 1000 - (ms % 1000 < 0 ? 1 : 0); }

Code code_of(int error) {
    switch (error) {
        case X509_V_ERR_CERT_NOT_YET_VALID: return Code::certificate_not_yet_valid;
        case X509_V_ERR_CERT_HAS_EXPIRED: return Code::certificate_expired;
        case X509_V_ERR_CERT_REVOKED: return Code::certificate_revoked;
        case X509_V_ERR_INVALID_PURPOSE:
        case X509_V_ERR_INVALID_CA: return Code::certificate_wrong_purpose;
        case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
        case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        case X509_V_ERR_INVALID_EXTENSION: return Code::certificate_malformed;
        default: return Code::certificate_untrusted;
    }
}

std::unexpected<Error> refuse(Code code, const Certificate& certificate, std::string_view why) {
    return std::unexpected(Error{code, fmt::format("certificate of {}: {}", certificate.subject_text(), why)});
}

// OpenSSL caches extensions; that was done when the certificate was parsed.
std::uint32_t key_usage(const Certificate& certificate) {
    return X509_get_key_usage(certificate.impl().certificate.get());  // all bits when absent
}

Status check_purpose(const Certificate& leaf, Purpose purpose) {
    if (purpose == Purpose::crl_signing) {
        if (leaf.is_ca() && (key_usage(leaf) & KU_CRL_SIGN) != 0) return {};
        return refuse(Code::certificate_wrong_purpose, leaf, "it may not sign revocation lists");
    }
    if (leaf.public_key().only_certifies()) return refuse(Code::bad_key, leaf, "its key is neither P-256 nor Ed25519");
    if (leaf.is_ca()) return refuse(Code::certificate_wrong_purpose, leaf, "an authority's certificate certifies only");
    if ((key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0) {
        return refuse(Code::certificate_wrong_purpose, leaf, "its key usage has no digital signature");
    }
    const std::uint32_t extended = X509_get_extended_key_usage(leaf.impl().certificate.get());  // all bits when absent
    switch (purpose) {
        case Purpose::signing:
        case Purpose::crl_signing: return {};
        case Purpose::tls_client:
            if ((extended & XKU_SSL_CLIENT) != 0) return {};
            return refuse(Code::certificate_wrong_purpose, leaf, "its extended key usage has no TLS client");
        case Purpose::tls_server:
            if ((extended & XKU_SSL_SERVER) != 0) return {};
            return refuse(Code::certificate_wrong_purpose, leaf, "its extended key usage has no TLS server");
    }
    return {};
}

// A list that names another key than this issuer's as its signer is another authority's of the same name.
bool names_other_signer(const RevocationList& list, const Certificate& issuer) {
    auto* const signer = static_cast<AUTHORITY_KEYID*>(
        X509_CRL_get_ext_d2i(list.impl().list.get(), NID_authority_key_identifier, nullptr, nullptr));
    if (signer == nullptr) return false;
    const ASN1_OCTET_STRING* const own = X509_get0_subject_key_id(issuer.impl().certificate.get());
    const bool other = own != nullptr && signer->keyid != nullptr && ASN1_OCTET_STRING_cmp(own, signer->keyid) != 0;
    AUTHORITY_KEYID_free(signer);
    return other;
}

bool is_named_in(const RevocationList& list, const Certificate& issuer) {
    return X509_NAME_cmp(X509_CRL_get_issuer(list.impl().list.get()),
                         X509_get_subject_name(issuer.impl().certificate.get())) == 0 &&
           !names_other_signer(list, issuer);
}

Status check_revocation(const Certificate& certificate, const Certificate& issuer,
                        std::span<const RevocationList> lists, std::int64_t time_ms) {
    const RevocationList* newest = nullptr;
    for (const RevocationList& list : lists) {
        if (!is_named_in(list, issuer)) continue;
        TRY(check_purpose(issuer, Purpose::crl_signing));
        if (!list.impl().is_signed_by(issuer.public_key())) {
            return refuse(Code::certificate_untrusted, issuer, "a revocation list in its name has another's signature");
        }
        if (list.contains(certificate.serial_hex())) {
            return refuse(Code::certificate_revoked, certificate,
                          fmt::format("serial {} was revoked by list {}", certificate.serial_hex(), list.number()));
        }
        if (newest == nullptr || list.number() > newest->number()) newest = &list;
    }
    if (newest != nullptr && (time_ms < newest->this_update_ms() || time_ms >= newest->next_update_ms())) {
        return refuse(Code::crl_expired, issuer,
                      fmt::format("its revocation list {} is not current at that time", newest->number()));
    }
    return {};
}

X509* borrowed(const Certificate& certificate) { return certificate.impl().certificate.get(); }

struct Attempt {
    OpenSslHandle<x509_store_st> store;
    OpenSslHandle<stack_st_X509> untrusted;
    OpenSslHandle<x509_store_ctx_st> context;
};

bool prepare(Attempt& attempt, const Certificate& leaf, std::span<const Certificate> presented, const TrustStore& trust,
             std::int64_t time_ms) {
    attempt.store.reset(X509_STORE_new());
    attempt.untrusted.reset(sk_X509_new_null());
    attempt.context.reset(X509_STORE_CTX_new());
    if (!attempt.store || !attempt.untrusted || !attempt.context) return false;
    for (const Certificate& root : trust.roots) {
        if (X509_STORE_add_cert(attempt.store.get(), borrowed(root)) != 1) return false;
    }
    for (const Certificate& certificate : presented) sk_X509_push(attempt.untrusted.get(), borrowed(certificate));
    for (const Certificate& certificate : trust.intermediates) {
        sk_X509_push(attempt.untrusted.get(), borrowed(certificate));
    }
    if (X509_STORE_CTX_init(attempt.context.get(), attempt.store.get(), borrowed(leaf), attempt.untrusted.get()) != 1) {
        return false;
    }
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(attempt.context.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(seconds_of(time_ms)));
    X509_VERIFY_PARAM_set_depth(parameters, kMaxPathLength);
    X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CHECK_SS_SIGNATURE);  // a root is trusted as it was issued
    return true;
}

Result<std::vector<Certificate>> path_of(X509_STORE_CTX* context, const Certificate& leaf,
                                         std::span<const Certificate> presented, const TrustStore& trust) {
    std::vector<Certificate> path;
    const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        const X509* const link = sk_X509_value(chain, i);
        const auto take = [&](std::span<const Certificate> certificates) {
            const auto found = std::find_if(certificates.begin(), certificates.end(),
                                            [&](const Certificate& one) { return X509_cmp(borrowed(one), link) == 0; });
            if (found != certificates.end()) path.push_back(*found);
            return found != certificates.end();
        };
        if (!take({&leaf, 1}) && !take(trust.roots) && !take(trust.intermediates) && !take(presented)) {
            return refuse(Code::certificate_untrusted, leaf, "its path holds a certificate from nowhere");
        }
    }
    return path;
}

}  // namespace

Result<std::vector<Certificate>> verify_path(const Certificate& leaf,
                                             std::span<const Certificate> presented_intermediates,
                                             const TrustStore& trust, std::int64_t time_ms, Purpose purpose) {
    if (presented_intermediates.size() > kMaxPresented) {
        return fail(Code::too_large, "{} certificates are presented, {} are allowed", presented_intermediates.size(),
                    kMaxPresented);
    }
    TRY(check_purpose(leaf, purpose));
    Attempt attempt;
    if (!prepare(attempt, leaf, presented_intermediates, trust, time_ms)) {
        return fail(Code::internal, "certificate path: {}", take_openssl_error());
    }
    if (X509_verify_cert(attempt.context.get()) != 1) {
        const int error = X509_STORE_CTX_get_error(attempt.context.get());
        X509* const at = X509_STORE_CTX_get_current_cert(attempt.context.get());
        (void)take_openssl_error();
        return fail(code_of(error), "certificate of {}: {}",
                    at == nullptr ? leaf.subject_text() : name_text(X509_get_subject_name(at)),
                    X509_verify_cert_error_string(error));
    }
    std::vector<Certificate> path = TRY(path_of(attempt.context.get(), leaf, presented_intermediates, trust));
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        if (!path[i + 1].is_ca()) {
            return refuse(Code::certificate_wrong_purpose, path[i + 1], "it certifies, but is no authority");
        }
        TRY(check_revocation(path[i], path[i + 1], trust.crls, time_ms));
    }
    return path;
}

Status verify_list(const RevocationList& list, const Certificate& issuer) {
    if (!is_named_in(list, issuer)) {
        return fail(Code::bad_signature, "the revocation list is that of {}, not of {} with this key",
                    list.impl().issuer_text, issuer.subject_text());
    }
    TRY(check_purpose(issuer, Purpose::crl_signing));
    if (list.impl().is_signed_by(issuer.public_key())) return {};
    return fail(Code::bad_signature, "the revocation list {} was not signed by {}", list.number(),
                issuer.subject_text());
}

}  // namespace tally::crypto
