#include "node/cli/config_outlook.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "chaincode/json/reflect.h"
#include "node/channel/policy.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr std::int64_t kHeardLately_ms = 5000;

struct Peer {
    bool heard = false;
    std::optional<Versions> knows;
};

Peer peer_of(const json::object& said, bool self) {
    Peer peer;
    const auto* ago = said.if_contains("heard_ms_ago");
    peer.heard =
        self || (ago != nullptr && ago->is_int64() && ago->get_int64() >= 0 && ago->get_int64() <= kHeardLately_ms);
    const auto* knows = said.if_contains("knows");
    const auto versions =
        knows == nullptr ? Result<Versions>(std::unexpected(Error{})) : chaincode::from_json<Versions>(*knows);
    if (versions) peer.knows = *versions;
    return peer;
}

std::string text_or_none(const json::object& object, std::string_view name) {
    const auto* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

// The nodes of the channel, by id, as the asked node sees them.
std::map<std::string, Peer> peers_of(const json::object& node) {
    std::map<std::string, Peer> peers;
    peers.emplace(text_or_none(node, "node"), peer_of(node, true));
    const auto* list = node.if_contains("peers");
    if (list == nullptr || !list->is_array()) return peers;
    for (const auto& each : list->get_array()) {
        if (each.is_object()) peers.emplace(text_or_none(each.get_object(), "node"), peer_of(each.get_object(), false));
    }
    return peers;
}

std::size_t quorum_of(const ChannelConfig& config) { return consensus::quorum(config.model(), config.orderers.size()); }

std::string names_of(const ChannelConfig& config) {
    return fmt::format("{}", fmt::join(config.organization_ids(), ", "));
}

// The fewest organizations one of whose members must sign, by trying. None: more than can be tried.
std::optional<std::size_t> fewest(const std::string& policy, const ChannelConfig& config, const std::string& role) {
    const auto ids = config.organization_ids();
    const auto parsed = Policy::parse(policy, ids, role);
    if (!parsed || ids.size() > 16) return std::nullopt;
    std::optional<std::size_t> least;
    for (std::uint32_t set = 1; set < (1U << ids.size()); ++set) {
        std::vector<Principal> signers;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if ((set >> i & 1U) != 0) signers.push_back({ids[i], role});
        }
        if (parsed->satisfied_by(signers) && (!least || signers.size() < *least)) least = signers.size();
    }
    return least;
}

void look_at_approvals(const ChannelConfig& now, const ChannelConfig& next, Outlook& out) {
    if (now.configuration == next.configuration && now.organization_ids() == next.organization_ids()) return;
    const auto least = fewest(next.configuration, next, "admin");
    out.needed.push_back(fmt::format("a further change needs {} of the admins of {}{}", next.configuration,
                                     names_of(next), least ? fmt::format(": {} organizations at least", *least) : ""));
}

void look_at_orderers(const ChannelConfig& now, const ChannelConfig& next, const std::map<std::string, Peer>& peers,
                      Outlook& out) {
    const auto quorum = quorum_of(next);
    std::vector<std::string> heard;
    std::vector<std::string> silent;
    for (const auto& orderer : next.orderers) {
        const auto peer = peers.find(orderer.id);
        (peer != peers.end() && peer->second.heard ? heard : silent).push_back(orderer.id);
    }
    if (quorum != quorum_of(now) || next.orderers.size() != now.orderers.size()) {
        out.needed.push_back(fmt::format("a block needs {} of {} orderers (now {} of {}); heard now: {}", quorum,
                                         next.orderers.size(), quorum_of(now), now.orderers.size(),
                                         heard.empty() ? "none" : fmt::format("{}", fmt::join(heard, ", "))));
    }
    if (heard.size() < quorum) {
        out.warnings.push_back(
            fmt::format("the channel will stand still until {} more of these orderers run and are reached: {}",
                        quorum - heard.size(), fmt::join(silent, ", ")));
    }
}

void look_at_endorsers(const ChannelConfig& now, const ChannelConfig& next, const std::map<std::string, Peer>& peers,
                       Outlook& out) {
    const auto policy_changed =
        now.endorsement != next.endorsement || now.organization_ids() != next.organization_ids();
    std::set<std::string> there;
    for (const auto* node : next.nodes_with("endorser")) {
        const auto peer = peers.find(node->id);
        if (peer != peers.end() && peer->second.heard) there.insert(node->organization);
    }
    const auto ids = next.organization_ids();
    const auto policy = Policy::parse(next.endorsement, ids);
    if (!policy) return;
    std::vector<Principal> signers;
    for (const auto& id : there) signers.push_back({id, "peer"});
    if (policy_changed) {
        const auto least = fewest(next.endorsement, next, "peer");
        out.needed.push_back(fmt::format("a transaction needs endorsements by {} of {}{}", next.endorsement,
                                         names_of(next), least ? fmt::format(": {} at least", *least) : ""));
    }
    if (!policy->satisfied_by(signers)) {
        out.warnings.push_back(fmt::format("too few endorsers are heard for {}: those of {}", next.endorsement,
                                           there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", "))));
    }
}

void look_at_versions(const ChannelConfig& now, const ChannelConfig& next, const std::map<std::string, Peer>& peers,
                      Outlook& out) {
    if (now.versions() == next.versions()) return;
    out.needed.push_back(fmt::format("every node must know {}", node::text_of(next.versions())));
    for (const auto& node : next.nodes) {
        if (node.roles.empty()) continue;
        const auto peer = peers.find(node.id);
        if (peer == peers.end() || !peer->second.knows) {
            out.warnings.push_back(fmt::format("{} has not said which versions it knows", node.id));
        } else if (const auto covered = check_covered(next.versions(), *peer->second.knows); !covered) {
            out.warnings.push_back(fmt::format("{} will stop before the change until it is upgraded: {}", node.id,
                                               covered.error().message));
        }
    }
}

}  // namespace

Outlook outlook_of(const ChannelConfig& now, const ChannelConfig& next, const json::object& node) {
    Outlook out;
    const auto peers = peers_of(node);
    look_at_approvals(now, next, out);
    look_at_orderers(now, next, peers, out);
    look_at_endorsers(now, next, peers, out);
    look_at_versions(now, next, peers, out);
    return out;
}

}  // namespace tally::node::cli
