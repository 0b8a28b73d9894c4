#include "crypto/x509.h"

#include <algorithm>

#include "crypto/pem.h"
#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxChain = 16;
constexpr std::string_view kCertificateLabel = "CERTIFICATE";
constexpr std::string_view kListLabel = "X509 CRL";

}  // namespace

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

const Bytes& Certificate::der() const { return impl_->all.der; }
std::string Certificate::pem() const { return encode_pem(kCertificateLabel, der()); }
const Name& Certificate::subject() const { return impl_->subject; }
const Name& Certificate::issuer() const { return impl_->issuer; }
std::string Certificate::subject_text() const { return impl_->subject_text; }
std::string Certificate::serial_hex() const { return impl_->serial_hex; }
std::int64_t Certificate::not_before_ms() const { return impl_->not_before_ms; }
std::int64_t Certificate::not_after_ms() const { return impl_->not_after_ms; }
const PublicKey& Certificate::public_key() const { return impl_->public_key; }
bool Certificate::is_ca() const { return impl_->extensions.ca; }
const Hash& Certificate::fingerprint() const { return impl_->fingerprint; }
const std::vector<std::string>& Certificate::dns_names() const { return impl_->extensions.dns_names; }
const std::vector<std::string>& Certificate::ip_addresses() const { return impl_->extensions.ip_addresses; }

Hash Certificate::authority_id() const { return sha256({impl_->subject_der, impl_->public_key.spki()}); }

Result<RevocationList> RevocationList::from_pem(std::string_view pem) {
    Result<Bytes> der = decode_pem(pem, kListLabel);
    if (!der) return fail(Code::certificate_malformed, "{}", der.error().message);
    return from_der(*der);
}

const Bytes& RevocationList::der() const { return impl_->all.der; }
std::string RevocationList::pem() const { return encode_pem(kListLabel, der()); }
const Name& RevocationList::issuer() const { return impl_->issuer; }
std::uint64_t RevocationList::number() const { return impl_->number; }
std::int64_t RevocationList::this_update_ms() const { return impl_->this_update_ms; }
std::int64_t RevocationList::next_update_ms() const { return impl_->next_update_ms; }

bool RevocationList::contains(std::string_view serial_hex) const {
    return std::binary_search(impl_->serials.begin(), impl_->serials.end(), serial_hex);
}

bool SignedDer::is_signed_by(const PublicKey& key) const {
    {
        const std::lock_guard lock(memory_->mutex);
        if (memory_->signer == key.fingerprint()) return true;
    }
    if (!verify_certificate_signature(key, algorithm, to_be_signed, signature)) return false;
    const std::lock_guard lock(memory_->mutex);
    memory_->signer = key.fingerprint();
    return true;
}

}  // namespace tally::crypto
