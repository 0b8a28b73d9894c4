#include "tests/simulation/byzantine.h"

namespace tally::simulation {

using namespace consensus;

std::optional<Vote> signed_vote(Node& node, VoteKind kind, View view, const Hash& id) {
    const auto self = node.membership().member(node.id());
    if (!self) return std::nullopt;
    const auto epoch = node.membership().epoch;
    const auto statement = vote_statement(kChannel, kind, epoch, view, id);
    return Vote{kind, epoch, view, id, *self, node.around().keys.sign(node.id(), statement)};
}

std::vector<NodeId> others(const Node& node) {
    std::vector<NodeId> found;
    for (const auto member : node.membership().members) {
        if (member != node.id()) found.push_back(member);
    }
    return found;
}

std::unique_ptr<Behaviour> draw_behaviour(Random& random) {
    switch (random.below(12)) {
        case 0: return make_silent();
        case 1: return make_forking_leader();
        case 2:
        case 10: return make_equivocating_leader();
        case 3: return make_voting_for_everything();
        case 4: return make_stale_voting();
        case 5: return make_withholding_batches();
        case 6: return make_withholding_certificates();
        case 7: return make_proposing_garbage();
        case 11: return make_lying_about_status(random.chance(50));
        default: return nullptr;
    }
}

namespace {

// Both parts of `to`, at random.
std::pair<std::vector<NodeId>, std::vector<NodeId>> split(const std::vector<NodeId>& to, Random& random) {
    std::pair<std::vector<NodeId>, std::vector<NodeId>> parts;
    for (const auto node : to) (random.chance(50) ? parts.first : parts.second).push_back(node);
    return parts;
}

class Silent : public Behaviour {
  public:
    const char* name() const override { return "silent"; }
    void sends(Node&, const std::vector<NodeId>&, const MessagePtr&) override {}
};

class EquivocatingLeader : public Behaviour {
  public:
    const char* name() const override { return "equivocating leader"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        const auto* right = std::get_if<ProposalMessage>(message.get());
        if (right == nullptr || right->proposal.header.epoch != node.membership().epoch)
            return node.transmit(to, message);
        auto& random = node.around().world.random;
        auto other = *right;
        other.proposal.header.time_ms += 1;
        const auto id = other.proposal.header.hash();
        const auto view = other.proposal.header.view;
        const auto vote = signed_vote(node, VoteKind::notarize, view, id);
        if (!vote) return;
        other.vote = *vote;
        const auto [first, second] = split(to, random);
        node.transmit(first, message);
        node.transmit(second, message_of(std::move(other)));
        if (random.chance(50)) node.transmit(split(to, random).first, message_of(VoteMessage{{right->vote, *vote}}));
        if (random.chance(50)) {
            const auto kind = random.chance(50) ? VoteKind::finalize : VoteKind::nullify;
            const auto later = signed_vote(node, kind, view, kind == VoteKind::finalize ? id : Hash{});
            node.transmit(split(to, random).first, message_of(VoteMessage{{*later}}));
        }
    }
};

class ForkingLeader : public Behaviour {
  public:
    const char* name() const override { return "forking leader"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        learn(*message);
        const auto* right = std::get_if<ProposalMessage>(message.get());
        if (right == nullptr || node.around().world.random.chance(30)) return node.transmit(to, message);
        const auto fork = forked(node, *right);
        node.transmit(to, fork ? message_of(*fork) : message);
    }
    void hears(Node&, const Message& message) override { learn(message); }

  private:
    void learn(const Message& message) {
        if (const auto* proposal = std::get_if<ProposalMessage>(&message)) {
            const auto& header = proposal->proposal.header;
            headers_[header.hash()] = header;
        }
        for (const auto* certificate : certificates_in(message)) {
            if (certificate->kind != VoteKind::nullify) proofs_[{certificate->epoch, certificate->view}] = *certificate;
        }
    }
    // An empty block behind the last but one, or but two, that is proven.
    std::optional<ProposalMessage> forked(Node& node, const ProposalMessage& right) const {
        const auto& wanted = right.proposal.header;
        auto proof = proofs_.lower_bound({wanted.epoch, right.proposal.parent_view});
        for (auto back = 1 + node.around().world.random.below(2); back > 0; --back) {
            if (proof == proofs_.begin()) return std::nullopt;
            --proof;
        }
        const auto found = headers_.find(proof->second.id);
        if (found == headers_.end() || proof->second.epoch != wanted.epoch) return std::nullopt;
        const auto& parent = found->second;
        ProposalMessage fork{{wanted, parent.view, {}}, {}, {proof->second}};
        auto& header = fork.proposal.header;
        header.number = parent.number + 1;
        header.previous_hash = proof->second.id;
        header.lanes = parent.lanes;
        header.flags = 0;
        header.data_root = fork.proposal.data_root();
        header.payload = fork.proposal.payload_hash();
        const auto vote = signed_vote(node, VoteKind::notarize, header.view, header.hash());
        if (!vote) return std::nullopt;
        fork.vote = *vote;
        return fork;
    }
    std::map<Hash, storage::BlockHeader> headers_;
    std::map<std::pair<Epoch, View>, QuorumCertificate> proofs_;
};

class VotingForEverything : public Behaviour {
  public:
    const char* name() const override { return "voting for everything"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        node.transmit(to, message);
    }
    void hears(Node& node, const Message& message) override {
        if (const auto* proposal = std::get_if<ProposalMessage>(&message)) {
            const auto& header = proposal->proposal.header;
            if (header.epoch == node.membership().epoch) vote_all(node, header.view, header.hash());
        }
        for (const auto* vote : votes_in(message)) {
            if (vote->epoch == node.membership().epoch && vote->kind == VoteKind::notarize) {
                vote_all(node, vote->view, vote->id);
            }
        }
    }

  private:
    void vote_all(Node& node, View view, const Hash& id) {
        if (!voted_.insert(id).second) return;
        auto& random = node.around().world.random;
        for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
            const auto vote = signed_vote(node, kind, view, kind == VoteKind::nullify ? Hash{} : id);
            if (!vote) return;
            const auto to = random.chance(70) ? others(node) : split(others(node), random).first;
            node.transmit(to, message_of(VoteMessage{{*vote}}));
        }
    }
    std::set<Hash> voted_;
};

// Answers of any kind, the truth among them.
class LyingAboutStatus : public VotingForEverything {
  public:
    explicit LyingAboutStatus(bool votes_for_everything) : votes_for_everything_(votes_for_everything) {}
    const char* name() const override { return "lying about status"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        const auto* right = std::get_if<StatusMessage>(message.get());
        if (right == nullptr) return node.transmit(to, message);
        for (const auto each : to) node.transmit({each}, message_of(lie(node, *right)));
    }
    void hears(Node& node, const Message& message) override {
        if (votes_for_everything_) VotingForEverything::hears(node, message);
    }

  private:
    static StatusMessage lie(Node& node, StatusMessage status) {
        auto& random = node.around().world.random;
        if (random.chance(50)) status.lane.incarnation = ~0ULL - random.below(3);
        switch (random.below(6)) {
            case 0: status.view = 0; break;
            case 1: status.view = random.below(status.view + 1); break;
            case 2: status.view = 1ULL << 63U; break;
            case 3: status.view += 1 + random.below(20); break;
            case 4: (random.chance(50) ? status.epoch : status.final_number) += random.below(3); break;
            default: break;
        }
        if (random.chance(30)) status.proof.reset();
        if (status.proof && random.chance(10)) status.proof->view = status.view - 1;
        return status;
    }
    bool votes_for_everything_;
};

class StaleVoting : public Behaviour {
  public:
    const char* name() const override { return "stale-voting"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        auto& random = node.around().world.random;
        const auto about_votes = !votes_in(*message).empty() || !certificates_in(*message).empty();
        if (!about_votes) return node.transmit(to, message);
        past_.push_back(message);
        if (past_.size() > 60) past_.erase(past_.begin() + static_cast<std::ptrdiff_t>(random.below(past_.size())));
        if (random.chance(40)) {
            node.later(random.between(1, 3 * kSecond), [&node, to, message] { node.transmit(to, message); });
        } else {
            node.transmit(to, message);
        }
        if (random.chance(40)) node.transmit(split(others(node), random).first, random.pick(past_));
        for (const auto* vote : votes_in(*message)) {
            const auto view = vote->view + random.below(9);
            const auto other = signed_vote(node, VoteKind::nullify, view > 4 ? view - 4 : view, {});
            if (other && random.chance(30)) node.transmit(others(node), message_of(VoteMessage{{*other}}));
        }
    }

  private:
    std::vector<MessagePtr> past_;
};

class WithholdingBatches : public Behaviour {
  public:
    const char* name() const override { return "withholding batches"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        const auto* mine = std::get_if<BatchMessage>(message.get());
        if (mine == nullptr || mine->batch->header.lane != Keys::lane(node.id())) return node.transmit(to, message);
        auto& random = node.around().world.random;
        const auto [first, second] = split(to, random);
        node.transmit(first, message);
        if (random.chance(40)) node.transmit(second, another_batch(node, *mine->batch));
    }

  private:
    static MessagePtr another_batch(Node& node, const LaneBatch& right) {
        auto batch = std::make_shared<LaneBatch>(right);
        append(batch->transactions.front(), as_bytes(" or not"));
        auto& header = batch->header;
        header.bytes += 7;
        header.digest = storage::batch_digest(batch->transactions);
        batch->signature = node.around().keys.sign(node.id(), batch_statement(kChannel, header));
        node.around().checkers.chain.submitted(batch->transactions);
        return message_of(BatchMessage{std::move(batch)});
    }
};

class WithholdingCertificates : public Behaviour {
  public:
    const char* name() const override { return "withholding certificates"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        if (std::holds_alternative<CertificateMessage>(*message)) return;
        if (std::holds_alternative<VoteMessage>(*message)) return collect(node, *message);
        node.transmit(to, message);
    }
    void hears(Node& node, const Message& message) override { collect(node, message); }

  private:
    using Key = std::tuple<Epoch, View, VoteKind, Hash>;
    void collect(Node& node, const Message& message) {
        const auto& membership = node.membership();
        for (const auto* vote : votes_in(message)) {
            if (vote->epoch != membership.epoch) continue;
            auto& signatures = votes_[{vote->epoch, vote->view, vote->kind, vote->id}];
            signatures[vote->signer] = vote->signature;
            if (const auto own = signed_vote(node, vote->kind, vote->view, vote->id)) {
                signatures[own->signer] = own->signature;
            }
            if (signatures.size() == expected_quorum(node.around().model, membership.members.size()))
                release(node, *vote);
        }
    }
    void release(Node& node, const Vote& vote) {
        QuorumCertificate certificate{vote.kind, vote.epoch, vote.view, vote.id, {}, {}};
        for (const auto& [signer, signature] : votes_[{vote.epoch, vote.view, vote.kind, vote.id}]) {
            certificate.signers.push_back(signer);
            certificate.signatures.push_back(signature);
        }
        auto& random = node.around().world.random;
        node.later(random.between(1, 4 * kSecond), [&node, &random, certificate] {
            node.transmit(split(others(node), random).first, message_of(CertificateMessage{{certificate}}));
        });
    }
    std::map<Key, std::map<Member, Bytes>> votes_;
};

}  // namespace

std::unique_ptr<Behaviour> make_silent() { return std::make_unique<Silent>(); }
std::unique_ptr<Behaviour> make_equivocating_leader() { return std::make_unique<EquivocatingLeader>(); }
std::unique_ptr<Behaviour> make_forking_leader() { return std::make_unique<ForkingLeader>(); }
std::unique_ptr<Behaviour> make_voting_for_everything() { return std::make_unique<VotingForEverything>(); }
std::unique_ptr<Behaviour> make_lying_about_status(bool votes_for_everything) {
    return std::make_unique<LyingAboutStatus>(votes_for_everything);
}
std::unique_ptr<Behaviour> make_stale_voting() { return std::make_unique<StaleVoting>(); }
std::unique_ptr<Behaviour> make_withholding_batches() { return std::make_unique<WithholdingBatches>(); }
std::unique_ptr<Behaviour> make_withholding_certificates() { return std::make_unique<WithholdingCertificates>(); }

}  // namespace tally::simulation
