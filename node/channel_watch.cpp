// What a ChannelNode looks at every second, and what it tells of itself.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "crypto/thread_name.h"
#include "node/channel/ledger_json.h"
#include "node/channel_parts.h"
#include "node/operations/disk_watch.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

bool ChannelNode::Parts::stuck_on_full_disk() const {
    return ordering->stuck_on_full_disk() || (committer && committer->stuck_on_full_disk()) ||
           (keeper && keeper->stuck_on_full_disk());
}

std::optional<Error> ChannelNode::Parts::needs_upgrade() const {
    return committer ? committer->needs_upgrade() : keeper ? keeper->needs_upgrade() : std::nullopt;
}

NodeSources ChannelNode::Parts::sources() const {
    return {config,
            *membership,
            chain(),
            [this] { return ordering->observe(); },
            [this] { return network ? network->traffic() : std::vector<PeerTraffic>{}; },
            [this] { return network ? network->strangers() : 0; },
            [this] { return ordering->following(); },
            [this] { return low_on_disk || stuck_on_full_disk(); },
            [this] { return needs_upgrade(); },
            [this] { return expiries(); },
            [this] { return void_because(); }};
}

std::vector<Expiry> ChannelNode::Parts::expiries() const {
    std::vector<Expiry> all;
    const auto add = [&](const char* name, std::int64_t until_ms) {
        all.push_back({fmt::format("certificate of this node: {}", name), until_ms});
    };
    if (identities.peer) add("peer", identities.peer->certificate().not_after_ms());
    if (identities.orderer) add("orderer", identities.orderer->certificate().not_after_ms());
    if (identities.client) add("client", identities.client->certificate().not_after_ms());
    if (const auto until = identities.tls_until_ms->load(); until != 0) add("tls", until);
    const auto of_organizations = organization_expiries(membership->get()->config());
    all.insert(all.end(), of_organizations.begin(), of_organizations.end());
    if (!channel) return all;
    const auto of_devices = device_expiries(*ledger().snapshot());
    if (of_devices) all.insert(all.end(), of_devices->begin(), of_devices->end());
    return all;
}

std::string ChannelNode::Parts::void_because() const {
    const auto current = membership->get();
    if (const auto until = identities.tls_until_ms->load(); until != 0 && until <= now_ms())
        return fmt::format("the TLS certificate ended on {}", iso_time(until));
    if (current->config().node(config.name) == nullptr) return {};  // it only follows so far
    for (const auto* identity : {&identities.peer, &identities.orderer, &identities.client}) {
        if (!*identity) continue;
        const auto member = current->identify((*identity)->chain(), now_ms());
        if (!member) return member.error().message;
    }
    return {};
}

Standing ChannelNode::Parts::standing() const {
    const auto tip = chain().tip();
    static const auto knows = chaincode::json_text(chaincode::to_json(known_versions()));
    return {tip ? tip->number : 0, channel ? std::max(ledger().first_block(), ledger().first_whole_block()) : 0, knows};
}

Standings ChannelNode::Parts::standings() const {
    return standings_of(membership->get()->config(), config.name, standing(),
                        network ? network->traffic() : std::vector<PeerTraffic>{});
}

void ChannelNode::Parts::add_gauges() {
    node_status->add_gauges(metrics);
    const auto depth = [this](const char* name, std::function<double()> read) {
        metrics.figure(Metrics::Kind::gauge, "tally_queue_depth", "Work that waits, by queue", "queue", name,
                       std::move(read));
    };
    depth("workers", [this] { return static_cast<double>(pool->queued()); });
    depth("clients", [this] { return static_cast<double>(waiting.size()); });
    depth("order", [this] { return static_cast<double>(ordering->queued()); });
    if (committer) depth("commit", [this] { return static_cast<double>(committer->queued()); });
    metrics.gauge("tally_mempool_transactions", "Accepted transactions that are in no batch yet",
                  [this] { return static_cast<double>(ordering->queued()); });
    metrics.gauge("tally_mempool_bytes", "Of accepted transactions that are in no final block yet",
                  [this] { return static_cast<double>(ordering->pending_bytes()); });
    if (exchange) {
        metrics.gauge("tally_disagreeing_committers", "Committers that signed another checkpoint than this node",
                      [this] { return static_cast<double>(exchange->disagreeing()); });
    }
    metrics.gauge("tally_disk_free_bytes", "Room where the data lies",
                  [this] { return static_cast<double>(free_bytes.load()); });
    metrics.counter("tally_signatures_remembered_total", "Signature checks saved because this node had verified them",
                    [this] { return static_cast<double>(memo.hits()); });
}

void ChannelNode::Parts::look_at_disk() {
    const auto room = disk_room(config.data);
    if (!room) return;
    free_bytes = room->free_bytes;
    const bool low = room->free_bytes < config.min_free_bytes;
    if (low != low_on_disk.exchange(low)) {
        spdlog::log(low ? spdlog::level::err : spdlog::level::info, "event={} free_bytes={} wanted={}",
                    low ? "disk_full" : "disk_has_room", room->free_bytes, config.min_free_bytes);
    }
    ordering->disk_is_full(low || (committer && committer->stuck_on_full_disk()) ||
                           (keeper && keeper->stuck_on_full_disk()));
}

// What an orderer accepted and no block holds goes to another one: that orderer may be lost, or lie, or not be one any
// more.
void ChannelNode::Parts::order_overdue() {
    if (!network || !submit_pool) return;
    for (auto& late : waiting.overdue(steady_ms())) {
        (void)submit_pool->post([this, late] {
            const auto orderer = ordering->submit(*late.transaction, late.orderer);
            if (orderer) waiting.ordered(late.id, *orderer, steady_ms());
            spdlog::info("event=ordered_again id={} after={} at={} what=\"{}\"", late.id.hex(), late.orderer,
                         orderer.value_or("none"), orderer ? "" : orderer.error().message);
        });
    }
}

void ChannelNode::Parts::watch_disk() {
    name_thread("disk watch");
    std::unique_lock lock(watch_mutex);
    while (!stopping) {
        lock.unlock();
        look_at_disk();
        ordering->look();
        waiting.expire(steady_ms());
        height_waits.expire(HeightWaits::Clock::now());
        if (submissions) submissions->look_for_duplicates();
        if (ledger_reads) ledger_reads->expire();
        order_overdue();
        node_status->watch();
        lock.lock();
        watch_wake.wait_for(lock, std::chrono::seconds(1), [this] { return stopping; });
    }
}

gateway::Health ChannelNode::Parts::health() const {
    // An orchestrator starts a process anew that is not well: that makes no room on a disk.
    gateway::Health health;
    health.ok = true;
    const bool full = low_on_disk || stuck_on_full_disk();
    health.details = {{"disk", full ? "full: new work is refused until there is room" : "ok"},
                      {"free_bytes", free_bytes.load()}};
    if (const auto tip = chain().tip()) health.details.emplace("height", tip->number);
    return health;
}

}  // namespace tally::node
