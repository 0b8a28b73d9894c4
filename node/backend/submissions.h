#pragma once
// What a gateway's callers want on the ledger, passed on to the Submitter and to the orderers. Implements
// gateway::Submissions' thread rules.

#include "gateway/backend.h"
#include "node/channel/current_identity.h"
#include "node/collections/keeper.h"
#include "node/endorsing/submitter.h"
#include "node/threads/fair_tasks.h"
#include "node/threads/waiting_list.h"

namespace tally::node {

struct SubmissionParts {
    const storage::Ledger& ledger;
    const CurrentMembership& membership;
    Evaluator& evaluator;
    Submitter& submitter;
    Waiting& waiting;
    FairTasks& tasks;        // by organization: reads
    CurrentIdentity client;  // signs the proposals that carry device records
    const Keeper& keeper;
    std::function<Status(const Bytes& transaction)> order_configuration;
};

class NodeSubmissions : public gateway::Submissions {
  public:
    explicit NodeSubmissions(SubmissionParts parts);

    void look_for_duplicates();  // answers those whose first transaction is here now, or did not come in time

    void publish(Bytes record, std::string content_type, chaincode::Caller caller, gateway::Wait wait,
                 gateway::Done<gateway::RecordOutcome> done) override;
    void submit(chaincode::Caller caller, Bytes proposal, gateway::Wait wait,
                gateway::Done<gateway::TransactionStatus> done) override;
    void apply_configuration(const chaincode::Caller& caller, const crypto::Hash& config,
                             gateway::Done<gateway::TransactionStatus> done) override;

  private:
    struct Publication;
    struct Duplicate {  // on an endorser's ledger, and not yet on this one
        std::shared_ptr<Publication> publication;
        Error refusal;
        std::int64_t deadline_ms = 0;
    };
    void answer_duplicate(Duplicate duplicate);
    // Of a record that is on the ledger: its rows go to a keeper first, if they are not to be in a block.
    void answer(const std::shared_ptr<Publication>& publication, gateway::RecordOutcome outcome);
    [[nodiscard]] bool is_answered(Duplicate& duplicate);
    [[nodiscard]] Result<Bytes> configuration_update(const crypto::Hash& config) const;
    // The transaction of a record that is on the ledger already.
    [[nodiscard]] Result<std::optional<gateway::RecordOutcome>> earlier(const Publication& publication);

    SubmissionParts parts_;
    WaitingList<Duplicate> duplicates_;  // by organization; each holds its record in memory
};

}  // namespace tally::node
