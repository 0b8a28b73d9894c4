// Endorsements and signatures: asked of the channel's other nodes, and given to them.

#include <algorithm>
#include <chrono>
#include <thread>

#include "chaincode/proposal.h"
#include "node/channel_parts.h"
#include "node/roles/signature_request.h"
#include "node/roles/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr auto kHeightPatience = std::chrono::seconds(1);
constexpr auto kAnswerPatience = std::chrono::seconds(2);

}  // namespace

// The other committers' signatures on the checkpoint of this height.
void ChannelNode::Parts::gather(storage::BlockNumber block) {
    if (!network) return;
    gather_signatures(ledger(), *membership->get(), config.name, block,
                      [this](const std::string& node, ByteView question) -> Result<Bytes> {
                          if (!network->is_there(node)) return fail(Code::unavailable, "{} is out of reach", node);
                          return network->ask(node, FrameKind::sign, question, kAnswerPatience).wait();
                      });
}

// For another node.
Result<Bytes> ChannelNode::Parts::endorse(const Bytes& body) {
    const auto question = TRY(storage::decode<EndorseQuestion>(body, "a question for an endorsement"));
    const auto limit = membership->get()->config().batch.absolute_max_bytes;
    const auto proposal = TRY(chaincode::SignedProposal::decode(question.proposal, limit));
    const auto until = std::chrono::steady_clock::now() + kHeightPatience;
    while (chain().tip()->number < question.height) {
        if (std::chrono::steady_clock::now() > until) {
            return fail(Code::unavailable, "this node is at block {}, the asker at block {}", chain().tip()->number,
                        question.height);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
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
            std::make_shared<NodeNetwork::Question>(network->ask(id, FrameKind::endorse, body, kAnswerPatience));
        return [question]() -> Result<Endorsed> {
            return storage::decode<Endorsed>(TRY(question->wait()), "an endorsement");
        };
    };
    return {fmt::format("{} of {}", node.id, node.organization), node.organization, false, ask,
            [this, id = node.id] { return network->is_there(id); }};
}

}  // namespace tally::node
