#include "node/consortium/members.h"

#include "chaincode/calendar.h"
#include "node/channel/channel_config.h"
#include "node/channel/key_file.h"
#include "node/consortium/authority.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {

namespace {

// What is certified, and what is written to the key's file: nothing where the key stays with who made the request.
struct MemberKey {
    crypto::PublicKey public_key;
    std::optional<std::string> file;
};

Result<MemberKey> key_of(const NewMember& member) {
    if (!member.request.empty()) {
        const auto request = crypto::CertificateRequest::from_pem(TRY(storage::read_file(member.request, 1U << 20)));
        if (!request) return std::unexpected(request.error().within(member.request.string()));
        return MemberKey{request->public_key(), std::nullopt};
    }
    if (!member.token.empty()) return MemberKey{TRY(open_key(member.token)).public_key(), member.token + "\n"};
    const auto key = crypto::PrivateKey::generate(member.algorithm);
    return MemberKey{key.public_key(), key.pem()};
}

}  // namespace

Result<crypto::Certificate> issue_member(const NewMember& member, const std::filesystem::path& folder) {
    TRY(check_name(member.name));
    for (const auto* name : {"key.pem", "certificate.pem"}) {
        if (std::filesystem::exists(folder / name))
            return fail(Code::already_exists, "{} exists already", (folder / name).string());
    }
    const auto authority = TRY(load_authority(member.organization / "ca"));
    const auto key = TRY(key_of(member));
    TRY(storage::make_directory(folder));
    crypto::Issue what{{member.name, authority.issuer.certificate().subject().organization, member.role},
                       key.public_key};
    what.tls_client = true;
    const auto chain = TRY(issue_certificate(authority, std::move(what), member.days));
    if (key.file) TRY(storage::write_file(folder / "key.pem", as_bytes(*key.file), 0600));
    TRY(storage::write_file(folder / "certificate.pem", as_bytes(chain_pem(chain))));
    return chain.front();
}

Result<std::filesystem::path> revoke_members(const std::filesystem::path& organization,
                                             const std::vector<std::filesystem::path>& certificates, int days) {
    const auto authority = TRY(load_authority(organization / "ca"));
    const auto& issuer = authority.issuer.certificate();
    const auto list = organization / "ca" / "revoked.txt";  // a serial number a line
    auto text = std::filesystem::exists(list) ? TRY(storage::read_file(list)) : std::string();
    for (const auto& file : certificates) {
        const auto certificate = TRY(crypto::Certificate::chain_from_pem(TRY(storage::read_file(file)))).front();
        if (certificate.issuer() != issuer.subject())
            return fail(Code::invalid_argument, "{} was not issued by {}", file.string(), issuer.subject_text());
        if (text.find(certificate.serial_hex()) == std::string::npos) text += certificate.serial_hex() + "\n";
    }
    std::vector<std::string> serials;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        serials.push_back(text.substr(at, end - at));
    const auto now = now_ms();
    const auto crl = TRY(crypto::issue_crl(authority.issuer.key, issuer, serials, static_cast<std::uint64_t>(now),
                                           now - 3'600'000, now + days * chaincode::kDay_ms));
    TRY(storage::write_file(list, as_bytes(text)));
    const auto out = organization / "ca" / "crl.pem";
    TRY(storage::write_file(out, as_bytes(crl.pem())));
    return out;
}

}  // namespace tally::node
