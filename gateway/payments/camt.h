#pragma once
// A bank's account statements: ISO 20022 camt.053 (statement), camt.054 (notification of single bookings) and camt.052
// (report during the day), versions .02 to .08, which the namespace names. A file may hold several documents one after
// the other, and a document several statements. Pure.
//
// Nearly everything in these messages is optional; what is missing stays empty here. Nothing is guessed from free text.
// What is there must be right: an amount is digits with a point and at most five decimals, a date exists, an element
// that may be there once is there once. Where a document gives no time of its own, its group header's is taken.
//
// Failures: malformed, unsupported, too_large (xml/reader.h), naming line and element.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/calendar.h"
#include "chaincode/decimal.h"

namespace tally::gateway::payments {

using chaincode::Date;
using chaincode::Decimal;

enum class MessageKind {
    REPORT,        // camt.052: what has been booked so far, and what is expected
    STATEMENT,     // camt.053: a closed period with balances
    NOTIFICATION,  // camt.054: single bookings, often with more details
};
BOOST_DESCRIBE_ENUM(MessageKind, REPORT, STATEMENT, NOTIFICATION)

enum class EntryStatus {
    BOOK,
    PDNG,   // expected (FUTR counts as it)
    INFO,   // for information; no booking
    OTHER,  // the bank's own word
};
BOOST_DESCRIBE_ENUM(EntryStatus, BOOK, PDNG, INFO, OTHER)

enum class Direction { CREDIT, DEBIT };  // of the account that the statement is of
BOOST_DESCRIBE_ENUM(Direction, CREDIT, DEBIT)

struct Money {
    Decimal value;  // not negative
    std::string currency;

    friend bool operator==(const Money&, const Money&) = default;
};
TALLY_FIELDS(Money, (value, "not negative"), (currency, "ISO 4217"))

struct ReturnInfo {
    std::string code;  // AC04: the account is closed
    std::string text;
};
TALLY_FIELDS(ReturnInfo, (code, "the bank's reason, ISO external code"), (text, "what the bank adds"))

// One transaction of an entry.
struct Detail {
    std::string end_to_end_id;  // NOTPROVIDED is kept as it is
    std::string uetr;
    std::string instruction_id;
    std::string transaction_id;
    std::string message_id;
    std::string batch_id;
    std::string bank_reference;       // Refs/AcctSvcrRef
    std::optional<Money> amount;      // of the transaction, in the account's currency where the bank converts
    std::optional<Money> instructed;  // as it was ordered
    std::optional<Money> charges;
    std::optional<Direction> direction;
    std::string debtor_iban;
    std::string creditor_iban;
    std::vector<std::string> references;  // structured: the creditor's
    std::vector<std::string> texts;       // unstructured
    std::string bank_code;                // "PMNT/RRTN/..." or the bank's own
    std::optional<ReturnInfo> returned;
    std::size_t line = 0;
};

struct Batch {
    std::string message_id;
    std::string batch_id;
    std::optional<std::int64_t> count;
    std::optional<Money> total;
};

struct Entry {
    std::string reference;       // NtryRef
    std::string bank_reference;  // AcctSvcrRef
    Money amount;
    Direction direction = Direction::CREDIT;
    bool reversal = false;  // RvslInd: `direction` is this booking's; what it reverses went the other way
    EntryStatus status = EntryStatus::BOOK;
    std::optional<Date> booked;
    std::string bank_code;
    std::optional<Money> charges;
    std::vector<Batch> batches;
    std::vector<Detail> details;
    std::string text;
    std::size_t line = 0;
};

struct Balance {
    std::string code;  // OPBD opening, PRCD the last closing, CLBD closing, ...
    Money amount;
    Direction direction = Direction::CREDIT;  // DEBIT: the account is overdrawn
    std::optional<Date> date;
};

struct Statement {
    MessageKind kind = MessageKind::STATEMENT;
    int version = 8;  // of the message
    std::string message_id;
    std::string id;
    std::string account;                   // its IBAN, or the bank's own number
    std::string currency;                  // of the account; may be empty
    std::string created;                   // as the bank writes it
    std::optional<std::int64_t> sequence;  // ElctrncSeqNb, or else LglSeqNb
    bool duplicate = false;                // CpyDplctInd: the bank sends it again
    std::optional<Balance> opening;
    std::optional<Balance> closing;
    std::vector<Entry> entries;
    std::size_t line = 0;
};

struct StatementFile {
    std::string name;    // for messages, as the caller gave it
    std::string sha256;  // of the file's bytes, in hexadecimal
    std::vector<Statement> statements;
};

[[nodiscard]] Result<StatementFile> read_statements(std::string text, std::string name);

// "12.50" and nothing else: no sign, comma, exponent, blank; at most five decimals and 18 digits. malformed.
[[nodiscard]] Result<Decimal> read_amount(std::string_view text);
// "2026-03-31", also with a zone (Z, +01:00), which says nothing about the day that was booked. malformed.
[[nodiscard]] Result<Date> read_date(std::string_view text);

}  // namespace tally::gateway::payments
