#include "node/operations/node_status.h"

#include <algorithm>
#include <map>

#include "consensus/simplex.h"

namespace tally::node {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kFewBlocks = 10;
constexpr std::int64_t kHeardLately_ms = 5000;

}  // namespace

struct NodeStatus::Seen {
    std::shared_ptr<const Membership> membership;
    std::optional<consensus::Observation> ordering;
    std::map<std::string, PeerTraffic> traffic;
    std::map<std::string, std::uint64_t> heights;  // of orderers, as they last said
    std::optional<storage::Tip> tip;
    std::uint64_t height = 0;
    std::uint64_t highest = 0;  // that anybody claims
    std::size_t heard = 0;      // orderers, with this node
    std::size_t quorum = 0;
};

NodeStatus::Seen NodeStatus::look() const {
    Seen seen;
    seen.membership = sources_.membership.get();
    seen.ordering = sources_.observe();
    seen.tip = sources_.ledger.tip();
    seen.height = seen.tip ? seen.tip->number : 0;
    seen.highest = seen.height;
    for (auto& peer : sources_.traffic()) seen.traffic.emplace(peer.id, peer);
    const auto& config = seen.membership->config();
    seen.quorum = consensus::quorum(config.model(), config.orderers.size());
    for (std::size_t member = 0; member < config.orderers.size(); ++member) {
        const auto& id = config.orderers[member].id;
        if (id == sources_.config.name) {
            seen.heard += seen.ordering ? 1 : 0;
        } else if (const auto peer = seen.traffic.find(id); peer != seen.traffic.end()) {
            const auto ago = peer->second.heard_ms_ago;
            seen.heard += ago >= 0 && ago <= kHeardLately_ms ? 1 : 0;
        }
        if (!seen.ordering || member >= seen.ordering->final_numbers.size()) continue;
        const auto number = seen.ordering->final_numbers[member];
        seen.heights[id] = id == sources_.config.name ? seen.height : number;
        seen.highest = std::max<std::uint64_t>(seen.highest, number);
    }
    return seen;
}

std::string NodeStatus::not_ready_because(const Seen& seen) const {
    if (seen.heard < seen.quorum)
        return fmt::format("{} of {} orderers are heard; {} are needed", seen.heard,
                           seen.membership->config().orderers.size(), seen.quorum);
    if (seen.height + kFewBlocks < seen.highest)
        return fmt::format("{} blocks behind: {} of {}", seen.highest - seen.height, seen.height, seen.highest);
    return {};
}

gateway::Health NodeStatus::ready(gateway::Health health) const {
    const auto seen = look();
    const auto why = not_ready_because(seen);
    health.ok = health.ok && why.empty();
    health.details.insert_or_assign("height", seen.height);
    health.details.insert_or_assign("highest", seen.highest);
    health.details.insert_or_assign("orderers_heard", seen.heard);
    health.details.insert_or_assign("orderers_needed", seen.quorum);
    if (!why.empty()) health.details.insert_or_assign("why", why);
    return health;
}

json::object NodeStatus::describe() const {
    const auto seen = look();
    const auto& config = seen.membership->config();
    const auto why = not_ready_because(seen);
    json::object out{{"node", sources_.config.name},
                     {"channel", config.channel},
                     {"version", TALLY_VERSION},
                     {"roles", json::array(sources_.config.roles.begin(), sources_.config.roles.end())},
                     {"ready", why.empty()},
                     {"why_not", why},
                     {"height", seen.height},
                     {"highest", seen.highest},
                     {"block_hash", seen.tip ? seen.tip->hash.hex() : ""},
                     {"strangers", sources_.strangers()},
                     {"ordering", nullptr}};
    if (seen.ordering) {
        const auto& ordering = *seen.ordering;
        const auto leader = ordering.leader < config.orderers.size() ? config.orderers[ordering.leader].id : "";
        out["ordering"] = json::object{{"epoch", ordering.epoch},
                                       {"view", ordering.view},
                                       {"leader", leader},
                                       {"final", ordering.final_number},
                                       {"sealed", ordering.sealed},
                                       {"forgetful", ordering.forgetful},
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
                           {"heard_ms_ago", peer.heard_ms_ago},
                           {"sent_bytes", peer.sent_bytes},
                           {"sent_messages", peer.sent_messages},
                           {"received_bytes", peer.received_bytes},
                           {"received_messages", peer.received_messages},
                           {"dropped", peer.dropped},
                           {"malformed", peer.malformed}};
        if (const auto height = seen.heights.find(node.id); height != seen.heights.end()) {
            entry["height"] = height->second;
            entry["lag"] = seen.highest - std::min(height->second, seen.highest);
        }
        peers.push_back(std::move(entry));
    }
    out.emplace("peers", std::move(peers));
    return out;
}

void NodeStatus::add_gauges(Metrics& metrics) const {
    const auto ordering = [&](const char* name, const char* help, auto read) {
        metrics.gauge(name, help, "", "", [this, read] {
            const auto seen = sources_.observe();
            return seen ? static_cast<double>(read(*seen)) : 0;
        });
    };
    using consensus::Observation;
    ordering("tally_view", "The view that this orderer is in", [](const Observation& seen) { return seen.view; });
    ordering("tally_epoch", "The epoch that this orderer is in", [](const Observation& seen) { return seen.epoch; });
    ordering("tally_leader", "Who leads the view, by its place in the configuration",
             [](const Observation& seen) { return seen.leader; });
    ordering("tally_nullified_views_total", "Views that ended without a block",
             [](const Observation& seen) { return seen.nullified_views; });
    ordering("tally_evidence_total", "Proofs that an orderer said two things at once",
             [](const Observation& seen) { return seen.evidence; });
    ordering("tally_pending_batches", "Batches that are not final",
             [](const Observation& seen) { return seen.pending_batches; });
    metrics.gauge("tally_ready", "1 when the node is ready", "", "",
                  [this] { return not_ready_because(look()).empty() ? 1.0 : 0.0; });
    metrics.gauge("tally_strangers_total", "Connections refused because their key is no peer's", "", "",
                  [this] { return static_cast<double>(sources_.strangers()); });
    for (const auto& peer : sources_.traffic()) {
        const auto traffic = [&](const char* name, const char* help, auto field) {
            metrics.gauge(name, help, "peer", peer.id, [this, id = peer.id, field] {
                for (const auto& each : sources_.traffic()) {
                    if (each.id == id) return static_cast<double>(each.*field);
                }
                return 0.0;
            });
        };
        traffic("tally_peer_sent_bytes_total", "Bytes sent to a node", &PeerTraffic::sent_bytes);
        traffic("tally_peer_received_bytes_total", "Bytes received from a node", &PeerTraffic::received_bytes);
        traffic("tally_peer_dropped_total", "Messages to a node that did not fit into its queue",
                &PeerTraffic::dropped);
        traffic("tally_peer_malformed_total", "Frames of a node that could not be read", &PeerTraffic::malformed);
        traffic("tally_peer_heard_ms_ago", "Since when a node has been silent; -1: never heard",
                &PeerTraffic::heard_ms_ago);
        metrics.gauge("tally_peer_lag_blocks", "How far an orderer is behind the highest block that anybody claims",
                      "peer", peer.id, [this, id = peer.id] {
                          const auto seen = look();
                          const auto height = seen.heights.find(id);
                          if (height == seen.heights.end()) return 0.0;
                          return static_cast<double>(seen.highest - std::min(height->second, seen.highest));
                      });
    }
}

}  // namespace tally::node
