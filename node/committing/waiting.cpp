#include "node/committing/waiting.h"

namespace tally::node {

bool Waiting::add(const storage::TransactionId& id, Done done, std::int64_t deadline_ms) {
    const std::lock_guard lock(mutex_);
    auto [entry, is_new] = entries_.try_emplace(id);
    if (done) entry->second.done.push_back(std::move(done));
    entry->second.deadline_ms = std::max(entry->second.deadline_ms, deadline_ms);
    return is_new;
}

void Waiting::ordering(const storage::TransactionId& id, std::shared_ptr<const Bytes> transaction) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(id); found != entries_.end())
        found->second.transaction = std::move(transaction);
}

void Waiting::ordered(const storage::TransactionId& id, std::string orderer, std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;  // its block is here already
    found->second.orderer = std::move(orderer);
    found->second.overdue_ms = now_ms + kOverdueMs;
}

std::vector<Waiting::Overdue> Waiting::overdue(std::int64_t now_ms) {
    std::vector<Overdue> late;
    const std::lock_guard lock(mutex_);
    for (auto& [id, entry] : entries_) {
        if (entry.orderer.empty() || entry.overdue_ms > now_ms) continue;
        entry.overdue_ms = now_ms + kOverdueMs;
        late.push_back({id, entry.transaction, entry.orderer});
    }
    return late;
}

bool Waiting::Entry::is_answered_by(const CommittedTransaction& committed) const {
    return !committed.bytes || (transaction && crypto::sha256(*transaction) == *committed.bytes);
}

void Waiting::resolve(const storage::TransactionId& id, const Result<Outcome>& outcome) {
    std::vector<Done> done;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(id);
        if (found == entries_.end()) return;
        done = std::move(found->second.done);
        entries_.erase(found);
    }
    for (const auto& each : done) each(outcome);
}

void Waiting::committed(const CommittedBlock& block) {
    std::vector<std::pair<Done, Outcome>> calls;
    std::vector<std::pair<Outcome, std::shared_ptr<const Bytes>>> conflicts;
    std::vector<storage::TransactionId> conflicting;
    {
        const std::lock_guard lock(mutex_);
        for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
            const auto& each = block.transactions[i];
            const auto found = entries_.find(each.id);
            if (found == entries_.end() || !found->second.is_answered_by(each)) continue;
            const Outcome outcome{each.code, each.reason, block.number, i, each.result};
            auto& entry = found->second;
            if (endorse_again_ && storage::is_conflict(outcome.code) && entry.transaction &&
                ++entry.attempts < kAttempts) {
                entry.orderer.clear();  // none has what comes next
                conflicts.emplace_back(outcome, std::exchange(entry.transaction, nullptr));
                conflicting.push_back(found->first);
                continue;
            }
            for (auto& done : entry.done) calls.emplace_back(std::move(done), outcome);
            entries_.erase(found);
        }
    }
    const bool answer_is_empty = calls.empty();
    auto answer = [calls = std::move(calls)]() mutable {
        for (auto& [done, outcome] : calls) done(std::move(outcome));
    };
    if (run_ && !answer_is_empty)
        run_(std::move(answer));
    else
        answer();
    for (std::size_t i = 0; i < conflicts.size(); ++i)
        endorse_again_(conflicting[i], std::move(conflicts[i].second), std::move(conflicts[i].first));
}

void Waiting::expire(std::int64_t now_ms) {
    std::vector<Done> late;
    {
        const std::lock_guard lock(mutex_);
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            if (entry->second.deadline_ms > now_ms) {
                ++entry;
                continue;
            }
            for (auto& done : entry->second.done) late.push_back(std::move(done));
            entry = entries_.erase(entry);
        }
    }
    const Error error{Code::timeout, "the transaction is not committed yet; ask for its status by its id"};
    for (const auto& done : late) done(std::unexpected(error));
}

void Waiting::fail_all(const Error& error) {
    std::unordered_map<storage::TransactionId, Entry> entries;
    {
        const std::lock_guard lock(mutex_);
        entries.swap(entries_);
    }
    for (const auto& [id, entry] : entries) {
        for (const auto& done : entry.done) done(std::unexpected(error));
    }
}

bool Waiting::contains(const storage::TransactionId& id) const {
    const std::lock_guard lock(mutex_);
    return entries_.contains(id);
}

std::size_t Waiting::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace tally::node
