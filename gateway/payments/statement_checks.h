#pragma once
// What can be said of statements as a whole: whether balances and entries add up, whether one is missing between two
// others, whether the account is of any party. Internal to matching; pure.

#include "gateway/payments/matching.h"

namespace tally::gateway::payments {

// One result for each statement, in the order of the files.
//
//   SUM_MISMATCH   opening balance and booked entries are not the closing balance
//   STATEMENT_GAP  among statements (camt.053) of one account, by their numbers: a number is missing, or, where they
//                  have none, one opens with another balance than the one before has closed with. A number that begins
//                  again at 1 is a new year
//   WRONG_ACCOUNT  payments are expected, and none is from or to this account
[[nodiscard]] Result<std::vector<StatementResult>> check_statements(std::span<const ExpectedPayment> expected,
                                                                    std::span<const StatementFile> files);

// The entry's details against the entry: how they add up.
struct EntrySum {
    // Details of both directions are one amount. Only then a detail's own direction counts: some banks write the other
    // party's direction into every detail.
    bool nets = false;
    bool repeats_total = false;    // each of several details shows the entry's amount
    std::optional<Named> finding;  // SUM_MISMATCH or CHARGES_DEDUCTED
};
[[nodiscard]] Result<EntrySum> check_sum(const Entry& entry);

}  // namespace tally::gateway::payments
