#include "node/node.h"
#include "node/config/packages.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <thread>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "gateway/http/problem.h"
#include "gateway/http/server.h"
#include "node/channel/key_file.h"
#include "node/channel_node.h"
#include "node/network/descriptors.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {
namespace {

constexpr std::string_view kChannels = "channels";
constexpr std::int64_t kSoonMs = 2000;  // a channel that is being opened on the root channel is looked at again

Result<gateway::TlsIdentity> read_tls(const IdentityFiles& files) {
    TRY(load_identity(files.certificate, files.key));  // they belong together
    return gateway::TlsIdentity{TRY(storage::read_file(files.certificate)), TRY(read_key_file(files.key))};
}

Result<std::int64_t> expiry_of(const gateway::TlsIdentity& tls) {
    return TRY(crypto::Certificate::chain_from_pem(tls.certificate_pem)).front().not_after_ms();
}

// Sends requests to the channel that their path names: /channels/NAME/v1/..., or else to the root.
class ByChannel : public gateway::Handler {
  public:
    void add(const std::string& channel, gateway::Handler& api) {
        if (root_ == nullptr) root_ = &api;
        apis_.emplace(channel, &api);
    }

    gateway::Admission admit(const gateway::Request& head) override {
        const auto& segments = head.target.segments;
        if (segments.size() < 2 || segments[0] != kChannels) return root_->admit(head);
        const auto found = apis_.find(segments[1]);
        if (found == apis_.end()) {
            gateway::Admission refused;
            refused.refusal =
                gateway::Problem::of({Code::not_found, "this node has no such channel"}).response(head.id);
            return refused;
        }
        auto inner = head;
        inner.target.segments.erase(inner.target.segments.begin(), inner.target.segments.begin() + 2);
        return found->second->admit(inner);
    }

  private:
    gateway::Handler* root_ = nullptr;
    std::map<std::string, gateway::Handler*, std::less<>> apis_;
};

}  // namespace

struct Node::Parts {
    NodeConfig config;
    NodeIdentities identities;
    Metrics metrics;                                     // of what all channels share: HTTP, certificates
    std::vector<std::unique_ptr<ChannelNode>> channels;  // the root first
    ByChannel by_channel;
    std::unique_ptr<gateway::HttpServer> server;
    bool stopped = false;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;  // guarded by mutex
    std::thread anchoring;
    std::vector<std::jthread> settling;  // one for each channel
    std::vector<std::jthread> keeping;   // the same

    [[nodiscard]] ChannelNode& root() const { return *channels.front(); }
    [[nodiscard]] std::size_t connection_limit() const;
    [[nodiscard]] Status take_next_orderer();
    [[nodiscard]] Status build_server();
    [[nodiscard]] Status reload_tls();
    void anchor();
};

// Below the limit of descriptors, so that the ledger, the log and the other nodes always have some.
std::size_t Node::Parts::connection_limit() const {
    std::size_t peers = 0;
    for (const auto& channel : channels) peers += channel->peers();
    const auto limit = descriptor_limit().now;
    const auto connections = http_connections(limit, config.gateway.max_connections, channels.size(), peers);
    if (connections < config.gateway.max_connections) {
        spdlog::warn(
            "event=few_descriptors limit={} http_connections={} wanted={} advice=\"raise the limit of open files "
            "(LimitNOFILE of systemd, ulimit -n), or lower gateway.max_connections\"",
            limit, connections, config.gateway.max_connections);
    }
    return connections;
}

// The orderer's next key is its key once a channel names it and none names the other.
Status Node::Parts::take_next_orderer() {
    if (!identities.next_orderer) return {};
    const auto is_named = [this](const CurrentIdentity& orderer) {
        return std::ranges::any_of(
            channels, [&](const auto& channel) { return channel->names_orderer(orderer.key.public_key()); });
    };
    if (is_named(*identities.orderer) || !is_named(*identities.next_orderer)) return {};
    return identities.take_next_orderer(config);
}

Status Node::Parts::build_server() {
    gateway::ServerOptions options;
    options.address = config.gateway.address;
    options.port = config.gateway.port;
    options.tls = TRY(read_tls(config.gateway.tls));
    options.threads = config.gateway.threads;
    options.limits.max_body_bytes = config.gateway.max_body_bytes;
    const auto connections = connection_limit();
    options.limits.max_connections = static_cast<unsigned>(connections);
    // Nobody has all of them.
    options.limits.max_connections_per_address = static_cast<unsigned>(
        std::min(config.gateway.max_connections_per_address, std::max<std::size_t>(connections / 2, 1)));
    options.limits.idle_timeout = std::chrono::milliseconds(config.gateway.idle_timeout_ms);
    options.observer = [this](const gateway::RequestRecord& record) {
        metrics.request(record.route.empty() ? "none" : record.route, record.status, record.seconds);
    };
    if (config.gateway.access_log || spdlog::default_logger()->should_log(spdlog::level::debug))
        options.access_log = spdlog::default_logger();
    *identities.tls_until_ms = TRY(expiry_of(options.tls));
    add_certificate_gauge(metrics, "tls", [this] { return identities.tls_until_ms->load(); });
    server = std::make_unique<gateway::HttpServer>(std::move(options), by_channel);
    metrics.gauge("tally_http_connections", "Open HTTP connections",
                  [this] { return static_cast<double>(server->connections()); });
    return {};
}

Status Node::Parts::reload_tls() {
    if (!server) return {};
    const auto tls = TRY(read_tls(config.gateway.tls));
    const auto until = TRY(expiry_of(tls));
    TRY(server->reload_tls(tls));
    *identities.tls_until_ms = until;
    return {};
}

// At its interval, each further channel's checkpoint goes onto the root channel.
void Node::Parts::anchor() {
    name_thread("anchoring");
    std::vector<std::int64_t> due(config.channels.size(), steady_ms());
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::seconds(1), [this] { return stopping; })) {
        lock.unlock();
        for (std::size_t i = 0; i < due.size(); ++i) {
            if (config.channels[i].anchor_every_s == 0 || steady_ms() < due[i]) continue;
            const bool known = channels[i + 1]->anchor_on(root());
            due[i] = steady_ms() + (known ? config.channels[i].anchor_every_s * 1000 : kSoonMs);
        }
        lock.lock();
    }
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() { stop(); }

Result<std::unique_ptr<Node>> Node::open(NodeConfig config) {
    auto parts = std::make_unique<Parts>();
    parts->config = std::move(config);
    TRY(install_packages(parts->config.file.parent_path() / kPackages, parts->config.allow_clock));
    parts->identities = TRY(NodeIdentities::load(parts->config));
    parts->channels.push_back(TRY(ChannelNode::open(parts->config, parts->identities)));
    for (const auto& each : parts->config.channels)
        parts->channels.push_back(TRY(ChannelNode::open(parts->config.in(each), parts->identities)));
    if (const auto taken = parts->take_next_orderer(); !taken)  // it orders with the next one all the same
        spdlog::warn("event=orderer_key_waits what={}", gateway::log_value(taken.error().message));
    // The root's /metrics has all of the node's figures; a further channel's has its own, as its members need not know
    // the rest.
    auto& root_metrics = parts->root().metrics();
    parts->identities.add_gauges(parts->metrics);
    root_metrics.include(parts->metrics);
    for (std::size_t i = 1; i < parts->channels.size(); ++i) root_metrics.include(parts->channels[i]->metrics());
    for (const auto& channel : parts->channels) {
        if (channel->api() != nullptr) parts->by_channel.add(channel->channel(), *channel->api());
    }
    if (parts->config.serves()) TRY(parts->build_server());
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

Status Node::start() {
    auto& parts = *parts_;
    for (const auto& channel : parts.channels) TRY(channel->start());
    if (parts.server) TRY(parts.server->start());
    if (parts.server && parts.channels.size() > 1) parts.anchoring = std::thread([&parts] { parts.anchor(); });
    if (!parts.config.has("gateway")) return {};
    for (const auto& channel : parts.channels)
        parts.keeping.emplace_back([node = channel.get()](std::stop_token stop) { node->keep(std::move(stop)); });
    for (const auto& channel : parts.channels) {
        parts.keeping.emplace_back(
            [node = channel.get()](std::stop_token stop) { node->store_telemetry(std::move(stop)); });
        parts.keeping.emplace_back([node = channel.get()](std::stop_token stop) { node->admit(std::move(stop)); });
    }
    if (parts.config.settle_every_s == 0) return {};
    for (const auto& channel : parts.channels)
        parts.settling.emplace_back([node = channel.get()](std::stop_token stop) { node->settle(std::move(stop)); });
    return {};
}

void Node::stop() {
    auto& parts = *parts_;
    if (std::exchange(parts.stopped, true)) return;
    {
        const std::lock_guard lock(parts.mutex);
        parts.stopping = true;
    }
    parts.wake.notify_all();
    if (parts.anchoring.joinable()) parts.anchoring.join();
    for (auto& thread : parts.settling) thread.request_stop();
    for (auto& thread : parts.keeping) thread.request_stop();
    parts.settling.clear();
    parts.keeping.clear();
    if (parts.server) parts.server->stop();
    for (auto channel = parts.channels.rbegin(); channel != parts.channels.rend(); ++channel) (*channel)->stop();
}

std::uint16_t Node::gateway_port() const { return parts_->server ? parts_->server->port() : 0; }

Status Node::reload() {
    auto& parts = *parts_;
    const auto renewed = parts.identities.reload(parts.config, [&parts](const Identity& identity) -> Status {
        for (const auto& channel : parts.channels) TRY(channel->check_member(identity));
        return {};
    });
    const auto tls = parts.reload_tls();
    return renewed ? tls : renewed;
}

}  // namespace tally::node
