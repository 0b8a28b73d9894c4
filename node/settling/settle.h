#pragma once
// What is due under an agreement, found out from the ledger alone and done: days become FINAL, records that came late
// are revisions, and periods whose days are all FINAL get their invoice. Any party may do it, at any time and as often
// as it likes: each step counts once.

#include <functional>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/billing/answers.h"
#include "node/settling/contract_calls.h"

namespace tally::node {

struct SettlingDone {
    std::int64_t finalized = 0;
    std::int64_t mismatches = 0;
    std::int64_t revised = 0;
    std::vector<chaincode::billing::Invoice> invoices;
    std::string waits_for;              // why the next period has no invoice yet
    std::vector<std::string> problems;  // of devices; the others are settled
};
BOOST_DESCRIBE_STRUCT(SettlingDone, (), (finalized, mismatches, revised, invoices, waits_for, problems))

struct SettleWhat {
    std::optional<chaincode::Date> until;  // only days before it
    bool with_invoices = true;
    // Is told how many devices are done, of how many.
    std::function<void(std::uint64_t, std::uint64_t)> progress = [](std::uint64_t, std::uint64_t) {};
};
[[nodiscard]] Result<SettlingDone> settle_due(ContractCalls& calls, const std::string& agreement,
                                              const SettleWhat& what);

}  // namespace tally::node
