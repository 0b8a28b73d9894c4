#include "node/cli/cluster.h"

#include <signal.h>

#include <algorithm>
#include <thread>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/addresses/host_port.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{50};
constexpr milliseconds kAnswerTimeout{2000};

Status probe_ports(const ClusterNode& node) {
    const auto taken = [&](const Status& status, const char* what) {
        return fail(Code::unavailable, "{}'s {} cannot listen: {}; stop what listens there, or choose another --port",
                    node.name, what, status.error().message);
    };
    const auto fits = [](const Status& status) { return status || status.error().code == Code::unsupported; };
    if (const auto status = probe_listen(node.config.gateway.address, node.config.gateway.port); !fits(status))
        return taken(status, "gateway");
    const auto listen = TRY(HostPort::parse(node.config.listen.empty() ? node.network_address : node.config.listen));
    const auto at = listen.listening();
    if (const auto status = probe_listen(at.host, at.port); !fits(status)) return taken(status, "network");
    return {};
}

bool answers(const Cluster& cluster, const ClusterNode& node, std::string_view path) {
    auto member = cluster.connect(node, "admin", kAnswerTimeout);
    return member && member->get(path);
}

}  // namespace

std::string ClusterNode::url() const {
    const auto& address = config.gateway.address;
    return "https://" + HostPort{address == "0.0.0.0" ? "127.0.0.1" : address, config.gateway.port}.text();
}

Result<Cluster> Cluster::open(const std::filesystem::path& directory) {
    Cluster cluster;
    cluster.directory_ = directory;
    const auto text = storage::read_file(directory / "channel.json");
    if (!text) {
        return fail(Code::not_found, "{} holds no consortium; `tally cluster up {}` makes one", directory.string(),
                    directory.string());
    }
    cluster.channel_ = TRY(parse_channel_config(*text));
    for (const auto& entry : cluster.channel_.nodes) {
        if (entry.roles.empty()) continue;  // a program of its own
        const auto folder = directory / "nodes" / entry.id;
        if (!std::filesystem::exists(folder)) continue;  // removed, lost, or on another machine
        cluster.nodes_.push_back({entry.id, entry.organization, entry.roles, entry.address,
                                  TRY(load_node_config(folder / "node.toml")), NodeProcess(folder)});
    }
    TRY(cluster.find_joined());
    if (cluster.nodes_.empty()) return fail(Code::not_found, "{} holds no node", (directory / "nodes").string());
    return cluster;
}

// Nodes that were added later (`tally network add-nodes`).
Status Cluster::find_joined() {
    for (const auto& [folder, additions] : TRY(joined_nodes(directory_))) {
        for (const auto& entry : additions.nodes) {
            if (channel_.node(entry.id) != nullptr) continue;
            nodes_.push_back({entry.id, entry.organization, entry.roles, entry.address,
                              TRY(load_node_config(folder / "node.toml")), NodeProcess(folder)});
        }
    }
    return {};
}

std::vector<const ClusterNode*> Cluster::all() const {
    std::vector<const ClusterNode*> all;
    for (const auto& node : nodes_) all.push_back(&node);
    return all;
}

Result<const ClusterNode*> Cluster::find(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& node : nodes_) {
        if (node.name == name) return &node;
        names.push_back(node.name);
    }
    return fail(Code::not_found, "there is no node {} in {}; there are {}", name, directory_.string(),
                fmt::join(names, ", "));
}

std::filesystem::path Cluster::profile(const ClusterNode& node, const std::string& member) const {
    return directory_ / "organizations" / node.organization / "members" / member / "profile.toml";
}

Result<MemberClient> Cluster::connect(const ClusterNode& node, const std::string& member, milliseconds timeout) const {
    return MemberClient::open(profile(node, member), node.url(), timeout);
}

Result<std::vector<bool>> Cluster::start(const std::vector<const ClusterNode*>& nodes, milliseconds patience) const {
    std::vector<bool> started;
    for (const auto* node : nodes) {
        if (node->process.exiting()) (void)node->process.wait_for_end(patience);
        started.push_back(!node->process.pid());
        if (started.back()) TRY(probe_ports(*node));
    }
    std::vector<std::uintmax_t> logged;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        logged.push_back(nodes[i]->process.log_size());
        if (started[i]) TRY(nodes[i]->process.start());
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& node = *nodes[i];
        const auto log = node.process.log_file().string();
        while (!node.process.paused() && !answers(*this, node, "/healthz")) {
            if (!node.process.pid()) {
                return fail(Code::unavailable, "{} has ended: {} (see {})", node.name,
                            node.process.last_words(logged[i]), log);
            }
            if (std::chrono::steady_clock::now() > end) {
                return fail(Code::timeout, "{} does not answer at {}: {} (see {})", node.name, node.url(),
                            node.process.last_words(logged[i]), log);
            }
            std::this_thread::sleep_for(kPoll);
        }
    }
    return started;
}

bool Cluster::wait_until_ready(milliseconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (const auto& node : nodes_) {
        while (!node.process.paused() && !answers(*this, node, "/readyz")) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(kPoll);
        }
    }
    return true;
}

Result<std::vector<std::string>> Cluster::stop(const std::vector<const ClusterNode*>& nodes,
                                               milliseconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (const auto* node : nodes) {
        if (!node->process.pid()) continue;
        (void)node->process.signal(SIGTERM);
        (void)node->process.signal(SIGCONT);  // a paused one would not hear it
    }
    std::vector<std::string> killed;
    for (const auto* node : nodes) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
        if (!node->process.wait_for_end(std::max(left, milliseconds(0)))) {
            killed.push_back(node->name);
            (void)node->process.signal(SIGKILL);
            if (!node->process.wait_for_end(std::chrono::seconds(5)))
                return fail(Code::timeout, "{} does not end", node->name);
        }
        std::error_code none;
        std::filesystem::remove(node->folder() / "node.pid", none);
    }
    return killed;
}

}  // namespace tally::node::cli
