#include "node/roles/inbox.h"

namespace tally::node {
namespace {

constexpr std::size_t kMessageCost = sizeof(consensus::Message) + 256;
constexpr std::size_t kTransactionCost = 64;

// Many small transactions take more room than their bytes.
std::size_t transactions_in(const consensus::Message& message) {
    std::size_t count = 0;
    if (const auto* batch = std::get_if<consensus::BatchMessage>(&message)) count = batch->batch->transactions.size();
    if (const auto* fetched = std::get_if<consensus::FetchedBlocks>(&message)) {
        for (const auto& block : fetched->blocks) {
            for (const auto& batch : block.batches) count += batch.size();
        }
    }
    return count;
}

}  // namespace

bool Inbox::put(consensus::Member from, consensus::Message message, std::size_t bytes) {
    const auto cost = bytes + kMessageCost + kTransactionCost * transactions_in(message);
    const std::lock_guard lock(mutex_);
    auto& peer = peers_[from];
    if (const auto* wants = std::get_if<consensus::FetchBlocks>(&message)) {
        peer.wants = *wants;
        return true;
    }
    if (!peer.queue.empty() && peer.cost + cost > share_) return false;
    peer.cost += cost;
    peer.queue.push_back({std::move(message), cost});
    return true;
}

std::vector<Incoming> Inbox::take(std::size_t most) {
    std::vector<Incoming> taken;
    const std::lock_guard lock(mutex_);
    while (taken.size() < most && !peers_.empty()) {
        auto next = peers_.upper_bound(last_);
        if (next == peers_.end()) next = peers_.begin();
        last_ = next->first;
        if (auto message = next_of(next->second))
            taken.push_back({last_, std::move(*message)});
        else
            peers_.erase(next);
    }
    return taken;
}

std::optional<consensus::Message> Inbox::next_of(Peer& peer) {
    if (!peer.queue.empty()) {
        auto first = std::move(peer.queue.front());
        peer.queue.pop_front();
        peer.cost -= first.cost;
        return std::move(first.message);
    }
    if (const auto wants = std::exchange(peer.wants, std::nullopt)) return *wants;
    return std::nullopt;
}

bool Inbox::empty() const {
    const std::lock_guard lock(mutex_);
    return peers_.empty();
}

void Inbox::forget(consensus::Member from) {
    const std::lock_guard lock(mutex_);
    peers_.erase(from);
}

void Inbox::clear() {
    const std::lock_guard lock(mutex_);
    peers_.clear();
}

}  // namespace tally::node
