# Made by `tally contract types billing --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

BillingPrepareArguments = TypedDict("BillingPrepareArguments", {
    "devices": Required[List[str]],  # to be prepared
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

Prepared = TypedDict("Prepared", {
    "items": Required[int],  # number of devices that were computed now
    "already": Required[int],  # number of devices that had been computed before
    "not_metered": int,  # number of devices that are not metered in the period; absent: all are
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

BilledRevision = TypedDict("BilledRevision", {
    "device": Required[str],  # its id
    "day": Required[str],  # in the agreement's zone
    "revision": Required[int],  # that is billed
    "replaces": int,  # the revision that was billed before; none: the day as it became FINAL
}, total=False)

Sealed = TypedDict("Sealed", {
    "commitment": Required[str],  # SHA-256 of a salt of 32 bytes and the invoice's text (docs/formats.md)
    "agreed_by": List[str],  # parties that have computed the same invoice
    "revisions": List[BilledRevision],  # of days of earlier periods, and of this one, that it corrects
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

Booking = TypedDict("Booking", {
    "payee": Required[str],  # the organization that was paid
    "account": Required[str],  # the IBAN of the account whose statement shows it
    "reference": Required[str],  # the bank's, of the booking: unique in its account
    "amount": Required[str],  # that was booked
    "date": Required[str],  # of the booking
    "statement": Required[str],  # SHA-256 of the bank's statement file, in hexadecimal
}, total=False)

Dispute = TypedDict("Dispute", {
    "by": Required[str],  # the organization
    "reason": Required[str],  # as it said
    "until": Required[str],  # the day on which it lapses unless it was settled
    "open": Required[bool],  # it holds the payment up
}, total=False)

Payment = TypedDict("Payment", {
    "currency": Required[str],  # ISO 4217
    "bookings": Required[List[Booking]],  # one for each payee
}, total=False)

Step = TypedDict("Step", {
    "state": Required[Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"]],  # of the invoice after this step
    "by": Required[str],  # the organization that acted
    "time_ms": Required[int],  # when
    "transaction": Required[str],  # of it
    "remark": str,  # as it said
    "payment": Payment,  # that a DV attests
}, total=False)

Invoice = TypedDict("Invoice", {
    "number": Required[int],  # of the agreement's invoices, from 1 on
    "versions": List[VersionDays],  # of the terms, in force in the period
    "devices": Required[int],  # that were metered
    "days": Required[int],  # FINAL days, of all devices
    "lines": Required[int],  # in all items
    "items": Required[str],  # SHA-256 over the items' texts, in the order of their names; empty where it is sealed
    "sealed": Sealed,  # its lines and totals are with the parties alone
    "agreement": Required[str],  # its id
    "from": Required[str],  # the first day of the period
    "until": Required[str],  # the end date of the period, exclusive
    "currency": Required[str],  # ISO 4217
    "totals": Required[Totals],  # what is paid
    "due": Required[str],  # the day on which it is to be paid
    "disputable_until": Required[str],  # the day from which it stands
    "state": Required[Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"]],  # of the payment
    "paid": List[Booking],  # what is booked and has not come back
    "received_by": List[str],  # payees that have their part
    "confirmed_by": List[str],  # parties that have confirmed it
    "disputes": List[Dispute],  # at most one of each party
    "disputed_from": Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"],  # the state that disputes hold up
    "timeline": List[Step],  # every step
}, total=False)

BillingPreviewArguments = TypedDict("BillingPreviewArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingOpenInvoiceArguments = TypedDict("BillingOpenInvoiceArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
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
    "match": Required[Literal["MATCH", "WITHIN_TOLERANCE", "COMMITTED", "ONE_SIDED", "MISSING", "MISMATCH", "OUT_OF_RANGE"]],  # of device and cloud
    "revision": int,  # of the FINAL day
    "sessions": List[str],  # of OCMF meters: the content ids of every record that the day's quantities come from
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

OpenedInvoice = TypedDict("OpenedInvoice", {
    "agreement": Required[str],  # its id
    "number": Required[int],  # of the agreement's invoices, from 1 on
    "from": Required[str],  # the first day of the period
    "until": Required[str],  # the end date of the period, exclusive
    "currency": Required[str],  # ISO 4217
    "versions": List[VersionDays],  # of the terms, in force in the period
    "devices": Required[int],  # that were metered
    "days": Required[int],  # FINAL days, of all devices
    "totals": Required[Totals],  # what is paid
    "items": List[Item],  # in the order of their names: corrections, then what is of no device, then the devices
}, total=False)

BillingPrepareSealArguments = TypedDict("BillingPrepareSealArguments", {
    "devices": Required[List[str]],  # to be prepared
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingSealArguments = TypedDict("BillingSealArguments", {
    "commitment": Required[str],  # SHA-256 of a salt of 32 bytes and the invoice's text, in hexadecimal
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingAgreeArguments = TypedDict("BillingAgreeArguments", {
    "commitment": Required[str],  # SHA-256 of a salt of 32 bytes and the invoice's text, in hexadecimal
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingAttestPaidArguments = TypedDict("BillingAttestPaidArguments", {
    "statement": Required[str],  # SHA-256 of the bank's statement file, in hexadecimal
    "bookings": List[str],  # of each booking the SHA-256 of its account, a line feed and the bank's reference, in hexadecimal; none where nothing is to be paid
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

Payable = TypedDict("Payable", {
    "agreement": Required[str],  # its id
    "from": Required[str],  # the first day of the period
    "until": Required[str],  # the end date of the period, exclusive
    "currency": Required[str],  # ISO 4217
    "totals": Required[Totals],  # what is paid
    "due": Required[str],  # the day on which it is to be paid
    "disputable_until": Required[str],  # the day from which it stands
    "state": Required[Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"]],  # of the payment
    "paid": List[Booking],  # what is booked and has not come back
    "received_by": List[str],  # payees that have their part
    "confirmed_by": List[str],  # parties that have confirmed it
    "disputes": List[Dispute],  # at most one of each party
    "disputed_from": Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"],  # the state that disputes hold up
    "timeline": List[Step],  # every step
}, total=False)

BillingNotifyArguments = TypedDict("BillingNotifyArguments", {
    "remark": str,  # for the timeline
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingInitiateArguments = TypedDict("BillingInitiateArguments", {
    "remark": str,  # for the timeline
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingRejectArguments = TypedDict("BillingRejectArguments", {
    "reason": Required[str],  # why
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingPayment = TypedDict("BillingPayment", {
    "currency": Required[str],  # ISO 4217
    "bookings": Required[List[Booking]],  # one for each payee
}, total=False)

BillingConfirmArguments = TypedDict("BillingConfirmArguments", {
    "payment": Required[BillingPayment],  # as the bank has booked it
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingTakeBackArguments = TypedDict("BillingTakeBackArguments", {
    "payees": Required[List[str]],  # whose payment has come back
    "reason": Required[str],  # why
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingReceiveArguments = TypedDict("BillingReceiveArguments", {
    "remark": str,  # for the timeline
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingConfirmFinalArguments = TypedDict("BillingConfirmFinalArguments", {
    "remark": str,  # for the timeline
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingDisputeArguments = TypedDict("BillingDisputeArguments", {
    "reason": Required[str],  # why
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingSettleDisputeArguments = TypedDict("BillingSettleDisputeArguments", {
    "reason": Required[str],  # why
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingExpireArguments = TypedDict("BillingExpireArguments", {
    "provider": str,  # whose bill of the period is meant; without it the invoice
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingPrepareBillArguments = TypedDict("BillingPrepareBillArguments", {
    "provider": Required[str],  # whose bill will be compared
    "devices": Required[List[str]],  # to be prepared
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillLine = TypedDict("BillLine", {
    "name": Required[str],  # of the tariff line that it is for
    "device": str,  # whose use it is; without it, all devices' that have no line of their own on the bill
    "quantity": Required[str],  # that is billed
    "amount": Required[str],  # before tax
    "tax": Required[BillingTax],  # on this line
}, total=False)

BillingPostBillArguments = TypedDict("BillingPostBillArguments", {
    "number": Required[str],  # of the document
    "issued": Required[str],  # the document's date
    "lines": Required[List[BillLine]],  # of the bill
    "total": Required[str],  # with tax; it must be the sum of the lines and their taxes
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

Variance = TypedDict("Variance", {
    "name": Required[str],  # of the tariff line
    "device": str,  # whose use it is
    "billed_quantity": Required[str],  # on the bill
    "metered_quantity": Required[str],  # of the FINAL days
    "billed_amount": Required[str],  # on the bill, before tax
    "agreed_amount": Required[str],  # for the metered quantity, by the terms
    "difference": Required[str],  # billed less agreed
    "verdict": Required[Literal["EXACT", "WITHIN_TOLERANCE", "TOO_MUCH", "TOO_LITTLE", "NOT_AGREED", "NOT_BILLED"]],  # on this line
}, total=False)

Bill = TypedDict("Bill", {
    "provider": Required[str],  # the SP that has posted it
    "number": Required[str],  # of the provider's document
    "issued": Required[str],  # the document's date
    "lines": List[BillLine],  # as posted
    "variances": List[Variance],  # each line compared with metered use
    "within_tolerance": Required[bool],  # every line is
    "audits": List[str],  # the recorded audit runs by which it was authorized
    "revisions": int,  # how many revisions of FINAL days the agreement had when it was posted
    "agreement": Required[str],  # its id
    "from": Required[str],  # the first day of the period
    "until": Required[str],  # the end date of the period, exclusive
    "currency": Required[str],  # ISO 4217
    "totals": Required[Totals],  # what is paid
    "due": Required[str],  # the day on which it is to be paid
    "disputable_until": Required[str],  # the day from which it stands
    "state": Required[Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"]],  # of the payment
    "paid": List[Booking],  # what is booked and has not come back
    "received_by": List[str],  # payees that have their part
    "confirmed_by": List[str],  # parties that have confirmed it
    "disputes": List[Dispute],  # at most one of each party
    "disputed_from": Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"],  # the state that disputes hold up
    "timeline": List[Step],  # every step
}, total=False)

BillingAuthorizeBillArguments = TypedDict("BillingAuthorizeBillArguments", {
    "provider": Required[str],  # whose bill it is
    "audits": Required[List[str]],  # recorded audit runs (audit.run) of the bill's days: one of all devices, parts that leave no device out, or one of each device on the bill
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingWithdrawBillArguments = TypedDict("BillingWithdrawBillArguments", {
    "reason": Required[str],  # why
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingGetBillArguments = TypedDict("BillingGetBillArguments", {
    "provider": Required[str],  # whose bill it is
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingBillsArguments = TypedDict("BillingBillsArguments", {
    "agreement": Required[str],  # its id
    "state": Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"],  # only those in this state
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

BillPage = TypedDict("BillPage", {
    "bills": List[Bill],  # by the first days of their periods
    "next": str,  # the next page's cursor
}, total=False)

BillingGetArguments = TypedDict("BillingGetArguments", {
    "agreement": Required[str],  # its id
    "day": Required[str],  # any day of the billing period
}, total=False)

BillingListArguments = TypedDict("BillingListArguments", {
    "agreement": Required[str],  # its id
    "state": Literal["COMPUTED", "NOTIFIED", "POSTED", "AUTHORIZED", "PAYMENT_INITIATED", "PAYMENT_REJECTED", "PAYMENT_CONFIRMED", "PAYMENT_RETURNED", "RECEIVED", "FINAL", "DISPUTED", "EXPIRED", "WITHDRAWN"],  # only those in this state
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

ItemPage = TypedDict("ItemPage", {
    "items": List[Item],  # corrections, then what is of no device, then the devices
    "next": str,  # the next page's cursor
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "billing.prepare": (BillingPrepareArguments, Prepared),  # Computes the items of some devices ahead of the invoice of many
    "billing.compute": (BillingComputeArguments, Invoice),  # Computes the invoice of a period, once all its days are FINAL
    "billing.preview": (BillingPreviewArguments, Invoice),  # What the invoice of a period would be, from the days that are FINAL
    "billing.open_invoice": (BillingOpenInvoiceArguments, OpenedInvoice),  # The invoice of figures that are commitments; at a node of a keeper of the readings
    "billing.prepare_seal": (BillingPrepareSealArguments, Prepared),  # Counts ahead the FINAL days of some devices for a sealed invoice
    "billing.seal": (BillingSealArguments, Invoice),  # The OPERATOR stores the commitment to the invoice of a period
    "billing.agree": (BillingAgreeArguments, Invoice),  # A party has computed the sealed invoice, and agrees to it
    "billing.attest_paid": (BillingAttestPaidArguments, Payable),  # A DV attests that a sealed invoice is paid
    "billing.notify": (BillingNotifyArguments, Payable),  # The OPERATOR has sent the invoice to its payer
    "billing.initiate": (BillingInitiateArguments, Payable),  # The RC or a DV has ordered the payment
    "billing.reject": (BillingRejectArguments, Payable),  # A DV says that the bank has refused the payment
    "billing.confirm": (BillingConfirmArguments, Payable),  # A DV attests the bank's booking
    "billing.take_back": (BillingTakeBackArguments, Payable),  # A DV says that the bank has returned the payment
    "billing.receive": (BillingReceiveArguments, Payable),  # A payee has received its part
    "billing.confirm_final": (BillingConfirmFinalArguments, Payable),  # A party confirms that the invoice is settled
    "billing.dispute": (BillingDisputeArguments, Payable),  # A party disputes the invoice
    "billing.settle_dispute": (BillingSettleDisputeArguments, Payable),  # Ends a dispute; the invoice goes on
    "billing.expire": (BillingExpireArguments, Payable),  # The invoice is due and not paid
    "billing.prepare_bill": (BillingPrepareBillArguments, Prepared),  # Computes ahead what a provider may bill for some devices
    "billing.post_bill": (BillingPostBillArguments, Bill),  # A service provider posts its bill of a period
    "billing.authorize_bill": (BillingAuthorizeBillArguments, Bill),  # The RC or a DV authorizes the payment of a bill
    "billing.withdraw_bill": (BillingWithdrawBillArguments, Bill),  # A provider withdraws its bill
    "billing.get_bill": (BillingGetBillArguments, Bill),  # A provider's bill, each line compared with metered use
    "billing.bills": (BillingBillsArguments, BillPage),  # The bills of an agreement's providers
    "billing.get": (BillingGetArguments, Invoice),  # The invoice of a period
    "billing.list": (BillingListArguments, InvoicePage),  # An agreement's invoices
    "billing.items": (BillingItemsArguments, ItemPage),  # An invoice's lines by device, with the content ids that they come from
}
