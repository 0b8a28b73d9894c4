#include "tests/unit/node/small_node.h"

#include <gtest/gtest.h>

#include "storage/seal.h"

namespace tally::node {

SmallNode::SmallNode(const SmallChannel& channel, std::filesystem::path data)
    : channel_(channel), data_(std::move(data)) {
    options.log_directory = log_path(data_);
}

SmallNode::~SmallNode() {
    release_commits();
    stop_without_closing();
}

Status SmallNode::start() {
    channel_ledger_ = TRY(open_channel_ledger(data_, channel_.genesis(), 4U << 20));
    membership_ = std::make_unique<CurrentMembership>(channel_.membership());
    committer_ =
        std::make_unique<Committer>(ledger(), *membership_, memo_, remembered_, pool_, channel_.peers[0], metrics_);
    committer_->on_commit([this](const CommittedBlock& block) { on_commit(block); });
    const auto deliver = [this](OrderedBlock block) { return committer_->deliver(std::move(block)); };
    orderer_ = TRY(Orderer::start(options, channel_.orderer, membership_->get(), ledger(), deliver, metrics_));
    committer_->start();
    return {};
}

void SmallNode::on_commit(const CommittedBlock& block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_; });
    for (const auto& transaction : block.transactions) ++committed_[transaction.id];
    transactions_ += block.transactions.size();
    blocks_.push_back(block.number);
    changed_.notify_all();
    lock.unlock();
    if (orderer_) orderer_->applied(block.number);
}

void SmallNode::stop_without_closing() {
    if (committer_) committer_->give_up_on_full_disk();
    if (orderer_) orderer_->stop();
    if (committer_) committer_->stop();
    orderer_.reset();
    committer_.reset();
    channel_ledger_.reset();
}

void SmallNode::stop() {
    committer_->give_up_on_full_disk();
    orderer_->stop();
    committer_->stop();
    EXPECT_TRUE(ledger().close().has_value());
    EXPECT_TRUE(storage::write_seal(data_).has_value());
    stop_without_closing();
}

void SmallNode::wait_for(std::size_t transactions) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return transactions_ >= transactions; }))
        << transactions_;
}

void SmallNode::hold_commits() {
    const std::lock_guard lock(mutex_);
    held_ = true;
}

void SmallNode::release_commits() {
    {
        const std::lock_guard lock(mutex_);
        held_ = false;
    }
    changed_.notify_all();
}

std::map<storage::TransactionId, int> SmallNode::committed() {
    const std::lock_guard lock(mutex_);
    return committed_;
}

std::vector<storage::BlockNumber> SmallNode::blocks() {
    const std::lock_guard lock(mutex_);
    return blocks_;
}

}  // namespace tally::node
