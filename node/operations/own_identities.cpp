#include "node/operations/own_identities.h"

#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"
#include "node/channel/ledger_json.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

Status OwnIdentities::check_member(const Identity& identity) const {
    const auto current = membership_.get();
    const auto member = current->identify(identity.chain, now_ms());
    if (member) return {};
    if (current->config().node(config_.name) != nullptr) return std::unexpected(member.error());
    spdlog::info("event=not_a_member_yet what={}", gateway::log_value(member.error().message));
    return {};
}

// A certificate that stands for no role or organization (unauthenticated) does not get better by waiting.
Status OwnIdentities::check_start(const Identity& identity) const {
    auto status = check_member(identity);
    if (status || status.error().code == Code::unauthenticated) return status;
    spdlog::error(
        "event=identity_does_not_count what={} advice=\"until it is renewed, or the channel's configuration is "
        "mended, this node follows the channel and what it signs does not count\"",
        gateway::log_value(status.error().message));
    return {};
}

std::vector<Expiry> OwnIdentities::expiries() const {
    std::vector<Expiry> all;
    const auto add = [&](const char* name, std::int64_t until_ms) {
        all.push_back({fmt::format("certificate of this node: {}", name), until_ms});
    };
    if (identities_.peer) add("peer", identities_.peer->certificate().not_after_ms());
    if (identities_.orderer) add("orderer", identities_.orderer->certificate().not_after_ms());
    if (identities_.client) add("client", identities_.client->certificate().not_after_ms());
    if (const auto until = identities_.tls_until_ms->load(); until != 0) add("tls", until);
    const auto of_organizations = organization_expiries(membership_.get()->config());
    all.insert(all.end(), of_organizations.begin(), of_organizations.end());
    if (ledger_ == nullptr) return all;
    const auto of_devices = device_expiries(*ledger_->state());
    if (of_devices) all.insert(all.end(), of_devices->begin(), of_devices->end());
    return all;
}

std::string OwnIdentities::void_because() const {
    const auto current = membership_.get();
    if (const auto until = identities_.tls_until_ms->load(); until != 0 && until <= now_ms())
        return fmt::format("the TLS certificate ended on {}", iso_time(until));
    if (current->config().node(config_.name) == nullptr) return {};  // it only follows so far
    for (const auto* identity : {&identities_.peer, &identities_.orderer, &identities_.client}) {
        if (!*identity) continue;
        const auto member = current->identify((*identity)->chain(), now_ms());
        if (!member) return member.error().message;
    }
    return {};
}

}  // namespace tally::node
