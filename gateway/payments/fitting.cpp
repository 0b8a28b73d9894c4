#include "gateway/payments/fitting.h"

#include <algorithm>

namespace tally::gateway::payments {
namespace {

constexpr std::string_view kReturnFamily = "/RRTN";  // ISO 20022: reimbursement, return

}  // namespace

std::string money_text(const Decimal& value, std::string_view currency) {
    return fmt::format("{} {}", value.text(), currency);
}

Direction Fitting::direction_of(const Detail* detail) const {
    return detail != nullptr && sum_.nets ? detail->direction.value_or(entry_.direction) : entry_.direction;
}

bool Fitting::of_payee(const ExpectedPayment& payment) const {
    return place_.statement.account == payment.creditor_iban;
}

bool Fitting::of_payer(const ExpectedPayment& payment) const { return place_.statement.account == payment.debtor_iban; }

// A reversal by the bank, or money that came back.
std::optional<Named> Fitting::back_of(const ExpectedPayment& payment, const Detail* detail) const {
    if (entry_.reversal) return Named{Finding::REVERSED, "the bank has reversed the booking"};
    const auto& code = detail != nullptr && !detail->bank_code.empty() ? detail->bank_code : entry_.bank_code;
    const auto forward = of_payee(payment) ? Direction::CREDIT : Direction::DEBIT;
    const bool other_way = (of_payee(payment) || of_payer(payment)) && direction_of(detail) != forward;
    if (detail != nullptr && detail->returned)
        return Named{Finding::RETURNED,
                     fmt::format("the payment came back: {} {}", detail->returned->code, detail->returned->text)};
    if (other_way || code.find(kReturnFamily) != std::string::npos)
        return Named{Finding::RETURNED, "the payment came back; the bank gives no reason"};
    return std::nullopt;
}

std::optional<Money> Fitting::charges_of(const Detail* detail) const {
    if (detail != nullptr && detail->charges) return detail->charges;
    return entry_.details.size() <= 1 ? entry_.charges : std::nullopt;
}

// Of several details of one entry, one that shows no amount of its own: none at all, or the entry's total as each
// other does.
bool Fitting::has_no_amount(const Detail* detail) const {
    if (entry_.details.size() <= 1) return false;
    if (sum_.repeats_total) return !detail->instructed || *detail->instructed == entry_.amount;
    return !detail->amount && !detail->instructed;
}

// The item's amount in the payment's currency.
std::optional<Decimal> Fitting::amount_in(const ExpectedPayment& payment, const Detail* detail) const {
    const auto in_currency = [&](const std::optional<Money>& money) {
        return money && money->currency == payment.currency;
    };
    if (detail != nullptr && in_currency(detail->amount) && !sum_.repeats_total) return detail->amount->value;
    if (detail != nullptr && in_currency(detail->instructed)) return detail->instructed->value;
    const bool single = detail == nullptr || (entry_.details.size() == 1 && !detail->amount);
    if (single && entry_.amount.currency == payment.currency) return entry_.amount.value;
    return std::nullopt;
}

// A payment whose amount is not shown is right when all that the entry names are its amount together.
Result<Fit> Fitting::fit_of_total(const ExpectedPayment& payment) const {
    if (entry_.amount.currency == payment.currency && TRY(are_the_total()))
        return Fit{true, payment.amount, std::nullopt};
    return Fit{false, entry_.amount.value,
               Named{Finding::SUM_MISMATCH,
                     fmt::format("the bank shows no amount of this payment, and the payments that the entry names are "
                                 "not {} together",
                                 money_text(entry_.amount.value, entry_.amount.currency))}};
}

// Whether the payments that the entry's details name are its amount together.
Result<bool> Fitting::are_the_total() const {
    Decimal sum;
    for (const auto& each : entry_.details) {
        const auto found = expected_.find(entry_, &each);
        if (!found) return false;
        sum = TRY(sum.plus(expected_[found->payment].amount));
    }
    return sum == entry_.amount.value;
}

Result<Fit> Fitting::fit(const ExpectedPayment& payment, const Detail* detail) const {
    if (has_no_amount(detail)) return fit_of_total(payment);
    const auto amount = amount_in(payment, detail);
    if (!amount) {
        const auto& shown = detail != nullptr && detail->amount ? *detail->amount : entry_.amount;
        return Fit{false, shown.value,
                   Named{Finding::WRONG_CURRENCY,
                         fmt::format("{} is booked, {} is expected", money_text(shown.value, shown.currency),
                                     money_text(payment.amount, payment.currency))}};
    }
    if (*amount == payment.amount) return Fit{true, *amount, std::nullopt};
    const auto what = fmt::format("{} is booked, {} is expected", money_text(*amount, payment.currency),
                                  money_text(payment.amount, payment.currency));
    if (TRY(charges_explain(payment, detail, *amount)))
        return Fit{true, payment.amount, Named{Finding::CHARGES_DEDUCTED, what + "; charges are the difference"}};
    return Fit{false, *amount, Named{*amount < payment.amount ? Finding::TOO_SMALL : Finding::TOO_LARGE, what}};
}

// Deducted from what the payee gets, or added to what the payer pays; stated, or visible because what was ordered
// is the expected amount and less has arrived.
Result<bool> Fitting::charges_explain(const ExpectedPayment& payment, const Detail* detail,
                                      const Decimal& amount) const {
    const auto charges = charges_of(detail);
    if (charges && charges->currency == payment.currency) {
        if (TRY(amount.plus(charges->value)) == payment.amount) return true;
        if (of_payer(payment) && TRY(payment.amount.plus(charges->value)) == amount) return true;
    }
    return detail != nullptr && detail->instructed && detail->instructed->currency == payment.currency &&
           detail->instructed->value == payment.amount && amount < payment.amount && of_payee(payment);
}

// Whether the statement shows the payee's account, and another one.
std::optional<Named> Fitting::wrong_account(const ExpectedPayment& payment, const Detail* detail) const {
    if (of_payee(payment)) return std::nullopt;
    if (!of_payer(payment))
        return Named{Finding::WRONG_ACCOUNT,
                     fmt::format("the statement is of {}, the payment from {} to {}", place_.statement.account,
                                 payment.debtor_iban, payment.creditor_iban)};
    if (detail == nullptr || detail->creditor_iban.empty() || detail->creditor_iban == payment.creditor_iban)
        return std::nullopt;
    return Named{Finding::WRONG_ACCOUNT,
                 fmt::format("it went to {}, {} is expected", detail->creditor_iban, payment.creditor_iban)};
}

bool Fitting::shows_account(const ExpectedPayment& payment, const Detail* detail) const {
    return of_payee(payment) || (detail != nullptr && detail->creditor_iban == payment.creditor_iban);
}

}  // namespace tally::gateway::payments
