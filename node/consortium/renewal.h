#pragma once
// New certificates in the places of old ones: for the same subject and role, with the same key or a new one, for other
// hosts, by the organization's authority in its folder or by one elsewhere (PKCS #10).
//
// A certificate and its key are NAME.pem and NAME-key.pem, or certificate.pem and key.pem. Everything is checked before
// anything is written. A file is replaced whole; where the key is new, it is written as KEY.next first, then the
// certificate is replaced, then the key: load_identity takes KEY.next where a crash left the key behind.
// Failures: invalid_argument (another organization's authority, a certificate without hosts), certificate_untrusted
// (another authority of the same name), bad_key, not_found, io_error.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crypto/key.h"
#include "crypto/x509.h"

namespace tally::node {

struct Renewed {
    std::filesystem::path file;
    crypto::Certificate certificate;
};

struct Renewal {
    std::filesystem::path organization;  // organizations/ORG, whose authority issues
    std::vector<std::filesystem::path> certificates;
    std::vector<std::string> hosts;            // of TLS certificates; none: as before, and node.toml's address
    std::optional<crypto::Algorithm> new_key;  // of new keys; none: the keys stay
    int days = 365;
};
[[nodiscard]] Result<std::vector<Renewed>> renew_certificates(const Renewal& renewal);

// An orderer's next key, which waits with its certificate beside the other (load_next_identity); the one that waits
// there already, if there is one. Made where the old key is, and kept as that is.
[[nodiscard]] Result<crypto::PublicKey> next_orderer_key(const std::filesystem::path& organization,
                                                         const std::filesystem::path& certificate,
                                                         const std::filesystem::path& key, crypto::Algorithm algorithm,
                                                         int days);

// The certificates of the organization's members and of its nodes that end within so many days: those in
// organizations/ORG/members and in the consortium's nodes.
[[nodiscard]] Result<std::vector<std::filesystem::path>> expiring_certificates(
    const std::filesystem::path& organization, int within_days);

// The request for a new certificate in the place of this one: made where the key is.
[[nodiscard]] Result<crypto::CertificateRequest> request_certificate(const std::filesystem::path& certificate,
                                                                     const std::vector<std::string>& hosts);
// Made where the authority is: the chain that answers a request, leaf first. TLS clients' and servers' purposes follow
// from the hosts, as in the certificates that `tally network create` writes.
[[nodiscard]] Result<std::vector<crypto::Certificate>> sign_request(const std::filesystem::path& organization,
                                                                    const crypto::CertificateRequest& request,
                                                                    int days);
// Puts the chain in the place of the certificate, for the key that is there: same subject, valid now.
[[nodiscard]] Result<Renewed> install_certificate(const std::filesystem::path& certificate,
                                                  const std::filesystem::path& chain);

}  // namespace tally::node
