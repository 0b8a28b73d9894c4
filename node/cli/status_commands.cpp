#include "node/cli/status_commands.h"

#include <future>
#include <map>

#include "chaincode/json/strict_json.h"
#include "gateway/http/target.h"
#include "node/ledgers/channel_ledger.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds kStatusPatience{3000};

std::string value_text(const json::value* value) {
    if (value == nullptr || value->is_null()) return "";
    return value->is_string() ? std::string(value->get_string()) : chaincode::json_text(*value);
}

std::string field(const json::object& object, std::string_view name) { return value_text(object.if_contains(name)); }

std::string ordering(const json::object& node, std::string_view name) {
    const auto* inner = node.if_contains("ordering");
    return inner != nullptr && inner->is_object() ? field(inner->get_object(), name) : "";
}

std::uint64_t number(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return 0;
    return value->to_number<std::uint64_t>();
}

std::string bytes(std::uint64_t count) {
    if (count < 10'000) return fmt::format("{} B", count);
    if (count < 10'000'000) return fmt::format("{:.1f} KiB", static_cast<double>(count) / 1024);
    return fmt::format("{:.1f} MiB", static_cast<double>(count) / (1U << 20U));
}

std::string list_of(const json::object& node, std::string_view name) {
    std::string text;
    const auto* list = node.if_contains(name);
    if (list == nullptr || !list->is_array()) return text;
    for (const auto& each : list->get_array()) text += (text.empty() ? "" : " ") + value_text(&each);
    return text;
}

bool was_heard(const json::object& peer) {
    const auto* ago = peer.if_contains("heard_ms_ago");
    return ago != nullptr && ago->is_int64() && ago->get_int64() >= 0 && ago->get_int64() < 3000;
}

std::string peers_heard(const json::object& node) {
    const auto* peers = node.if_contains("peers");
    if (peers == nullptr || !peers->is_array()) return "";
    std::size_t heard = 0;
    for (const auto& peer : peers->get_array()) heard += was_heard(peer.as_object()) ? 1 : 0;
    return fmt::format("{}/{}", heard, peers->get_array().size());
}

// Its own word where it gives one, beside what its process does.
json::object ask(const Cluster& cluster, const ClusterNode& node) {
    json::object out{{"node", node.name}, {"organization", node.organization}, {"url", node.url()}, {"pid", nullptr}};
    const auto pid = node.process.pid();
    if (pid) out["pid"] = *pid;
    if (!pid || node.process.paused()) {
        out.emplace("state", pid ? "paused" : "stopped");
        return out;
    }
    auto member = cluster.connect(node, "admin", kStatusPatience);
    const auto ask_for = [&](const std::string& path, json::object& into) {
        const auto answer = member ? member->get(path) : Result<json::value>(std::unexpected(member.error()));
        if (!answer) {
            into.emplace("state", "silent");
            into.emplace("error", answer.error().message);
            return;
        }
        const auto& told = answer->as_object();
        into.emplace("state", told.at("ready").as_bool() ? "ready" : "not ready");
        for (const auto& [key, value] : told) into.emplace(key, value);
    };
    ask_for("/v1/node", out);
    json::array channels;
    for (const auto& each : node.config.channels) {
        const auto genesis = read_genesis(each.genesis);
        const auto name = genesis ? genesis->header.channel : each.genesis.string();
        json::object further{{"channel", name}};
        ask_for(fmt::format("/channels/{}/v1/node", gateway::percent_encode(name)), further);
        channels.push_back(std::move(further));
    }
    out.emplace("channels", std::move(channels));
    return out;
}

Colour colour_of(std::string_view state) {
    if (state == "ready") return Colour::green;
    return state == "not ready" || state == "paused" ? Colour::yellow : Colour::red;
}

}  // namespace

Status print_cluster_status(const std::filesystem::path& directory) {
    const auto cluster = TRY(Cluster::open(directory));
    std::vector<std::future<json::object>> asked;
    for (const auto& node : cluster.nodes())
        asked.push_back(std::async(std::launch::async, [&] { return ask(cluster, node); }));
    std::vector<json::object> nodes;
    for (auto& each : asked) nodes.push_back(each.get());
    if (style().json) {
        print_json(json::array(nodes.begin(), nodes.end()));
        return {};
    }
    std::map<std::string, std::uint64_t> highest;  // by channel
    const auto each_part = [&](const auto& visit) {
        for (const auto& node : nodes) {
            visit(node, node);
            const auto* channels = node.if_contains("channels");
            if (channels == nullptr) continue;
            for (const auto& further : channels->as_array()) visit(node, further.as_object());
        }
    };
    each_part([&](const json::object&, const json::object& part) {
        auto& most = highest[field(part, "channel")];
        most = std::max(most, number(part, "height"));
    });
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> remarks;
    each_part([&](const json::object& node, const json::object& part) {
        const bool told = part.contains("height");
        const auto channel = field(part, "channel");
        rows.push_back({field(node, "node"), field(node, "organization"), channel, field(part, "state"),
                        field(node, "pid"), field(part, "height"),
                        told ? std::to_string(highest[channel] - number(part, "height")) : "",
                        field(part, "block_hash").substr(0, 8), ordering(part, "view"), ordering(part, "leader"),
                        peers_heard(part)});
        const auto why = told ? field(part, "why_not") : field(part, "error");
        const auto where = &node == &part ? field(node, "node") : field(node, "node") + ", channel " + channel;
        if (!why.empty()) remarks.push_back(fmt::format("  {}: {}", where, why));
    });
    print_table({"node", "organization", "channel", "state", "pid", "height", "lag", "hash", "view", "leader", "peers"},
                rows);
    for (const auto& remark : remarks) say(paint(Colour::yellow, remark));
    return {};
}

Status print_node_status(const NodeStatusOptions& options) {
    auto member = TRY(MemberClient::open(options.profile, options.url, std::chrono::seconds(10)));
    const auto answer = TRY(member.get("/v1/node"));
    if (style().json) {
        print_json(answer);
        return {};
    }
    const auto& node = answer.as_object();
    const bool ready = node.at("ready").as_bool();
    const auto state = ready ? "ready" : "not ready: " + field(node, "why_not");
    std::vector<std::pair<std::string, std::string>> facts{
        {"node",
         fmt::format("{} of {}, channel {}", field(node, "node"), field(node, "organization"), field(node, "channel"))},
        {"state", paint(colour_of(ready ? "ready" : "not ready"), state)},
        {"roles", list_of(node, "roles")},
        {"height", fmt::format("{} of {}", field(node, "height"), field(node, "highest"))},
        {"block hash", field(node, "block_hash")}};
    if (!ordering(node, "view").empty()) {
        facts.emplace_back("view", fmt::format("{} of epoch {}, led by {}", ordering(node, "view"),
                                               ordering(node, "epoch"), ordering(node, "leader")));
        facts.emplace_back("views without a block", ordering(node, "nullified_views"));
        facts.emplace_back("batches that wait", ordering(node, "pending_batches"));
        facts.emplace_back("evidence", ordering(node, "evidence"));
        if (ordering(node, "forgetful") == "true")
            facts.emplace_back("forgetful",
                               "its log was lost: it does not vote until others have told it where they are");
        if (ordering(node, "silent") == "true")
            facts.emplace_back("silent", "its log was lost: it votes again when the view after this one has ended");
    }
    facts.emplace_back("strangers refused", field(node, "strangers"));
    print_facts(facts);
    const auto* peers = node.if_contains("peers");
    if (peers == nullptr || !peers->is_array() || peers->get_array().empty()) return {};
    std::vector<std::vector<std::string>> rows;
    for (const auto& value : peers->get_array()) {
        const auto& peer = value.as_object();
        rows.push_back({field(peer, "node"), field(peer, "organization"), was_heard(peer) ? "heard" : "silent",
                        field(peer, "height"), field(peer, "lag"), bytes(number(peer, "sent_bytes")),
                        bytes(number(peer, "received_bytes")), field(peer, "dropped"), field(peer, "malformed")});
    }
    fmt::print("\n");
    print_table({"peer", "organization", "state", "height", "lag", "sent", "received", "dropped", "malformed"}, rows);
    return {};
}

}  // namespace tally::node::cli
