# Made by `tally contract types billing --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

BillingPrepareArguments = TypedDict("BillingPrepareArguments", {
    "devices": Required[List[str]],  # whose items are computed now
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

Prepared = TypedDict("Prepared", {
    "items": Required[int],  # that were computed
    "already": Required[int],  # that were there
}, total=False)

BillingComputeArguments = TypedDict("BillingComputeArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

VersionDays = TypedDict("VersionDays", {
    "version": Required[int],  # of the terms
    "from": Required[str],  # the first day
    "until": Required[str],  # the end date, exclusive
}, total=False)

Tax = TypedDict("Tax", {
    "category": Required[Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]],  # of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O not subject, L and M Canary Islands and Ceuta
    "percent": Required[str],  # of the amount before tax
    "reason": str,  # why none is due
}, total=False)

TaxTotal = TypedDict("TaxTotal", {
    "tax": Required[Tax],  # category and rate
    "taxable": Required[str],  # the sum of the lines' amounts
    "amount": Required[str],  # of the tax
}, total=False)

Share = TypedDict("Share", {
    "organization": Required[str],  # that is paid
    "percent": Required[str],  # of the amount
    "amount": Required[str],  # the shares are the payable amount together; the largest remainders get the last units
}, total=False)

Totals = TypedDict("Totals", {
    "net": Required[str],  # the sum of the lines
    "taxes": List[TaxTotal],  # by category and rate
    "gross": Required[str],  # net and taxes
    "rounding": Required[str],  # by which cash rounding changes it
    "payable": Required[str],  # what is paid
    "shares": List[Share],  # of the payees
}, total=False)

Dispute = TypedDict("Dispute", {
    "by": Required[str],  # the organization
    "reason": Required[str],  # as it said
    "until": Required[str],  # the day on which it lapses unless it was settled
    "before": Required[Literal["COMPUTED", "NOTIFIED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED"]],  # the state that it holds up
}, total=False)

Payment = TypedDict("Payment", {
    "reference": Required[str],  # the bank's, of the booking
    "amount": Required[str],  # that was booked
    "currency": Required[str],  # ISO 4217
    "date": Required[str],  # of the booking
    "statement": Required[str],  # SHA-256 of the bank's statement file, in hexadecimal
}, total=False)

Step = TypedDict("Step", {
    "state": Required[Literal["COMPUTED", "NOTIFIED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED"]],  # of the invoice after this step
    "by": Required[str],  # the organization that acted
    "time_ms": Required[int],  # when
    "transaction": Required[str],  # of it
    "remark": str,  # as it said
    "payment": Payment,  # that a DV attests
}, total=False)

Invoice = TypedDict("Invoice", {
    "agreement": Required[str],  # its id
    "number": Required[int],  # of the agreement's invoices, from 1 on
    "from": Required[str],  # the first day of the period
    "until": Required[str],  # the end date of the period, exclusive
    "versions": List[VersionDays],  # of the terms, in force in the period
    "currency": Required[str],  # ISO 4217
    "devices": Required[int],  # that were metered
    "days": Required[int],  # FINAL days, of all devices
    "lines": Required[int],  # in all items
    "items": Required[str],  # SHA-256 over the items' texts, in the order of their names
    "totals": Required[Totals],  # what is paid
    "due": Required[str],  # the day on which it is to be paid
    "disputable_until": Required[str],  # the day from which it stands
    "state": Required[Literal["COMPUTED", "NOTIFIED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED"]],  # of the payment
    "received_by": List[str],  # payees that have their part
    "confirmed_by": List[str],  # parties that have confirmed it
    "dispute": Dispute,  # that is open
    "timeline": List[Step],  # every step
}, total=False)

BillingPreviewArguments = TypedDict("BillingPreviewArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingNotifyArguments = TypedDict("BillingNotifyArguments", {
    "remark": str,  # for the timeline
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingInitiateArguments = TypedDict("BillingInitiateArguments", {
    "remark": str,  # for the timeline
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingRejectArguments = TypedDict("BillingRejectArguments", {
    "reason": Required[str],  # why
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingPayment = TypedDict("BillingPayment", {
    "reference": Required[str],  # the bank's, of the booking
    "amount": Required[str],  # that was booked
    "currency": Required[str],  # ISO 4217
    "date": Required[str],  # of the booking
    "statement": Required[str],  # SHA-256 of the bank's statement file, in hexadecimal
}, total=False)

BillingConfirmArguments = TypedDict("BillingConfirmArguments", {
    "payment": Required[BillingPayment],  # as the bank has booked it
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingTakeBackArguments = TypedDict("BillingTakeBackArguments", {
    "reason": Required[str],  # why
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingReceiveArguments = TypedDict("BillingReceiveArguments", {
    "remark": str,  # for the timeline
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingConfirmFinalArguments = TypedDict("BillingConfirmFinalArguments", {
    "remark": str,  # for the timeline
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingDisputeArguments = TypedDict("BillingDisputeArguments", {
    "reason": Required[str],  # why
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingSettleDisputeArguments = TypedDict("BillingSettleDisputeArguments", {
    "reason": Required[str],  # why
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingExpireArguments = TypedDict("BillingExpireArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingGetArguments = TypedDict("BillingGetArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingListArguments = TypedDict("BillingListArguments", {
    "agreement": Required[str],  # its id
    "state": Literal["COMPUTED", "NOTIFIED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED"],  # only those in this state
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

InvoicePage = TypedDict("InvoicePage", {
    "invoices": List[Invoice],  # by their first days
    "next": str,  # the next page's cursor
}, total=False)

BillingItemsArguments = TypedDict("BillingItemsArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

BillingTax = TypedDict("BillingTax", {
    "category": Required[Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]],  # of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O not subject, L and M Canary Islands and Ceuta
    "percent": Required[str],  # of the amount before tax
    "reason": str,  # why none is due
}, total=False)

Line = TypedDict("Line", {
    "name": Required[str],  # of the tariff line
    "kind": Required[Literal["QUANTITY", "PEAK", "FEE", "TRAFFIC", "MINIMUM_TAKE", "MAXIMUM_TAKE"]],  # what is priced
    "version": Required[int],  # of the terms
    "device": str,  # whose quantity it is
    "field": str,  # that was measured
    "window": str,  # in which it was measured
    "tier": int,  # which one of several, from 1 on
    "from": Required[str],  # the first day
    "until": Required[str],  # the end date, exclusive
    "quantity": Required[str],  # that is priced
    "unit": Required[str],  # of the quantity: the field's, or days, months, messages, ...
    "price": Required[str],  # for each base
    "base": Required[str],  # the price is for so many units
    "amount": Required[str],  # quantity x price / base, rounded once
    "tax": Required[BillingTax],  # on this line
    "corrects": str,  # the first day of the billing period that this line corrects
}, total=False)

CitedDay = TypedDict("CitedDay", {
    "day": Required[str],  # in the agreement's zone
    "content_id": str,  # of the signed record
    "match": Required[Literal["MATCH", "WITHIN_TOLERANCE", "ONE_SIDED", "MISSING", "MISMATCH", "OUT_OF_RANGE"]],  # of device and cloud
    "revision": int,  # of the FINAL day
}, total=False)

Taken = TypedDict("Taken", {
    "field": Required[str],  # of the agreement
    "quantities": List[str],  # billed, in each segment of the period
}, total=False)

Item = TypedDict("Item", {
    "agreement": Required[str],  # its id
    "from": Required[str],  # the first day of the invoice's period
    "item": Required[str],  # the device; "*" what is of no device, "!" corrections of earlier invoices
    "versions": List[VersionDays],  # of the terms by which it is priced
    "lines": List[Line],  # that are paid
    "days": List[CitedDay],  # from which the quantities are
    "taken": List[Taken],  # by field and version
}, total=False)

ItemPage = TypedDict("ItemPage", {
    "items": List[Item],  # corrections, then what is of no device, then the devices
    "next": str,  # the next page's cursor
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "billing.prepare": (BillingPrepareArguments, Prepared),  # Computes the items of some devices ahead of the invoice of many
    "billing.compute": (BillingComputeArguments, Invoice),  # Computes the invoice of a period, once all its days are FINAL
    "billing.preview": (BillingPreviewArguments, Invoice),  # What the invoice of a period would be, from the days that are FINAL
    "billing.notify": (BillingNotifyArguments, Invoice),  # The OPERATOR has sent the invoice to its payer
    "billing.initiate": (BillingInitiateArguments, Invoice),  # The RC or a DV has ordered the payment
    "billing.reject": (BillingRejectArguments, Invoice),  # A DV says that the bank has refused the payment
    "billing.confirm": (BillingConfirmArguments, Invoice),  # A DV attests the bank's booking
    "billing.take_back": (BillingTakeBackArguments, Invoice),  # A DV says that the bank has returned the payment
    "billing.receive": (BillingReceiveArguments, Invoice),  # A payee has received its part
    "billing.confirm_final": (BillingConfirmFinalArguments, Invoice),  # A party confirms that the invoice is settled
    "billing.dispute": (BillingDisputeArguments, Invoice),  # A party disputes the invoice
    "billing.settle_dispute": (BillingSettleDisputeArguments, Invoice),  # Ends a dispute; the invoice goes on
    "billing.expire": (BillingExpireArguments, Invoice),  # The invoice is due and not paid
    "billing.get": (BillingGetArguments, Invoice),  # The invoice of a period
    "billing.list": (BillingListArguments, InvoicePage),  # An agreement's invoices
    "billing.items": (BillingItemsArguments, ItemPage),  # An invoice's lines by device, with the content ids that they come from
}
