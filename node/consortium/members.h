#pragma once
// The certificates of an organization's members: issued and revoked with its intermediate authority.

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/key.h"
#include "crypto/x509.h"

namespace tally::node {

// Issues a member's certificate with the organization's intermediate authority, and writes its folder.
struct NewMember {
    std::filesystem::path organization;  // organizations/ORG
    std::string name;
    std::string role;  // client, peer, orderer, admin, auditor, monitor
    crypto::Algorithm algorithm = crypto::Algorithm::p256;
    int days = 365;
    std::string token = {};              // instead of a new key: the URI of one in a token (crypto/token_key.h)
    std::filesystem::path request = {};  // or a signing request, whose key stays where it was made
};
[[nodiscard]] Result<crypto::Certificate> issue_member(const NewMember& member, const std::filesystem::path& folder);
// The organization's certificate revocation list with these certificates added to those that are on it already:
// ca/crl.pem, whose path is the result. It takes effect with `tally config propose --crl`.
[[nodiscard]] Result<std::filesystem::path> revoke_members(const std::filesystem::path& organization,
                                                           const std::vector<std::filesystem::path>& certificates,
                                                           int days);
}  // namespace tally::node
