#include "node/consortium/renewal.h"

#include <algorithm>

#include "chaincode/calendar.h"
#include "node/addresses/host_port.h"
#include "node/channel/key_file.h"
#include "node/config/node_config.h"
#include "node/consortium/authority.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {
namespace {

namespace fs = std::filesystem;

fs::path key_beside(const fs::path& certificate) {
    if (certificate.filename() == "certificate.pem") return certificate.parent_path() / "key.pem";
    return certificate.parent_path() / (certificate.stem().string() + "-key.pem");
}

Result<std::vector<crypto::Certificate>> read_chain(const fs::path& file) {
    auto chain = crypto::Certificate::chain_from_pem(TRY(storage::read_file(file, 1U << 20)));
    if (!chain) return std::unexpected(chain.error().within(file.string()));
    return chain;
}

// With its key, where that is here.
Result<std::vector<crypto::Certificate>> read_old(const fs::path& file) {
    const auto key = key_beside(file);
    if (fs::exists(key)) return TRY(load_identity(file, key)).chain;
    return read_chain(file);
}

// A certificate of another authority would not be believed, though everything in it is right.
Status check_authority(const Authority& authority, const fs::path& file,
                       const std::vector<crypto::Certificate>& chain) {
    const auto& old = chain.front();
    const auto& issuer = authority.issuer.certificate();
    if (old.subject().organization != issuer.subject().organization) {
        return fail(Code::invalid_argument, "{} is of {}; this is the authority of {}", file.string(),
                    old.subject().organization, issuer.subject().organization);
    }
    const crypto::TrustStore trust{{authority.root}, authority.issuer.chain, {}};
    const auto path =
        crypto::verify_path(old, std::span(chain).subspan(1), trust, old.not_before_ms(), crypto::Purpose::signing);
    if (path) return {};
    return fail(Code::certificate_untrusted,
                "{} was issued by another authority than that of {}, which has the same name: {}", file.string(),
                issuer.subject_text(), path.error().message);
}

std::vector<std::string> hosts_of(const crypto::Certificate& certificate) {
    auto hosts = certificate.dns_names();
    hosts.insert(hosts.end(), certificate.ip_addresses().begin(), certificate.ip_addresses().end());
    return hosts;
}

// Where the node whose folder the certificate is in serves clients, by its node.toml; none: nowhere, or on every
// address.
std::optional<std::string> served_address(const fs::path& certificate) {
    const auto config = load_node_config(fs::absolute(certificate).parent_path().parent_path() / "node.toml");
    if (!config) return std::nullopt;
    const auto& address = config->gateway.address;
    if (address == "0.0.0.0" || address == "::" || address == kEveryAddress) return std::nullopt;
    return address;
}

// The hosts, and the machine itself, where the node is found in any case. Without any: those of the old certificate,
// and the address that the node serves now.
Result<std::vector<std::string>> new_hosts(const fs::path& file, const crypto::Certificate& old,
                                           const std::vector<std::string>& hosts) {
    if (hosts.empty()) {
        auto out = hosts_of(old);
        if (out.empty()) return out;
        const auto address = served_address(file);
        if (address && std::ranges::find(out, *address) == out.end()) out.push_back(*address);
        return out;
    }
    if (hosts_of(old).empty())
        return fail(Code::invalid_argument, "{} is no TLS certificate of a node: it names no host", file.string());
    auto out = hosts;
    for (const char* name : {"localhost", "127.0.0.1"}) {
        if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
    }
    TRY(crypto::check_names(old.subject(), out));
    return out;
}

crypto::Issue issue_of(const crypto::Name& subject, crypto::PublicKey key, std::vector<std::string> hosts) {
    crypto::Issue what{subject, std::move(key)};
    what.tls_server = !hosts.empty();
    what.tls_client = hosts.empty();
    what.dns_or_ip = std::move(hosts);
    return what;
}

struct Prepared {
    fs::path file;
    std::vector<crypto::Certificate> chain;
    std::optional<crypto::PrivateKey> key;
};

Result<Prepared> prepare(const Renewal& renewal, const Authority& authority, const fs::path& file) {
    const auto chain = TRY(read_old(file));
    const auto& old = chain.front();
    TRY(check_authority(authority, file, chain));
    Prepared out{file, {}, std::nullopt};
    const auto hosts = TRY(new_hosts(file, old, renewal.hosts));
    if (renewal.new_key) {
        const auto& role = old.subject().organizational_unit;
        if (role == "orderer") {
            return fail(
                Code::invalid_argument,
                "{}: the channel's configuration names an orderer's key; `tally identity orderer` makes another "
                "and the change that names it",
                file.string());
        }
        if (!hosts.empty() && *renewal.new_key != crypto::Algorithm::p256)
            return fail(Code::invalid_argument, "{}: keys for TLS are P-256", file.string());
        if (!fs::exists(key_beside(file)))
            return fail(Code::not_found, "{} is not here: a new key is made where the old one is",
                        key_beside(file).string());
        out.key = crypto::PrivateKey::generate(*renewal.new_key);
    }
    auto key = out.key ? out.key->public_key() : old.public_key();
    out.chain = TRY(issue_certificate(authority, issue_of(old.subject(), std::move(key), hosts), renewal.days));
    return out;
}

Status write(const Prepared& prepared) {
    const auto key = key_beside(prepared.file);
    const auto next = next_file(key);
    if (prepared.key) TRY(write_key_file(next, *prepared.key, key));
    TRY(storage::write_file(prepared.file, as_bytes(chain_pem(prepared.chain))));
    if (!prepared.key) return {};
    std::error_code error;
    fs::rename(next, key, error);
    if (error) return fail(Code::io_error, "{}: {}", key.string(), error.message());
    return storage::sync_directory(key.parent_path());
}

}  // namespace

Result<std::vector<Renewed>> renew_certificates(const Renewal& renewal) {
    const auto authority = TRY(load_authority(renewal.organization / "ca"));
    std::vector<Prepared> prepared;
    for (const auto& file : renewal.certificates) prepared.push_back(TRY(prepare(renewal, authority, file)));
    std::vector<Renewed> out;
    for (const auto& each : prepared) {
        TRY(write(each));
        out.push_back({each.file, each.chain.front()});
    }
    return out;
}

Result<crypto::PublicKey> next_orderer_key(const fs::path& organization, const fs::path& certificate,
                                           const fs::path& key, crypto::Algorithm algorithm, int days) {
    if (const auto waiting = TRY(load_next_identity(certificate, key))) return waiting->key.public_key();
    const auto authority = TRY(load_authority(organization / "ca"));
    const auto old = TRY(load_identity(certificate, key));
    TRY(check_authority(authority, certificate, old.chain));
    const auto next = crypto::PrivateKey::generate(algorithm);
    const auto issue = issue_of(old.certificate().subject(), next.public_key(), {});
    const auto chain = TRY(issue_certificate(authority, issue, days));
    TRY(write_key_file(next_file(key), next, key));
    TRY(storage::write_file(next_file(certificate), as_bytes(chain_pem(chain))));
    return next.public_key();
}

Result<std::vector<fs::path>> expiring_certificates(const fs::path& organization, int within_days) {
    const auto authority = TRY(load_authority(organization / "ca"));
    const auto& id = authority.issuer.certificate().subject().organization;
    const auto until = now_ms() + within_days * chaincode::kDay_ms;
    std::vector<fs::path> out;
    const auto look_in = [&](const fs::path& folder) -> Status {
        std::error_code error;
        for (fs::recursive_directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
            const auto& path = each->path();
            if (path.extension() != ".pem" || !fs::exists(key_beside(path))) continue;
            const auto certificate = TRY(read_chain(path)).front();
            if (certificate.subject().organization == id && certificate.not_after_ms() <= until) out.push_back(path);
        }
        if (error && error != std::errc::no_such_file_or_directory)
            return fail(Code::io_error, "{}: {}", folder.string(), error.message());
        return {};
    };
    const auto whole = fs::absolute(organization).lexically_normal();
    const auto folder = whole.has_filename() ? whole : whole.parent_path();
    TRY(look_in(organization / "members"));
    std::error_code error;
    const auto nodes = folder.parent_path().parent_path() / "nodes";
    for (fs::directory_iterator each(nodes, error), end; !error && each != end; each.increment(error))
        TRY(look_in(each->path() / "identity"));
    std::sort(out.begin(), out.end());
    return out;
}

Result<crypto::CertificateRequest> request_certificate(const fs::path& certificate,
                                                       const std::vector<std::string>& hosts) {
    const auto identity = TRY(load_identity(certificate, key_beside(certificate)));
    const auto& old = identity.certificate();
    return crypto::CertificateRequest::create(identity.key, old.subject(), TRY(new_hosts(certificate, old, hosts)));
}

Result<std::vector<crypto::Certificate>> sign_request(const fs::path& organization,
                                                      const crypto::CertificateRequest& request, int days) {
    const auto authority = TRY(load_authority(organization / "ca"));
    const auto& subject = request.subject();
    const auto& id = authority.issuer.certificate().subject().organization;
    if (subject.organization != id)
        return fail(Code::invalid_argument, "the request is of {}; this is the authority of {}", subject.organization,
                    id);
    static constexpr std::string_view kRoles[] = {"client", "peer", "orderer", "admin", "auditor", "monitor"};
    if (std::find(std::begin(kRoles), std::end(kRoles), subject.organizational_unit) == std::end(kRoles))
        return fail(Code::invalid_argument, "the request names the role \"{}\", which is none",
                    subject.organizational_unit);
    return issue_certificate(authority, issue_of(subject, request.public_key(), request.dns_or_ip()), days);
}

Result<Renewed> install_certificate(const fs::path& certificate, const fs::path& file) {
    const auto identity = TRY(load_identity(certificate, key_beside(certificate)));
    const auto chain = TRY(read_chain(file));
    const auto& fresh = chain.front();
    if (!(fresh.public_key() == identity.key.public_key()))
        return fail(Code::bad_key, "{} is for another key than {}", file.string(), key_beside(certificate).string());
    if (fresh.subject() != identity.certificate().subject()) {
        return fail(Code::invalid_argument, "{} is of {}, and {} is of {}", file.string(), fresh.subject_text(),
                    certificate.string(), identity.certificate().subject_text());
    }
    if (hosts_of(identity.certificate()).empty() != hosts_of(fresh).empty())
        return fail(Code::invalid_argument, "of {} and {} one is for TLS and one is not", file.string(),
                    certificate.string());
    if (const auto now = now_ms(); now < fresh.not_before_ms() || now >= fresh.not_after_ms())
        return fail(Code::certificate_expired, "{} is not valid now", file.string());
    TRY(storage::write_file(certificate, as_bytes(chain_pem(chain))));
    return Renewed{certificate, fresh};
}

}  // namespace tally::node
