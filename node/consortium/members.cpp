#include "node/consortium/members.h"

#include "node/channel/channel_config.h"
#include "node/consortium/authority.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {

Result<crypto::Certificate> issue_member(const NewMember& member, const std::filesystem::path& folder) {
    TRY(check_name(member.name));
    if (std::filesystem::exists(folder / "key.pem"))
        return fail(Code::already_exists, "{} exists already", (folder / "key.pem").string());
    const auto authority = TRY(load_authority(member.organization / "ca"));
    TRY(storage::make_directory(folder));
    const auto key = crypto::PrivateKey::generate(member.algorithm);
    crypto::Issue what{{member.name, authority.issuer.certificate().subject().organization, member.role},
                       key.public_key()};
    what.tls_client = true;
    const auto chain = TRY(issue_certificate(authority, std::move(what), member.days));
    TRY(storage::write_file(folder / "key.pem", as_bytes(key.pem()), 0600));
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
                                           now - 3'600'000, now + days * kDayMs));
    TRY(storage::write_file(list, as_bytes(text)));
    const auto out = organization / "ca" / "crl.pem";
    TRY(storage::write_file(out, as_bytes(crl.pem())));
    return out;
}

}  // namespace tally::node
