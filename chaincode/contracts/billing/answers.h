#pragma once
// Arguments and answers of the billing contract.

#include "chaincode/contracts/billing/model.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::billing {

struct OfPeriod {
    std::string agreement;
    Date day;
};
TALLY_FIELDS(OfPeriod, (agreement, "its id", .form = &kIdentifier), (day, "any day of the billing period"))

inline constexpr std::int64_t kMostPrepared = 200;

struct Prepare : OfPeriod {
    std::vector<std::string> devices;
};
TALLY_FIELDS_WITH(Prepare, (OfPeriod),
                  (devices, "whose items are computed now", .min = 1, .max = kMostPrepared, .form = &kIdentifier))

struct Prepared {
    std::int64_t items = 0;
    std::int64_t already = 0;
};
TALLY_FIELDS(Prepared, (items, "that were computed"), (already, "that were there"))

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

struct Remarked : OfPeriod {
    std::optional<std::string> remark;
};
TALLY_FIELDS_WITH(Remarked, (OfPeriod), (remark, "for the timeline", .form = &kStatement))

struct Because : OfPeriod {
    std::string reason;
};
TALLY_FIELDS_WITH(Because, (OfPeriod), (reason, "why", .form = &kStatement))

struct Confirm : OfPeriod {
    Payment payment;
};
TALLY_FIELDS_WITH(Confirm, (OfPeriod), (payment, "as the bank has booked it"))

struct InvoiceEvent {
    std::string agreement;
    Date from;
    InvoiceState state = InvoiceState::COMPUTED;
    std::string by;
    Decimal payable;
    std::string currency;
};
TALLY_FIELDS(InvoiceEvent, (agreement, "its id"), (from, "the first day of the period"), (state, "of the invoice"),
             (by, "the organization that acted"), (payable, "what is paid"), (currency, "ISO 4217"))

}  // namespace tally::chaincode::billing
