#pragma once
// An organization's certificate authority on disk: a root that is kept aside and an intermediate that issues.

#include <filesystem>

#include "node/channel/identity.h"

namespace tally::node {

// Makes root and intermediate in `folder`. already_exists when there is one.
[[nodiscard]] Status create_authority(const std::filesystem::path& folder, const std::string& organization,
                                      crypto::Algorithm algorithm);

struct Authority {
    Identity issuer;  // the intermediate, with its chain up to but without the root
    crypto::Certificate root;
};
[[nodiscard]] Result<Authority> load_authority(const std::filesystem::path& folder);

// The chain, leaf first, without the root. Begins an hour ago, so that clocks may differ.
[[nodiscard]] Result<std::vector<crypto::Certificate>> issue_certificate(const Authority& authority, crypto::Issue what,
                                                                         int days);

[[nodiscard]] std::string chain_pem(const std::vector<crypto::Certificate>& chain);

}  // namespace tally::node
