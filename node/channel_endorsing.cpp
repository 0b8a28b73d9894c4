// Endorsements and signatures: asked of the channel's other nodes, and given to them.

#include <algorithm>
#include <chrono>

#include "chaincode/proposal.h"
#include "node/channel/admission.h"
#include "node/channel_parts.h"
#include "node/committing/signature_request.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr auto kHeightPatience = std::chrono::milliseconds(2500);  // a follower leaves a silent orderer after 2 s
constexpr storage::BlockNumber kFewBlocks = 100;                   // that may be on their way within that time
constexpr auto kAnswerPatience = std::chrono::seconds(2);
constexpr auto kEndorsementPatience = std::chrono::seconds(3);  // more than an endorser waits for blocks

std::unexpected<Error> too_far(storage::BlockNumber here, storage::BlockNumber there) {
    return fail(Code::unavailable, "this node is at block {}, the asker at block {}", here, there);
}

}  // namespace

// The other committers' signatures on the checkpoint of this height.
void ChannelNode::Parts::gather(storage::BlockNumber block) {
    if (!network) return;
    const auto ask = [this](const std::string& node, ByteView question) -> Result<Bytes> {
        if (!network->is_there(node)) return fail(Code::unavailable, "{} is out of reach", node);
        return network->ask(node, FrameKind::sign, question, kAnswerPatience).wait();
    };
    gather_signatures(ledger(), *membership->get(), config.name, block, ask,
                      [this](const std::string& node, const Error& why) { network->blame(node, why); });
}

// For another node, on the workers: what it asks is read and checked there.
void ChannelNode::Parts::endorse_for(const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer) {
    if (!endorser) return answer(fail(Code::unavailable, "this node does not endorse"));
    const auto bytes = body.size();
    const auto posted = endorse_tasks->post(peer, bytes, [this, peer, body = std::move(body), answer]() mutable {
        take_question(peer, std::move(body), answer);
    });
    if (!posted) answer(std::unexpected(posted.error()));
}

// Only a proposal that a member of the channel signed may wait for blocks.
void ChannelNode::Parts::take_question(const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer) {
    const auto opened = std::move(body).open();
    auto question = opened ? storage::decode<EndorseQuestion>(*opened, "a question for an endorsement")
                           : std::unexpected(opened.error());
    if (!question) {
        network->blame(peer, question.error());
        return answer(std::unexpected(question.error()));
    }
    const auto height = chain().tip()->number;
    if (height >= question->height) return answer(endorse(question->proposal));
    if (question->height > height + kFewBlocks) return answer(too_far(height, question->height));
    const auto current = membership->get();
    const auto proposal =
        chaincode::SignedProposal::decode(question->proposal, current->config().batch.absolute_max_bytes);
    if (!proposal) return answer(std::unexpected(proposal.error()));
    if (const auto caller = check_proposal(*proposal, *current, now_ms(), &memo); !caller)
        return answer(std::unexpected(caller.error()));
    endorse_at_height(peer, std::move(*question), answer);
}

// The asker's blocks are on their way here.
void ChannelNode::Parts::endorse_at_height(const std::string& peer, EndorseQuestion question,
                                           const NodeNetwork::Answer& answer) {
    const auto bytes = question.proposal.size();
    const auto height = question.height;
    const auto proposal = std::make_shared<const Bytes>(std::move(question.proposal));
    const auto parked =
        height_waits.add(peer, height, bytes, HeightWaits::Clock::now() + kHeightPatience,
                         [this, peer, height, proposal, answer](bool reached) {
                             if (!reached) return answer(too_far(chain().tip()->number, height));
                             const auto posted = endorse_tasks->post(
                                 peer, proposal->size(), [this, proposal, answer] { answer(endorse(*proposal)); });
                             if (!posted) answer(std::unexpected(posted.error()));
                         });
    if (!parked) answer(std::unexpected(parked.error()));
}

Result<Bytes> ChannelNode::Parts::endorse(const Bytes& bytes) {
    const auto limit = membership->get()->config().batch.absolute_max_bytes;
    const auto proposal = TRY(chaincode::SignedProposal::decode(bytes, limit));
    return storage::encode(TRY(endorser->endorse(proposal, now_ms())));
}

// The channel's endorsers but this node: first those that are there and at the channel's height.
std::vector<NodeEntry> ChannelNode::Parts::other_endorsers() const {
    std::vector<NodeEntry> endorsers;
    if (!network) return endorsers;
    const auto current = membership->get();
    for (const auto* node : current->config().nodes_with("endorser")) {
        if (node->id != config.name) endorsers.push_back(*node);
    }
    put_first_who_is_current(endorsers, standings(), network->traffic());
    return endorsers;
}

// This node first, then one node of each other organization, then their other nodes.
std::vector<EndorsementSource> ChannelNode::Parts::endorsement_sources() {
    std::vector<EndorsementSource> sources;
    std::map<std::string, std::size_t> of_organization;
    std::vector<std::pair<std::size_t, EndorsementSource>> others;
    if (endorser) {
        ++of_organization[endorser->organization()];
        sources.push_back({endorser->name(), endorser->organization(), true,
                           [this](const chaincode::SignedProposal& proposal, const Bytes&) {
                               return [this, &proposal] { return endorser->endorse(proposal, now_ms()); };
                           },
                           [] { return true; }});
    }
    for (const auto& node : other_endorsers()) {
        others.emplace_back(of_organization[node.organization]++, source_at(node));
    }
    std::stable_sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [rank, source] : others) sources.push_back(std::move(source));
    return sources;
}

EndorsementSource ChannelNode::Parts::source_at(const NodeEntry& node) {
    const auto ask = [this, id = node.id](const chaincode::SignedProposal&, const Bytes& bytes) {
        const auto body = storage::encode(EndorseQuestion{chain().tip()->number, bytes});
        auto question =
            std::make_shared<NodeNetwork::Question>(network->ask(id, FrameKind::endorse, body, kEndorsementPatience));
        return [question]() -> Result<Endorsed> {
            auto endorsed = storage::decode<Endorsed>(TRY(question->wait()), "an endorsement");
            if (!endorsed) question->blame(endorsed.error());
            return endorsed;
        };
    };
    return {fmt::format("{} of {}", node.id, node.organization), node.organization, false, ask,
            [this, id = node.id] { return network->is_there(id); }};
}

}  // namespace tally::node
