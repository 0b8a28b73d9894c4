// The Byzantine member that sends messages with something wrong in them: broken in the bytes, or well signed nonsense.

#include <limits>

#include "tests/simulation/byzantine.h"

namespace tally::simulation {

using namespace consensus;

namespace {

std::uint64_t wild(Random& random) {
    switch (random.below(5)) {
        case 0: return 0;
        case 1: return random.below(20);
        case 2: return ~0ULL - random.below(3);
        case 3: return 1ULL << random.below(64);
        default: return random.next();
    }
}

std::int64_t wild_time(std::int64_t right, Random& random) {
    switch (random.below(4)) {
        case 0: return right + 10'000;
        case 1: return right - 10'000;
        case 2: return std::numeric_limits<std::int64_t>::max();
        default: return std::numeric_limits<std::int64_t>::min();
    }
}

void spoil(storage::BlockHeader& header, Random& random) {
    switch (random.below(9)) {
        case 0: header.number = wild(random); break;
        case 1: header.previous_hash = crypto::sha256(as_bytes("nothing")); break;
        case 2: header.data_root = crypto::sha256(as_bytes("nothing")); break;
        case 3: header.time_ms = wild_time(header.time_ms, random); break;
        case 4: header.flags = static_cast<std::uint8_t>(random.below(8)); break;
        case 5: header.proposer = static_cast<std::uint32_t>(wild(random)); break;
        case 6: header.lanes.push_back({wild(random), {wild(random), wild(random)}}); break;
        case 7: header.lanes.clear(); break;
        default: header.channel = "another"; break;
    }
}

void spoil(BlockProposal& proposal, Random& random) {
    switch (random.below(5)) {
        case 0: proposal.parent_view = wild(random); break;
        case 1:
            proposal.payload.push_back({static_cast<Member>(wild(random)), {wild(random), wild(random)}, {}, 1, 1});
            break;
        case 2:
            if (!proposal.payload.empty()) proposal.payload.push_back(proposal.payload.front());
            break;
        case 3: proposal.payload.clear(); break;
        default: spoil(proposal.header, random); break;
    }
}

void spoil(QuorumCertificate& certificate, Random& random) {
    switch (random.below(5)) {
        case 0: certificate.view = wild(random); break;
        case 1: certificate.kind = static_cast<VoteKind>(random.below(3)); break;
        case 2:
            if (!certificate.signers.empty()) certificate.signers.push_back(certificate.signers.front());
            if (!certificate.signatures.empty()) certificate.signatures.push_back(certificate.signatures.front());
            break;
        case 3: certificate.signers.assign(random.below(12), static_cast<Member>(random.below(12))); break;
        default: certificate.epoch = wild(random); break;
    }
}

class ProposingGarbage : public Behaviour {
  public:
    const char* name() const override { return "proposing garbage"; }
    void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) override {
        auto& random = node.around().world.random;
        if (random.chance(50)) node.transmit(to, message);
        if (random.chance(40)) node.transmit(to, broken(*message, random));
        if (random.chance(40)) node.transmit(to, nonsense(node, *message));
        if (random.chance(10)) node.transmit(to, lie(node));
    }

  private:
    // Some bytes changed; as it was when that cannot be decoded.
    static MessagePtr broken(const Message& message, Random& random) {
        auto bytes = encode_message(message);
        for (auto changes = random.below(3) + 1; changes > 0; --changes) {
            bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.next());
        }
        if (random.chance(20)) bytes.resize(random.below(bytes.size() + 1));
        auto decoded = decode_message(bytes);
        return message_of(decoded ? std::move(*decoded) : message);
    }

    static MessagePtr nonsense(Node& node, const Message& message) {
        auto copy = message;
        auto& random = node.around().world.random;
        if (auto* proposal = std::get_if<ProposalMessage>(&copy)) {
            spoil_proposal(node, *proposal);
        } else if (auto* votes = std::get_if<VoteMessage>(&copy)) {
            for (auto& vote : votes->votes) spoil_vote(node, vote);
        } else if (auto* several = std::get_if<CertificateMessage>(&copy)) {
            for (auto& certificate : several->certificates) spoil(certificate, random);
        } else if (auto* acks = std::get_if<AckMessage>(&copy)) {
            acks->acks.push_back({static_cast<Member>(wild(random)), {wild(random), wild(random)}, {}});
            if (random.chance(50)) acks->acks.front().at.sequence += random.below(100);
        } else if (auto* status = std::get_if<StatusMessage>(&copy)) {
            (random.chance(50) ? status->view : status->final_number) = wild(random);
        } else if (auto* blocks = std::get_if<FetchedBlocks>(&copy)) {
            if (!blocks->blocks.empty()) spoil(blocks->blocks[random.below(blocks->blocks.size())].header, random);
        }
        return message_of(std::move(copy));
    }

    static void spoil_proposal(Node& node, ProposalMessage& message) {
        auto& random = node.around().world.random;
        if (random.chance(20) && !message.justification.empty()) {
            random.chance(50) ? message.justification.pop_back() : spoil(message.justification.front(), random);
            return;
        }
        spoil(message.proposal, random);
        auto& header = message.proposal.header;
        if (random.chance(60)) {  // wrong, and consistent in itself
            header.payload = message.proposal.payload_hash();
            header.data_root = message.proposal.data_root();
        }
        if (const auto vote = signed_vote(node, VoteKind::notarize, header.view, header.hash())) message.vote = *vote;
    }

    static void spoil_vote(Node& node, Vote& vote) {
        auto& random = node.around().world.random;
        switch (random.below(4)) {
            case 0:
                if (const auto other = signed_vote(node, vote.kind, wild(random), vote.id)) vote = *other;
                break;
            case 1:
                if (const auto other = signed_vote(node, VoteKind::nullify, vote.view, crypto::sha256(as_bytes("x")))) {
                    vote = *other;
                }
                break;
            case 2: vote.signer = static_cast<Member>(wild(random)); break;
            default: vote.signature.resize(random.below(20)); break;
        }
    }

    // About itself: that it is far ahead; or a question about what never was.
    static MessagePtr lie(Node& node) {
        auto& random = node.around().world.random;
        const auto epoch = random.chance(50) ? node.membership().epoch : wild(random);
        switch (random.below(4)) {
            case 0: {
                StatusMessage status;
                status.epoch = epoch;
                status.view = wild(random);
                status.final_number = wild(random);
                status.answer = random.chance(50);
                return message_of(status);
            }
            case 1: return message_of(FetchBlocks{wild(random)});
            case 2: return message_of(FetchProposal{epoch, crypto::sha256(as_bytes("nothing"))});
            default:
                return message_of(
                    FetchBatch{epoch, {static_cast<Member>(wild(random)), {wild(random), wild(random)}, {}, 0, 0}});
        }
    }
};

}  // namespace

std::unique_ptr<Behaviour> make_proposing_garbage() { return std::make_unique<ProposingGarbage>(); }

}  // namespace tally::simulation
