#include "node/ordering/inbox.h"

namespace tally::node {
namespace {

std::size_t cost_of(const FrameBody& message) { return message.size() + sizeof message + 64; }

}  // namespace

bool Inbox::put(consensus::Member from, FrameBody message) {
    const auto cost = cost_of(message);
    const std::lock_guard lock(mutex_);
    auto& peer = peers_[from];
    if (!message.packed() && consensus::asks_for_blocks(message.bytes())) {
        peer.wants = std::move(message);
        return true;
    }
    if (!peer.queue.empty() && peer.cost + cost > share_) return false;
    peer.cost += cost;
    peer.queue.push_back(std::move(message));
    return true;
}

std::vector<Incoming> Inbox::take(std::size_t most, std::size_t most_bytes) {
    std::vector<std::pair<consensus::Member, FrameBody>> taken;
    {
        std::size_t bytes = 0;
        const std::lock_guard lock(mutex_);
        while (taken.size() < most && bytes < most_bytes && !peers_.empty()) {
            auto next = peers_.upper_bound(last_);
            if (next == peers_.end()) next = peers_.begin();
            last_ = next->first;
            if (auto message = next_of(next->second)) {
                bytes += message->size();
                taken.emplace_back(last_, std::move(*message));
            } else {
                peers_.erase(next);
            }
        }
    }
    std::vector<Incoming> decoded;
    decoded.reserve(taken.size());
    for (auto& [from, message] : taken) {
        const auto bytes = std::exchange(message, {}).open();
        decoded.push_back({from, bytes ? consensus::decode_message(*bytes) : std::unexpected(bytes.error())});
    }
    return decoded;
}

std::optional<FrameBody> Inbox::next_of(Peer& peer) {
    if (!peer.queue.empty()) {
        auto first = std::move(peer.queue.front());
        peer.queue.pop_front();
        peer.cost -= cost_of(first);
        return first;
    }
    return std::exchange(peer.wants, std::nullopt);
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
