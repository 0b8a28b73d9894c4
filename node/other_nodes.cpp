#include "node/other_nodes.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "node/committing/signature_request.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr auto kNodePatience = std::chrono::seconds(2);
constexpr auto kEndorsementPatience = std::chrono::seconds(3);  // more than an endorser waits for blocks

}  // namespace

void OtherNodes::gather_signatures(storage::BlockNumber block) const {
    if (network_ == nullptr) return;
    const auto ask = [this](const std::string& node, ByteView question) -> Result<Bytes> {
        if (!network_->is_there(node)) return fail(Code::unavailable, "{} is out of reach", node);
        return network_->ask(node, FrameKind::sign, question, kNodePatience).wait();
    };
    node::gather_signatures(store_.ledger(), *store_.membership().get(), self_, block, ask,
                            [this](const std::string& node, const Error& why) { network_->blame(node, why); });
}

std::vector<PeerTraffic> OtherNodes::traffic() const {
    return network_ == nullptr ? std::vector<PeerTraffic>{} : network_->traffic();
}

std::uint64_t OtherNodes::strangers() const { return network_ == nullptr ? 0 : network_->strangers(); }

Standings OtherNodes::standings() const {
    return standings_of(store_.membership().get()->config(), self_, store_.standing(), traffic());
}

std::vector<NodeEntry> OtherNodes::ranked_endorsers(const std::string& own_organization) const {
    if (network_ == nullptr) return {};
    std::vector<NodeEntry> nodes;
    const auto current = store_.membership().get();
    for (const auto* node : current->config().nodes_with("endorser")) {
        if (node->id != self_) nodes.push_back(*node);
    }
    put_first_who_is_current(nodes, standings(), network_->traffic());
    std::map<std::string, std::size_t> of_organization;
    if (!own_organization.empty()) ++of_organization[own_organization];
    std::vector<std::pair<std::size_t, NodeEntry>> ranked;
    for (auto& node : nodes) {
        const auto rank = of_organization[node.organization]++;
        ranked.emplace_back(rank, std::move(node));
    }
    std::ranges::stable_sort(ranked, {}, [](const auto& each) { return each.first; });
    nodes.clear();
    for (auto& [rank, node] : ranked) nodes.push_back(std::move(node));
    return nodes;
}

std::vector<EndorsementSource> OtherNodes::endorsers(const std::string& own_organization) const {
    std::vector<EndorsementSource> sources;
    for (const auto& node : ranked_endorsers(own_organization)) sources.push_back(source_at(node));
    return sources;
}

std::vector<AttestationSource> OtherNodes::attesters(const std::string& own_organization) const {
    std::vector<AttestationSource> sources;
    for (const auto& node : ranked_endorsers(own_organization)) sources.push_back(attester_at(node));
    return sources;
}

AttestationSource OtherNodes::attester_at(const NodeEntry& node) const {
    const auto ask = [this, id = node.id](const Bytes& bytes, storage::BlockNumber block) {
        auto question = std::make_shared<NodeNetwork::Question>(network_->ask(
            id, FrameKind::attest, storage::encode(EndorseQuestion{block, bytes, false}), kEndorsementPatience));
        return [question]() -> Result<Attested> {
            auto attested = storage::decode<Attested>(TRY(question->wait()), "an attestation");
            if (!attested) question->blame(attested.error());
            return attested;
        };
    };
    return {fmt::format("{} of {}", node.id, node.organization), node.organization, ask};
}

EndorsementSource OtherNodes::source_at(const NodeEntry& node) const {
    const auto ask = [this, id = node.id](const chaincode::SignedProposal&, const Bytes& bytes, bool brief) {
        const auto body = storage::encode(EndorseQuestion{store_.chain().tip()->number, bytes, brief});
        auto question =
            std::make_shared<NodeNetwork::Question>(network_->ask(id, FrameKind::endorse, body, kEndorsementPatience));
        return [question, brief]() -> Result<Endorsed> {
            auto endorsed = storage::decode<Endorsed>(TRY(question->wait()), "an endorsement");
            if (endorsed && endorsed->simulation.empty() != brief)
                endorsed = fail(Code::malformed, "an endorsement {} its simulation", brief ? "with" : "without");
            if (!endorsed) question->blame(endorsed.error());
            return endorsed;
        };
    };
    return {fmt::format("{} of {}", node.id, node.organization), node.organization, false, ask,
            [this, id = node.id] { return network_->is_there(id); }};
}

}  // namespace tally::node
