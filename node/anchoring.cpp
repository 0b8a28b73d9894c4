#include "node/anchoring.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "gateway/http/log_value.h"
#include "node/channel/next_anchor.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

namespace json = boost::json;

// What the root channel knows of the other channel, asked and told as this node's peer.
class AnchorContract {
  public:
    using Submit = std::function<void(Submitter::SignOwn sign, const crypto::PublicKey& key)>;
    AnchorContract(Identity peer, std::string root, const Evaluator& evaluator, Submit submit)
        : peer_(std::move(peer)), root_(std::move(root)), evaluator_(evaluator), submit_(std::move(submit)) {}

    [[nodiscard]] const std::string& organization() const { return peer_.certificate().subject().organization; }
    [[nodiscard]] Result<json::value> ask(const char* function, const json::object& arguments) const {
        const auto& subject = peer_.certificate().subject();
        return evaluator_.query({subject.organization, "peer", subject.common_name, peer_.certificate().der()},
                                "anchor", function, chaincode::json_text(arguments), now_ms());
    }
    void tell(const char* function, std::string arguments, Bytes attachment = {}) const {
        submit_(
            [peer = peer_, root = root_, function, arguments = std::move(arguments),
             attachment = std::move(attachment)] {
                chaincode::Proposal proposal{root, "anchor", function, arguments, {}, {}, now_ms()};
                if (!attachment.empty()) proposal.attachments.emplace_back(attachment);
                return Submitter::OwnProposal{chaincode::sign_proposal(peer.key, peer.chain, std::move(proposal))};
            },
            peer_.key.public_key());
    }

  private:
    Identity peer_;
    std::string root_;
    const Evaluator& evaluator_;
    Submit submit_;
};

json::array names_of(const ChannelConfig& config) {
    const auto ids = config.organization_ids();
    return json::array(ids.begin(), ids.end());
}

bool contains(const json::array& names, std::string_view name) {
    return std::ranges::any_of(names,
                               [&](const json::value& each) { return std::string_view(each.as_string()) == name; });
}

// False: the channel is not known there yet, and its next checkpoint can follow soon.
Result<bool> anchor(const storage::Ledger& ledger, const storage::Block& genesis, const ChannelConfig& config,
                    const AnchorContract& contract) {
    const auto members = names_of(config);
    if (!contains(members, contract.organization())) return true;
    const auto hash = genesis.header.hash();
    const json::object channel{{"channel", config.channel}, {"genesis", hash.hex()}};
    const auto known = TRY(contract.ask("channel", channel));
    if (known.is_null()) {
        contract.tell("open", "{}", storage::encode(genesis));
        return false;
    }
    const auto& there = known.at("organizations").as_array();
    if (!contains(there, contract.organization()))
        return fail(Code::permission_denied, "the root channel does not know {} as an organization of this channel yet",
                    contract.organization());
    if (there != members) {
        auto change = channel;
        change.emplace("organizations", members);
        contract.tell("change_members", chaincode::json_text(change));
    }
    const auto next = TRY(next_anchor(ledger, hash, TRY(contract.ask("latest", channel)), contract.organization()));
    if (next) contract.tell("put", *next);
    return true;
}

}  // namespace

bool anchor_checkpoint(const ChannelStore& own, const std::filesystem::path& genesis_file, RootChannel root) {
    const auto not_anchored = [name = own.channel()](const Error& error) {
        // Several nodes of one organization, or of several, say the same.
        if (error.code == Code::already_exists) return;
        spdlog::warn("event=not_anchored channel={} what={}", name, gateway::log_value(error.message));
    };
    const auto submit = [&root, not_anchored, organization = root.peer.certificate().subject().organization](
                            Submitter::SignOwn sign, const crypto::PublicKey& key) {
        root.submitter.submit_own(organization, 0, std::move(sign), key, true,
                                  [not_anchored](const Result<Submission>& outcome) {
                                      if (!outcome) not_anchored(outcome.error());
                                  });
    };
    const auto genesis = read_genesis(genesis_file);
    const auto done = genesis ? anchor(own.ledger(), *genesis, own.membership().get()->config(),
                                       AnchorContract(root.peer, root.channel, root.evaluator, submit))
                              : Result<bool>(std::unexpected(genesis.error()));
    if (!done) not_anchored(done.error());
    return done.value_or(true);
}

}  // namespace tally::node
