#include "gateway/mqtt/registrar.h"

#include <algorithm>

#include "chaincode/calendar.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/possession.h"
#include "gateway/mqtt/ask_ledger.h"
#include "storage/files.h"

namespace tally::gateway::mqtt {

namespace registry = chaincode::registry;

namespace {

struct Request {
    std::vector<std::string> certificate_chain;
    std::string proof;
};
TALLY_FIELDS(Request, (certificate_chain, "PEM, the device's own first", .min = 1, .max = 8),
             (proof, "base64: that the organization registers it"))

// The chain's anchor.
Result<crypto::Certificate> check_chain(const std::vector<crypto::Certificate>& chain, const registry::Trust& trust,
                                        std::int64_t now_ms) {
    const auto is_revoked = [&](const crypto::Certificate& certificate) {
        const auto id = certificate.fingerprint().hex();
        return std::ranges::any_of(trust.revoked, [&](const auto& each) { return each.fingerprint == id; });
    };
    for (const auto& certificate : chain) {
        if (is_revoked(certificate))
            return fail(Code::certificate_revoked, "the certificate of {} is revoked", certificate.subject_text());
    }
    crypto::TrustStore store;
    for (const auto& anchor : trust.anchors) {
        auto certificate = TRY(crypto::Certificate::from_pem(anchor.pem));
        if (!is_revoked(certificate)) store.roots.push_back(std::move(certificate));
    }
    for (const auto& list : trust.crls) store.crls.push_back(TRY(crypto::RevocationList::from_pem(list.pem)));
    return TRY(crypto::verify_path(chain.front(), std::span(chain).subspan(1), store, now_ms, crypto::Purpose::signing))
        .back();
}

}  // namespace

Result<std::unique_ptr<Registrar>> Registrar::open(Parts parts) {
    TRY(storage::make_directory(parts.directory));
    TRY(storage::keep_private(parts.directory));
    auto out = std::unique_ptr<Registrar>(new Registrar(std::move(parts)));
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(out->parts_.directory, error)) {
        if (entry.path().extension() != ".json") continue;  // one that was not finished
        const auto text = TRY(storage::read_file(entry.path(), 2 * kMostBytes));
        auto request =
            chaincode::from_json<PendingRegistration>(TRY(chaincode::parse_json(text, entry.path().string())));
        if (!request) return std::unexpected(request.error().within(entry.path().string()));
        out->waiting_.emplace(request->device, std::move(*request));
    }
    if (error) return fail(Code::io_error, "{}: {}", out->parts_.directory.string(), error.message());
    return out;
}

std::filesystem::path Registrar::file_of(const std::string& device) const {
    return parts_.directory / (device + ".json");
}

Result<PendingRegistration> Registrar::examine(const std::string& device, ByteView request, std::int64_t now_ms) const {
    if (request.size() > kMostBytes)
        return fail(Code::too_large, "a request of {} bytes; {} are allowed", request.size(), kMostBytes);
    const auto presented =
        TRY(chaincode::from_json<Request>(TRY(chaincode::parse_json(as_text(request), "a request"))));
    const auto chain = TRY(registry::parse_chain(presented.certificate_chain));
    if (chain.front().subject().common_name != device)
        return fail(Code::invalid_argument, "the certificate is for \"{}\", not for \"{}\"",
                    chain.front().subject().common_name.substr(0, 64), device);
    const auto trust =
        TRY(ask_registry<registry::Trust>(parts_.ask, "list_trust", registry::OfOrganization{organization()}));
    const auto anchor = TRY(check_chain(chain, trust, now_ms));
    const auto proof = from_base64(presented.proof);
    if (!proof) return fail(Code::malformed, "\"proof\" is not base64");
    const auto key = chain.front().public_key();
    TRY(chaincode::verify_possession(*proof, key, parts_.channel, {organization(), device}));
    return PendingRegistration{device,
                               presented.certificate_chain,
                               presented.proof,
                               crypto::sha256(key.spki()).hex(),
                               anchor.fingerprint().hex(),
                               anchor.subject_text(),
                               now_ms,
                               now_ms + kKept_days * chaincode::kDay_ms};
}

Result<Registrar::Outcome> Registrar::take(const std::string& device, ByteView request, std::int64_t now_ms) {
    TRY(chaincode::check_identifier(device, "the device's id"));
    auto pending = TRY(examine(device, request, now_ms));
    const auto known = ask_registry<registry::DeviceView>(parts_.ask, "get_device", registry::OneDevice{device});
    if (known) {
        const auto key = TRY(registry::key_of(*known));
        if (known->organization == organization() && crypto::sha256(key.spki()).hex() == pending.fingerprint)
            return Outcome::registered;
        return fail(Code::already_exists, "the device \"{}\" is registered with another key", device);
    }
    if (known.error().code != registry::refusals::unknown_device) return std::unexpected(known.error());
    const std::lock_guard lock(mutex_);
    const auto of_authority = std::ranges::count_if(
        waiting_, [&](const auto& each) { return each.second.authority == pending.authority && each.first != device; });
    if (static_cast<std::size_t>(of_authority) >= kMostOfAuthority)
        return fail(Code::rate_limited, "{} devices of {} wait already", of_authority, pending.authority_subject);
    TRY(storage::write_file(file_of(device), as_bytes(chaincode::json_text(chaincode::to_json(pending)))));
    waiting_.insert_or_assign(device, std::move(pending));
    return Outcome::pending;
}

void Registrar::remove(const std::string& device) {
    const std::lock_guard lock(mutex_);
    std::error_code none;
    std::filesystem::remove(file_of(device), none);
    waiting_.erase(device);
}

void Registrar::remove_expired(std::int64_t now_ms) {
    for (const auto& each : list()) {
        if (each.expires_ms <= now_ms) remove(each.device);
    }
}

std::vector<PendingRegistration> Registrar::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<PendingRegistration> out;
    for (const auto& [device, each] : waiting_) out.push_back(each);
    return out;
}

}  // namespace tally::gateway::mqtt
