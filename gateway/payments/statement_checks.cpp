#include "gateway/payments/statement_checks.h"

#include <algorithm>
#include <map>

namespace tally::gateway::payments {
namespace {

Result<Decimal> signed_by(const Decimal& value, Direction direction) {
    return direction == Direction::CREDIT ? Result<Decimal>(value) : Decimal().minus(value);
}

// `turned`: as banks count that write the reversed booking's direction beside RvslInd. ISO 20022 wants the reversal's.
Result<Decimal> sum_of_entries(const Statement& statement, bool turned) {
    Decimal sum;
    for (const auto& entry : statement.entries) {
        if (entry.status != EntryStatus::BOOK) continue;
        const auto amount = TRY(signed_by(entry.amount.value, entry.direction));
        sum = TRY(entry.reversal && turned ? sum.minus(amount) : sum.plus(amount));
    }
    return sum;
}

Status check_balances(const Statement& statement, std::vector<Named>& findings) {
    if (!statement.opening || !statement.closing) return {};
    if (statement.opening->amount.currency != statement.closing->amount.currency) return {};
    const auto opening = TRY(signed_by(statement.opening->amount.value, statement.opening->direction));
    const auto closing = TRY(signed_by(statement.closing->amount.value, statement.closing->direction));
    const auto entries = TRY(sum_of_entries(statement, false));
    const auto expected = TRY(opening.plus(entries));
    if (expected == closing || TRY(opening.plus(TRY(sum_of_entries(statement, true)))) == closing) return {};
    findings.push_back({Finding::SUM_MISMATCH,
                        fmt::format("the opening balance {} and the entries {} are {}; the closing balance is {}",
                                    opening.text(), entries.text(), expected.text(), closing.text())});
    return {};
}

// Statements of one account in the order of their numbers, or else of the files.
struct Numbered {
    const Statement* statement;
    StatementResult* result;
};

Status check_gaps(std::vector<Numbered>& of_account) {
    const bool numbered =
        std::ranges::all_of(of_account, [](const auto& each) { return each.statement->sequence.has_value(); });
    if (numbered) std::ranges::stable_sort(of_account, {}, [](const auto& each) { return *each.statement->sequence; });
    for (std::size_t i = 1; i < of_account.size(); ++i) {
        const auto& before = *of_account[i - 1].statement;
        const auto& here = *of_account[i].statement;
        auto& findings = of_account[i].result->findings;
        if (numbered && *here.sequence > *before.sequence + 1)
            findings.push_back(
                {Finding::STATEMENT_GAP, fmt::format("statement {} follows number {}; one between them is missing",
                                                     *here.sequence, *before.sequence)});
        if (numbered || before.id == here.id || !before.closing || !here.opening) continue;
        const auto closed = TRY(signed_by(before.closing->amount.value, before.closing->direction));
        const auto opened = TRY(signed_by(here.opening->amount.value, here.opening->direction));
        if (closed != opened)
            findings.push_back({Finding::STATEMENT_GAP, fmt::format("it opens with {}, and {} has closed with {}",
                                                                    opened.text(), before.id, closed.text())});
    }
    return {};
}

bool is_of_a_party(std::span<const ExpectedPayment> expected, const std::string& account) {
    return std::ranges::any_of(
        expected, [&](const auto& each) { return each.debtor_iban == account || each.creditor_iban == account; });
}

bool explains(const Decimal& difference, const std::optional<Decimal>& charges) {
    return charges && (difference == *charges || difference.plus(*charges) == Decimal());
}

// Of the entry, or else of its details together; none where they are not in the entry's currency.
Result<std::optional<Decimal>> charges_of(const Entry& entry) {
    if (entry.charges) {
        if (entry.charges->currency != entry.amount.currency) return std::optional<Decimal>();
        return std::optional(entry.charges->value);
    }
    std::optional<Decimal> sum;
    for (const auto& detail : entry.details) {
        if (!detail.charges || detail.charges->currency != entry.amount.currency) continue;
        sum = TRY(sum.value_or(Decimal()).plus(detail.charges->value));
    }
    return sum;
}

Status check_batch(const Entry& entry, const Decimal& sum, std::optional<Named>& finding) {
    if (entry.batches.size() != 1) return {};
    const auto& batch = entry.batches.front();
    const auto details = static_cast<std::int64_t>(entry.details.size());
    if (batch.count && details > 1 && *batch.count != details)
        finding = Named{Finding::SUM_MISMATCH,
                        fmt::format("the batch has {} transactions, and {} are shown", *batch.count, details)};
    if (batch.total && batch.total->currency == entry.amount.currency && batch.total->value != sum &&
        batch.total->value != entry.amount.value)
        finding = Named{Finding::SUM_MISMATCH, fmt::format("the batch's total is {}, its details are {}",
                                                           batch.total->value.text(), sum.text())};
    return {};
}

}  // namespace

Result<EntrySum> check_sum(const Entry& entry) {
    EntrySum out;
    const auto& details = entry.details;
    out.nets = std::ranges::any_of(details, [&](const auto& detail) {
        return detail.direction.value_or(entry.direction) != details.front().direction.value_or(entry.direction);
    });
    if (details.empty() || !std::ranges::all_of(details, [&](const auto& detail) {
            return detail.amount && detail.amount->currency == entry.amount.currency;
        }))
        return out;
    Decimal sum;
    for (const auto& detail : details) {
        const bool along = !out.nets || detail.direction.value_or(entry.direction) == entry.direction;
        sum = TRY(along ? sum.plus(detail.amount->value) : sum.minus(detail.amount->value));
    }
    out.repeats_total = details.size() > 1 && std::ranges::all_of(details, [&](const auto& detail) {
                            return detail.amount->value == entry.amount.value;
                        });
    if (out.repeats_total) return out;
    TRY(check_batch(entry, sum, out.finding));
    if (sum == entry.amount.value || out.finding) return out;
    const bool charged = explains(TRY(entry.amount.value.minus(sum)), TRY(charges_of(entry)));
    out.finding =
        Named{charged ? Finding::CHARGES_DEDUCTED : Finding::SUM_MISMATCH,
              fmt::format("the entry is {} {}, its details are {}{}", entry.amount.value.text(), entry.amount.currency,
                          sum.text(), charged ? ", and charges are the difference" : "")};
    return out;
}

Result<std::vector<StatementResult>> check_statements(std::span<const ExpectedPayment> expected,
                                                      std::span<const StatementFile> files) {
    std::vector<StatementResult> out;
    for (const auto& file : files) {
        for (const auto& statement : file.statements) {
            out.push_back({file.name,
                           file.sha256,
                           statement.id,
                           statement.kind,
                           statement.account,
                           static_cast<std::int64_t>(statement.entries.size()),
                           {}});
        }
    }
    std::map<std::string, std::vector<Numbered>> accounts;
    std::size_t index = 0;
    for (const auto& file : files) {
        for (const auto& statement : file.statements) {
            auto& result = out[index++];
            TRY(check_balances(statement, result.findings));
            if (!expected.empty() && !is_of_a_party(expected, statement.account))
                result.findings.push_back(
                    {Finding::WRONG_ACCOUNT, fmt::format("no expected payment is from or to {}", statement.account)});
            if (statement.kind == MessageKind::STATEMENT) accounts[statement.account].push_back({&statement, &result});
        }
    }
    for (auto& [account, of_account] : accounts) TRY(check_gaps(of_account));
    return out;
}

}  // namespace tally::gateway::payments
