#pragma once
// What the ledger keeps of invoices and of service providers' bills.
//
//   invoice\0<agreement>\0<first day>               an Invoice
//   bill\0<agreement>\0<first day>\0<provider>      a Bill
//   number\0<agreement>\0<provider>\0<number>       the first day of the period whose bill has the number
//   item\0<agreement>\0<first day>\0<item>          its lines: an Item of each device, of the agreement itself ("*")
//   and
//                                                   of corrections ("!")
//   taken\0<agreement>\0<first day>                 what was taken in the period, corrections included (TakenInPeriod)
//   revised\0<agreement>\0<device>\0<day>           the number of the day's revision that was billed
//   progress\0<agreement>                           which revisions are billed (Progress)
//   provided\0<agreement>\0<first day>\0<provider>\0<device>   what its bill is compared with, computed ahead
//                                                   (provided.cpp)
//   counted\0<agreement>\0<first day>\0<device>   its FINAL days, counted ahead (sealed.cpp)
//   booking\0<DV>\0<SHA-256 of account and reference>   what a bank's booking has paid
//
// <first day> is the first billed day of the period. An invoice's lines, totals and days never change; its state does.

#include <optional>
#include <string>
#include <vector>

#include "chaincode/contracts/billing/pricing.h"
#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::billing {

enum class InvoiceState {
    COMPUTED,
    NOTIFIED,           // the payer has it
    POSTED,             // a bill only: its provider has posted it
    AUTHORIZED,         // a bill only: the RC or a DV has compared it with an audit
    PAYMENT_INITIATED,  // the payer has ordered its bank
    PAYMENT_REJECTED,   // its bank has refused
    PAYMENT_CONFIRMED,  // a DV attests the bookings
    PAYMENT_RETURNED,   // the bank has taken it back; even of a FINAL invoice
    RECEIVED,           // every payee has its part
    FINAL,              // as many parties as the terms want have confirmed
    DISPUTED,
    EXPIRED,    // it was due and is not paid
    WITHDRAWN,  // a bill only: its provider posts another
};
BOOST_DESCRIBE_ENUM(InvoiceState, COMPUTED, NOTIFIED, POSTED, AUTHORIZED, PAYMENT_INITIATED, PAYMENT_REJECTED,
                    PAYMENT_CONFIRMED, PAYMENT_RETURNED, RECEIVED, FINAL, DISPUTED, EXPIRED, WITHDRAWN)

// What a bank has booked for one payee.
struct Booking {
    std::string payee;
    std::string account;
    std::string reference;
    Decimal amount;
    Date date;
    std::string statement;
};
TALLY_FIELDS(Booking, (payee, "the organization that was paid", .form = &kOrganization),
             (account, "the IBAN of the account whose statement shows it", .form = &agreement::kIban),
             (reference, "the bank's, of the booking: unique in its account", .form = &kStatement),
             (amount, "that was booked"), (date, "of the booking"),
             (statement, "SHA-256 of the bank's statement file, in hexadecimal", .form = &kHash))

struct Payment {
    std::string currency;
    std::vector<Booking> bookings;
};
TALLY_FIELDS(Payment, (currency, "ISO 4217", .min = 3, .max = 3), (bookings, "one for each payee", .min = 1, .max = 50))

struct Step {
    InvoiceState state = InvoiceState::COMPUTED;
    std::string by;
    std::int64_t time_ms = 0;
    std::string transaction;
    std::optional<std::string> remark;
    std::optional<Payment> payment;
};
TALLY_FIELDS(Step, (state, "of the invoice after this step"), (by, "the organization that acted"), (time_ms, "when"),
             (transaction, "of it"), (remark, "as it said"), (payment, "that a DV attests"))

// A party disputes an invoice once.
struct Dispute {
    std::string by;
    std::string reason;
    Date until;
    bool open = true;
};
TALLY_FIELDS(Dispute, (by, "the organization"), (reason, "as it said"),
             (until, "the day on which it lapses unless it was settled"), (open, "it holds the payment up"))

struct VersionDays {
    std::int64_t version = 1;
    Date from;
    Date until;

    friend bool operator==(const VersionDays&, const VersionDays&) = default;
};
TALLY_FIELDS(VersionDays, (version, "of the terms"), (from, "the first day"), (until, "the end date, exclusive"))

// What an invoice and a bill have in common: they are paid.
struct Payable {
    std::string agreement;
    Date from;
    Date until;
    std::string currency;
    Totals totals;
    Date due;
    Date disputable_until;
    InvoiceState state = InvoiceState::COMPUTED;
    std::vector<Booking> paid;
    std::vector<std::string> received_by;
    std::vector<std::string> confirmed_by;
    std::vector<Dispute> disputes;
    std::optional<InvoiceState> disputed_from;
    std::vector<Step> timeline;
};
TALLY_FIELDS(Payable, (agreement, "its id"), (from, "the first day of the period"),
             (until, "the end date of the period, exclusive"), (currency, "ISO 4217"), (totals, "what is paid"),
             (due, "the day on which it is to be paid"), (disputable_until, "the day from which it stands"),
             (state, "of the payment"), (paid, "what is booked and has not come back"),
             (received_by, "payees that have their part"), (confirmed_by, "parties that have confirmed it"),
             (disputes, "at most one of each party"), (disputed_from, "the state that disputes hold up"),
             (timeline, "every step"))

// A revision of a day that an invoice bills, and the one that was billed before it; none: the day as it became FINAL.
struct BilledRevision {
    std::string device;
    Date day;
    std::int64_t revision = 0;
    std::optional<std::int64_t> replaces;
};
TALLY_FIELDS(BilledRevision, (device, "its id"), (day, "in the agreement's zone"), (revision, "that is billed"),
             (replaces, "the revision that was billed before; none: the day as it became FINAL"))

// An invoice of figures that are commitments: the parties have it, the ledger has the SHA-256 of a salt and its text.
struct Sealed {
    std::string commitment;
    std::vector<std::string> agreed_by;
    std::vector<BilledRevision> revisions;
};
TALLY_FIELDS(Sealed, (commitment, "SHA-256 of a salt of 32 bytes and the invoice's text (docs/formats.md)"),
             (agreed_by, "parties that have computed the same invoice"),
             (revisions, "of days of earlier periods, and of this one, that it corrects"))

struct Invoice : Payable {
    std::int64_t number = 1;
    std::vector<VersionDays> versions;
    std::int64_t devices = 0;
    std::int64_t days = 0;
    std::int64_t lines = 0;
    std::string items;
    std::optional<Sealed> sealed;
};
TALLY_FIELDS_WITH(Invoice, (Payable), (number, "of the agreement's invoices, from 1 on"),
                  (versions, "of the terms, in force in the period"), (devices, "that were metered"),
                  (days, "FINAL days, of all devices"), (lines, "in all items"),
                  (items, "SHA-256 over the items' texts, in the order of their names; empty where it is sealed"),
                  (sealed, "its lines and totals are with the parties alone"))

// A line of a provider's bill. It is compared with what the terms' lines of that provider give for the FINAL days.
struct BillLine {
    std::string name;
    std::optional<std::string> device;
    Decimal quantity;
    Decimal amount;
    agreement::Tax tax;
};
TALLY_FIELDS(BillLine, (name, "of the tariff line that it is for", .min = 1, .max = 100),
             (device, "whose use it is; without it, all devices' that have no line of their own on the bill",
              .form = &kIdentifier),
             (quantity, "that is billed"), (amount, "before tax"), (tax, "on this line"))

enum class Verdict {
    EXACT,
    WITHIN_TOLERANCE,
    TOO_MUCH,  // more is billed than was metered
    TOO_LITTLE,
    NOT_AGREED,  // the terms have no such line of the provider, or the device has no such use
    NOT_BILLED,  // it was metered, and is not on the bill
};
BOOST_DESCRIBE_ENUM(Verdict, EXACT, WITHIN_TOLERANCE, TOO_MUCH, TOO_LITTLE, NOT_AGREED, NOT_BILLED)

struct Variance {
    std::string name;
    std::optional<std::string> device;
    Decimal billed_quantity;
    Decimal metered_quantity;
    Decimal billed_amount;
    Decimal agreed_amount;
    Decimal difference;
    Verdict verdict = Verdict::EXACT;
};
TALLY_FIELDS(Variance, (name, "of the tariff line"), (device, "whose use it is"), (billed_quantity, "on the bill"),
             (metered_quantity, "of the FINAL days"), (billed_amount, "on the bill, before tax"),
             (agreed_amount, "for the metered quantity, by the terms"), (difference, "billed less agreed"),
             (verdict, "on this line"))

struct Bill : Payable {
    std::string provider;
    std::string number;
    Date issued;
    std::vector<BillLine> lines;
    std::vector<Variance> variances;
    bool within_tolerance = false;
    std::vector<std::string> audits;
    std::optional<std::int64_t> revisions;
};
TALLY_FIELDS_WITH(Bill, (Payable), (provider, "the SP that has posted it"), (number, "of the provider's document"),
                  (issued, "the document's date"), (lines, "as posted"),
                  (variances, "each line compared with metered use"), (within_tolerance, "every line is"),
                  (audits, "the recorded audit runs by which it was authorized"),
                  (revisions, "how many revisions of FINAL days the agreement had when it was posted"))

struct CitedDay {
    Date day;
    std::optional<std::string> content_id;
    data::Match match = data::Match::MISSING;
    std::optional<std::int64_t> revision;
    std::optional<std::vector<std::string>> sessions;
};
TALLY_FIELDS(CitedDay, (day, "in the agreement's zone"), (content_id, "of the signed record"),
             (match, "of device and cloud"), (revision, "of the FINAL day"),
             (sessions, "of OCMF meters: the content ids of every record that the day's quantities come from"))

struct Item {
    std::string agreement;
    Date from;
    std::string item;
    std::vector<VersionDays> versions;
    std::vector<Line> lines;
    std::vector<CitedDay> days;
    std::vector<Taken> taken;
};
TALLY_FIELDS(Item, (agreement, "its id"), (from, "the first day of the invoice's period"),
             (item, "the device; \"*\" what is of no device, \"!\" corrections of earlier invoices"),
             (versions, "of the terms by which it is priced"), (lines, "that are paid"),
             (days, "from which the quantities are"), (taken, "by field and version"))

struct TakenInPeriod {
    std::vector<Taken> taken;
};
BOOST_DESCRIBE_STRUCT(TakenInPeriod, (), (taken))

struct Progress {
    std::int64_t next_revision = 1;
    std::vector<std::int64_t> waiting;  // of days that no invoice has yet
    std::int64_t invoices = 0;
};
BOOST_DESCRIBE_STRUCT(Progress, (), (next_revision, waiting, invoices))

inline constexpr std::string_view kNoDevice = "*";
inline constexpr std::string_view kCorrections = "!";

[[nodiscard]] std::string invoice_key(const std::string& agreement, Date from);
[[nodiscard]] std::string bill_key(const std::string& agreement, Date from, const std::string& provider);
[[nodiscard]] std::string item_key(const std::string& agreement, Date from, std::string_view item);

}  // namespace tally::chaincode::billing
