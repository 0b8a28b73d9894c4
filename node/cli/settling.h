#pragma once
// What is due under an agreement, found out from the ledger alone and done: days become FINAL, records that came late
// are revisions, and periods whose days are all FINAL get their invoice. Any party may do it, at any time and as often
// as it likes: each step counts once.

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/billing/answers.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

struct SettlingDone {
    std::int64_t finalized = 0;
    std::int64_t mismatches = 0;
    std::int64_t revised = 0;
    std::vector<chaincode::billing::Invoice> invoices;
    std::string waits_for;  // why the next period has no invoice yet
};
BOOST_DESCRIBE_STRUCT(SettlingDone, (), (finalized, mismatches, revised, invoices, waits_for))

// `until`: only days before it. Shows a progress bar.
[[nodiscard]] Result<SettlingDone> settle_due(MemberClient& member, const std::string& agreement,
                                              std::optional<chaincode::Date> until, bool with_invoices);

}  // namespace tally::node::cli
