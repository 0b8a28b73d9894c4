#include "node/channel/identity.h"

#include "storage/files.h"

namespace tally::node {

Result<Identity> load_identity(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    auto chain = crypto::Certificate::chain_from_pem(TRY(storage::read_file(certificate, 1U << 20)));
    if (!chain) return std::unexpected(chain.error().within(certificate.string()));
    auto private_key = crypto::PrivateKey::from_pem(TRY(storage::read_file(key, 1U << 20)));
    if (!private_key) return std::unexpected(private_key.error().within(key.string()));
    if (!(private_key->public_key() == chain->front().public_key())) {
        return fail(Code::bad_key, "the key in {} is not the one that {} certifies", key.string(),
                    certificate.string());
    }
    return Identity{std::move(*private_key), std::move(*chain)};
}

}  // namespace tally::node
