#include "gateway/invoices/document_sums.h"

#include <algorithm>

#include "chaincode/contracts/billing/rational.h"

namespace tally::gateway::invoices {
namespace {

using billing::rational_of;
using chaincode::Rounding;

Result<Decimal> part_of(const Decimal& amount, const Decimal& percent, int decimals, Rounding rounding) {
    return billing::rounded(rational_of(amount) * rational_of(percent) / 100, decimals, rounding);
}

void join_reason(std::optional<std::string>& all, const std::optional<std::string>& more) {
    if (!more || (all && all->find(*more) != std::string::npos)) return;
    all = all ? *all + "; " + *more : *more;
}

// The categories of the lines, in the order in which they first occur.
Result<std::vector<DocumentTax>> categories_of(const std::vector<DocumentLine>& lines, const Decimal& zero) {
    std::vector<DocumentTax> out;
    for (const auto& line : lines) {
        auto found = std::ranges::find_if(out, [&](const DocumentTax& each) {
            return each.tax.category == line.tax.category && each.tax.percent == line.tax.percent;
        });
        if (found == out.end()) {
            out.push_back({line.tax, zero, zero, zero, zero});
            found = out.end() - 1;
        } else {
            join_reason(found->tax.reason, line.tax.reason);
        }
        found->lines = TRY(found->lines.plus(line.amount));
    }
    return out;
}

}  // namespace

Result<Decimal> negated(const Decimal& number) { return Decimal::of(-number.units(), number.decimals()); }

Status add_sums(Rounding rounding, const billing::Totals& totals, const billing::Share& share,
                InvoiceDocument& document) {
    const auto decimals = chaincode::agreement::decimals_of_currency(document.currency);
    if (!decimals) return fail(Code::invalid_argument, "\"{}\" is no currency of ISO 4217", document.currency);
    const auto zero = TRY(Decimal::of(0, *decimals));
    auto& sums = document.totals;
    sums = {zero, zero, zero, zero, zero, zero, zero, zero};
    document.taxes = TRY(categories_of(document.lines, zero));
    for (auto& each : document.taxes) {
        each.taxable = TRY(part_of(each.lines, share.percent, *decimals, rounding));
        each.allowance = TRY(each.lines.minus(each.taxable));
        each.amount = TRY(part_of(each.taxable, each.tax.percent, *decimals, rounding));
        sums.lines = TRY(sums.lines.plus(each.lines));
        if (each.allowance > zero) sums.allowances = TRY(sums.allowances.plus(each.allowance));
        if (each.allowance < zero) sums.charges = TRY(sums.charges.minus(each.allowance));
        sums.net = TRY(sums.net.plus(each.taxable));
        sums.tax = TRY(sums.tax.plus(each.amount));
    }
    if (sums.lines != totals.net)
        return fail(Code::invalid_argument,
                    "the lines are {} together, and the invoice's net is {}: lines are missing or twice",
                    sums.lines.text(), totals.net.text());
    sums.gross = TRY(sums.net.plus(sums.tax));
    sums.payable = TRY(share.amount.plus(zero));
    sums.rounding = TRY(sums.payable.minus(sums.gross));
    return {};
}

Status turn_signs(InvoiceDocument& document) {
    const auto turn = [](std::initializer_list<Decimal*> numbers) -> Status {
        for (auto* number : numbers) *number = TRY(negated(*number));
        return {};
    };
    for (auto& line : document.lines) TRY(turn({&line.quantity, &line.amount}));
    for (auto& each : document.taxes) TRY(turn({&each.lines, &each.allowance, &each.taxable, &each.amount}));
    auto& sums = document.totals;
    TRY(turn({&sums.lines, &sums.net, &sums.tax, &sums.gross, &sums.rounding, &sums.payable}));
    std::swap(sums.allowances, sums.charges);
    return {};
}

}  // namespace tally::gateway::invoices
