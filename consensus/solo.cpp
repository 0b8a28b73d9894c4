// A quorum of one. Each block passes through the same records as with many members: a proposal, and a certificate that
// holds the member's own finalize vote; it is delivered once both are durable.

#include <algorithm>
#include <deque>
#include <optional>

#include "consensus/core.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

class Solo : public Core {
  public:
    Solo(std::string channel, Position tip, SignVote sign)
        : channel_(std::move(channel)), tip_(tip), sign_(std::move(sign)) {}

    std::vector<Action> step(const Event& event, std::int64_t now_ms) override {
        std::vector<Action> actions;
        if (const auto* appended = std::get_if<BatchAppended>(&event)) waiting_.push_back(appended->batch);
        if (const auto* persisted = std::get_if<Persisted>(&event)) deliver(persisted->ticket, actions);
        if (!in_flight_ && !waiting_.empty()) propose(now_ms, actions);
        return actions;
    }

    bool idle() const override { return !in_flight_ && waiting_.empty(); }

  private:
    void propose(std::int64_t now_ms, std::vector<Action>& actions) {
        Deliver next;
        auto& header = next.proposal.header;
        std::vector<crypto::Hash> digests;
        digests.reserve(waiting_.size());
        for (const auto& batch : waiting_) digests.push_back(batch.digest);
        header.channel = channel_;
        header.number = tip_.number + 1;
        header.previous_hash = tip_.hash;
        header.data_root = storage::data_root(digests);
        header.time_ms = std::max(now_ms, tip_.time_ms);
        header.epoch = tip_.epoch;
        header.view = tip_.view + 1;
        next.proposal.parent_view = tip_.view;
        next.proposal.payload.assign(waiting_.begin(), waiting_.end());
        waiting_.clear();
        const auto id = header.hash();
        next.finalization = {VoteKind::finalize, header.epoch, header.view, id, {0}, {}};
        next.finalization.signatures.push_back(
            sign_(vote_statement(channel_, VoteKind::finalize, header.epoch, header.view, id)));
        actions.push_back(Append{++ticket_, RecordType::proposal, storage::encode(next.proposal)});
        actions.push_back(Append{++ticket_, RecordType::certificate, storage::encode(next.finalization)});
        tip_ = {header.number, id, header.time_ms, header.epoch, header.view};
        in_flight_ = std::move(next);
    }

    void deliver(std::uint64_t ticket, std::vector<Action>& actions) {
        if (!in_flight_ || ticket < ticket_) return;
        actions.emplace_back(std::move(*in_flight_));
        in_flight_.reset();
    }

    std::string channel_;
    Position tip_;  // of what is proposed; final as soon as it is durable
    SignVote sign_;
    std::uint64_t ticket_ = 0;
    std::deque<BatchReference> waiting_;
    std::optional<Deliver> in_flight_;
};

}  // namespace

std::unique_ptr<Core> make_solo(std::string channel, Position tip, SignVote sign) {
    return std::make_unique<Solo>(std::move(channel), tip, std::move(sign));
}

}  // namespace tally::consensus
