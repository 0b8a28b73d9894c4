#include "crypto/x509.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "crypto/key_impl.h"
#include "crypto/pem.h"
#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxCertificateBytes = 1 << 16;
constexpr std::size_t kMaxListBytes = 1 << 24;
constexpr std::size_t kMaxChain = 16;
constexpr std::string_view kCertificateLabel = "CERTIFICATE";
constexpr std::string_view kListLabel = "X509 CRL";

std::string serial_text(const ASN1_INTEGER* serial) {
    BIGNUM* const number = ASN1_INTEGER_to_BN(serial, nullptr);
    if (number == nullptr) return "";
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    std::string text = BN_is_negative(number) != 0 ? "-" : "";
    BN_free(number);
    return text + (bytes.empty() ? "00" : to_hex(bytes));
}

Result<std::int64_t> milliseconds(const ASN1_TIME* time, std::string_view what) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        (void)take_openssl_error();
        return fail(Code::certificate_malformed, "{}: a date cannot be read", what);
    }
    const std::chrono::sys_days day = std::chrono::year(parts.tm_year + 1900) /
                                      std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)) /
                                      std::chrono::day(static_cast<unsigned>(parts.tm_mday));
    const std::int64_t hours = std::int64_t{day.time_since_epoch().count()} * 24 + parts.tm_hour;
    const std::int64_t seconds = (hours * 60 + parts.tm_min) * 60 + parts.tm_sec;
    return seconds * 1000;
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der) {
    if (der.size() > kMaxCertificateBytes) {
        return fail(Code::certificate_malformed, "certificate: {} bytes are too many", der.size());
    }
    const unsigned char* at = der.data();
    OpenSslHandle<x509_st> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate) return fail(Code::certificate_malformed, "certificate: {}", take_openssl_error());
    const std::string text = name_text(X509_get_subject_name(certificate.get()));
    const std::string what = fmt::format("certificate of {}", text);
    if (!equal(der_of(certificate.get()), der)) {
        return fail(Code::certificate_malformed, "{}: not in DER, or bytes follow it", what);
    }
    // Works out and caches the extensions now, so that later reading from many threads changes nothing.
    const std::uint32_t flags = X509_get_extension_flags(certificate.get());
    if ((flags & EXFLAG_INVALID) != 0) {
        (void)take_openssl_error();
        return fail(Code::certificate_malformed, "{}: its extensions contradict each other or do not parse", what);
    }
    const bool is_ca = X509_check_ca(certificate.get()) == 1;
    Result<PublicKey> key = public_key_from(X509_get0_pubkey(certificate.get()), is_ca);
    if (!key) return std::unexpected(key.error().within(what));

    auto impl = std::make_shared<Impl>(std::move(*key));
    impl->der = to_bytes(der);
    impl->subject = TRY(read_name(X509_get_subject_name(certificate.get())));
    impl->issuer = TRY(read_name(X509_get_issuer_name(certificate.get())));
    impl->subject_text = text;
    impl->serial_hex = serial_text(X509_get0_serialNumber(certificate.get()));
    impl->not_before_ms = TRY(milliseconds(X509_get0_notBefore(certificate.get()), what));
    impl->not_after_ms = TRY(milliseconds(X509_get0_notAfter(certificate.get()), what));
    impl->is_ca = is_ca;
    impl->fingerprint = sha256(der);
    const OpenSslHandle<stack_st_GENERAL_NAME> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
    read_alternative_names(names.get(), impl->dns_names, impl->ip_addresses);
    impl->certificate = std::move(certificate);
    (void)take_openssl_error();
    return Certificate(std::move(impl));
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
    Result<Bytes> der = decode_pem(pem, kCertificateLabel);
    if (!der) return fail(Code::certificate_malformed, "{}", der.error().message);
    return from_der(*der);
}

Result<std::vector<Certificate>> Certificate::chain_from_pem(std::string_view pem) {
    Result<std::vector<PemBlock>> blocks = decode_pem(pem);
    if (!blocks) return fail(Code::certificate_malformed, "{}", blocks.error().message);
    std::vector<Certificate> chain;
    for (const PemBlock& block : *blocks) {
        if (block.label != kCertificateLabel) continue;
        if (chain.size() == kMaxChain) return fail(Code::too_large, "PEM: more than {} certificates", kMaxChain);
        chain.push_back(TRY(from_der(block.der)));
    }
    if (chain.empty()) return fail(Code::certificate_malformed, "PEM: no certificate is there");
    return chain;
}

const Bytes& Certificate::der() const { return impl_->der; }
std::string Certificate::pem() const { return encode_pem(kCertificateLabel, impl_->der); }
const Name& Certificate::subject() const { return impl_->subject; }
const Name& Certificate::issuer() const { return impl_->issuer; }
std::string Certificate::subject_text() const { return impl_->subject_text; }
std::string Certificate::serial_hex() const { return impl_->serial_hex; }
std::int64_t Certificate::not_before_ms() const { return impl_->not_before_ms; }
std::int64_t Certificate::not_after_ms() const { return impl_->not_after_ms; }
const PublicKey& Certificate::public_key() const { return impl_->public_key; }
bool Certificate::is_ca() const { return impl_->is_ca; }
const Hash& Certificate::fingerprint() const { return impl_->fingerprint; }
const std::vector<std::string>& Certificate::dns_names() const { return impl_->dns_names; }
const std::vector<std::string>& Certificate::ip_addresses() const { return impl_->ip_addresses; }

namespace {

// A list that is not complete for its issuer would let a revoked certificate pass.
Status check_complete(const X509_CRL* list, const std::string& what) {
    for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
        const X509_EXTENSION* const extension = X509_CRL_get_ext(list, i);
        const int kind = OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)));
        if (kind == NID_delta_crl || X509_EXTENSION_get_critical(extension) != 0) {
            return fail(Code::unsupported, "{}: it is a delta, or limited by a critical extension", what);
        }
    }
    return {};
}

Result<std::vector<std::string>> read_serials(X509_CRL* list, const std::string& what) {
    std::vector<std::string> serials;
    STACK_OF(X509_REVOKED)* const revoked = X509_CRL_get_REVOKED(list);
    for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
        const X509_REVOKED* const entry = sk_X509_REVOKED_value(revoked, i);
        for (int j = 0; j < X509_REVOKED_get_ext_count(entry); ++j) {
            if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, j)) != 0) {
                return fail(Code::unsupported, "{}: an entry has a critical extension", what);
            }
        }
        serials.push_back(serial_text(X509_REVOKED_get0_serialNumber(entry)));
    }
    std::sort(serials.begin(), serials.end());
    return serials;
}

}  // namespace

Result<RevocationList> RevocationList::from_der(ByteView der) {
    if (der.size() > kMaxListBytes) {
        return fail(Code::certificate_malformed, "revocation list: {} bytes are too many", der.size());
    }
    const unsigned char* at = der.data();
    OpenSslHandle<X509_crl_st> list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    if (!list) return fail(Code::certificate_malformed, "revocation list: {}", take_openssl_error());
    auto impl = std::make_shared<Impl>();
    impl->issuer_text = name_text(X509_CRL_get_issuer(list.get()));
    const std::string what = fmt::format("revocation list of {}", impl->issuer_text);
    if (!equal(der_of(list.get()), der)) {
        return fail(Code::certificate_malformed, "{}: not in DER, or bytes follow it", what);
    }
    TRY(check_complete(list.get(), what));
    impl->der = to_bytes(der);
    impl->issuer = TRY(read_name(X509_CRL_get_issuer(list.get())));
    impl->this_update_ms = TRY(milliseconds(X509_CRL_get0_lastUpdate(list.get()), what));
    impl->next_update_ms = TRY(milliseconds(X509_CRL_get0_nextUpdate(list.get()), what));
    impl->serials = TRY(read_serials(list.get(), what));
    auto* const number = static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list.get(), NID_crl_number, nullptr, nullptr));
    if (number != nullptr) {
        const bool fits = ASN1_INTEGER_get_uint64(&impl->number, number) == 1;
        ASN1_INTEGER_free(number);
        if (!fits) return fail(Code::unsupported, "{}: its number has more than 64 bits", what);
    }
    impl->list = std::move(list);
    (void)take_openssl_error();
    return RevocationList(std::move(impl));
}

Result<RevocationList> RevocationList::from_pem(std::string_view pem) {
    Result<Bytes> der = decode_pem(pem, kListLabel);
    if (!der) return fail(Code::certificate_malformed, "{}", der.error().message);
    return from_der(*der);
}

const Bytes& RevocationList::der() const { return impl_->der; }
std::string RevocationList::pem() const { return encode_pem(kListLabel, impl_->der); }
const Name& RevocationList::issuer() const { return impl_->issuer; }
std::uint64_t RevocationList::number() const { return impl_->number; }
std::int64_t RevocationList::this_update_ms() const { return impl_->this_update_ms; }
std::int64_t RevocationList::next_update_ms() const { return impl_->next_update_ms; }

bool RevocationList::contains(std::string_view serial_hex) const {
    return std::binary_search(impl_->serials.begin(), impl_->serials.end(), serial_hex);
}

bool RevocationList::Impl::is_signed_by(const PublicKey& key) const {
    {
        const std::lock_guard lock(mutex_);
        if (signer_ == key.fingerprint()) return true;
    }
    if (X509_CRL_verify(list.get(), key.impl().key.get()) != 1) {
        (void)take_openssl_error();
        return false;
    }
    const std::lock_guard lock(mutex_);
    signer_ = key.fingerprint();
    return true;
}

}  // namespace tally::crypto
