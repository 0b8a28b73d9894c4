#include "node/committing/checkpoint_exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/channel/block_signatures.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr auto kAnnounceEvery = std::chrono::milliseconds(50);
constexpr auto kSayAgainAfter = std::chrono::seconds(2);
constexpr std::size_t kMostHeights = 256;
constexpr auto kDeafFor = std::chrono::seconds(10);  // to who sends what was not signed

bool same(const storage::Checkpoint& a, const storage::Checkpoint& b) {
    return a.channel == b.channel && a.block_number == b.block_number && a.block_hash == b.block_hash &&
           a.tree_size == b.tree_size && a.root == b.root && a.state == b.state;
}

crypto::Hash statement_of(const storage::Checkpoint& checkpoint) {
    auto unsigned_one = checkpoint;
    unsigned_one.signatures.clear();
    return crypto::sha256(storage::encode(unsigned_one));
}

}  // namespace

std::string described(const storage::Checkpoint& checkpoint) {
    const auto& signatures = checkpoint.signatures;
    return fmt::format("block={} hash={} tree_size={} root={} state={} signature={}", checkpoint.block_number,
                       checkpoint.block_hash.hex(), checkpoint.tree_size, checkpoint.root.hex(), checkpoint.state.hex(),
                       signatures.empty() ? "" : to_hex(signatures.front().signature));
}

CheckpointExchange::CheckpointExchange(storage::Ledger& ledger, const CurrentMembership& membership, std::string self,
                                       CurrentIdentity signer, Ways ways)
    : ledger_(ledger),
      membership_(membership),
      self_(std::move(self)),
      signer_(std::move(signer)),
      ways_(std::move(ways)) {}

void CheckpointExchange::start() {
    thread_ = std::thread([this] { run(); });
}

void CheckpointExchange::stop() {
    inbox_.close();
    if (thread_.joinable()) thread_.join();
}

void CheckpointExchange::receive(const std::string& node, ByteView body) {
    auto message = storage::decode<CheckpointMessage>(body, "a checkpoint", 1);
    if (!message && ways_.blame) ways_.blame(node, message.error());
    if (!message || message->checkpoint.signatures.size() != 1) {
        spdlog::warn("event=bad_checkpoint node={} what={}", node,
                     gateway::log_value(message ? "it does not have one signature" : message.error().message));
        return;
    }
    (void)inbox_.try_push({node, std::move(*message)});
}

void CheckpointExchange::run() {
    name_thread("checkpoints");
    while (!inbox_.closed()) {
        follow_membership();
        for (auto& incoming : inbox_.pop_all(next_deadline())) take(std::move(incoming));
        judge_waiting();
        announce();
    }
}

void CheckpointExchange::follow_membership() {
    const auto current = membership_.get();
    if (current == followed_) return;
    followed_ = current;
    since_ = ledger_.tip()->number;
    differing_.clear();
    const auto committers = current->config().nodes_with("committer");
    std::erase_if(peers_, [&](const auto& peer) {
        return std::none_of(committers.begin(), committers.end(),
                            [&](const NodeEntry* node) { return node->id == peer.first; });
    });
    for (const auto* node : committers) {
        if (node->id != self_) peers_.try_emplace(node->id);
    }
}

CheckpointExchange::Clock::time_point CheckpointExchange::next_deadline() const {
    auto due = Clock::now() + std::chrono::hours(1);
    if (ledger_.tip()->number > announced_ && followed_->config().node(self_) != nullptr)
        due = std::min(due, next_announcement_);
    for (const auto& [node, peer] : peers_) {
        if (peer.acknowledged < announced_ || peer.told < peer.held) due = std::min(due, peer.again);
    }
    return due;
}

void CheckpointExchange::take(Incoming incoming) {
    const auto found = peers_.find(incoming.node);
    if (found == peers_.end() || Clock::now() < found->second.deaf_until) return;
    auto& peer = found->second;
    if (incoming.message.held <= announced_) peer.acknowledged = std::max(peer.acknowledged, incoming.message.held);
    auto& theirs = incoming.message.checkpoint;
    if (theirs.block_number <= peer.held) {
        peer.told = 0;  // they say it again: they have not heard that it is here
        return;
    }
    // A height that will never be must not hide what they say later.
    std::erase_if(peer.waiting, [&](const auto& each) { return each.block_number >= theirs.block_number; });
    if (peer.waiting.size() == 2) peer.waiting.pop_back();
    peer.waiting.push_back(std::move(theirs));
}

void CheckpointExchange::judge_waiting() {
    const auto height = ledger_.tip()->number;
    for (auto& [node, peer] : peers_) {
        while (!peer.waiting.empty() && peer.waiting.front().block_number <= height) {
            const auto theirs = std::move(peer.waiting.front());
            peer.waiting.erase(peer.waiting.begin());
            judge(node, peer, theirs);
        }
    }
}

void CheckpointExchange::judge(const std::string& node, Peer& peer, const storage::Checkpoint& theirs) {
    if (theirs.block_number < since_) return;
    const auto block = ledger_.block_header(theirs.block_number);
    if (!block) return;
    // Seen after the block: a change before it is seen too, and they say it again.
    if (membership_.get() != followed_) return;
    const auto status = check_committer(theirs, theirs.signatures.front(), node, *followed_, block->header.time_ms);
    if (!status) {
        spdlog::warn("event=bad_checkpoint node={} what={}", node, gateway::log_value(status.error().message));
        peer.deaf_until = Clock::now() + kDeafFor;
        return;
    }
    if (peer.told == peer.held) peer.again = Clock::now() + kSayAgainAfter / 2;
    peer.held = theirs.block_number;
    auto own = block->metadata.checkpoint;
    if (!same(own, theirs)) {
        std::erase_if(own.signatures, [&](const auto& each) { return !signer_.owns(each.certificate); });
        peer.disagrees = true;
        return disagree(node, own, theirs);
    }
    peer.disagrees = false;
    peer.agreed = theirs.block_number;
    if (const auto kept = ledger_.add_signature(theirs.block_number, theirs.signatures.front()); !kept) {
        spdlog::warn("event=signature_not_kept what={}",
                     gateway::log_value(kept.error().message));  // a newer one covers it
        return;
    }
    ways_.signature_came();
}

void CheckpointExchange::disagree(const std::string& node, const storage::Checkpoint& own,
                                  const storage::Checkpoint& theirs) {
    const auto before = disagreeing_.exchange(static_cast<std::size_t>(
        std::count_if(peers_.begin(), peers_.end(), [](const auto& each) { return each.second.disagrees; })));
    if (disagreeing_ > before) {
        spdlog::critical("event=checkpoints_differ node={} own={} theirs={}", node, gateway::log_value(described(own)),
                         gateway::log_value(described(theirs)));
    }
    const auto statement = statement_of(theirs);
    differing_[theirs.block_number][node] = statement;
    if (differing_.size() > kMostHeights) differing_.erase(differing_.begin());
    if (!is_outvoted(theirs.block_number, statement) || std::exchange(outvoted_, true)) return;
    ways_.minority(own, theirs);
}

bool CheckpointExchange::is_outvoted(storage::BlockNumber height, const crypto::Hash& statement) const {
    const auto& config = followed_->config();
    struct Votes {
        std::size_t same = 0;       // as this node
        std::size_t other = 0;      // this statement
        std::size_t different = 0;  // yet another one
    };
    std::map<std::string, Votes> votes;  // by organization
    if (const auto* self = config.node(self_)) ++votes[self->organization].same;
    const auto differing = differing_.find(height);
    for (const auto& [id, peer] : peers_) {
        const auto* entry = config.node(id);
        if (entry == nullptr) continue;
        auto& of = votes[entry->organization];
        if (peer.agreed >= height) ++of.same;
        if (differing == differing_.end()) continue;
        const auto said = differing->second.find(id);
        if (said != differing->second.end()) ++(said->second == statement ? of.other : of.different);
    }
    std::vector<Principal> agree;
    std::vector<Principal> disagree;
    for (const auto& [organization, of] : votes) {
        if ((of.same > 0) + (of.other > 0) + (of.different > 0) != 1) continue;
        agree.insert(agree.end(), of.same, {organization, "peer"});
        disagree.insert(disagree.end(), of.other, {organization, "peer"});
    }
    const auto& policy = followed_->receipt_policy();
    return policy.satisfied_by(disagree) && !policy.satisfied_by(agree);
}

void CheckpointExchange::announce() {
    const auto now = Clock::now();
    const auto height = ledger_.tip()->number;
    const bool is_member = followed_->config().node(self_) != nullptr;  // else it will be, at a higher block
    const bool newer = is_member && height > announced_ && now >= next_announcement_;
    if (newer) {
        announced_ = height;
        next_announcement_ = now + kAnnounceEvery;
    }
    for (auto& [node, peer] : peers_) {
        const bool owed = peer.acknowledged < announced_ || peer.told < peer.held;
        if (newer || (owed && now >= peer.again)) tell(node, peer);
    }
}

void CheckpointExchange::tell(const std::string& node, Peer& peer) {
    peer.again = Clock::now() + kSayAgainAfter;
    if (!ways_.is_there(node)) return;
    const auto block = ledger_.block_header(announced_);
    if (!block) return;
    CheckpointMessage message{block->metadata.checkpoint, peer.held};
    std::erase_if(message.checkpoint.signatures, [&](const auto& each) { return !signer_.owns(each.certificate); });
    if (message.checkpoint.signatures.size() != 1) return;
    peer.told = peer.held;
    ways_.send(node, storage::encode(message));
}

}  // namespace tally::node
