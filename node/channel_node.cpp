#include "node/channel_node.h"

#include <spdlog/spdlog.h>

#include "node/channel_parts.h"
#include "node/threads/stopwatch.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

ChannelNode::ChannelNode(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ChannelNode::~ChannelNode() { stop(); }

Result<std::unique_ptr<ChannelNode>> ChannelNode::open(NodeConfig config, NodeIdentities identities) {
    auto parts = std::make_unique<Parts>();
    parts->config = std::move(config);
    parts->identities = std::move(identities);
    TRY(parts->build());
    return std::unique_ptr<ChannelNode>(new ChannelNode(std::move(parts)));
}

Status ChannelNode::start() {
    auto& parts = *parts_;
    parts.look_at_disk();
    if (parts.committer) {
        parts.committer->on_commit([&parts](const CommittedBlock& block) {
            parts.waiting.committed(block);
            parts.ordering->applied(block.number);
            parts.height_waits.reached(block.number);
            if (parts.submissions) parts.submissions->look_for_duplicates();
            if (parts.ledger_reads) parts.ledger_reads->committed();
            if (parts.exchange) parts.exchange->committed();
        });
    }
    if (parts.network) TRY(parts.network->start());
    TRY(parts.ordering->start());
    if (parts.committer) parts.committer->start();
    if (parts.committer && parts.config.keep_days > 0) {
        parts.pruner = std::make_unique<Pruner>(parts.ledger(), parts.config.keep_days * kDayMs);
        parts.pruner->start();
    }
    if (parts.keeper) parts.keeper->start();
    if (parts.exchange) parts.exchange->start();
    parts.add_gauges();
    parts.watch = std::thread([&parts] { parts.watch_disk(); });
    return {};
}

void ChannelNode::stop() {
    auto& parts = *parts_;
    if (std::exchange(parts.stopped, true)) return;
    if (parts.network) parts.network->stop_asking();  // a queue of submissions may wait for a node that is silent
    if (parts.snapshots) parts.snapshots->stop();
    if (parts.pruner) parts.pruner->stop();
    if (parts.submit_pool) parts.submit_pool->stop();
    // On a full disk whoever writes blocks would wait for room, and ordering for whoever writes blocks.
    if (parts.committer) parts.committer->give_up_on_full_disk();
    if (parts.keeper) parts.keeper->give_up_on_full_disk();
    if (parts.ordering) parts.ordering->stop();
    if (parts.network) parts.network->stop();
    if (parts.committer) parts.committer->stop();
    if (parts.exchange) parts.exchange->stop();
    if (parts.keeper) parts.keeper->stop();
    if (parts.endorse_pool) parts.endorse_pool->stop();
    if (parts.query_pool) parts.query_pool->stop();
    if (parts.pool) parts.pool->stop();
    parts.waiting.fail_all({Code::unavailable, "the node is stopping"});
    {
        const std::lock_guard lock(parts.watch_mutex);
        parts.stopping = true;
    }
    parts.watch_wake.notify_all();
    if (parts.watch.joinable()) parts.watch.join();
    if (!parts.channel && !parts.blocks) return;
    auto status = parts.blocks ? parts.blocks->store->close() : parts.ledger().close();
    if (status) status = storage::write_seal(parts.config.data);
    if (!status) spdlog::error("event=unclean_stop what=\"{}\"", status.error().message);
}

std::size_t ChannelNode::peers() const { return parts_->membership->get()->config().nodes.size() - 1; }
std::string ChannelNode::channel() const { return parts_->membership->get()->config().channel; }
gateway::Handler* ChannelNode::api() const { return parts_->api.get(); }
Metrics& ChannelNode::metrics() const { return parts_->metrics; }
Status ChannelNode::check_member(const Identity& identity) const { return parts_->check_member(identity); }

}  // namespace tally::node
