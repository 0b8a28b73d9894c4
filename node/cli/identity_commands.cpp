// tally identity issue | renew | revoke | show

#include <fmt/ranges.h>

#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/folder_name.h"
#include "node/consortium/members.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct RenewOptions {
    std::filesystem::path organization;
    std::filesystem::path certificate;
    int days = 365;
};

struct RevokeOptions {
    std::filesystem::path organization;
    std::vector<std::filesystem::path> certificates;
    int days = 365;
};

struct ShowOptions {
    std::filesystem::path file;
};

struct IssueOptions {
    NewMember member;
    std::filesystem::path folder;
};

std::string days_left(const crypto::Certificate& certificate) {
    const auto days = (certificate.not_after_ms() - now_ms()) / 86'400'000;
    return paint(days < 14   ? Colour::red
                 : days < 60 ? Colour::yellow
                             : Colour::green,
                 fmt::format("{} days left", days));
}

Status show(const ShowOptions& options) {
    auto chain = crypto::Certificate::chain_from_pem(TRY(storage::read_file(options.file, 1U << 20)));
    if (!chain) return std::unexpected(chain.error().within(options.file.string()));
    boost::json::array list;
    for (const auto& certificate : *chain) {
        auto hosts = certificate.dns_names();
        hosts.insert(hosts.end(), certificate.ip_addresses().begin(), certificate.ip_addresses().end());
        if (style().json) {
            list.push_back({{"subject", certificate.subject_text()},
                            {"organization", certificate.subject().organization},
                            {"role", certificate.subject().organizational_unit},
                            {"serial", certificate.serial_hex()},
                            {"not_before", iso_time(certificate.not_before_ms())},
                            {"not_after", iso_time(certificate.not_after_ms())},
                            {"authority", certificate.is_ca()},
                            {"hosts", boost::json::array(hosts.begin(), hosts.end())},
                            {"algorithm", crypto::algorithm_name(certificate.public_key().algorithm())},
                            {"fingerprint", certificate.fingerprint().hex()}});
            continue;
        }
        print_facts({{"subject", certificate.subject_text()},
                     {"role", certificate.is_ca() ? "authority" : certificate.subject().organizational_unit},
                     {"hosts", hosts.empty() ? "none" : fmt::format("{}", fmt::join(hosts, ", "))},
                     {"key", std::string(crypto::algorithm_name(certificate.public_key().algorithm()))},
                     {"serial", certificate.serial_hex()},
                     {"valid", fmt::format("{} to {} ({})", iso_time(certificate.not_before_ms()),
                                           iso_time(certificate.not_after_ms()), days_left(certificate))},
                     {"fingerprint", certificate.fingerprint().hex()}});
        say("");
    }
    if (style().json) print_json(list);
    return {};
}

Status report(const crypto::Certificate& certificate, const std::filesystem::path& where) {
    if (style().json) {
        print_json(boost::json::object{{"subject", certificate.subject_text()},
                                       {"serial", certificate.serial_hex()},
                                       {"not_after", iso_time(certificate.not_after_ms())},
                                       {"path", where.string()}});
    } else {
        say_done(fmt::format("{} until {}: {}", certificate.subject_text(), iso_time(certificate.not_after_ms()),
                             where.string()));
    }
    return {};
}

}  // namespace

void add_identity(CLI::App& app, Choice& choice) {
    auto* identity = app.add_subcommand("identity", "Members' keys and certificates");
    identity->require_subcommand(1);

    auto* issue = identity->add_subcommand("issue", "A key and a certificate from an organization's authority");
    auto issuing = std::make_shared<IssueOptions>();
    issue->add_option("organization", issuing->member.organization, "organizations/ORG of the consortium's folder")
        ->required();
    issue->add_option("name", issuing->member.name, "The member's common name")->required();
    issue->add_option("--role", issuing->member.role, "client, peer, orderer, admin or auditor")
        ->check(CLI::IsMember({"client", "peer", "orderer", "admin", "auditor"}))
        ->required();
    issue->add_option("--out", issuing->folder, "The new folder (default: members/NAME in the organization's)");
    issue->add_option("--days", issuing->member.days, "Validity")->check(CLI::Range(1, 3650))->capture_default_str();
    on_chosen(*issue, choice, issuing, [](const IssueOptions& in) -> Status {
        const auto folder = in.folder.empty() ? in.member.organization / "members" / in.member.name : in.folder;
        const auto certificate = TRY(issue_member(in.member, folder));
        const auto admin = in.member.organization / "members" / "admin";  // the same node and the same authorities
        std::error_code error;
        for (const char* name : {"profile.toml", "authorities.pem"})
            std::filesystem::copy_file(admin / name, folder / name, error);
        return report(certificate, folder);
    });

    auto* renew = identity->add_subcommand("renew", "A new certificate for the same key and subject, in place");
    auto renewing = std::make_shared<RenewOptions>();
    renew->add_option("organization", renewing->organization, "organizations/ORG of the consortium's folder")
        ->required();
    renew->add_option("certificate", renewing->certificate, "The certificate file to replace")->required();
    renew->add_option("--days", renewing->days, "Validity")->check(CLI::Range(1, 3650))->capture_default_str();
    on_chosen(*renew, choice, renewing, [](const RenewOptions& in) -> Status {
        return report(TRY(renew_member(in.organization, in.certificate, in.days)), in.certificate);
    });

    auto* revoke = identity->add_subcommand("revoke", "Add certificates to the organization's revocation list");
    auto revoking = std::make_shared<RevokeOptions>();
    revoke->add_option("organization", revoking->organization, "organizations/ORG of the consortium's folder")
        ->required();
    revoke->add_option("certificates", revoking->certificates, "The certificate files")->required();
    revoke->add_option("--days", revoking->days, "How long the list is good: no member is, once it has expired")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    on_chosen(*revoke, choice, revoking, [](const RevokeOptions& in) -> Status {
        const auto list = TRY(revoke_members(in.organization, in.certificates, in.days));
        if (style().json) print_json(boost::json::object{{"path", list.string()}});
        say_done(list.string());
        say(fmt::format("  next:  tally config propose --crl {}={}", folder_name(in.organization), list.string()));
        return {};
    });

    auto* show_command = identity->add_subcommand("show", "What a certificate file says, and for how long");
    auto showing = std::make_shared<ShowOptions>();
    show_command->add_option("file", showing->file, "PEM: one certificate or a chain")->required();
    on_chosen(*show_command, choice, showing, show);
}

}  // namespace tally::node::cli
