#include "node/operations/node_status.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <map>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "consensus/simplex.h"
#include "gateway/http/log_value.h"
#include "gateway/version.h"
#include "node/operations/standings.h"
#include "node/ordering/ordering.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kSlightLag = 10;
constexpr std::int64_t kHeardLately_ms = 5000;

}  // namespace

struct NodeStatus::Seen {
    std::shared_ptr<const Membership> membership;
    std::optional<consensus::Observation> ordering;
    std::map<std::string, PeerTraffic> traffic;
    std::optional<storage::Tip> tip;
    std::uint64_t height = 0;
    Standings standings;
    std::size_t heard = 0;  // orderers, with this node
    std::size_t quorum = 0;
};

NodeStatus::Seen NodeStatus::look() const {
    Seen seen;
    seen.membership = sources_.membership.get();
    seen.ordering = sources_.observe();
    seen.tip = sources_.ledger.tip();
    seen.height = seen.tip ? seen.tip->number : 0;
    const auto& config = seen.membership->config();
    const auto traffic = sources_.traffic();
    seen.standings = standings_of(config, sources_.config.name, {seen.height, 0, {}}, traffic);
    for (const auto& peer : traffic) seen.traffic.emplace(peer.id, peer);
    seen.quorum = consensus::quorum(config.model(), config.orderers.size());
    for (const auto& orderer : config.orderers) {
        if (orderer.id == sources_.config.name) {
            seen.heard += seen.ordering ? 1 : 0;
        } else if (const auto peer = seen.traffic.find(orderer.id); peer != seen.traffic.end()) {
            const auto ago = peer->second.heard_ms_ago;
            const bool lately = ago >= 0 && ago <= kHeardLately_ms;
            seen.heard += lately && peer->second.standing ? 1 : 0;  // else nothing says that this node is not behind
        }
    }
    return seen;
}

std::string NodeStatus::not_ready_because(const Seen& seen) const {
    const auto& config = seen.membership->config();
    if (const auto stopped = sources_.stopped()) return stopped->message;
    if (const auto here = check_residency(config, sources_.config.residency); !here) return here.error().message;
    if (sources_.disk_is_full()) return "the disk is full: new work is refused until there is room";
    if (seen.heard < seen.quorum)
        return fmt::format("{} of {} orderers are heard; {} are needed", seen.heard, config.orderers.size(),
                           seen.quorum);
    if (left_behind(seen.standings, config, sources_.config.name))
        return fmt::format("no orderer keeps block {} any more: begin again with a snapshot", seen.height + 1);
    // What this node itself has ordered and not written yet counts too.
    const auto final = seen.ordering ? seen.ordering->final_number : 0;
    const auto behind = std::max(seen.standings.highest, final) - seen.height;
    if (std::max(seen.standings.highest, final) > seen.height + kSlightLag)
        return fmt::format("{} blocks behind: {} of {}", behind, seen.height, seen.height + behind);
    if (seen.ordering && seen.ordering->forgetful)
        return "this orderer has lost its log, or has an old copy of it: it waits for the others to say where they are";
    if (seen.ordering && seen.ordering->silent && seen.ordering->pending_batches > 0)
        return fmt::format(
            "this orderer had lost its log, or had an old copy of it, and does not vote in view {}: where too many "
            "orderers had, the channel stands still (`tally node trust-log`)",
            seen.ordering->view);
    return sources_.void_because();
}

gateway::Health NodeStatus::ready(gateway::Health health) const {
    const auto seen = look();
    const auto why = not_ready_because(seen);
    health.ok = health.ok && why.empty();
    health.details.insert_or_assign("height", seen.height);
    health.details.insert_or_assign("highest", seen.standings.highest);
    health.details.insert_or_assign("orderers_heard", seen.heard);
    health.details.insert_or_assign("orderers_needed", seen.quorum);
    if (!why.empty()) health.details.insert_or_assign("why", why);
    return health;
}

namespace {

// Null when the peer has said nothing that can be read.
json::value knows_of(const Standing& standing) {
    const auto value = chaincode::parse_json(standing.knows, "what a peer knows");
    const auto versions = value ? chaincode::from_json<Versions>(*value) : Result<Versions>(std::unexpected(Error{}));
    return versions ? chaincode::to_json(*versions) : json::value(nullptr);
}

}  // namespace

json::object NodeStatus::describe() const {
    const auto seen = look();
    const auto& config = seen.membership->config();
    const auto why = not_ready_because(seen);
    json::object out{{"node", sources_.config.name},
                     {"channel", config.channel},
                     {"version", kRelease},
                     {"knows", chaincode::to_json(known_versions())},
                     {"in_force", chaincode::to_json(config.versions())},
                     {"roles", json::array(sources_.config.roles.begin(), sources_.config.roles.end())},
                     {"ready", why.empty()},
                     {"why_not", why},
                     {"left_behind", left_behind(seen.standings, config, sources_.config.name)},
                     {"height", seen.height},
                     {"highest", seen.standings.highest},
                     {"block_hash", seen.tip ? seen.tip->hash.hex() : ""},
                     {"source", nullptr},
                     {"strangers", sources_.strangers()},
                     {"ordering", nullptr}};
    if (const auto following = sources_.following()) out["source"] = following->source;
    if (seen.ordering) {
        const auto& ordering = *seen.ordering;
        const auto leader = ordering.leader < config.orderers.size() ? config.orderers[ordering.leader].id : "";
        out["ordering"] = json::object{{"epoch", ordering.epoch},
                                       {"view", ordering.view},
                                       {"leader", leader},
                                       {"final", ordering.final_number},
                                       {"sealed", ordering.sealed},
                                       {"forgetful", ordering.forgetful},
                                       {"silent", ordering.silent},
                                       {"pending_batches", ordering.pending_batches},
                                       {"own_pending_bytes", ordering.own_pending_bytes},
                                       {"nullified_views", ordering.nullified_views},
                                       {"evidence", ordering.evidence}};
    }
    json::array peers;
    for (const auto& node : config.nodes) {
        const auto traffic = seen.traffic.find(node.id);
        if (node.id == sources_.config.name) out.emplace("organization", node.organization);
        if (traffic == seen.traffic.end()) continue;
        const auto& peer = traffic->second;
        json::object entry{{"node", node.id},
                           {"organization", node.organization},
                           {"roles", json::array(node.roles.begin(), node.roles.end())},
                           {"height", nullptr},
                           {"lag", nullptr},
                           {"knows", nullptr},
                           {"heard_ms_ago", peer.heard_ms_ago},
                           {"sent_bytes", peer.sent_bytes},
                           {"sent_messages", peer.sent_messages},
                           {"received_bytes", peer.received_bytes},
                           {"received_messages", peer.received_messages},
                           {"dropped", peer.dropped},
                           {"malformed", peer.malformed}};
        if (const auto said = peer.standing; said && !node.roles.empty()) {
            entry["height"] = said->height;
            entry["knows"] = knows_of(*said);
            entry["lag"] = seen.standings.behind(said->height);
        }
        peers.push_back(std::move(entry));
    }
    out.emplace("peers", std::move(peers));
    return out;
}

void NodeStatus::watch() {
    expiry_.watch(now_ms());
    const auto seen = look();
    const bool now = left_behind(seen.standings, seen.membership->config(), sources_.config.name);
    if (now == std::exchange(left_behind_, now) || !now) return;
    spdlog::error("event=left_behind height={} highest={} what={}", seen.height, seen.standings.highest,
                  gateway::log_value(not_ready_because(seen)));
}

void NodeStatus::add_gauges(Metrics& metrics) const {
    using enum Metrics::Kind;
    const auto ordering = [&](Metrics::Kind kind, const char* name, const char* help, auto read) {
        metrics.figure(kind, name, help, "", "", [this, read] {
            const auto seen = sources_.observe();
            return seen ? static_cast<double>(read(*seen)) : 0;
        });
    };
    using consensus::Observation;
    ordering(gauge, "tally_view", "The view that this orderer is in",
             [](const Observation& seen) { return seen.view; });
    ordering(gauge, "tally_epoch", "The epoch that this orderer is in",
             [](const Observation& seen) { return seen.epoch; });
    ordering(gauge, "tally_leader", "Who leads the view, by its place in the configuration",
             [](const Observation& seen) { return seen.leader; });
    ordering(counter, "tally_nullified_views_total", "Views that ended without a block",
             [](const Observation& seen) { return seen.nullified_views; });
    ordering(counter, "tally_evidence_total", "Proofs that an orderer signed two conflicting messages",
             [](const Observation& seen) { return seen.evidence; });
    ordering(gauge, "tally_pending_batches", "Batches that are not final",
             [](const Observation& seen) { return seen.pending_batches; });
    metrics.gauge("tally_block_height", "Number of the last committed block", [this] {
        const auto tip = sources_.ledger.tip();
        return tip ? static_cast<double>(tip->number) : 0;
    });
    metrics.gauge("tally_ready", "1 when the node is ready",
                  [this] { return not_ready_because(look()).empty() ? 1.0 : 0.0; });
    metrics.counter("tally_strangers_total", "Connections refused because their key is no peer's",
                    [this] { return static_cast<double>(sources_.strangers()); });
    metrics.counter("tally_block_source_switches_total", "Orderers that were left while there were blocks to fetch",
                    [this] {
                        const auto following = sources_.following();
                        return following ? static_cast<double>(following->switches) : 0;
                    });
    expiry_.add_gauges(metrics);
    add_peer_gauges(metrics);
}

void NodeStatus::add_peer_gauges(Metrics& metrics) const {
    using enum Metrics::Kind;
    const auto traffic = [&](const char* name, const char* help, auto field) {
        metrics.figures(counter, name, help, "peer", [this, field] {
            Metrics::Figures figures;
            for (const auto& each : sources_.traffic()) figures.emplace_back(each.id, static_cast<double>(each.*field));
            return figures;
        });
    };
    traffic("tally_peer_sent_bytes_total", "Bytes sent to a node", &PeerTraffic::sent_bytes);
    traffic("tally_peer_received_bytes_total", "Bytes received from a node", &PeerTraffic::received_bytes);
    traffic("tally_peer_dropped_total", "Messages to a node that did not fit into its queue", &PeerTraffic::dropped);
    traffic("tally_peer_malformed_total", "Frames of a node that could not be read", &PeerTraffic::malformed);
    traffic("tally_peer_refused_total", "Messages of a node that found no room here", &PeerTraffic::refused);
    metrics.figures(gauge, "tally_peer_silence_seconds", "Time since a node was heard; +Inf: never", "peer", [this] {
        Metrics::Figures figures;
        for (const auto& each : sources_.traffic()) {
            const bool heard = each.heard_ms_ago >= 0;
            figures.emplace_back(each.id, heard ? static_cast<double>(each.heard_ms_ago) / 1000
                                                : std::numeric_limits<double>::infinity());
        }
        return figures;
    });
    metrics.figures(gauge, "tally_peer_lag_blocks",
                    "How far a node says to be behind the block that the channel has reached", "peer", [this] {
                        Metrics::Figures figures;
                        const auto seen = look();
                        for (const auto& [id, standing] : seen.standings.of_node) {
                            if (id != sources_.config.name)
                                figures.emplace_back(id, static_cast<double>(seen.standings.behind(standing.height)));
                        }
                        return figures;
                    });
}

}  // namespace tally::node
