#pragma once
// What a gateway's callers ask of the contracts, answered from this node's world state. Implements gateway::Queries'
// thread rules.

#include "gateway/backend.h"
#include "node/endorsing/attester.h"
#include "node/endorsing/evaluator.h"
#include "node/threads/fair_tasks.h"

namespace tally::node {

class NodeQueries : public gateway::Queries {
  public:
    // Queries run in `tasks`, and what waits for other nodes in `asking`, in the share of their caller's organization.
    NodeQueries(const CurrentMembership& membership, Evaluator& evaluator, FairTasks& tasks, AnswerCollector& answers,
                FairTasks& asking)
        : membership_(membership), evaluator_(evaluator), tasks_(tasks), answers_(answers), asking_(asking) {}

    void evaluate(chaincode::Caller caller, Bytes proposal, gateway::Done<std::string> done) override;
    void attest(chaincode::Caller caller, Bytes question, gateway::Done<Bytes> done) override;
    void query(chaincode::Caller caller, std::string contract, std::string function, boost::json::object arguments,
               gateway::Done<std::string> done) override;
    chaincode::ContractSet contracts() override { return membership_.get()->contracts(); }
    const chaincode::ContractSet& documented_contracts() override { return node::documented_contracts(); }

  private:
    const CurrentMembership& membership_;
    Evaluator& evaluator_;
    FairTasks& tasks_;
    AnswerCollector& answers_;
    FairTasks& asking_;
};

}  // namespace tally::node
