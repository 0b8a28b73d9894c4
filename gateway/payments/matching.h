#pragma once
// Which payments have arrived: expected payments compared with a bank's statements. Pure; the same input gives the same
// report, and each entry of each statement is in it.
//
// Both sides' statements are read. On the payer's account a payment is a DBIT, on the payee's a CRDT; which side a
// statement is of follows from its account. A booking that is in camt.052, 053 and 054 is one booking
// (bookings.h says when two entries are the same).
//
// Levels, the first that holds:
//   EXACT      the EndToEndId or the UETR, the amount, the currency and the payee's IBAN are the expected ones
//   REFERENCE  the EndToEndId or UETR, but the statement does not show the IBAN or something differs; or the creditor
//              reference; or the invoice's number in the text
//   BATCH      an entry without details whose PmtInfId or MsgId, number and total are those of the expected payments
//   NONE
//
// What differs has a name (Finding). A transfer is CONFIRMED when exactly one booking of one account, that is neither
// reversed nor returned, carries it with its amount and currency to its account. Where both sides confirm it, the
// payer's booking is reported, as all payments of an order are on that account. Fails only with invalid_argument: two
// expected payments share an identifier, or sums of over 18 digits.

#include <span>
#include <string>
#include <vector>

#include "gateway/payments/camt.h"

namespace tally::gateway::payments {

enum class Level { EXACT, REFERENCE, BATCH, NONE };
BOOST_DESCRIBE_ENUM(Level, EXACT, REFERENCE, BATCH, NONE)

enum class Finding {
    TOO_SMALL,          // less than expected, and no charges explain it
    TOO_LARGE,          // more than expected, and no charges explain it
    TWICE,              // a second booking of the same transfer on the same account
    WRONG_CURRENCY,     // the booking is in another currency
    WRONG_ACCOUNT,      // it went to another account, or the statement is of neither party
    UNKNOWN_REFERENCE,  // it looks like one of ours, and its reference is of no expected payment
    BATCH_ONLY,         // the bank shows only the total of several payments
    CHARGES_DEDUCTED,   // charges are the difference
    REVERSED,           // the bank takes a booking back (RvslInd)
    RETURNED,           // the money comes back from the payee's bank
    PENDING,            // not booked yet
    DUPLICATE_ENTRY,    // the same entry again in a message of the same kind
    SUM_MISMATCH,       // details and entry, batch and payments, or balances and entries do not add up
    STATEMENT_GAP,      // a statement between two others is missing
};
BOOST_DESCRIBE_ENUM(Finding, TOO_SMALL, TOO_LARGE, TWICE, WRONG_CURRENCY, WRONG_ACCOUNT, UNKNOWN_REFERENCE, BATCH_ONLY,
                    CHARGES_DEDUCTED, REVERSED, RETURNED, PENDING, DUPLICATE_ENTRY, SUM_MISMATCH, STATEMENT_GAP)

struct Named {
    Finding finding = Finding::UNKNOWN_REFERENCE;
    std::string what;  // one sentence with both figures
};
TALLY_FIELDS(Named, (finding, "its name"), (what, "what was expected and what was found"))

struct ExpectedPayment {
    std::string transfer;  // the caller's name for it
    std::string end_to_end_id;
    std::string uetr;
    std::string message_id;
    std::string batch_id;
    std::string creditor_reference;    // may be empty
    std::vector<std::string> numbers;  // invoice numbers that a payer may write instead; each at least 4 characters
    Decimal amount;
    std::string currency;
    std::string debtor_iban;
    std::string creditor_iban;
};
TALLY_FIELDS(ExpectedPayment, (transfer, "the caller's name for it"), (end_to_end_id, "EndToEndId"), (uetr, "a UUID"),
             (message_id, "MsgId of its order"), (batch_id, "PmtInfId of its order"), (creditor_reference, "ISO 11649"),
             (numbers, "of the invoice, as a payer may write them"), (amount, "that is to be paid"),
             (currency, "ISO 4217"), (debtor_iban, "of the payer"), (creditor_iban, "of the payee"))

// A bank's booking, as a DV attests it.
struct Booking {
    std::string reference;
    std::string account;
    Decimal amount;
    std::string currency;
    std::optional<Date> date;
    std::string statement;
};
TALLY_FIELDS(Booking,
             (reference,
              "the bank's (AcctSvcrRef), with '#' and the detail's EndToEndId or number when the entry has "
              "several; or a SHA-256 of account and entry when the bank gives none"),
             (account, "that the statement is of"), (amount, "that the payee has, before charges of its bank"),
             (currency, "ISO 4217"), (date, "of the booking"), (statement, "SHA-256 of the file, in hexadecimal"))

struct ReportItem {
    std::string file;
    std::string statement;
    MessageKind kind = MessageKind::STATEMENT;
    std::int64_t entry = 1;
    std::int64_t detail = 0;
    std::int64_t line = 0;
    Direction direction = Direction::CREDIT;
    Decimal amount;
    std::string currency;
    std::optional<Date> date;
    Level level = Level::NONE;
    std::vector<std::string> transfers;
    std::vector<Named> findings;
};
TALLY_FIELDS(ReportItem, (file, "its name"), (statement, "its id"), (kind, "of message"),
             (entry, "of the statement, from 1 on"), (detail, "of the entry, from 1 on; 0: the entry itself"),
             (line, "of the file"), (direction, "of the account"), (amount, "that is booked"), (currency, "ISO 4217"),
             (date, "of the booking"), (level, "of the match"), (transfers, "that it is matched with"),
             (findings, "what is remarkable"))

enum class TransferState {
    CONFIRMED,
    PENDING,     // seen, not booked
    BATCH_ONLY,  // in a booking of several payments that the bank does not show one by one
    MISMATCHED,  // booked, but amount, currency or account differ
    TWICE,       // booked more often than once
    RETURNED,    // booked and taken back, or only taken back
    NOT_FOUND,
};
BOOST_DESCRIBE_ENUM(TransferState, CONFIRMED, PENDING, BATCH_ONLY, MISMATCHED, TWICE, RETURNED, NOT_FOUND)

struct TransferResult {
    std::string transfer;
    TransferState state = TransferState::NOT_FOUND;
    std::optional<Level> level;
    std::optional<Booking> booking;
    std::optional<ReturnInfo> returned;
    std::vector<Finding> findings;
};
TALLY_FIELDS(TransferResult, (transfer, "the caller's name for it"), (state, "by all statements together"),
             (level, "of the booking's match"), (booking, "that confirms it, or that took it back"),
             (returned, "the bank's reason"), (findings, "of all its bookings, each once"))

struct StatementResult {
    std::string file;
    std::string sha256;
    std::string statement;
    MessageKind kind = MessageKind::STATEMENT;
    std::string account;
    std::int64_t entries = 0;
    std::vector<Named> findings;
};
TALLY_FIELDS(StatementResult, (file, "its name"), (sha256, "of the file, in hexadecimal"), (statement, "its id"),
             (kind, "of message"), (account, "its IBAN"), (entries, "in it"), (findings, "about it as a whole"))

struct MatchReport {
    std::vector<StatementResult> statements;
    std::vector<ReportItem> items;
    std::vector<TransferResult> transfers;
};
TALLY_FIELDS(MatchReport, (statements, "in the order of the files"), (items, "every entry or detail"),
             (transfers, "every expected payment"))

[[nodiscard]] Result<MatchReport> match(std::span<const ExpectedPayment> expected,
                                        std::span<const StatementFile> files);

}  // namespace tally::gateway::payments
