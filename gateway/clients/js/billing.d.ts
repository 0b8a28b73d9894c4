// Made by `tally contract types billing --language typescript`: change the contract's declaration, not this file.

export interface BillingPrepareArguments {
  devices: Array<string>;  // to be prepared
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface Prepared {
  items: number;  // number of devices that were computed now
  already: number;  // number of devices that had been computed before
  not_metered?: number;  // number of devices that are not metered in the period; absent: all are
}

export interface BillingComputeArguments {
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface VersionDays {
  version: number;  // of the terms
  from: string;  // the first day
  until: string;  // the end date, exclusive
}

export interface BilledRevision {
  device: string;  // its id
  day: string;  // in the agreement's zone
  revision: number;  // that is billed
  replaces?: number;  // the revision that was billed before; none: the day as it became FINAL
}

export interface Sealed {
  commitment: string;  // SHA-256 of a salt of 32 bytes and the invoice's text (docs/formats.md)
  agreed_by?: Array<string>;  // parties that have computed the same invoice
  revisions?: Array<BilledRevision>;  // of days of earlier periods, and of this one, that it corrects
}

export interface Tax {
  category: "S" | "Z" | "E" | "AE" | "K" | "G" | "O" | "L" | "M";  // of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O not subject, L and M Canary Islands and Ceuta
  percent: string;  // of the amount before tax
  reason?: string;  // why none is due
}

export interface TaxTotal {
  tax: Tax;  // category and rate
  taxable: string;  // the sum of the lines' amounts
  amount: string;  // of the tax
}

export interface Share {
  organization: string;  // that is paid
  percent: string;  // of the amount
  amount: string;  // the shares are the payable amount together; the largest remainders get the last units
}

export interface Totals {
  net: string;  // the sum of the lines
  taxes?: Array<TaxTotal>;  // by category and rate
  gross: string;  // net and taxes
  rounding: string;  // by which cash rounding changes it
  payable: string;  // what is paid
  shares?: Array<Share>;  // of the payees
}

export interface Booking {
  payee: string;  // the organization that was paid
  account: string;  // the IBAN of the account whose statement shows it
  reference: string;  // the bank's, of the booking: unique in its account
  amount: string;  // that was booked
  date: string;  // of the booking
  statement: string;  // SHA-256 of the bank's statement file, in hexadecimal
}

export interface Dispute {
  by: string;  // the organization
  reason: string;  // as it said
  until: string;  // the day on which it lapses unless it was settled
  open: boolean;  // it holds the payment up
}

export interface Payment {
  currency: string;  // ISO 4217
  bookings: Array<Booking>;  // one for each payee
}

export interface Step {
  state: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // of the invoice after this step
  by: string;  // the organization that acted
  time_ms: number;  // when
  transaction: string;  // of it
  remark?: string;  // as it said
  payment?: Payment;  // that a DV attests
}

export interface Invoice {
  number: number;  // of the agreement's invoices, from 1 on
  versions?: Array<VersionDays>;  // of the terms, in force in the period
  devices: number;  // that were metered
  days: number;  // FINAL days, of all devices
  lines: number;  // in all items
  items: string;  // SHA-256 over the items' texts, in the order of their names; empty where it is sealed
  sealed?: Sealed;  // its lines and totals are with the parties alone
  agreement: string;  // its id
  from: string;  // the first day of the period
  until: string;  // the end date of the period, exclusive
  currency: string;  // ISO 4217
  totals: Totals;  // what is paid
  due: string;  // the day on which it is to be paid
  disputable_until: string;  // the day from which it stands
  state: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // of the payment
  paid?: Array<Booking>;  // what is booked and has not come back
  received_by?: Array<string>;  // payees that have their part
  confirmed_by?: Array<string>;  // parties that have confirmed it
  disputes?: Array<Dispute>;  // at most one of each party
  disputed_from?: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // the state that disputes hold up
  timeline?: Array<Step>;  // every step
}

export interface BillingPreviewArguments {
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingOpenInvoiceArguments {
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingTax {
  category: "S" | "Z" | "E" | "AE" | "K" | "G" | "O" | "L" | "M";  // of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O not subject, L and M Canary Islands and Ceuta
  percent: string;  // of the amount before tax
  reason?: string;  // why none is due
}

export interface Line {
  name: string;  // of the tariff line
  kind: "QUANTITY" | "PEAK" | "FEE" | "TRAFFIC" | "MINIMUM_TAKE" | "MAXIMUM_TAKE";  // what is priced
  version: number;  // of the terms
  device?: string;  // whose quantity it is
  field?: string;  // that was measured
  window?: string;  // in which it was measured
  tier?: number;  // which one of several, from 1 on
  from: string;  // the first day
  until: string;  // the end date, exclusive
  quantity: string;  // that is priced
  unit: string;  // of the quantity: the field's, or days, months, messages, ...
  price: string;  // for each base
  base: string;  // the price is for so many units
  amount: string;  // quantity x price / base, rounded once
  tax: BillingTax;  // on this line
  corrects?: string;  // the first day of the billing period that this line corrects
}

export interface CitedDay {
  day: string;  // in the agreement's zone
  content_id?: string;  // of the signed record
  match: "MATCH" | "WITHIN_TOLERANCE" | "COMMITTED" | "ONE_SIDED" | "MISSING" | "MISMATCH" | "OUT_OF_RANGE";  // of device and cloud
  revision?: number;  // of the FINAL day
  sessions?: Array<string>;  // of OCMF meters: the content ids of every record that the day's quantities come from
}

export interface Taken {
  field: string;  // of the agreement
  quantities?: Array<string>;  // billed, in each segment of the period
}

export interface Item {
  agreement: string;  // its id
  from: string;  // the first day of the invoice's period
  item: string;  // the device; "*" what is of no device, "!" corrections of earlier invoices
  versions?: Array<VersionDays>;  // of the terms by which it is priced
  lines?: Array<Line>;  // that are paid
  days?: Array<CitedDay>;  // from which the quantities are
  taken?: Array<Taken>;  // by field and version
}

export interface OpenedInvoice {
  agreement: string;  // its id
  number: number;  // of the agreement's invoices, from 1 on
  from: string;  // the first day of the period
  until: string;  // the end date of the period, exclusive
  currency: string;  // ISO 4217
  versions?: Array<VersionDays>;  // of the terms, in force in the period
  devices: number;  // that were metered
  days: number;  // FINAL days, of all devices
  totals: Totals;  // what is paid
  items?: Array<Item>;  // in the order of their names: corrections, then what is of no device, then the devices
}

export interface BillingPrepareSealArguments {
  devices: Array<string>;  // to be prepared
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingSealArguments {
  commitment: string;  // SHA-256 of a salt of 32 bytes and the invoice's text, in hexadecimal
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingAgreeArguments {
  commitment: string;  // SHA-256 of a salt of 32 bytes and the invoice's text, in hexadecimal
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingAttestPaidArguments {
  statement: string;  // SHA-256 of the bank's statement file, in hexadecimal
  bookings?: Array<string>;  // of each booking the SHA-256 of its account, a line feed and the bank's reference, in hexadecimal; none where nothing is to be paid
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface Payable {
  agreement: string;  // its id
  from: string;  // the first day of the period
  until: string;  // the end date of the period, exclusive
  currency: string;  // ISO 4217
  totals: Totals;  // what is paid
  due: string;  // the day on which it is to be paid
  disputable_until: string;  // the day from which it stands
  state: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // of the payment
  paid?: Array<Booking>;  // what is booked and has not come back
  received_by?: Array<string>;  // payees that have their part
  confirmed_by?: Array<string>;  // parties that have confirmed it
  disputes?: Array<Dispute>;  // at most one of each party
  disputed_from?: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // the state that disputes hold up
  timeline?: Array<Step>;  // every step
}

export interface BillingNotifyArguments {
  remark?: string;  // for the timeline
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingInitiateArguments {
  remark?: string;  // for the timeline
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingRejectArguments {
  reason: string;  // why
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingPayment {
  currency: string;  // ISO 4217
  bookings: Array<Booking>;  // one for each payee
}

export interface BillingConfirmArguments {
  payment: BillingPayment;  // as the bank has booked it
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingTakeBackArguments {
  payees: Array<string>;  // whose payment has come back
  reason: string;  // why
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingReceiveArguments {
  remark?: string;  // for the timeline
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingConfirmFinalArguments {
  remark?: string;  // for the timeline
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingDisputeArguments {
  reason: string;  // why
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingSettleDisputeArguments {
  reason: string;  // why
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingExpireArguments {
  provider?: string;  // whose bill of the period is meant; without it the invoice
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingPrepareBillArguments {
  provider: string;  // whose bill will be compared
  devices: Array<string>;  // to be prepared
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillLine {
  name: string;  // of the tariff line that it is for
  device?: string;  // whose use it is; without it, all devices' that have no line of their own on the bill
  quantity: string;  // that is billed
  amount: string;  // before tax
  tax: BillingTax;  // on this line
}

export interface BillingPostBillArguments {
  number: string;  // of the document
  issued: string;  // the document's date
  lines: Array<BillLine>;  // of the bill
  total: string;  // with tax; it must be the sum of the lines and their taxes
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface Variance {
  name: string;  // of the tariff line
  device?: string;  // whose use it is
  billed_quantity: string;  // on the bill
  metered_quantity: string;  // of the FINAL days
  billed_amount: string;  // on the bill, before tax
  agreed_amount: string;  // for the metered quantity, by the terms
  difference: string;  // billed less agreed
  verdict: "EXACT" | "WITHIN_TOLERANCE" | "TOO_MUCH" | "TOO_LITTLE" | "NOT_AGREED" | "NOT_BILLED";  // on this line
}

export interface Bill {
  provider: string;  // the SP that has posted it
  number: string;  // of the provider's document
  issued: string;  // the document's date
  lines?: Array<BillLine>;  // as posted
  variances?: Array<Variance>;  // each line compared with metered use
  within_tolerance: boolean;  // every line is
  audits?: Array<string>;  // the recorded audit runs by which it was authorized
  revisions?: number;  // how many revisions of FINAL days the agreement had when it was posted
  agreement: string;  // its id
  from: string;  // the first day of the period
  until: string;  // the end date of the period, exclusive
  currency: string;  // ISO 4217
  totals: Totals;  // what is paid
  due: string;  // the day on which it is to be paid
  disputable_until: string;  // the day from which it stands
  state: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // of the payment
  paid?: Array<Booking>;  // what is booked and has not come back
  received_by?: Array<string>;  // payees that have their part
  confirmed_by?: Array<string>;  // parties that have confirmed it
  disputes?: Array<Dispute>;  // at most one of each party
  disputed_from?: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // the state that disputes hold up
  timeline?: Array<Step>;  // every step
}

export interface BillingAuthorizeBillArguments {
  provider: string;  // whose bill it is
  audits: Array<string>;  // recorded audit runs (audit.run) of the bill's days: one of all devices, parts that leave no device out, or one of each device on the bill
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingWithdrawBillArguments {
  reason: string;  // why
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingGetBillArguments {
  provider: string;  // whose bill it is
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingBillsArguments {
  agreement: string;  // its id
  state?: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // only those in this state
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface BillPage {
  bills?: Array<Bill>;  // by the first days of their periods
  next?: string;  // the next page's cursor
}

export interface BillingGetArguments {
  agreement: string;  // its id
  day: string;  // any day of the billing period
}

export interface BillingListArguments {
  agreement: string;  // its id
  state?: "COMPUTED" | "NOTIFIED" | "POSTED" | "AUTHORIZED" | "PAYMENT_INITIATED" | "PAYMENT_REJECTED" | "PAYMENT_CONFIRMED" | "PAYMENT_RETURNED" | "RECEIVED" | "FINAL" | "DISPUTED" | "EXPIRED" | "WITHDRAWN";  // only those in this state
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface InvoicePage {
  invoices?: Array<Invoice>;  // by their first days
  next?: string;  // the next page's cursor
}

export interface BillingItemsArguments {
  agreement: string;  // its id
  day: string;  // any day of the billing period
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface ItemPage {
  items?: Array<Item>;  // corrections, then what is of no device, then the devices
  next?: string;  // the next page's cursor
}

/** Every function by its full name. */
export interface Functions {
  /** Computes the items of some devices ahead of the invoice of many */
  "billing.prepare": { writes: true; arguments: BillingPrepareArguments; answer: Prepared };
  /** Computes the invoice of a period, once all its days are FINAL */
  "billing.compute": { writes: true; arguments: BillingComputeArguments; answer: Invoice };
  /** What the invoice of a period would be, from the days that are FINAL */
  "billing.preview": { writes: false; arguments: BillingPreviewArguments; answer: Invoice };
  /** The invoice of figures that are commitments; at a node of a keeper of the readings */
  "billing.open_invoice": { writes: false; arguments: BillingOpenInvoiceArguments; answer: OpenedInvoice };
  /** Counts ahead the FINAL days of some devices for a sealed invoice */
  "billing.prepare_seal": { writes: true; arguments: BillingPrepareSealArguments; answer: Prepared };
  /** The OPERATOR stores the commitment to the invoice of a period */
  "billing.seal": { writes: true; arguments: BillingSealArguments; answer: Invoice };
  /** A party has computed the sealed invoice, and agrees to it */
  "billing.agree": { writes: true; arguments: BillingAgreeArguments; answer: Invoice };
  /** A DV attests that a sealed invoice is paid */
  "billing.attest_paid": { writes: true; arguments: BillingAttestPaidArguments; answer: Payable };
  /** The OPERATOR has sent the invoice to its payer */
  "billing.notify": { writes: true; arguments: BillingNotifyArguments; answer: Payable };
  /** The RC or a DV has ordered the payment */
  "billing.initiate": { writes: true; arguments: BillingInitiateArguments; answer: Payable };
  /** A DV says that the bank has refused the payment */
  "billing.reject": { writes: true; arguments: BillingRejectArguments; answer: Payable };
  /** A DV attests the bank's booking */
  "billing.confirm": { writes: true; arguments: BillingConfirmArguments; answer: Payable };
  /** A DV says that the bank has returned the payment */
  "billing.take_back": { writes: true; arguments: BillingTakeBackArguments; answer: Payable };
  /** A payee has received its part */
  "billing.receive": { writes: true; arguments: BillingReceiveArguments; answer: Payable };
  /** A party confirms that the invoice is settled */
  "billing.confirm_final": { writes: true; arguments: BillingConfirmFinalArguments; answer: Payable };
  /** A party disputes the invoice */
  "billing.dispute": { writes: true; arguments: BillingDisputeArguments; answer: Payable };
  /** Ends a dispute; the invoice goes on */
  "billing.settle_dispute": { writes: true; arguments: BillingSettleDisputeArguments; answer: Payable };
  /** The invoice is due and not paid */
  "billing.expire": { writes: true; arguments: BillingExpireArguments; answer: Payable };
  /** Computes ahead what a provider may bill for some devices */
  "billing.prepare_bill": { writes: true; arguments: BillingPrepareBillArguments; answer: Prepared };
  /** A service provider posts its bill of a period */
  "billing.post_bill": { writes: true; arguments: BillingPostBillArguments; answer: Bill };
  /** The RC or a DV authorizes the payment of a bill */
  "billing.authorize_bill": { writes: true; arguments: BillingAuthorizeBillArguments; answer: Bill };
  /** A provider withdraws its bill */
  "billing.withdraw_bill": { writes: true; arguments: BillingWithdrawBillArguments; answer: Bill };
  /** A provider's bill, each line compared with metered use */
  "billing.get_bill": { writes: false; arguments: BillingGetBillArguments; answer: Bill };
  /** The bills of an agreement's providers */
  "billing.bills": { writes: false; arguments: BillingBillsArguments; answer: BillPage };
  /** The invoice of a period */
  "billing.get": { writes: false; arguments: BillingGetArguments; answer: Invoice };
  /** An agreement's invoices */
  "billing.list": { writes: false; arguments: BillingListArguments; answer: InvoicePage };
  /** An invoice's lines by device, with the content ids that they come from */
  "billing.items": { writes: false; arguments: BillingItemsArguments; answer: ItemPage };
}
