#pragma once
// How one entry or detail fits the payment that it names: direction, amount, charges, account. Internal to
// match_entry.cpp; pure. Borrows what it is made from.

#include "gateway/payments/match_entry.h"
#include "gateway/payments/statement_checks.h"

namespace tally::gateway::payments {

// How an amount fits the expected one.
struct Fit {
    bool right = false;
    Decimal amount;  // that counts: the expected one where charges explain the difference
    std::optional<Named> finding;
};

[[nodiscard]] std::string money_text(const Decimal& value, std::string_view currency);

// `detail` is one of the entry's, or null for the entry itself.
class Fitting {
  public:
    Fitting(const ExpectedIndex& expected, const BookingPlace& place, const EntrySum& sum)
        : expected_(expected), place_(place), entry_(place.entry), sum_(sum) {}

    // Whether the statement is of the payee's account, of the payer's.
    [[nodiscard]] bool of_payee(const ExpectedPayment& payment) const;
    [[nodiscard]] bool of_payer(const ExpectedPayment& payment) const;

    [[nodiscard]] Result<Fit> fit(const ExpectedPayment& payment, const Detail* detail) const;
    // A reversal by the bank, or money that came back.
    [[nodiscard]] std::optional<Named> back_of(const ExpectedPayment& payment, const Detail* detail) const;
    // The statement shows another account than the payee's, or is of neither party.
    [[nodiscard]] std::optional<Named> wrong_account(const ExpectedPayment& payment, const Detail* detail) const;
    // The statement shows that it went to the payee's account.
    [[nodiscard]] bool shows_account(const ExpectedPayment& payment, const Detail* detail) const;

  private:
    [[nodiscard]] Direction direction_of(const Detail* detail) const;
    [[nodiscard]] std::optional<Money> charges_of(const Detail* detail) const;
    [[nodiscard]] bool has_no_amount(const Detail* detail) const;
    [[nodiscard]] std::optional<Decimal> amount_in(const ExpectedPayment& payment, const Detail* detail) const;
    [[nodiscard]] Result<Fit> fit_of_total(const ExpectedPayment& payment) const;
    [[nodiscard]] Result<bool> are_the_total() const;
    [[nodiscard]] Result<bool> charges_explain(const ExpectedPayment& payment, const Detail* detail,
                                               const Decimal& amount) const;

    const ExpectedIndex& expected_;
    const BookingPlace& place_;
    const Entry& entry_;
    const EntrySum& sum_;
};

}  // namespace tally::gateway::payments
