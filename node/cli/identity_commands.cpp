// tally identity issue | renew | request | sign | install | transport | protect | token | revoke | show

#include "node/cli/identity_commands.h"

#include <fmt/ranges.h>

#include "node/channel/key_file.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/folder_name.h"
#include "node/cli/next_step.h"
#include "node/consortium/members.h"
#include "node/consortium/renewal.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct RenewOptions {
    Renewal renewal;
    std::optional<int> within_days;
    bool new_key = false;
    crypto::Algorithm algorithm = crypto::Algorithm::p256;
};

struct RequestOptions {
    std::filesystem::path organization;  // of the one who signs
    std::filesystem::path certificate;
    std::vector<std::string> hosts;
    std::filesystem::path file;  // the request, or what answers it
    std::filesystem::path out;
    int days = 365;
};

struct RevokeOptions {
    std::filesystem::path organization;
    std::vector<std::filesystem::path> certificates;
    int days = 365;
};

struct CertificateOptions {
    std::filesystem::path file;
};

struct ProtectOptions {
    std::vector<std::filesystem::path> keys;
    bool remove = false;
};

struct TokenOptions {
    std::filesystem::path key;
    std::string uri;
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

Status protect(const ProtectOptions& options) {
    boost::json::array files;
    for (const auto& key : options.keys) {
        TRY(protect_key_file(key, !options.remove));
        files.emplace_back(key.string());
        say_done(fmt::format("{} is {}", key.string(), options.remove ? "not encrypted any more" : "encrypted"));
    }
    if (style().json) print_json(boost::json::object{{"keys", files}, {"encrypted", !options.remove}});
    return {};
}

Status move_to_token(const TokenOptions& options) {
    TRY(move_key_to_token(options.key, options.uri));
    if (style().json) print_json(boost::json::object{{"key", options.key.string()}, {"uri", options.uri}});
    say_done(fmt::format("{} names the key in the token", options.key.string()));
    return {};
}

Status show_certificates(const CertificateOptions& options) {
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

boost::json::object json_of(const crypto::Certificate& certificate, const std::filesystem::path& where) {
    return {{"subject", certificate.subject_text()},
            {"serial", certificate.serial_hex()},
            {"not_after", iso_time(certificate.not_after_ms())},
            {"path", where.string()}};
}

void say_certificate(const crypto::Certificate& certificate, const std::filesystem::path& where) {
    say_done(fmt::format("{} until {}: {}", certificate.subject_text(), iso_time(certificate.not_after_ms()),
                         where.string()));
}

Status report(const crypto::Certificate& certificate, const std::filesystem::path& where) {
    if (style().json) print_json(json_of(certificate, where));
    say_certificate(certificate, where);
    return {};
}

Status renew(const RenewOptions& options) {
    auto renewal = options.renewal;
    if (options.within_days) {
        const auto expiring = TRY(expiring_certificates(renewal.organization, *options.within_days));
        renewal.certificates.insert(renewal.certificates.end(), expiring.begin(), expiring.end());
    } else if (renewal.certificates.empty()) {
        return fail(Code::invalid_argument, "name the certificates to renew, or --within DAYS");
    }
    if (options.new_key) renewal.new_key = options.algorithm;
    const auto renewed = TRY(renew_certificates(renewal));
    boost::json::array list;
    for (const auto& each : renewed) {
        list.push_back(json_of(each.certificate, each.file));
        say_certificate(each.certificate, each.file);
    }
    if (style().json) print_json(list);
    if (renewed.empty()) return say("  nothing ends within that time"), Status{};
    // A consortium's folder holds organizations/ORG. On another machine the node's process gets the signal.
    const auto consortium = std::filesystem::absolute(renewal.organization).lexically_normal();
    const auto folder = (consortium.filename().empty() ? consortium.parent_path() : consortium).parent_path();
    const bool here = std::filesystem::exists(folder.parent_path() / "channel.json");
    if (!here)
        say(options.new_key ? "  A node takes a new key when it is started again."
                            : "  A node reads its certificates again when it gets the signal SIGHUP.");
    else
        say_next({command_line(
            {"tally", "cluster", options.new_key ? "restart" : "reload", folder.parent_path().string()})});
    return {};
}

Status request(const RequestOptions& in) {
    const auto made = TRY(request_certificate(in.certificate, in.hosts));
    TRY(storage::write_file(in.out, as_bytes(made.pem())));
    if (style().json) print_json(boost::json::object{{"path", in.out.string()}});
    say_done(in.out.string());
    say(fmt::format("  Where the authority is, `tally identity sign ORGANIZATION {} --out CERTIFICATE` answers it.",
                    shell_word(in.out.string())));
    return {};
}

Status sign_csr(const RequestOptions& in) {
    const auto read = crypto::CertificateRequest::from_pem(TRY(storage::read_file(in.file, 1U << 20)));
    if (!read) return std::unexpected(read.error().within(in.file.string()));
    const auto chain = TRY(sign_request(in.organization, *read, in.days));
    std::string pem;
    for (const auto& certificate : chain) pem += certificate.pem();
    TRY(storage::write_file(in.out, as_bytes(pem)));
    return report(chain.front(), in.out);
}

Status install(const RequestOptions& in) {
    const auto installed = TRY(install_certificate(in.certificate, in.file));
    return report(installed.certificate, installed.file);
}

void add_renew(CLI::App& identity, Choice& choice) {
    auto* command = identity.add_subcommand("renew", "New certificates for the same subjects, in place");
    auto options = std::make_shared<RenewOptions>();
    auto& renewal = options->renewal;
    command->add_option("organization", renewal.organization, "organizations/ORG of the consortium's folder")
        ->required();
    command->add_option("certificates", renewal.certificates, "The certificate files to replace");
    command
        ->add_option("--within", options->within_days,
                     "All of the organization's members and nodes that end within so many days")
        ->check(CLI::Range(0, 3650));
    command
        ->add_option(
            "--host", renewal.hosts,
            "Names and addresses (IPv4, IPv6) of the node, instead of those in its TLS certificate; separated by "
            "commas")
        ->delimiter(',');
    auto* new_key = command->add_flag("--new-key", options->new_key, "Make a new key as well");
    add_algorithm_option(*command, "--algorithm", options->algorithm, "Of the new key");
    command->get_option("--algorithm")->needs(new_key);
    command->add_option("--days", renewal.days, "Validity")->check(CLI::Range(1, 3650))->capture_default_str();
    on_chosen(*command, choice, options, renew);
}

void add_requests(CLI::App& identity, Choice& choice) {
    auto* asking = identity.add_subcommand(
        "request", "A signing request (PKCS #10) for a new certificate: for an authority that is elsewhere");
    auto asked = std::make_shared<RequestOptions>();
    asking->add_option("certificate", asked->certificate, "The certificate to replace; its key is beside it")
        ->required();
    asking->add_option("--host", asked->hosts, "As in `tally identity renew`")->delimiter(',');
    asking->add_option("--out", asked->out, "The request")->required();
    on_chosen(*asking, choice, asked, request);

    auto* signing = identity.add_subcommand("sign", "Answer a signing request with the organization's authority");
    auto answered = std::make_shared<RequestOptions>();
    signing->add_option("organization", answered->organization, "organizations/ORG of the consortium's folder")
        ->required();
    signing->add_option("request", answered->file, "The request")->required();
    signing->add_option("--out", answered->out, "The certificate")->required();
    signing->add_option("--days", answered->days, "Validity")->check(CLI::Range(1, 3650))->capture_default_str();
    on_chosen(*signing, choice, answered, sign_csr);

    auto* installing =
        identity.add_subcommand("install", "Put a certificate that an authority sent in the place of an old one");
    auto installed = std::make_shared<RequestOptions>();
    installing->add_option("certificate", installed->certificate, "The certificate to replace; its key is beside it")
        ->required();
    installing->add_option("new", installed->file, "What the authority sent: PEM, the leaf first")->required();
    on_chosen(*installing, choice, installed, install);
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
    issue->add_option("--role", issuing->member.role, "client, peer, orderer, admin, auditor or monitor")
        ->check(CLI::IsMember({"client", "peer", "orderer", "admin", "auditor", "monitor"}))
        ->required();
    issue->add_option("--out", issuing->folder, "The new folder (default: members/NAME in the organization's)");
    add_algorithm_option(*issue, "--algorithm", issuing->member.algorithm, "Key algorithm");
    auto* token = issue->add_option("--token", issuing->member.token,
                                    "Certify a key in a token: its PKCS#11 URI (docs/operations.md, Keys in hardware)");
    issue
        ->add_option("--csr", issuing->member.request,
                     "Certify the key of this signing request (PEM); the name and the role are those given here")
        ->excludes(token)
        ->excludes("--algorithm");
    token->excludes("--algorithm");
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

    add_renew(*identity, choice);
    add_requests(*identity, choice);
    add_transport(*identity, choice);
    add_orderer(*identity, choice);

    auto* protect_command = identity->add_subcommand(
        "protect", "Encrypt private keys with the passphrase in the file that TALLY_PASSPHRASE_FILE names");
    auto protecting = std::make_shared<ProtectOptions>();
    protect_command->add_option("keys", protecting->keys, "Key files (PEM); they are written again in place")
        ->required();
    protect_command->add_flag("--remove", protecting->remove, "Write them without a passphrase again");
    on_chosen(*protect_command, choice, protecting, protect);

    auto* token_command =
        identity->add_subcommand("token", "Name a key in a token (PKCS#11) where the same key lay in a file");
    auto moving = std::make_shared<TokenOptions>();
    token_command->add_option("key", moving->key, "The key file: a member's, a node's or an authority's")->required();
    token_command
        ->add_option("uri", moving->uri, "pkcs11:token=NAME;object=LABEL?module-path=FILE&pin-source=file:FILE")
        ->required();
    on_chosen(*token_command, choice, moving, move_to_token);

    auto* revoke = identity->add_subcommand("revoke", "Add certificates to the organization's revocation list");
    auto revoking = std::make_shared<RevokeOptions>();
    revoke->add_option("organization", revoking->organization, "organizations/ORG of the consortium's folder")
        ->required();
    revoke->add_option("certificates", revoking->certificates, "The certificate files")->required();
    revoke
        ->add_option("--days", revoking->days,
                     "Validity of the list in days. After it expires, all members of the organization are rejected")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    on_chosen(*revoke, choice, revoking, [](const RevokeOptions& in) -> Status {
        const auto list = TRY(revoke_members(in.organization, in.certificates, in.days));
        if (style().json) print_json(boost::json::object{{"path", list.string()}});
        say_done(list.string());
        const auto named = fmt::format("{}={}", folder_name(in.organization), list.string());
        say_next({command_line({"tally", "config", "propose", "--crl", named})});
        return {};
    });

    auto* show_command = identity->add_subcommand("show", "What a certificate file says, and for how long");
    auto showing = std::make_shared<CertificateOptions>();
    show_command->add_option("file", showing->file, "PEM: one certificate or a chain")->required();
    on_chosen(*show_command, choice, showing, show_certificates);
}

}  // namespace tally::node::cli
