#include "tests/simulation/speaker.h"

namespace tally::simulation {

using namespace consensus;

namespace {

std::string short_id(const Hash& id) { return id.hex().substr(0, 6); }

const char* kind_name(VoteKind kind) {
    switch (kind) {
        case VoteKind::notarize: return "notarize";
        case VoteKind::nullify: return "nullify";
        case VoteKind::finalize: return "finalize";
    }
    return "?";
}

std::string text(const Vote& vote) {
    return fmt::format("{} e{} v{} {} by {}", kind_name(vote.kind), vote.epoch, vote.view, short_id(vote.id),
                       vote.signer);
}
std::string text(const QuorumCertificate& certificate) {
    return fmt::format("[{} e{} v{} {} by {}]", kind_name(certificate.kind), certificate.epoch, certificate.view,
                       short_id(certificate.id), fmt::join(certificate.signers, ","));
}
std::string text(const BatchReference& r) { return fmt::format("{}:{}.{}", r.lane, r.at.incarnation, r.at.sequence); }
template <class T>
std::string texts(const std::vector<T>& items) {
    std::string line;
    for (const auto& item : items) line += " " + text(item);
    return line;
}
std::string text(const storage::BlockHeader& h) {
    return fmt::format("{} #{} e{} v{}{}{} parent {}", short_id(h.hash()), h.number, h.epoch, h.view,
                       (h.flags & storage::BlockHeader::kSealing) != 0 ? " sealing" : "",
                       (h.flags & storage::BlockHeader::kEmptyOnly) != 0 ? " empty-only" : "",
                       short_id(h.previous_hash));
}
std::string text(const BlockProposal& p) {
    return fmt::format("{} in v{} payload{}", text(p.header), p.parent_view, texts(p.payload));
}

std::uint64_t number_of(const Hash& hash) { return std::hash<Hash>()(hash); }
std::uint64_t mixed(std::initializer_list<std::uint64_t> values) {
    std::uint64_t result = 0x12345;
    for (const auto value : values) result = (result ^ value) * 0x9e3779b97f4a7c15U + (result >> 31U);
    return result;
}
std::uint64_t number_of(const Vote& v) {
    return mixed({static_cast<std::uint64_t>(v.kind), v.epoch, v.view, number_of(v.id), v.signer});
}
std::uint64_t number_of(const QuorumCertificate& c) {
    auto result = mixed({static_cast<std::uint64_t>(c.kind), c.epoch, c.view, number_of(c.id)});
    for (const auto signer : c.signers) result = mixed({result, signer});
    return result;
}
std::uint64_t number_of(const BlockProposal& p) {
    return mixed({number_of(p.header.data_root), p.header.number, p.header.epoch, p.header.view, p.parent_view,
                  static_cast<std::uint64_t>(p.header.time_ms), p.payload.size()});
}
std::uint64_t number_of(const LaneAck& a) {
    return mixed({a.lane, a.at.incarnation, a.at.sequence, number_of(a.head)});
}
template <class T>
std::uint64_t number_of(const std::vector<T>& items) {
    std::uint64_t result = items.size();
    for (const auto& item : items) result = mixed({result, number_of(item)});
    return result;
}

}  // namespace

std::string describe(const Message& message) {
    const auto about =
        std::visit(Overloaded{
                       [](const BatchMessage& m) {
                           const auto& h = m.batch->header;
                           return fmt::format("lane {:x} at {}.{}{}", h.lane, h.at.incarnation, h.at.sequence,
                                              h.sealing ? " sealing" : "");
                       },
                       [](const AckMessage& m) {
                           std::string line = fmt::format("e{}", m.epoch);
                           for (const auto& ack : m.acks) {
                               line += fmt::format(" {}:{}.{}", ack.lane, ack.at.incarnation, ack.at.sequence);
                           }
                           return line;
                       },
                       [](const ProposalMessage& m) { return text(m.proposal) + " because" + texts(m.justification); },
                       [](const VoteMessage& m) { return texts(m.votes); },
                       [](const CertificateMessage& m) { return texts(m.certificates); },
                       [](const StatusMessage& m) {
                           return fmt::format("e{} v{} final #{} v{}{} nonce {}", m.epoch, m.view, m.final_number,
                                              m.final_view, m.answer ? " answer" : "", m.nonce);
                       },
                       [](const FetchBatch& m) { return fmt::format("e{} {}", m.epoch, text(m.reference)); },
                       [](const FetchProposal& m) { return fmt::format("e{} {}", m.epoch, short_id(m.id)); },
                       [](const FetchedProposal& m) { return text(m.proposal); },
                       [](const FetchBlocks& m) { return fmt::format("from #{}", m.from); },
                       [](const FetchedBlocks& m) {
                           if (m.blocks.empty()) return std::string("none");
                           return fmt::format("#{} to #{} proof {}", m.blocks.front().header.number,
                                              m.blocks.back().header.number, text(m.proof.finalization));
                       },
                   },
                   message);
    return fmt::format("{} {}", message_name(message), about);
}

std::uint64_t fingerprint(const Message& message) {
    const auto content = std::visit(
        Overloaded{
            [](const BatchMessage& m) {
                return mixed({m.batch->header.lane, m.batch->header.at.incarnation, m.batch->header.at.sequence,
                              number_of(m.batch->header.digest)});
            },
            [](const AckMessage& m) { return mixed({m.epoch, number_of(m.acks)}); },
            [](const ProposalMessage& m) { return mixed({number_of(m.proposal), number_of(m.justification)}); },
            [](const VoteMessage& m) { return number_of(m.votes); },
            [](const CertificateMessage& m) { return number_of(m.certificates); },
            [](const StatusMessage& m) {
                return mixed({m.epoch, m.view, m.final_number, m.final_view, m.answer ? 1U : 0U, m.nonce});
            },
            [](const FetchBatch& m) {
                return mixed({m.epoch, m.reference.lane, m.reference.at.sequence, number_of(m.reference.digest)});
            },
            [](const FetchProposal& m) { return mixed({m.epoch, number_of(m.id)}); },
            [](const FetchedProposal& m) { return number_of(m.proposal); },
            [](const FetchBlocks& m) { return m.from; },
            [](const FetchedBlocks& m) { return mixed({m.blocks.size(), number_of(m.proof.finalization)}); },
        },
        message);
    return mixed({message.index(), content});
}

std::vector<const QuorumCertificate*> certificates_in(const Message& message) {
    std::vector<const QuorumCertificate*> found;
    if (const auto* proposal = std::get_if<ProposalMessage>(&message)) {
        for (const auto& certificate : proposal->justification) found.push_back(&certificate);
    } else if (const auto* several = std::get_if<CertificateMessage>(&message)) {
        for (const auto& certificate : several->certificates) found.push_back(&certificate);
    } else if (const auto* blocks = std::get_if<FetchedBlocks>(&message)) {
        found.push_back(&blocks->proof.finalization);
    }
    return found;
}

std::vector<const Vote*> votes_in(const Message& message) {
    std::vector<const Vote*> found;
    if (const auto* proposal = std::get_if<ProposalMessage>(&message)) found.push_back(&proposal->vote);
    if (const auto* several = std::get_if<VoteMessage>(&message)) {
        for (const auto& vote : several->votes) found.push_back(&vote);
    }
    return found;
}

void Epochs::started(const Membership& membership) {
    if (membership.epoch == known_.size()) known_.push_back(membership);
    if (membership.epoch > known_.size() || known_[membership.epoch] != membership) {
        violated("two nodes have different members for epoch {}", membership.epoch);
    }
}

}  // namespace tally::simulation
