#pragma once
// Attested answers (channel/answer_file.h): an endorser answers a question at the height that it is asked for, and
// signs what it answered; a gateway collects the signatures of as many organizations as the contract's endorsement
// policy wants.
//
// The question is a proposal that the caller itself signed, so no gateway can ask in a member's name. It is answered as
// that caller, by the configuration after the block. Functions that write, and attachments, are refused. What a node
// has pruned it refuses to answer. Any thread.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "node/channel/answer_file.h"
#include "node/channel/current_identity.h"
#include "node/committing/recent_states.h"
#include "node/endorsing/evaluator.h"

namespace tally::node {

// What an endorser sends back. It says what was signed, so that the asker can see how two answers differ.
struct Attested {
    crypto::Hash config;
    crypto::Hash block_hash;
    crypto::Hash result;
    Bytes signature;
    Bytes certificate;

    template <class A>
    void serialize(A& a) {
        a(config, block_hash, result, signature, certificate);
    }
};

struct Answered {
    AnswerStatement statement;
    std::string result;  // JSON
};

// What the question's caller sees in this state.
[[nodiscard]] Result<Answered> answer_at(const RecentState& state, Evaluator& evaluator,
                                         const chaincode::SignedProposal& question, std::int64_t now_ms);

class Attester {
  public:
    Attester(CurrentIdentity identity, const RecentStates& states, Evaluator& evaluator)
        : identity_(std::move(identity)), states_(states), evaluator_(evaluator) {}

    [[nodiscard]] Result<Attested> attest(const chaincode::SignedProposal& question, storage::BlockNumber block,
                                          std::int64_t now_ms);

  private:
    CurrentIdentity identity_;
    const RecentStates& states_;
    Evaluator& evaluator_;
};

// Another node that attests. `ask` begins; what it returns waits for the answer.
struct AttestationSource {
    std::string name;  // for messages: node and organization
    std::string organization;
    std::function<std::function<Result<Attested>()>(const Bytes& question, storage::BlockNumber block)> ask;
};

class AnswerCollector {
  public:
    using ListSources = std::function<std::vector<AttestationSource>()>;  // other nodes, the best first

    // `own` signs too, where this node endorses.
    AnswerCollector(const RecentStates& states, Evaluator& evaluator, std::optional<CurrentIdentity> own,
                    ListSources sources)
        : states_(states), evaluator_(evaluator), own_(std::move(own)), sources_(std::move(sources)) {}

    // The answer file. Waits for other nodes: on a thread that may. endorsements_differ when others answer otherwise,
    // not_kept when too few keep what the answer needs, unavailable when too few answer.
    [[nodiscard]] Result<Bytes> collect(const Bytes& question);

  private:
    class Round;

    const RecentStates& states_;
    Evaluator& evaluator_;
    std::optional<CurrentIdentity> own_;
    ListSources sources_;
};

}  // namespace tally::node
