#pragma once
// A ledger in memory for tests of contracts: state, history and transactions in maps, and blocks applied by the
// production code, so that conflicts are real.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "chaincode/execute.h"
#include "chaincode/json/strict_json.h"
#include "crypto/x509.h"
#include "storage/apply.h"
#include "storage/state_reader.h"
#include "tests/unit/chaincode/standard_contracts.h"

namespace tally::chaincode::test {

class MemoryState : public storage::LedgerState {
  public:
    Result<std::optional<storage::VersionedValue>> get(const storage::StateKey& key) const override;
    Status scan(std::string_view space, std::string_view start, std::string_view end, bool reverse,
                const Visit& visit) const override;
    std::optional<std::uint64_t> height() const override;
    Result<std::vector<storage::HistoryEntry>> history(const storage::StateKey& key, storage::Version from,
                                                       std::size_t limit) const override;
    Result<Bytes> transaction_bytes(const crypto::Hash& id) const override;

    // Overwrites a value, as no transaction could: a state that is not what its blocks say.
    void overwrite(const storage::StateKey& key, std::string_view value);

    // How many changes `history` has given so far.
    [[nodiscard]] std::size_t history_read() const { return history_read_; }

    std::vector<storage::ValidationCode> apply(std::span<const storage::CheckedTransaction> transactions,
                                               std::span<const Bytes> bytes);

  private:
    std::map<storage::StateKey, storage::VersionedValue> values_;
    std::map<storage::StateKey, std::vector<storage::HistoryEntry>> history_;
    std::map<crypto::Hash, Bytes> transactions_;
    std::uint64_t blocks_ = 0;
    mutable std::size_t history_read_ = 0;
};

// A simulated transaction that waits for its block.
struct Simulated {
    storage::CheckedTransaction transaction;
    Bytes bytes;
    json::value result;
};

// What a node keeps for collections.
struct MemoryKept : storage::KeptSeries {
    std::map<std::pair<std::string, crypto::Hash>, Bytes> all;
    Result<std::optional<Bytes>> series(const std::string& device, const crypto::Hash& content_id) const override {
        const auto found = all.find({device, content_id});
        return found == all.end() ? std::nullopt : std::optional(found->second);
    }
};

// Calls contracts as a node would. What is called with is public: tests set the caller and the time and go on.
class TestLedger {
  public:
    explicit TestLedger(const ContractSet& contracts = standard_contracts());

    std::int64_t time_ms = 1'750'118'400'000;  // 2025-06-17T00:00:00Z
    Caller caller{"GridCo", "admin", "ada", {}};
    std::string channel = "main";
    std::vector<std::string> organizations{"GridCo"};
    MemoryKept kept;

    [[nodiscard]] Result<Simulated> simulate(std::string_view contract, std::string_view function,
                                             const json::value& arguments, std::vector<Bytes> attachments = {});
    std::vector<storage::ValidationCode> commit(const std::vector<Simulated>& block);

    // In a block of its own, which must be valid.
    [[nodiscard]] Result<json::value> submit(std::string_view contract, std::string_view function,
                                             const json::value& arguments, std::vector<Bytes> attachments = {});
    [[nodiscard]] Result<json::value> query(std::string_view contract, std::string_view function,
                                            const json::value& arguments);

    [[nodiscard]] MemoryState& state() { return state_; }

  private:
    const ContractSet& contracts_;
    MemoryState state_;
    crypto::PrivateKey key_;
    std::vector<crypto::Certificate> chain_;
};

json::value parse(std::string_view text);

template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}
template <class T>
std::string message_of(const Result<T>& result) {
    return result ? "no error" : result.error().message;
}

#define EXPECT_REFUSED(expression, expected_code, part)                                                \
    do {                                                                                               \
        const auto refused_ = (expression);                                                            \
        ASSERT_FALSE(refused_.has_value());                                                            \
        EXPECT_EQ(refused_.error().code, tally::Code(expected_code)) << refused_.error().message;      \
        EXPECT_NE(refused_.error().message.find(part), std::string::npos) << refused_.error().message; \
    } while (false)

#define ASSERT_OK(expression)                                    \
    do {                                                         \
        const auto done_ = (expression);                         \
        ASSERT_TRUE(done_.has_value()) << done_.error().message; \
    } while (false)

}  // namespace tally::chaincode::test
