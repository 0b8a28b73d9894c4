#pragma once
// The identifiers of a payment: pure functions of what is paid. Exporting the same payment again gives the same
// identifiers, so a bank that refuses a repeated message or end-to-end identifier cannot pay twice. A payment that was
// rejected or returned is initiated again as the next attempt, and has other identifiers.
//
// Each is taken from a SHA-256 over the parts of the payment's name, each part with its length before it:
//
//   digest(kind) = SHA-256 of "tally payment v1", kind, channel, agreement, what is paid, payee, attempt
//   part         = its length in bytes in decimal, ':', the part
//   what is paid = "invoice", first day, or "bill", provider, number
//
//   MsgId        "MSG-" and 26 characters: the first 130 bits, five bits each, of 0-9 A-Z without I L O U (Crockford)
//   PmtInfId     "PMT-" and 26 characters
//   EndToEndId   "E2E-" and 26 characters
//   UETR         a UUID of the first 16 bytes, with the version 4 and the variant of RFC 9562 set
//   RF reference "RF", two check digits, 16 characters; without the attempt: it names the debt, not the order
//
// A message with several payments has the digests of all of them, in their order, in the place of one payment's parts.
// Failures: invalid_argument.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chaincode/calendar.h"

namespace tally::gateway::payments {

using chaincode::Date;

struct BillName {
    std::string provider;
    std::string number;
};

// What is paid: an invoice by the first day of its period, or a service provider's bill. One of the two.
struct PaymentName {
    std::string channel;
    std::string agreement;
    std::optional<Date> invoice;
    std::optional<BillName> bill;
    std::string payee;
    std::int64_t attempt = 1;
};
TALLY_FIELDS(BillName, (provider, "the organization that has sent it"), (number, "of the bill"))
TALLY_FIELDS(PaymentName, (channel, "that has the agreement"), (agreement, "its id"),
             (invoice, "the first day of an invoice's period"), (bill, "of a service provider"),
             (payee, "the organization that is paid"), (attempt, "1, or more after a rejection or return", .min = 1))

[[nodiscard]] Status check_name(const PaymentName& name);

[[nodiscard]] std::string end_to_end_id(const PaymentName& name);
[[nodiscard]] std::string uetr(const PaymentName& name);
[[nodiscard]] std::string message_id(std::span<const PaymentName> names);
[[nodiscard]] std::string batch_id(std::span<const PaymentName> names);  // PmtInfId
[[nodiscard]] std::string creditor_reference(const PaymentName& name);

// ISO 11649: "RF", two check digits (mod 97-10) and 1 to 21 of A-Z 0-9. Small letters are taken as capitals.
[[nodiscard]] Result<std::string> make_creditor_reference(std::string_view text);
[[nodiscard]] bool is_creditor_reference(std::string_view text);

// An identifier of ISO 20022 as banks take it: 1 to 35 of the SEPA character set, no slash at an end, no "//".
[[nodiscard]] Status check_identifier(std::string_view text, std::string_view what);
// Whether this file makes identifiers of that form: "E2E-" and 26 characters.
[[nodiscard]] bool looks_like_end_to_end_id(std::string_view text);

}  // namespace tally::gateway::payments
