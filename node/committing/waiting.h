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

    // Registers the id as pending. Returns true if the caller must order the transaction; false when it is pending
    // already: `done` (which may be empty) waits with the others.
    [[nodiscard]] bool add(const storage::TransactionId& id, Done done, std::int64_t deadline_ms);
    // The bytes that are about to be ordered for this id. Others can make different bytes with the same id; when a
    // block refuses those, that is not the outcome of these.
    void ordering(const storage::TransactionId& id, std::shared_ptr<const Bytes> transaction);
    // This orderer has accepted it. While no block holds it, `overdue` returns it every kOverdueMs, to be given to
    // another orderer. A transaction takes effect once, however often it is ordered.
    void ordered(const storage::TransactionId& id, std::string orderer, std::int64_t now_ms);
    static constexpr std::int64_t kOverdueMs = 8000;
    struct Overdue {
        storage::TransactionId id;
        std::shared_ptr<const Bytes> transaction;
        std::string orderer;  // who accepted it last
    };
    [[nodiscard]] std::vector<Overdue> overdue(std::int64_t now_ms);
    // On a conflict (storage::is_conflict: a value that it had read has changed), `endorse_again` is called on the
    // committer's thread, up to kAttempts times; after that the conflict is the outcome. Proposal and id stay the same.
    static constexpr unsigned kAttempts = 8;
    using EndorseAgain =
        std::function<void(const storage::TransactionId&, std::shared_ptr<const Bytes> transaction, Outcome conflict)>;
    void on_conflict(EndorseAgain endorse_again) { endorse_again_ = std::move(endorse_again); }  // before any is added
    // How the outcomes of a block are answered, once for all of a block: on other threads than the committer's, which
    // has the next block to write. Before any is added; without it, on the committer's thread.
    using Run = std::function<void(std::function<void()> answers)>;
    void answer_by(Run run) { run_ = std::move(run); }
    // The outcome is known without a block: all that wait for this id get it.
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

        [[nodiscard]] bool is_answered_by(const CommittedTransaction& committed) const;
    };
    EndorseAgain endorse_again_;
    Run run_;
    mutable std::mutex mutex_;
    std::unordered_map<storage::TransactionId, Entry> entries_;
};

}  // namespace tally::node
