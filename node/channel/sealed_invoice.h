#pragma once
// A sealed invoice's file: the invoice of figures that are commitments, as its parties have it, and what ties it to the
// ledger. JSON:
//
//   {"format": "tally-sealed-invoice/1", "salt": 64 hexadecimal digits, "invoice": the text of a
//    billing.OpenedInvoice, as a string, "receipt": the receipt file of the transaction that sealed it, base64}
//
// The commitment is SHA-256(salt of 32 bytes, the text's bytes). Who has the file sees the figures. Pure.

#include "chaincode/contracts/billing/answers.h"
#include "node/channel/receipt_file.h"

namespace tally::node {

struct SealedInvoice {
    Bytes salt;
    std::string text;
    chaincode::billing::OpenedInvoice invoice;  // of the text
    Bytes receipt;                              // empty: it is not sealed yet

    [[nodiscard]] crypto::Hash commitment() const;
};

// With a new salt.
[[nodiscard]] SealedInvoice seal_invoice(const chaincode::billing::OpenedInvoice& invoice);
[[nodiscard]] std::string write_sealed_invoice(const SealedInvoice& sealed);
[[nodiscard]] bool is_sealed_invoice(std::string_view file);
// malformed, too_large: it is no such file.
[[nodiscard]] Result<SealedInvoice> read_sealed_invoice(std::string_view file);

struct SealedInvoiceFacts {
    SealedInvoice sealed;
    ReceiptFacts receipt;
};
// That the channel's ledger has a VALID transaction that sealed this very invoice.
[[nodiscard]] Result<SealedInvoiceFacts> verify_sealed_invoice(std::string_view file, const Membership& membership,
                                                               Checks& checks);

}  // namespace tally::node
