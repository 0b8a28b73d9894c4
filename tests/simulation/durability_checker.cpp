#include "tests/simulation/durability_checker.h"

#include <algorithm>

#include "storage/model/archive.h"

namespace tally::simulation {

using namespace consensus;

bool DurabilityChecker::durable(const Speaker& speaker, RecordType type, ByteView bytes) {
    auto& known = known_durable_[speaker.place];
    std::pair key(type, to_bytes(bytes));
    if (known.contains(key)) return true;
    if (!speaker.log->durable_contains(type, bytes)) return false;
    known.insert(std::move(key));
    return true;
}

void DurabilityChecker::learn(const Message& message) {
    if (const auto* batch = std::get_if<BatchMessage>(&message)) {
        const auto& header = batch->batch->header;
        batches_.try_emplace(header.hash(), storage::encode(header));
    } else if (const auto* proposal = std::get_if<ProposalMessage>(&message)) {
        const auto& header = proposal->proposal.header;
        std::vector<Hash> digests;
        for (const auto& reference : proposal->proposal.payload) digests.push_back(reference.digest);
        if (storage::data_root(digests) == header.data_root)
            payloads_.try_emplace(header.hash(), proposal->proposal.payload);
    }
}

void DurabilityChecker::learn(const LogRecord& record) {
    if (record.type != RecordType::batch) return;
    if (const auto batch = storage::decode<LaneBatch>(record.bytes, "a batch in the log")) {
        batches_.try_emplace(batch->header.hash(), storage::encode(batch->header));
    }
}

void DurabilityChecker::sending(const Speaker& speaker, const Message& message) {
    const auto self = speaker.membership->member(speaker.node);
    for (const auto* vote : votes_in(message)) {
        if (vote->epoch == speaker.membership->epoch && self && vote->signer == *self) own_vote(speaker, *vote);
    }
    if (const auto* acks = std::get_if<AckMessage>(&message)) {
        if (acks->epoch != speaker.membership->epoch) return;
        for (const auto& one : acks->acks) ack(speaker, one);
    }
}

bool DurabilityChecker::is_final(const Speaker& speaker, Member lane, const LanePosition& at) {
    const auto& members = speaker.membership->members;
    for (const auto& progress : speaker.ledger->tip().header.lanes) {
        if (lane < members.size() && progress.lane == Keys::lane(members[lane])) return at <= progress.at;
    }
    return false;
}

void DurabilityChecker::own_vote(const Speaker& speaker, const Vote& vote) {
    if (!durable(speaker, RecordType::vote, vote.signature)) {
        violated("node {} sends a vote of e{} v{} that is not durable", speaker.node, vote.epoch, vote.view);
    }
    entered(speaker, vote);
    if (vote.kind == VoteKind::notarize) holds_payload(speaker, vote);
}

void DurabilityChecker::entered(const Speaker& speaker, const Vote& vote) {
    if (vote.view <= 1) return;
    if (!known_entered_[speaker.place].insert({vote.epoch, vote.view}).second) return;
    const auto& final_block = speaker.ledger->durable_tip();
    const auto final_view = std::max(final_block.header.view, final_block.proof.finalization.view);
    if (final_block.header.epoch == vote.epoch && final_view + 1 >= vote.view) return;
    const auto leads_there = [&vote](const LogRecord& record) {
        if (record.type != RecordType::certificate) return false;
        const auto certificate = storage::decode<QuorumCertificate>(record.bytes, "a certificate in the log");
        return certificate && certificate->epoch == vote.epoch && certificate->view + 1 >= vote.view;
    };
    if (!speaker.log->any_durable(leads_there)) {
        violated("node {} votes in e{} v{}, and its log has no certificate of the view before", speaker.node,
                 vote.epoch, vote.view);
    }
}

void DurabilityChecker::holds_payload(const Speaker& speaker, const Vote& vote) {
    const auto payload = payloads_.find(vote.id);
    if (payload == payloads_.end()) return;
    for (const auto& reference : payload->second) {
        if (is_final(speaker, reference.lane, reference.at)) continue;
        if (!durable(speaker, RecordType::batch, reference.digest.view())) {
            violated("node {} notarizes e{} v{} without holding batch {} of lane {}", speaker.node, vote.epoch,
                     vote.view, reference.at.sequence, reference.lane);
        }
    }
}

void DurabilityChecker::ack(const Speaker& speaker, const LaneAck& ack) {
    if (is_final(speaker, ack.lane, ack.at)) return;
    const auto batch = batches_.find(ack.head);
    if (batch == batches_.end()) {
        if (ack.head.is_zero()) return;
        violated("node {} acknowledges a batch of lane {} that there never was", speaker.node, ack.lane);
    }
    if (!speaker.log->contains(RecordType::batch, batch->second)) {
        violated("node {} acknowledges batch {}.{} of lane {}, which it does not hold", speaker.node,
                 ack.at.incarnation, ack.at.sequence, ack.lane);
    }
}

void DurabilityChecker::delivering(const Speaker& speaker, const Deliver& deliver) {
    if (deliver.batches.empty()) return;  // fetched: whoever sent it had delivered it
    const auto& [kind, epoch, view, id, signers, signatures] = deliver.proof.finalization;
    const auto self = speaker.membership->member(speaker.node);
    if (!self || epoch != speaker.membership->epoch) return;
    const auto own = std::find(signers.begin(), signers.end(), *self);
    if (own == signers.end()) return;
    const auto& vote = signatures[static_cast<std::size_t>(own - signers.begin())];
    const bool lost_with_its_disk = !speaker.log->contains(RecordType::vote, vote);
    if (!lost_with_its_disk && !durable(speaker, RecordType::vote, vote)) {
        violated("node {} delivers block {} before its own vote for it is durable", speaker.node,
                 deliver.header.number);
    }
}

}  // namespace tally::simulation
