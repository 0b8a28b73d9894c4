#pragma once
// Clients that wait for their transaction's outcome. Safe from any thread; outcomes are called without a lock held.

#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "node/committing/committer.h"

namespace tally::node {

struct Outcome {
    storage::ValidationCode code = storage::ValidationCode::VALID;
    std::string reason;
    storage::BlockNumber block = 0;
    std::uint32_t index = 0;
    std::string result;  // what the contract answered, JSON
};

class Waiting {
  public:
    using Done = std::function<void(Result<Outcome>)>;

    // The transaction is on its way from now on, and the caller's to order. False when it already is on its way: `done`
    // (which may be empty) waits with the others.
    [[nodiscard]] bool add(const storage::TransactionId& id, Done done, std::int64_t deadline_ms);
    // What is about to be ordered for this id. A block's refusal of other bytes under the same id, which anybody can
    // put together, is not this one's outcome.
    void ordering(const storage::TransactionId& id, std::shared_ptr<const Bytes> transaction);
    // This orderer has accepted it. When it is in no block after kOverdueMs, `overdue` gives it back, again and again,
    // for another orderer: the same transaction takes effect once, however often it is ordered.
    void ordered(const storage::TransactionId& id, std::string orderer, std::int64_t now_ms);
    static constexpr std::int64_t kOverdueMs = 8000;
    struct Overdue {
        storage::TransactionId id;
        std::shared_ptr<const Bytes> transaction;
        std::string orderer;  // who accepted it last
    };
    [[nodiscard]] std::vector<Overdue> overdue(std::int64_t now_ms);
    // What it had read has changed before its turn came (storage::is_conflict): given to `endorse_again`, on the
    // committer's thread, so many times; then the conflict is the outcome. The proposal is the same, and so is the id.
    static constexpr unsigned kAttempts = 8;
    using EndorseAgain =
        std::function<void(const storage::TransactionId&, std::shared_ptr<const Bytes> transaction, Outcome conflict)>;
    void on_conflict(EndorseAgain endorse_again) { endorse_again_ = std::move(endorse_again); }  // before any is added
    // The outcome is known without a block: everybody who waits for this one gets it.
    void resolve(const storage::TransactionId& id, const Result<Outcome>& outcome);
    void committed(const CommittedBlock& block);
    void expire(std::int64_t now_ms);
    void fail_all(const Error& error);
    [[nodiscard]] bool contains(const storage::TransactionId& id) const;
    [[nodiscard]] std::size_t size() const;

  private:
    struct Entry {
        std::vector<Done> done;
        std::int64_t deadline_ms = 0;
        std::shared_ptr<const Bytes> transaction;
        std::string orderer;  // empty: none has accepted it
        std::int64_t overdue_ms = 0;
        unsigned attempts = 0;

        [[nodiscard]] bool is_answered_by(const Judgement& judgement) const;
    };
    EndorseAgain endorse_again_;
    mutable std::mutex mutex_;
    std::unordered_map<storage::TransactionId, Entry> entries_;
};

}  // namespace tally::node
