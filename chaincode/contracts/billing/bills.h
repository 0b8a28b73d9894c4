#pragma once
// Bills of service providers. A provider posts its bill of a period once the period's days are FINAL; each line is
// compared with what the terms' lines of that provider give for those days, for its device or for all devices. A bill
// that is within the terms' tolerance may be authorized by the RC or a DV that names a recorded audit of the same days;
// then it is paid like an invoice.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// By the provider; once for each period, unless it has withdrawn the one before. days_open, wrong_amount.
[[nodiscard]] Result<Bill> post_bill(Stub& stub, const PostBill& in);
// By the RC or a DV. bill_not_authorized: what of the bill or the audit prevents it.
[[nodiscard]] Result<Bill> authorize_bill(Stub& stub, const AuthorizeBill& in);
// By its provider, before it is paid.
[[nodiscard]] Result<Bill> withdraw_bill(Stub& stub, const WithdrawBill& in);

[[nodiscard]] Result<Bill> get_bill(Stub& stub, const OneBill& in);
[[nodiscard]] Result<BillPage> bills(Stub& stub, const ListBills& in);

}  // namespace tally::chaincode::billing
