#pragma once
// Arguments and answers of the billing contract.

#include "chaincode/contracts/billing/model.h"
#include "chaincode/contracts/data/examine_answers.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::billing {

struct OfPeriod {
    std::string agreement;
    Date day;
};
TALLY_FIELDS(OfPeriod, (agreement, "its id", .form = &kIdentifier), (day, "any day of the billing period"))

// An invoice, or the bill of a provider.
struct OfPayable : OfPeriod {
    std::optional<std::string> provider;
};
TALLY_FIELDS_WITH(OfPayable, (OfPeriod),
                  (provider, "whose bill of the period is meant; without it the invoice", .form = &kOrganization))

inline constexpr std::int64_t kMostPrepared = 200;
inline constexpr std::size_t kMostUnprepared = 500;  // devices that a transaction takes which are not prepared

struct Prepare : OfPeriod {
    std::vector<std::string> devices;
};
TALLY_FIELDS_WITH(Prepare, (OfPeriod),
                  (devices, "to be prepared", .min = 1, .max = kMostPrepared, .form = &kIdentifier))

struct PrepareBill : Prepare {
    std::string provider;
};
TALLY_FIELDS_WITH(PrepareBill, (Prepare), (provider, "whose bill will be compared", .form = &kOrganization))

struct Prepared {
    std::int64_t items = 0;
    std::int64_t already = 0;
    std::optional<std::int64_t> not_metered;
};
TALLY_FIELDS(Prepared, (items, "number of devices that were computed now"),
             (already, "number of devices that had been computed before"),
             (not_metered, "number of devices that are not metered in the period; absent: all are"))

// An invoice of figures that are commitments, as its parties have it. Its text is what a sealed invoice commits to.
struct OpenedInvoice {
    std::string agreement;
    std::int64_t number = 1;
    Date from;
    Date until;
    std::string currency;
    std::vector<VersionDays> versions;
    std::int64_t devices = 0;
    std::int64_t days = 0;
    Totals totals;
    std::vector<Item> items;
};
TALLY_FIELDS(OpenedInvoice, (agreement, "its id"), (number, "of the agreement's invoices, from 1 on"),
             (from, "the first day of the period"), (until, "the end date of the period, exclusive"),
             (currency, "ISO 4217"), (versions, "of the terms, in force in the period"), (devices, "that were metered"),
             (days, "FINAL days, of all devices"), (totals, "what is paid"),
             (items, "in the order of their names: corrections, then what is of no device, then the devices"))

struct Commitment : OfPeriod {
    std::string commitment;
};
TALLY_FIELDS_WITH(Commitment, (OfPeriod),
                  (commitment, "SHA-256 of a salt of 32 bytes and the invoice's text, in hexadecimal", .form = &kHash))

struct AttestPaid : OfPeriod {
    std::string statement;
    std::vector<std::string> bookings;
};
TALLY_FIELDS_WITH(AttestPaid, (OfPeriod),
                  (statement, "SHA-256 of the bank's statement file, in hexadecimal", .form = &kHash),
                  (bookings,
                   "of each booking the SHA-256 of its account, a line feed and the bank's reference, in hexadecimal; "
                   "none where nothing is to be paid",
                   .max = 50, .form = &kHash))

struct ListInvoices : PageArguments {
    std::string agreement;
    std::optional<InvoiceState> state;
};
TALLY_FIELDS_WITH(ListInvoices, (PageArguments), (agreement, "its id", .form = &kIdentifier),
                  (state, "only those in this state"))

struct InvoicePage {
    std::vector<Invoice> invoices;
    std::optional<std::string> next;
};
TALLY_FIELDS(InvoicePage, (invoices, "by their first days"), (next, "the next page's cursor"))

struct ItemsOf : PageArguments {
    std::string agreement;
    Date day;
};
TALLY_FIELDS_WITH(ItemsOf, (PageArguments), (agreement, "its id", .form = &kIdentifier),
                  (day, "any day of the billing period"))

struct ItemPage {
    std::vector<Item> items;
    std::optional<std::string> next;
};
TALLY_FIELDS(ItemPage, (items, "corrections, then what is of no device, then the devices"),
             (next, "the next page's cursor"))

struct Remarked : OfPayable {
    std::optional<std::string> remark;
};
TALLY_FIELDS_WITH(Remarked, (OfPayable), (remark, "for the timeline", .form = &kStatement))

struct Because : OfPayable {
    std::string reason;
};
TALLY_FIELDS_WITH(Because, (OfPayable), (reason, "why", .form = &kStatement))

struct TakeBack : Because {
    std::vector<std::string> payees;
};
TALLY_FIELDS_WITH(TakeBack, (Because),
                  (payees, "whose payment has come back", .min = 1, .max = 50, .form = &kOrganization))

struct Confirm : OfPayable {
    Payment payment;
};
TALLY_FIELDS_WITH(Confirm, (OfPayable), (payment, "as the bank has booked it"))

// The invoice's sums are examined with the last of the devices.
struct ExaminePeriod : OfPeriod {
    std::optional<std::string> device;
    std::optional<std::string> after;
    std::optional<std::string> through;
};
TALLY_FIELDS_WITH(ExaminePeriod, (OfPeriod), (device, "whose item alone is computed again", .form = &kIdentifier),
                  (after, "only items of devices after this id", .form = &kIdentifier),
                  (through, "only items of devices up to and including this id", .form = &kIdentifier))

struct MeteredDays {
    std::string device;
    Date from;
    Date until;
};
TALLY_FIELDS(MeteredDays, (device, "its id"), (from, "the first day on which it is metered"),
             (until, "the end date, exclusive"))

struct ExaminedInvoice {
    std::vector<MeteredDays> devices;
    std::optional<std::string> items;
    std::vector<data::CheckCount> checks;
    std::vector<data::Finding> findings;
};
TALLY_FIELDS(ExaminedInvoice, (devices, "that are metered in the period, and when"),
             (items, "the invoice's SHA-256 of its items; none: there is no invoice"), (checks, "by kind"),
             (findings, "what does not hold"))

struct PostBill : OfPeriod {
    std::string number;
    Date issued;
    std::vector<BillLine> lines;
    Decimal total;
};
TALLY_FIELDS_WITH(PostBill, (OfPeriod), (number, "of the document", .min = 1, .max = 35),
                  (issued, "the document's date"), (lines, "of the bill", .min = 1, .max = 1000),
                  (total, "with tax; it must be the sum of the lines and their taxes"))

struct AuthorizeBill : OfPeriod {
    std::string provider;
    std::vector<std::string> audits;
};
TALLY_FIELDS_WITH(AuthorizeBill, (OfPeriod), (provider, "whose bill it is", .form = &kOrganization),
                  (audits,
                   "recorded audit runs (audit.run) of the bill's days: one of all devices, parts that leave no "
                   "device out, or one of each device on the bill",
                   .min = 1, .max = 500, .form = &kIdentifier))

struct WithdrawBill : OfPeriod {
    std::string reason;
};
TALLY_FIELDS_WITH(WithdrawBill, (OfPeriod), (reason, "why", .form = &kStatement))

struct OneBill : OfPeriod {
    std::string provider;
};
TALLY_FIELDS_WITH(OneBill, (OfPeriod), (provider, "whose bill it is", .form = &kOrganization))

struct ListBills : PageArguments {
    std::string agreement;
    std::optional<InvoiceState> state;
};
TALLY_FIELDS_WITH(ListBills, (PageArguments), (agreement, "its id", .form = &kIdentifier),
                  (state, "only those in this state"))

struct BillPage {
    std::vector<Bill> bills;
    std::optional<std::string> next;
};
TALLY_FIELDS(BillPage, (bills, "by the first days of their periods"), (next, "the next page's cursor"))

struct InvoiceEvent {
    std::string agreement;
    Date from;
    std::optional<std::string> provider;
    InvoiceState state = InvoiceState::COMPUTED;
    std::string by;
    Decimal payable;
    std::string currency;
};
TALLY_FIELDS(InvoiceEvent, (agreement, "its id"), (from, "the first day of the period"),
             (provider, "whose bill it is; without it, it is the invoice"), (state, "of it"),
             (by, "the organization that acted"), (payable, "what is paid"), (currency, "ISO 4217"))

}  // namespace tally::chaincode::billing
