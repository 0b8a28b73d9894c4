#pragma once
// Runs one function of a contract against a state and gives what it answered and what it intends to write.
// Pure: nothing is written, and the same invocation on the same state gives the same bytes. In checked builds every
// invocation that writes is run twice and compared; a difference aborts, for such a contract must not reach a ledger.

#include "chaincode/contract.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/stub.h"
#include "crypto/batch_signature.h"
#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::chaincode {

struct Invocation {
    storage::TransactionId id;
    std::string channel;
    std::string contract;
    std::string function;
    std::string arguments;  // JSON text
    std::vector<ByteView> attachments;
    std::int64_t time_ms = 0;
    Caller caller;
    std::vector<std::string> organizations = {};  // of the channel, by the configuration in force
};

struct ExecutionLimits {
    JsonLimits arguments{};
    std::size_t max_read_keys = 100'000;  // through get and range, so that a query cannot hold a node
    std::size_t max_write_bytes = 8U << 20;
    std::size_t max_result_bytes = 64U << 20;  // of the answer's text
    unsigned max_call_depth = 8;
};

// For a function that writes. Fails with the contract's refusal, or unknown_contract, unknown_function,
// permission_denied, too_large (a limit).
[[nodiscard]] Result<storage::Simulation> simulate(const ContractSet& contracts, const storage::StateReader& state,
                                                   const Invocation& invocation, crypto::VerifiedSignatures* verified,
                                                   const ExecutionLimits& limits = {});

// For a query, or a dry run of a function that writes: the answer's text alone. `kept`: what this node keeps beside the
// ledger.
[[nodiscard]] Result<std::string> evaluate_text(const ContractSet& contracts, const storage::LedgerState& state,
                                                const Invocation& invocation, const ExecutionLimits& limits = {},
                                                const storage::KeptSeries* kept = nullptr);
// The same as JSON, for who reads it on.
[[nodiscard]] Result<json::value> evaluate(const ContractSet& contracts, const storage::LedgerState& state,
                                           const Invocation& invocation, const ExecutionLimits& limits = {},
                                           const storage::KeptSeries* kept = nullptr);

}  // namespace tally::chaincode
