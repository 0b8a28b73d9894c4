#include "node/consortium/authority.h"

#include "chaincode/calendar.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {
namespace {

constexpr std::int64_t kRootYears = 20;
constexpr std::int64_t kIntermediateYears = 10;

}  // namespace

Status create_authority(const std::filesystem::path& folder, const std::string& organization,
                        crypto::Algorithm algorithm) {
    if (std::filesystem::exists(folder)) return fail(Code::already_exists, "{} exists already", folder.string());
    TRY(storage::make_directory(folder));
    const auto start = now_ms() - 3'600'000;
    const auto root_key = crypto::PrivateKey::generate(algorithm);
    const auto root = crypto::issue_root(root_key, {organization + " root authority", organization, "authority"}, start,
                                         start + kRootYears * 365 * chaincode::kDay_ms);
    const auto key = crypto::PrivateKey::generate(algorithm);
    crypto::Issue what{{organization + " issuing authority", organization, "authority"}, key.public_key()};
    what.not_before_ms = start;
    what.not_after_ms = start + kIntermediateYears * 365 * chaincode::kDay_ms;
    what.ca = true;
    what.path_length = 0;
    const auto intermediate = TRY(crypto::issue(root_key, root, what));
    TRY(storage::write_file(folder / "root-key.pem", as_bytes(root_key.pem()), 0600));
    TRY(storage::write_file(folder / "root.pem", as_bytes(root.pem())));
    TRY(storage::write_file(folder / "intermediate-key.pem", as_bytes(key.pem()), 0600));
    return storage::write_file(folder / "intermediate.pem", as_bytes(intermediate.pem()));
}

Result<Authority> load_authority(const std::filesystem::path& folder) {
    auto issuer = TRY(load_identity(folder / "intermediate.pem", folder / "intermediate-key.pem"));
    auto root = crypto::Certificate::from_pem(TRY(storage::read_file(folder / "root.pem")));
    if (!root) return std::unexpected(root.error().within((folder / "root.pem").string()));
    return Authority{std::move(issuer), std::move(*root)};
}

Result<std::vector<crypto::Certificate>> issue_certificate(const Authority& authority, crypto::Issue what, int days) {
    what.not_before_ms = now_ms() - 3'600'000;
    what.not_after_ms = what.not_before_ms + days * chaincode::kDay_ms;
    std::vector<crypto::Certificate> chain{
        TRY(crypto::issue(authority.issuer.key, authority.issuer.certificate(), what))};
    chain.insert(chain.end(), authority.issuer.chain.begin(), authority.issuer.chain.end());
    return chain;
}

std::string chain_pem(const std::vector<crypto::Certificate>& chain) {
    std::string pem;
    for (const auto& certificate : chain) pem += certificate.pem();
    return pem;
}

}  // namespace tally::node
