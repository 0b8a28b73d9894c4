#pragma once
// What becomes of an invoice, or of a provider's bill. Each function is one step of its state machine, and says in its
// refusal which states it needs:
//
//   COMPUTED -> NOTIFIED ---.
//     POSTED -> AUTHORIZED --+-> PAYMENT_INITIATED -> PAYMENT_CONFIRMED -> RECEIVED -> FINAL
//                                | rejected           | returned, and also of RECEIVED and FINAL
//                         PAYMENT_REJECTED      PAYMENT_RETURNED         both are initiated again
//
// DISPUTED holds an invoice up that is not FINAL, until the party that disputes it settles the dispute or its deadline
// passes. EXPIRED is an invoice that is due and not paid; it may be paid still. A sealed invoice (sealed.h) is notified
// when every RC and DV has agreed to it, or has let the time for disputes pass in silence.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

[[nodiscard]] Result<Payable> notify(Stub& stub, const Remarked& in);    // by the OPERATOR
[[nodiscard]] Result<Payable> initiate(Stub& stub, const Remarked& in);  // by the RC or a DV
[[nodiscard]] Result<Payable> reject(Stub& stub, const Because& in);     // by a DV
[[nodiscard]] Result<Payable> confirm(Stub& stub, const Confirm& in);    // by a DV
// Of a sealed invoice, whose amounts must not be in a block. By a DV.
[[nodiscard]] Result<Payable> attest_paid(Stub& stub, const AttestPaid& in);
[[nodiscard]] Result<Payable> take_back(Stub& stub, const TakeBack& in);      // by a DV: the bank has returned it
[[nodiscard]] Result<Payable> receive(Stub& stub, const Remarked& in);        // by each payee
[[nodiscard]] Result<Payable> confirm_final(Stub& stub, const Remarked& in);  // by as many parties as the terms want
[[nodiscard]] Result<Payable> dispute(Stub& stub, const Because& in);         // by any party, before the deadline
[[nodiscard]] Result<Payable> settle_dispute(Stub& stub, const Because& in);  // by the party; anyone after the deadline
[[nodiscard]] Result<Payable> expire(Stub& stub, const OfPayable& in);        // by any party, when it is due

[[nodiscard]] Result<Invoice> get(Stub& stub, const OfPeriod& in);
[[nodiscard]] Result<InvoicePage> list(Stub& stub, const ListInvoices& in);
[[nodiscard]] Result<ItemPage> items(Stub& stub, const ItemsOf& in);

}  // namespace tally::chaincode::billing
