#include "node/channel/identity.h"

#include "node/channel/key_file.h"
#include "storage/files.h"

namespace tally::node {

namespace {

bool belong_together(const crypto::PrivateKey& key, const std::vector<crypto::Certificate>& chain) {
    return key.public_key() == chain.front().public_key();
}

// The key that a crash kept from its place.
std::optional<crypto::PrivateKey> take_next(const std::filesystem::path& key,
                                            const std::vector<crypto::Certificate>& chain) {
    const auto next = next_file(key);
    const auto pem = read_key_file(next);
    if (!pem) return std::nullopt;
    auto waiting = crypto::PrivateKey::from_pem(*pem);
    if (!waiting || !belong_together(*waiting, chain)) return std::nullopt;
    std::error_code error;
    std::filesystem::rename(next, key, error);
    return error ? std::nullopt : std::optional(std::move(*waiting));
}

}  // namespace

std::filesystem::path next_file(const std::filesystem::path& file) {
    auto next = file;
    next += ".next";
    return next;
}

Result<Identity> load_identity(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    auto chain = crypto::Certificate::chain_from_pem(TRY(storage::read_file(certificate, 1U << 20)));
    if (!chain) return std::unexpected(chain.error().within(certificate.string()));
    auto private_key = crypto::PrivateKey::from_pem(TRY(read_key_file(key)));
    if (!private_key) return std::unexpected(private_key.error().within(key.string()));
    if (!belong_together(*private_key, *chain)) {
        if (auto next = take_next(key, *chain)) return Identity{std::move(*next), std::move(*chain)};
        return fail(Code::bad_key, "the key in {} is not the one that {} certifies", key.string(),
                    certificate.string());
    }
    return Identity{std::move(*private_key), std::move(*chain)};
}

Result<std::optional<Identity>> load_next_identity(const std::filesystem::path& certificate,
                                                   const std::filesystem::path& key) {
    const auto next = next_file(certificate);
    std::error_code error;
    if (!std::filesystem::exists(next, error)) return std::nullopt;
    return TRY(load_identity(next, next_file(key)));
}

Status take_next_identity(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    std::error_code error;
    std::filesystem::rename(next_file(certificate), certificate, error);
    if (error) return fail(Code::io_error, "{}: {}", certificate.string(), error.message());
    TRY(load_identity(certificate, key));
    return storage::sync_directory(certificate.parent_path());
}

}  // namespace tally::node
