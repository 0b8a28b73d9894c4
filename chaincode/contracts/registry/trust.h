#pragma once
// The certificates that devices are known by: anchors, revocation lists and revocations on the ledger, and what they
// say of a chain at a given time. All depends on the state and the transaction's time alone. Failures: those of x509.h
// (certificate_..., crl_expired), bad_key, invalid_argument, already_exists.

#include "chaincode/contracts/registry/answers.h"
#include "crypto/x509.h"

namespace tally::chaincode::registry {

// PEM, or hex or base64 of a SubjectPublicKeyInfo or a raw key (32 bytes Ed25519, 33 or 65 bytes P-256).
[[nodiscard]] Result<crypto::PublicKey> parse_public_key(std::string_view text);

// One certificate per PEM text or all of them in one; leaf first.
[[nodiscard]] Result<std::vector<crypto::Certificate>> parse_chain(const std::vector<std::string>& pems);

// Whether a device's chain leads to an anchor of the organization, at the transaction's time, with nothing revoked.
[[nodiscard]] Status check_chain(Stub& stub, std::string_view organization,
                                 const std::vector<crypto::Certificate>& chain);

[[nodiscard]] Result<AnchorAdded> add_trust_anchor(Stub& stub, const AddTrustAnchor& arguments);
[[nodiscard]] Result<Revocation> revoke_certificate(Stub& stub, const RevokeCertificate& arguments);
[[nodiscard]] Result<CrlPublished> publish_crl(Stub& stub, const PublishCrl& arguments);
[[nodiscard]] Result<Trust> list_trust(Stub& stub, const OfOrganization& arguments);

}  // namespace tally::chaincode::registry
