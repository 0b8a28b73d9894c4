#include "node/channel_committing.h"

#include "chaincode/calendar.h"
#include "storage/files.h"

namespace tally::node {
ChannelCommitting::ChannelCommitting(const NodeConfig& config, const ChannelStore& store,
                                     const NodeIdentities& identities, crypto::VerifiedSignatures& memo,
                                     const RememberedSimulations& remembered, WorkerPool& pool, Metrics& metrics)
    : config_(config), store_(store), identities_(identities) {
    const auto number_of = [this](storage::BlockNumber number) { written(number); };
    if (!store.has_ledger()) {
        keeper_ = std::make_unique<BlockKeeper>(store.blocks(), store.membership(), metrics, number_of);
        return;
    }
    committer_ = std::make_unique<Committer>(store.ledger(), store.membership(), memo, remembered, pool,
                                             *identities.peer, metrics);
    committer_->on_commit([number_of](const CommittedBlock& block) { number_of(block.number); });
    if (config.keep_days == 0) return;
    pruner_ = std::make_unique<Pruner>(store.ledger(), config.keep_days * chaincode::kDay_ms, [this] {
        if (on_pruned_) on_pruned_();
    });
}

void ChannelCommitting::written(storage::BlockNumber number) const {
    for (const auto& listener : on_block_) listener(number);
    if (exchange_) exchange_->committed();
}

void ChannelCommitting::on_commit(Committer::Listener listener) { committer_->on_commit(std::move(listener)); }

void ChannelCommitting::exchange_checkpoints(NodeNetwork& network, std::function<void()> signature_came) {
    CheckpointExchange::Ways ways;
    ways.send = [&network](const std::string& node, ByteView body) { network.tell(node, FrameKind::checkpoint, body); };
    ways.is_there = [&network](const std::string& node) { return network.is_there(node); };
    ways.signature_came = std::move(signature_came);
    ways.minority = [this](const storage::Checkpoint& own, const storage::Checkpoint& theirs) {
        const auto text = fmt::format("own:    {}\ntheirs: {}\n", described(own), described(theirs));
        (void)storage::write_file(disagreement_file(config_.data), as_bytes(text));
        broken_invariant("most committers signed another checkpoint than this node: " + text, __FILE__, __LINE__);
    };
    ways.blame = [&network](const std::string& node, const Error& error) { network.blame(node, error); };
    exchange_ = std::make_unique<CheckpointExchange>(store_.ledger(), store_.membership(), config_.name,
                                                     *identities_.peer, std::move(ways));
    network.on_notice(FrameKind::checkpoint,
                      [this](const std::string& node, ByteView body) { exchange_->receive(node, body); });
}

bool ChannelCommitting::deliver(OrderedBlock block) {
    return keeper_ ? keeper_->deliver(std::move(block)) : committer_->deliver(std::move(block));
}

void ChannelCommitting::start() {
    if (keeper_) keeper_->start();
    if (committer_) committer_->start();
    if (exchange_) exchange_->start();
    if (pruner_) pruner_->start();
}

void ChannelCommitting::give_up_on_full_disk() {
    if (committer_) committer_->give_up_on_full_disk();
    if (keeper_) keeper_->give_up_on_full_disk();
}

void ChannelCommitting::stop() {
    if (pruner_) pruner_->stop();
    if (committer_) committer_->stop();
    if (exchange_) exchange_->stop();
    if (keeper_) keeper_->stop();
}

bool ChannelCommitting::is_stuck_on_full_disk() const {
    return keeper_ ? keeper_->stuck_on_full_disk() : committer_->stuck_on_full_disk();
}

std::optional<Error> ChannelCommitting::needs_upgrade() const {
    return keeper_ ? keeper_->needs_upgrade() : committer_->needs_upgrade();
}

void ChannelCommitting::add_gauges(Metrics& metrics) const {
    if (committer_) {
        metrics.figure(Metrics::Kind::gauge, "tally_queue_depth", "Work that waits, by queue", "queue", "commit",
                       [this] { return static_cast<double>(committer_->queued()); });
    }
    if (exchange_) {
        metrics.gauge("tally_disagreeing_committers", "Committers that signed another checkpoint than this node",
                      [this] { return static_cast<double>(exchange_->disagreeing()); });
    }
}

}  // namespace tally::node
