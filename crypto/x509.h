#pragma once
// X.509 certificates, revocation lists and requests (RFC 5280, RFC 2986), and path validation at a given time.
//
// Objects are immutable, parsed once, cheap to copy (the copies share) and safe to use from many threads. Bytes are
// DER; what is not in the one DER form, or has bytes behind it, is refused. Ends of paths have P-256 or Ed25519 keys;
// authorities may have P-384 keys too, whose public_key() is good for certificates alone (see key.h).
// Times are milliseconds since 1970, UTC; nothing here reads a clock.
// Failures: certificate_malformed, and the other certificate_ and crl_ codes; each sentence names the subject.
//
// **Who decides.** Certificates and lists are read by our own DER reader (der.h) and judged by our own code, so no
// verdict depends on a library's parser, version, configuration file or security level. OpenSSL says of a canonical
// P-256 or P-384 key whether its point lies on the curve, and of one ECDSA signature whether it fits; Crypto++ the
// same of Ed25519. (Requests, which decide nothing on a ledger, are still parsed by OpenSSL.)
// What is accepted: a certificate of version 3 and at most 64 KiB, without unique ids; a list of version 1 or 2 and at
// most 16 MiB; serial numbers from 0 to 20 bytes; names of at most 32 parts in UTF8String, PrintableString, IA5String
// or NumericString, without control characters; at most 32 extensions, none twice. Understood are basic constraints,
// key usage, extended key usage, the two key identifiers and alternative names. Any other is passed over where it is
// not critical, and ends the path where it is; name constraints end it in either case, and so do critical policies.
// Signatures: ECDSA with SHA-256, SHA-384 or SHA-512, and Ed25519. Any other algorithm signs nothing.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"

namespace tally::crypto {

// The first common name, organization and organizational unit (the member's role); empty when absent.
struct Name {
    std::string common_name;
    std::string organization;
    std::string organizational_unit;

    friend bool operator==(const Name&, const Name&) = default;
};

class Certificate {
  public:
    [[nodiscard]] static Result<Certificate> from_pem(std::string_view pem);  // exactly one
    [[nodiscard]] static Result<Certificate> from_der(ByteView der);
    [[nodiscard]] static Result<std::vector<Certificate>> chain_from_pem(
        std::string_view pem);  // one or more, in order

    [[nodiscard]] const Bytes& der() const;
    [[nodiscard]] std::string pem() const;
    [[nodiscard]] const Name& subject() const;
    [[nodiscard]] const Name& issuer() const;
    [[nodiscard]] std::string subject_text() const;  // RFC 2253 form, for people
    [[nodiscard]] std::string serial_hex() const;    // lower case, whole bytes, no leading zero byte
    [[nodiscard]] std::int64_t not_before_ms() const;
    [[nodiscard]] std::int64_t not_after_ms() const;
    [[nodiscard]] const PublicKey& public_key() const;
    [[nodiscard]] bool is_ca() const;
    [[nodiscard]] const Hash& fingerprint() const;  // SHA-256 of der
    // Of the subject and its key: what stays when an authority's certificate is renewed under the same key.
    [[nodiscard]] Hash authority_id() const;
    [[nodiscard]] const std::vector<std::string>& dns_names() const;
    [[nodiscard]] const std::vector<std::string>& ip_addresses() const;

    friend bool operator==(const Certificate& a, const Certificate& b) { return a.fingerprint() == b.fingerprint(); }

    struct Impl;
    explicit Certificate(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    [[nodiscard]] const Impl& impl() const { return *impl_; }

  private:
    std::shared_ptr<const Impl> impl_;
};

// A complete, direct list: delta and indirect lists, and lists for some of an issuer's certificates, are unsupported.
class RevocationList {
  public:
    [[nodiscard]] static Result<RevocationList> from_pem(std::string_view pem);
    [[nodiscard]] static Result<RevocationList> from_der(ByteView der);

    [[nodiscard]] const Bytes& der() const;
    [[nodiscard]] std::string pem() const;
    [[nodiscard]] const Name& issuer() const;
    [[nodiscard]] std::uint64_t number() const;  // 0 when absent
    [[nodiscard]] std::int64_t this_update_ms() const;
    [[nodiscard]] std::int64_t next_update_ms() const;
    [[nodiscard]] bool contains(std::string_view serial_hex) const;

    struct Impl;
    explicit RevocationList(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    [[nodiscard]] const Impl& impl() const { return *impl_; }

  private:
    std::shared_ptr<const Impl> impl_;
};

enum class Purpose { signing, tls_client, tls_server, crl_signing };

struct TrustStore {
    std::vector<Certificate> roots;          // self-signed
    std::vector<Certificate> intermediates;  // known, not trusted by themselves
    std::vector<RevocationList> crls;
};

inline constexpr std::size_t kMaxPresented = 8;

// Whether the lists of a path's issuers must be current.
enum class ListDates { current, any };

// The paths of a presented chain (leaf first), with everything judged that does not depend on the time. So it may be
// kept: `at` gives for every time what a fresh judgement gives.
//
// **The presented order is the path.** Each certificate must have been issued by the next one. A configured root ends
// the path: no certificate may be presented after it, and none twice. If the last one presented is no
// configured root, the path goes on through configured certificates (roots before intermediates, in the order of the
// configuration, none twice). Where several fit, as when a root was renewed under the same key, each makes a path of
// its own, judged by itself, and the chain counts if any of them does. At most 10 certificates, 16 paths and 64
// signatures are looked at; what lies beyond does not exist.
// One certificate is issued by another if it names its subject (the same bytes), its key identifier where both state
// one, and has its key's signature.
//
// A path holds if nothing on it has an extension that is not understood; if every certificate but the first is an
// authority whose key usage, where present, has keyCertSign, and keeps to the path length (those that issued
// themselves do not count); if the root is self-signed; if no list of an issuer in it revokes what it issued; at a
// time, if that lies in the dates of each certificate (not_before <= t < not_after), and, where an issuer has lists, in
// those of the newest of its lists that have begun. The newest has the highest number, then the latest dates. A list
// belongs to the issuer whose name (and key identifier, where both state one) it bears; one that the issuer's key has
// not signed, or that it may not sign, ends the path. A list revokes also outside its dates.
//   crl_signing  the leaf is an authority whose key usage, where present, has cRLSign; for the others it must be none
//   signing      key usage, where present, has digitalSignature
//   tls_client   that, and extended key usage, where present, has clientAuth
//   tls_server   that, and extended key usage, where present, has serverAuth
class VerifiedPaths {
  public:
    [[nodiscard]] static Result<VerifiedPaths> find(std::span<const Certificate> chain, const TrustStore& trust,
                                                    Purpose purpose);
    // The first path that holds at this time, leaf first; it lives as long as this. Else why the first one does not.
    [[nodiscard]] Result<std::span<const Certificate>> at(std::int64_t time_ms,
                                                          ListDates list_dates = ListDates::current) const;

  private:
    struct Path {
        std::vector<Certificate> certificates;
        std::vector<std::vector<RevocationList>> lists;  // of each issuer, the newest first

        [[nodiscard]] Status check_dates(std::int64_t time_ms, ListDates list_dates) const;
    };
    static Result<Path> examine(std::vector<Certificate> certificates, const TrustStore& trust);

    std::vector<Path> paths_;  // one at least
};

// Both at once: the path that holds.
[[nodiscard]] Result<std::vector<Certificate>> verify_path(const Certificate& leaf,
                                                           std::span<const Certificate> presented_issuers,
                                                           const TrustStore& trust, std::int64_t time_ms,
                                                           Purpose purpose);

// One list's word, if it is known to be the issuer's: certificate_revoked; crl_expired.
[[nodiscard]] Status check_not_revoked(const Certificate& certificate, const RevocationList& list);
[[nodiscard]] Status check_current(const RevocationList& list, std::int64_t time_ms);

// Whether the list bears this authority's name and, where both state one, its key identifier.
[[nodiscard]] bool is_list_of(const RevocationList& list, const Certificate& issuer);
// Whether the list is this authority's own: its name, its key identifier where the list names one, its key usage
// (certificate_wrong_purpose), and its signature (bad_signature).
[[nodiscard]] Status verify_list(const RevocationList& list, const Certificate& issuer);

// PKCS #10. The request's own signature is checked when it is read.
class CertificateRequest {
  public:
    [[nodiscard]] static Result<CertificateRequest> from_pem(std::string_view pem);
    [[nodiscard]] static CertificateRequest create(const PrivateKey& key, const Name& subject,
                                                   std::vector<std::string> dns_or_ip = {});

    [[nodiscard]] const Bytes& der() const { return der_; }
    [[nodiscard]] std::string pem() const;
    [[nodiscard]] const Name& subject() const { return subject_; }
    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] const std::vector<std::string>& dns_or_ip() const { return dns_or_ip_; }

  private:
    CertificateRequest(Bytes der, Name subject, PublicKey public_key, std::vector<std::string> dns_or_ip);
    static Result<CertificateRequest> from_der(ByteView der);

    Bytes der_;
    Name subject_;
    PublicKey public_key_;
    std::vector<std::string> dns_or_ip_;
};

// What a certificate is to say. Its serial is 128 random bits; key identifiers, critical basic constraints and critical
// key usage follow from the rest.
struct Issue {
    Name subject;
    PublicKey key;
    std::int64_t not_before_ms = 0;
    std::int64_t not_after_ms = 0;
    bool ca = false;
    int path_length = -1;  // of an authority; -1 is without bound
    std::vector<std::string> dns_or_ip = {};
    bool tls_server = false;
    bool tls_client = false;
};

// Whether a subject and its alternative names can be written into a certificate (invalid_argument): ask before
// issue_root and CertificateRequest::create, which break an invariant otherwise.
[[nodiscard]] Status check_names(const Name& subject, std::span<const std::string> dns_or_ip = {});

// These fail with invalid_argument (a name that cannot be written, an end before the start, an issuer that is no
// authority) or bad_key (the key is not the issuer's). issue_root breaks an invariant where `issue` would fail.
[[nodiscard]] Certificate issue_root(const PrivateKey& key, const Name& subject, std::int64_t not_before_ms,
                                     std::int64_t not_after_ms);
[[nodiscard]] Result<Certificate> issue(const PrivateKey& issuer_key, const Certificate& issuer, const Issue& what);
[[nodiscard]] Result<RevocationList> issue_crl(const PrivateKey& issuer_key, const Certificate& issuer,
                                               std::span<const std::string> revoked_serials_hex, std::uint64_t number,
                                               std::int64_t this_update_ms, std::int64_t next_update_ms);

}  // namespace tally::crypto
