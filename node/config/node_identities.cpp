#include "node/config/node_identities.h"

#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"

namespace tally::node {
namespace {

Status load_into(std::optional<CurrentIdentity>& out, bool wanted, const std::optional<IdentityFiles>& files) {
    if (wanted) out.emplace(TRY(load_identity(files->certificate, files->key)));
    return {};
}

Status renew(CurrentIdentity& current, const IdentityFiles& files, const NodeIdentities::Check& check) {
    const auto next = TRY(load_identity(files.certificate, files.key));
    TRY(check(next));
    return current.renew(next);
}

}  // namespace

Result<NodeIdentities> NodeIdentities::load(const NodeConfig& config) {
    NodeIdentities out;
    TRY(load_into(out.peer, config.has("endorser") || config.has("committer"), config.peer));
    TRY(load_into(out.orderer, config.has("orderer"), config.orderer));
    if (out.orderer) {
        if (auto next = TRY(load_next_identity(config.orderer->certificate, config.orderer->key)))
            out.next_orderer.emplace(std::move(*next));
    }
    TRY(load_into(out.client, config.has("gateway"), config.client));
    return out;
}

Status NodeIdentities::take_next_orderer(const NodeConfig& config) {
    TRY(take_next_identity(config.orderer->certificate, config.orderer->key));
    spdlog::info("event=orderer_key_taken serial={}", next_orderer->certificate().serial_hex());
    orderer = std::exchange(next_orderer, std::nullopt);
    return {};
}

Status NodeIdentities::reload(const NodeConfig& config, const Check& check) {
    Status first;
    const auto one = [&](const char* name, std::optional<CurrentIdentity>& current,
                         const std::optional<IdentityFiles>& files) {
        if (!current) return;
        const auto before = current->certificate();
        const auto status = renew(*current, *files, check);
        if (!status) {
            spdlog::error("event=certificate_kept identity={} serial={} what={}", name, before.serial_hex(),
                          gateway::log_value(status.error().message));
            if (first) first = status;
        } else if (const auto now = current->certificate(); !(now == before)) {
            spdlog::info("event=certificate_renewed identity={} serial={} before={} not_after_ms={}", name,
                         now.serial_hex(), before.serial_hex(), now.not_after_ms());
        }
    };
    one("peer", peer, config.peer);
    one("orderer", orderer, config.orderer);
    one("client", client, config.client);
    return first;
}

void NodeIdentities::add_gauges(Metrics& metrics) const {
    const auto one = [&](const char* name, const std::optional<CurrentIdentity>& identity) {
        if (!identity) return;
        add_certificate_gauge(metrics, name, [current = *identity] { return current.certificate().not_after_ms(); });
    };
    one("peer", peer);
    one("orderer", orderer);
    one("client", client);
}

}  // namespace tally::node
