#pragma once
// The gateway's way into the ledger: collects endorsements until the contract's policy is met, hands the transaction to
// an orderer, and waits for its outcome. Every submission runs as one task of the worker pool.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "node/committing/waiting.h"
#include "node/endorsing/endorser.h"
#include "node/threads/fair_tasks.h"
#include "node/threads/worker_pool.h"

namespace tally::node {

// A source of endorsements: the local endorser, or (through the node network) another organization's. `ask` begins;
// what it returns waits for the answer, which has no simulation but its digest when it was asked in brief.
struct EndorsementSource {
    std::string name;  // for messages: node and organization
    std::string organization;
    bool own = false;  // it endorses in this process: what it refuses, the channel's contracts refuse
    using Answer = std::function<Result<Endorsed>()>;
    std::function<Answer(const chaincode::SignedProposal&, const Bytes& bytes, bool brief)> ask;
    std::function<bool()> is_there;  // else it is asked last
};

struct Submission {
    storage::TransactionId id;
    Outcome outcome;         // unless it is committed, its result alone, where that is known
    bool committed = false;  // else it was accepted by an orderer
};

class Submitter {
  public:
    // Who accepted it. `proposal` is the one in it, decoded.
    using OrderTransaction =
        std::function<Result<std::string>(const Bytes& transaction, const chaincode::SignedProposal& proposal)>;
    using ListSources = std::function<std::vector<EndorsementSource>()>;  // as the channel's configuration is now
    using Done = std::function<void(Result<Submission>)>;

    Submitter(const storage::Ledger& ledger, const CurrentMembership& membership, WorkerPool& pool, Share share,
              Waiting& waiting, crypto::VerifiedSignatures& memo, ListSources sources, OrderTransaction order,
              Metrics& metrics);

    // `done` is called exactly once. A proposal that is on the ledger or on its way already is not executed again: its
    // outcome is that of the first. `party` is whose share of the pool it takes: its sender's organization.
    void submit(const std::string& party, Bytes proposal, bool wait_for_commit, Done done);
    // The same for a proposal that `sign` makes, on a worker, with this node's own `key`, of something of so many
    // bytes.
    struct OwnProposal {
        Bytes bytes;
        bool wait_for_commit = false;  // also when the caller does not ask for it
    };
    using SignOwn = std::move_only_function<Result<OwnProposal>()>;
    void submit_own(const std::string& party, std::uint64_t bytes, SignOwn sign, crypto::PublicKey key,
                    bool wait_for_commit, Done done);

  private:
    void process(Bytes proposal, const crypto::PublicKey* own, bool wait_for_commit, const Done& done);
    // Endorsed and given to an orderer: the contract's answer.
    [[nodiscard]] Result<std::string> send(const chaincode::SignedProposal& proposal, Bytes bytes);
    void endorse_again(const storage::TransactionId& id, std::shared_ptr<const Bytes> transaction,
                       const Outcome& conflict);
    [[nodiscard]] Result<std::pair<storage::Transaction, std::string>> endorse_at_one_height(
        const chaincode::SignedProposal& proposal, const Bytes& bytes);
    [[nodiscard]] Result<std::pair<storage::Transaction, std::string>> endorse(
        const chaincode::SignedProposal& proposal, const Bytes& bytes);
    [[nodiscard]] std::vector<EndorsementSource> ranked_sources();
    [[nodiscard]] Result<Principal> checked(const Endorsed& endorsed, const EndorsementSource& source,
                                            const Membership& membership, Use use);
    // What a source has cost and given lately. It ranks sources, and counts for nothing else.
    struct Record {
        std::chrono::steady_clock::time_point at;  // of the last entry
        std::optional<double> wait_ms;             // for its answers and refusals, as an average that forgets
        double contradicted = 0;                   // 0 to 1: how often it refused what others endorsed
        bool useless = false;                      // it did not answer, or its endorsement was void
    };
    struct Heard {
        bool useful = false;
        double wait_ms = 0;
    };
    void note(const EndorsementSource& source, Heard heard);
    void note_contradicted(const std::vector<std::string>& sources);
    [[nodiscard]] Result<std::optional<Submission>> known(const storage::TransactionId& id) const;
    void refuse(const Done& done, const Error& error);

    const storage::Ledger& ledger_;
    const CurrentMembership& membership_;
    WorkerPool& pool_;
    FairTasks tasks_;
    Waiting& waiting_;
    crypto::VerifiedSignatures& memo_;
    ListSources sources_;
    OrderTransaction order_;
    Metrics& metrics_;
    std::mutex mutex_;
    std::map<std::string, Record> records_;  // by source; guarded by mutex_
};

}  // namespace tally::node
