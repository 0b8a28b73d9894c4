#pragma once
// What is behind Certificate and RevocationList, and how names are read and written. For this room's own sources only.

#include <mutex>
#include <optional>

#include "crypto/openssl_handle.h"
#include "crypto/x509.h"

struct stack_st_GENERAL_NAME;

namespace tally::crypto {

struct Certificate::Impl {
    explicit Impl(PublicKey key) : public_key(std::move(key)) {}

    Bytes der;
    Name subject;
    Name issuer;
    std::string subject_text;
    std::string serial_hex;
    std::int64_t not_before_ms = 0;
    std::int64_t not_after_ms = 0;
    PublicKey public_key;
    bool is_ca = false;
    Hash fingerprint;
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;
    OpenSslHandle<x509_st> certificate;
};

struct RevocationList::Impl {
    Bytes der;
    Name issuer;
    std::string issuer_text;
    std::uint64_t number = 0;
    std::int64_t this_update_ms = 0;
    std::int64_t next_update_ms = 0;
    std::vector<std::string> serials;  // sorted
    OpenSslHandle<X509_crl_st> list;

    // Whether this key signed the list. The answer for the last key that did is kept: a list is verified once.
    [[nodiscard]] bool is_signed_by(const PublicKey& key) const;

  private:
    mutable std::mutex mutex_;
    mutable std::optional<Hash> signer_;
};

// Adds to the two lists; null holds nothing. Addresses of other sizes than four and sixteen bytes are left out.
void read_alternative_names(const stack_st_GENERAL_NAME* names, std::vector<std::string>& dns,
                            std::vector<std::string>& addresses);
// Refuses (certificate_malformed) names with control characters in them.
[[nodiscard]] Result<Name> read_name(const X509_name_st* name);
[[nodiscard]] std::string name_text(const X509_name_st* name);

}  // namespace tally::crypto
