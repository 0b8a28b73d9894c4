#pragma once
// What is behind Certificate and RevocationList, and how they are read. For this room's own sources only.

#include <array>
#include <mutex>
#include <optional>

#include "crypto/der.h"
#include "crypto/key_impl.h"
#include "crypto/x509.h"

namespace tally::crypto {

// An object identifier of RFC 5280's extensions, as it is encoded.
using Oid = std::array<std::uint8_t, 3>;
inline constexpr Oid kAuthorityKeyId = {0x55, 0x1d, 0x23};

// Something signed, and its parts: views into `der`. Moving keeps them, so there is no copying.
struct SignedDer {
    SignedDer() = default;
    SignedDer(SignedDer&&) = default;
    SignedDer& operator=(SignedDer&&) = default;

    Bytes der;
    ByteView to_be_signed;
    CertificateSignature algorithm = CertificateSignature::unknown;
    ByteView signature;

    // Whether this key signed it. The last key that did is remembered: what is kept is verified once.
    [[nodiscard]] bool is_signed_by(const PublicKey& key) const;

  private:
    struct Memory {
        std::mutex mutex;
        std::optional<Hash> signer;
    };
    std::unique_ptr<Memory> memory_ = std::make_unique<Memory>();
};

enum class KeyUse : std::uint8_t { digital_signature = 0, certificate_sign = 5, list_sign = 6 };

struct Extensions {
    bool ca = false;
    std::optional<std::uint64_t> path_length;
    std::optional<std::uint16_t> key_usage;  // bit n of RFC 5280 section 4.2.1.3 is bit n here; absent: any
    bool extended_key_usage = false;         // present
    bool server_authentication = false;
    bool client_authentication = false;
    std::optional<ByteView> own_key_id;
    std::optional<ByteView> authority_key_id;
    std::string not_understood;  // the OID of one that forbids to go on; empty: none
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;

    [[nodiscard]] bool allows(KeyUse use) const {
        return !key_usage || (*key_usage >> static_cast<unsigned>(use) & 1U) != 0;
    }
};

struct Certificate::Impl {
    explicit Impl(PublicKey key) : public_key(std::move(key)) {}

    SignedDer all;
    ByteView subject_der;
    ByteView issuer_der;
    Name subject;
    Name issuer;
    std::string subject_text;
    std::string serial_hex;
    std::int64_t not_before_ms = 0;
    std::int64_t not_after_ms = 0;
    PublicKey public_key;
    Extensions extensions;
    Hash fingerprint;
};

struct RevocationList::Impl {
    SignedDer all;
    ByteView issuer_der;
    Name issuer;
    std::string issuer_text;
    std::uint64_t number = 0;
    std::int64_t this_update_ms = 0;
    std::int64_t next_update_ms = 0;
    std::vector<std::string> serials;  // sorted
    std::optional<ByteView> authority_key_id;
};

// SEQUENCE OF Extension: those that certificates may have, read strictly. Views point into `list`.
[[nodiscard]] Result<Extensions> read_extensions(ByteView list);
struct Extension {
    ByteView oid;
    bool critical = false;
    ByteView value;
};
// One to 32 of them, none twice.
[[nodiscard]] Result<std::vector<Extension>> read_extension_list(ByteView list);
[[nodiscard]] Result<std::optional<ByteView>> read_authority_key_id(ByteView value);
[[nodiscard]] std::string oid_text(ByteView oid);

// GeneralNames. Addresses of other sizes than four and sixteen bytes are left out.
[[nodiscard]] Status read_alternative_names(ByteView value, std::vector<std::string>& dns,
                                            std::vector<std::string>& addresses);
struct ReadName {
    Name name;
    std::string text;  // RFC 2253 form
};
// A Name, whole.
[[nodiscard]] Result<ReadName> read_name(ByteView der);
// As hexadecimal digits of whole bytes, "00" for zero; at most 20 bytes.
[[nodiscard]] Result<std::string> read_serial(DerReader& from);

}  // namespace tally::crypto
