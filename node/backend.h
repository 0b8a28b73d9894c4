#pragma once
// The node behind the gateway: answers its questions from the ledger and passes its work to the roles.
// Implements gateway::Backend's thread rules.

#include <atomic>
#include <map>
#include <mutex>

#include "gateway/backend.h"
#include "node/committing/snapshot_maker.h"
#include "node/endorsing/endorser.h"
#include "node/endorsing/submitter.h"
#include "node/threads/fair_tasks.h"
#include "node/threads/waiting_list.h"

namespace tally::node {

struct BackendParts {
    const storage::Ledger& ledger;
    const CurrentMembership& membership;
    Evaluator& evaluator;
    Submitter& submitter;
    Waiting& waiting;
    WorkerPool& pool;  // reads and queries; every member of it has a share
    FairTasks::Share share;
    CurrentIdentity client;  // signs the proposals that carry device records
    std::function<Status(const Bytes& transaction)> order_configuration;
    SnapshotMaker& snapshots;
};

class NodeBackend : public gateway::Backend {
  public:
    explicit NodeBackend(BackendParts parts);

    [[nodiscard]] const CurrentIdentity& client() const { return parts_.client; }
    void committed();       // wakes those that follow events; from the committer's thread
    void signature_came();  // of another committer: receipts may be complete now
    void expire();          // answers those whose receipt did not become complete in time

    void publish(Bytes record, std::string content_type, chaincode::Caller caller, gateway::Wait wait,
                 gateway::Done<gateway::RecordOutcome> done) override;
    void submit(chaincode::Caller caller, Bytes proposal, gateway::Wait wait,
                gateway::Done<gateway::TransactionStatus> done) override;
    void apply_configuration(const crypto::Hash& config, gateway::Done<gateway::TransactionStatus> done) override;
    void evaluate(chaincode::Caller caller, Bytes proposal, gateway::Done<boost::json::value> done) override;
    void query(chaincode::Caller caller, std::string contract, std::string function, boost::json::object arguments,
               gateway::Done<boost::json::value> done) override;
    Status post(const chaincode::Caller& caller, std::function<void()> task) override;
    Result<gateway::TransactionStatus> status(const storage::TransactionId& id) override;
    Result<Bytes> transaction(const storage::TransactionId& id) override;
    void receipt(const chaincode::Caller& caller, const storage::TransactionId& id, gateway::Done<Bytes> done) override;
    Result<std::uint64_t> height() override;
    Result<boost::json::object> block(std::uint64_t number, bool header_only) override;
    Result<boost::json::object> checkpoint(std::optional<std::uint64_t> block) override;
    Result<boost::json::object> consistency(std::uint64_t from_block, std::uint64_t to_block) override;
    Result<boost::json::object> begin_snapshot() override { return parts_.snapshots.begin(); }
    boost::json::object snapshot() override { return parts_.snapshots.status(); }
    Result<Bytes> snapshot_part(std::uint64_t block, std::uint64_t offset) override {
        return parts_.snapshots.part(block, offset);
    }
    Result<gateway::EventPage> events(gateway::EventCursor from, const gateway::EventFilter& filter,
                                      std::size_t limit) override;
    std::shared_ptr<void> on_commit(std::function<void()> wake) override;
    chaincode::ContractSet contracts() override { return parts_.membership.get()->contracts(); }
    const chaincode::ContractSet& documented_contracts() override { return node::documented_contracts(); }

  private:
    struct Publication;
    struct WaitingReceipt {
        storage::TransactionId id;
        gateway::Done<Bytes> done;
        std::int64_t deadline_ms = 0;
    };
    struct Duplicate {  // on the ledger by an endorser's word, and not yet here
        std::shared_ptr<Publication> publication;
        Error refusal;
        std::int64_t deadline_ms = 0;
    };
    void answer_duplicate(Duplicate duplicate);
    [[nodiscard]] bool is_answered(Duplicate& duplicate);
    void look_for_duplicates();
    [[nodiscard]] Result<Bytes> configuration_update(const crypto::Hash& config) const;
    // Where a record went that is on the ledger already.
    [[nodiscard]] Result<std::optional<gateway::RecordOutcome>> earlier(const Publication& publication);

    void look_for_receipts();

    BackendParts parts_;
    FairTasks tasks_;
    std::atomic<bool> receipts_looked_for_{false};  // by a task that has not begun
    WaitingList<WaitingReceipt> receipts_;          // by organization, and so are
    WaitingList<Duplicate> duplicates_;
    std::mutex followers_mutex_;
    std::uint64_t next_follower_ = 0;
    std::map<std::uint64_t, std::function<void()>> followers_;
};

}  // namespace tally::node
