#pragma once
// A payment order for the payer's bank: ISO 20022 pain.001.001.09. Pure: the same order gives the same bytes, and the
// time in it is the ledger's.
//
//   Document/CstmrCdtTrfInitn
//     GrpHdr   MsgId CreDtTm NbOfTxs CtrlSum InitgPty/Nm
//     PmtInf   PmtInfId PmtMtd(TRF) BtchBookg(false) PmtTpInf/SvcLvl/Cd(SEPA) ReqdExctnDt/Dt
//              Dbtr DbtrAcct/Id/IBAN DbtrAgt/FinInstnId (BICFI, or Othr/Id NOTPROVIDED) ChrgBr(SLEV)
//       CdtTrfTxInf   PmtId/EndToEndId PmtId/UETR Amt/InstdAmt CdtrAgt/FinInstnId/BICFI Cdtr CdtrAcct/Id/IBAN RmtInf
//
// An order in EUR is a SEPA credit transfer. In any other currency PmtTpInf is left out and ChrgBr is SHAR: each side
// pays its own bank, which is what banks take for a payment outside SEPA without a further agreement.
//
// RmtInf: with a creditor reference it is structured (Strd/CdtrRefInf, type SCOR), as SEPA takes one of the two forms
// only; the text is then added (Strd/AddtlRmtInf) in other currencies and left out in SEPA. Without a reference the
// text is Ustrd. Names and texts are in the bank's characters (bank_text.h). An address is a town and a country or
// nothing: a town of more than 35 characters leaves the address out.
//
// Failures: invalid_argument, which names the party or the transfer: no IBAN or a wrong one, an amount that is not
// positive or has more decimals than the currency, more than one currency, an identifier that banks do not take or that
// is there twice, a name or a text that is too long (70 characters of a name in SEPA, 140 otherwise).

#include <string>
#include <vector>

#include "chaincode/contracts/agreement/business.h"
#include "chaincode/decimal.h"
#include "gateway/payments/references.h"

namespace tally::gateway::payments {

using chaincode::Decimal;
using chaincode::agreement::Business;

struct Transfer {
    Business payee;
    Decimal amount;
    std::string currency;
    std::string end_to_end_id;
    std::string uetr;
    std::optional<std::string> creditor_reference;
    std::string remittance;  // for people; may be empty
};
TALLY_FIELDS(Transfer, (payee, "who is paid"), (amount, "with the currency's decimals"), (currency, "ISO 4217"),
             (end_to_end_id, "EndToEndId"), (uetr, "a UUID"), (creditor_reference, "ISO 11649"),
             (remittance, "for people"))

struct PaymentOrder {
    std::string message_id;
    std::string batch_id;
    std::int64_t created_ms = 0;
    Business debtor;
    Date execution;
    std::vector<Transfer> transfers;
};
TALLY_FIELDS(PaymentOrder, (message_id, "MsgId"), (batch_id, "PmtInfId"), (created_ms, "from the ledger"),
             (debtor, "who pays"), (execution, "the day on which the bank is to pay"), (transfers, "at least one"))

[[nodiscard]] Result<std::string> write_pain001(const PaymentOrder& order);

}  // namespace tally::gateway::payments
