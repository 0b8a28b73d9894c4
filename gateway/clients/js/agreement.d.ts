// Made by `tally contract types agreement --language typescript`: change the contract's declaration, not this file.

export interface Business {
  name: string;  // of the business, as its bank knows it
  street?: string;  // of its address
  postcode?: string;  // of its address
  town: string;  // of its address
  country: string;  // ISO 3166, for example AT
  tax_id?: string;  // its VAT number
  endpoint?: string;  // where it takes electronic invoices, for example 9914:ATU12345678
  iban?: string;  // its bank account
  bic?: string;  // its bank, ISO 9362
}

export interface Party {
  organization: string;  // a member of the channel
  role: "OPERATOR" | "RC" | "DV" | "SP";  // OPERATOR runs the devices, RC uses what is metered, DV verifies and pays, SP provides a service
  business?: Business;  // its name, address and bank account, for invoices and payments
}

export interface Scope {
  shard: string;  // the operator's group of devices
  devices?: Array<string>;  // these devices of the shard; empty means all of it
}

export interface ZoneShift {
  at_s: number;  // when the clocks change, in seconds since the epoch
  offset_s: number;  // from then on, what local time is ahead of UTC
}

export interface Zone {
  name: string;  // of the IANA database, for example Europe/Vienna
  offset_s: number;  // what local time is ahead of UTC before the first shift
  shifts?: Array<ZoneShift>;  // every change of the clocks, in order
}

export interface BilledField {
  field: string;  // of the devices' schemas; of OCMF meters the OBIS code of a register, without what follows a *
  unit: string;  // that its schemas must have; of OCMF meters Wh or kWh
  measure: "SUM" | "REGISTER_DIFFERENCE" | "SESSION";  // how a day's quantity comes about
  modulus?: string;  // of REGISTER_DIFFERENCE: the reading at which the counter begins again at 0
  tolerance?: string;  // the difference that device and cloud may have, in the field's unit
  tolerance_percent?: string;  // the same, in percent of the device's figure
  informative_times?: boolean;  // of OCMF meters: what has informative times is billed too
}

export interface Window {
  name: string;  // of the window, for example "peak"
  days?: Array<"MON" | "TUE" | "WED" | "THU" | "FRI" | "SAT" | "SUN">;  // MON to SUN; empty means each
  from_minute: number;  // of the local day: 07:00 is 420
  to_minute: number;  // of the local day; not included
}

export interface Tier {
  from: string;  // the tier's beginning, which belongs to it
  price: string;  // for each `base` in this tier
}

export interface Escalator {
  percent: string;  // by which the price changes each year
  first: string;  // the first day of the first change; 29 February is 1 March in other years
}

export interface Tax {
  category: "S" | "Z" | "E" | "AE" | "K" | "G" | "O" | "L" | "M";  // of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O not subject, L and M Canary Islands and Ceuta
  percent: string;  // of the amount before tax
  reason?: string;  // why none is due
}

export interface TariffLine {
  name: string;  // what an invoice calls it
  kind: "QUANTITY" | "PEAK" | "FEE" | "TRAFFIC" | "MINIMUM_TAKE" | "MAXIMUM_TAKE";  // what is priced
  field?: string;  // of QUANTITY, PEAK, MINIMUM_TAKE and MAXIMUM_TAKE: the billed field
  window?: string;  // of QUANTITY: only what was measured in this window
  per?: "DAY" | "MONTH" | "YEAR_BY_DAYS" | "YEAR_BY_365" | "YEAR_BY_MONTHS";  // of FEE: the time that it is for
  each_device?: boolean;  // of FEE: for each device; false or none: once
  counts?: "MESSAGE" | "BYTE" | "SAMPLE";  // of TRAFFIC: what is counted
  quantity?: string;  // of MINIMUM_TAKE and MAXIMUM_TAKE: of the field, in each billing period
  base?: string;  // the price is for so many units (default 1)
  prices: Array<Tier>;  // one tier, or several that rise; the first begins at 0
  escalator?: Escalator;  // the prices change each year
  tax: Tax;  // on this line
  provider?: string;  // an SP whose bill this line checks; it is not on the agreement's invoice
}

export interface Reconciliation {
  cloud: "NONE" | "OPTIONAL" | "REQUIRED";  // whether the operator's own series of each day is compared
  window_minutes: number;  // from the day's end until it may become FINAL
  on_mismatch: "DEVICE" | "LOWER" | "DISPUTE";  // what is billed when the two differ by more than the tolerance
}

export interface Payee {
  organization: string;  // a party
  percent: string;  // of each invoice's total
}

export interface Terms {
  title: string;  // for people
  parties: Array<Party>;  // one OPERATOR, one RC, at least one DV, any number of SP
  scope: Array<Scope>;  // the devices
  zone: Zone;  // in which days are counted, with its shifts for the whole validity
  from: string;  // the first day
  until?: string;  // the end date, exclusive; without it the agreement has no end date
  period: "MONTH" | "QUARTER" | "YEAR";  // for which invoices are computed; calendar months, quarters or years
  currency: string;  // ISO 4217, for example EUR
  rounding: "HALF_EVEN" | "HALF_UP" | "DOWN" | "UP";  // of each line's amount, at the currency's smallest unit
  cash_rounding?: string;  // the total is rounded to a multiple of this, for example "0.05" or "1"
  fields: Array<BilledField>;  // that are billed or reconciled
  windows?: Array<Window>;  // parts of the day that tariff lines name
  tariff: Array<TariffLine>;  // what is paid for
  reconciliation: Reconciliation;  // how a day becomes FINAL
  payees: Array<Payee>;  // who is paid; the percentages are 100 together
  payees_assignable: boolean;  // a payee may transfer its part to another member
  confirmations: number;  // parties that must confirm an invoice before it is FINAL
  payment_days: number;  // from an invoice's computation until it is due
  dispute_days: number;  // from an invoice's computation, in which it may be disputed
  keepalive_minutes: number;  // longer silence of a device is an alarm
  notice_days: number;  // between one party's notice and the agreement's end
  bill_tolerance_percent?: string;  // by which a line of a provider's bill may differ from what was metered
  collection?: string;  // of the operator, that keeps the devices' readings; without it they are in blocks
}

export interface AgreementProposeArguments {
  id: string;  // of the agreement
  terms: Terms;  // the whole terms
}

export interface PartySignature {
  organization: string;  // that signed
  name: string;  // the member's
  transaction: string;  // with the signature over the terms' hash
  time_ms: number;  // when
}

export interface AgreementTerms {
  title: string;  // for people
  parties: Array<Party>;  // one OPERATOR, one RC, at least one DV, any number of SP
  scope: Array<Scope>;  // the devices
  zone: Zone;  // in which days are counted, with its shifts for the whole validity
  from: string;  // the first day
  until?: string;  // the end date, exclusive; without it the agreement has no end date
  period: "MONTH" | "QUARTER" | "YEAR";  // for which invoices are computed; calendar months, quarters or years
  currency: string;  // ISO 4217, for example EUR
  rounding: "HALF_EVEN" | "HALF_UP" | "DOWN" | "UP";  // of each line's amount, at the currency's smallest unit
  cash_rounding?: string;  // the total is rounded to a multiple of this, for example "0.05" or "1"
  fields: Array<BilledField>;  // that are billed or reconciled
  windows?: Array<Window>;  // parts of the day that tariff lines name
  tariff: Array<TariffLine>;  // what is paid for
  reconciliation: Reconciliation;  // how a day becomes FINAL
  payees: Array<Payee>;  // who is paid; the percentages are 100 together
  payees_assignable: boolean;  // a payee may transfer its part to another member
  confirmations: number;  // parties that must confirm an invoice before it is FINAL
  payment_days: number;  // from an invoice's computation until it is due
  dispute_days: number;  // from an invoice's computation, in which it may be disputed
  keepalive_minutes: number;  // longer silence of a device is an alarm
  notice_days: number;  // between one party's notice and the agreement's end
  bill_tolerance_percent?: string;  // by which a line of a provider's bill may differ from what was metered
  collection?: string;  // of the operator, that keeps the devices' readings; without it they are in blocks
}

export interface Version {
  id: string;  // the agreement
  version: number;  // from 1 on
  state: "PROPOSED" | "SIGNED" | "WITHDRAWN";  // PROPOSED until every signer has signed
  hash: string;  // of the terms, SHA-256, in hexadecimal
  proposed_by: string;  // an organization
  proposed_ms: number;  // when
  transferred_to?: string;  // the member to which a payee's part is transferred
  signers?: Array<string>;  // the organizations that must sign
  signatures?: Array<PartySignature>;  // those that have
  terms: AgreementTerms;  // what is signed
}

export interface AgreementSignArguments {
  id: string;  // of the agreement
  version: number;  // that is signed
  hash: string;  // of the terms that were read
}

export interface AgreementAmendArguments {
  id: string;  // of the agreement
  terms: Terms;  // the whole terms
}

export interface AgreementBusiness {
  name: string;  // of the business, as its bank knows it
  street?: string;  // of its address
  postcode?: string;  // of its address
  town: string;  // of its address
  country: string;  // ISO 3166, for example AT
  tax_id?: string;  // its VAT number
  endpoint?: string;  // where it takes electronic invoices, for example 9914:ATU12345678
  iban?: string;  // its bank account
  bic?: string;  // its bank, ISO 9362
}

export interface AgreementTransferArguments {
  id: string;  // of the agreement
  to: string;  // the member that is paid in the caller's place
  from: string;  // the first day of it
  business?: AgreementBusiness;  // of the new payee, for invoices and payments; for one that is no party yet
}

export interface AgreementWithdrawArguments {
  id: string;  // of the agreement
  version: number;  // from 1 on
}

export interface AgreementSuspendArguments {
  id: string;  // of the agreement
  reason: string;  // why
}

export interface Ending {
  until: string;  // the end date, exclusive
  by: string;  // the organization that gave notice
  reason: string;  // as it said
}

export interface Pause {
  by: string;  // the organization, which may resume it; others when the terms' notice has passed
  reason: string;  // as it said
  since_ms: number;  // when
}

export interface Agreement {
  id: string;  // of the agreement
  state: "PROPOSED" | "ACTIVE" | "SUSPENDED" | "WITHDRAWN";  // PROPOSED, ACTIVE, SUSPENDED or WITHDRAWN
  versions: number;  // that were proposed
  parties?: Array<string>;  // who may see it
  in_force?: Array<number>;  // the signed versions, in the order of their first days
  ending?: Ending;  // a party's notice
  pause?: Pause;  // why it is suspended
  billed_until?: string;  // invoices are computed for the days before this one
}

export interface AgreementResumeArguments {
  id: string;  // of the agreement
}

export interface AgreementEndArguments {
  id: string;  // of the agreement
  until: string;  // the end date, exclusive: the first day without the agreement
  reason: string;  // why
}

export interface AgreementCheckArguments {
  terms: AgreementTerms;  // to be checked
}

export interface Problem {
  where: string;  // the member, for example tariff[2].prices
  what: string;  // what is wrong with it
}

export interface Problems {
  hash: string;  // of the terms
  problems?: Array<Problem>;  // what is wrong; empty when nothing is
}

export interface AgreementGetArguments {
  id: string;  // of the agreement
}

export interface AgreementGetVersionArguments {
  id: string;  // of the agreement
  version: number;  // from 1 on
}

export interface AgreementListArguments {
  state?: "PROPOSED" | "ACTIVE" | "SUSPENDED" | "WITHDRAWN";  // only those in this state
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface AgreementPage {
  agreements?: Array<Agreement>;  // of which the caller's organization is a party
  next?: string;  // the next page's cursor
}

export interface AgreementTermsOnArguments {
  id: string;  // of the agreement
  day: string;  // in its zone
}

export interface TermsInForce {
  id: string;  // of the agreement
  version: number;  // that is in force
  state: "PROPOSED" | "ACTIVE" | "SUSPENDED" | "WITHDRAWN";  // of the agreement
  from: string;  // the version's first day
  until?: string;  // the end date of the version, exclusive
  billed_until?: string;  // invoices are computed for the days before this one
  hash: string;  // of the terms
  terms: AgreementTerms;  // that hold
}

/** Every function by its full name. */
export interface Functions {
  /** Proposes an agreement, and signs it for the proposer */
  "agreement.propose": { writes: true; arguments: AgreementProposeArguments; answer: Version };
  /** Signs a version of an agreement; the last signature puts it into force */
  "agreement.sign": { writes: true; arguments: AgreementSignArguments; answer: Version };
  /** Proposes other terms from a later day on */
  "agreement.amend": { writes: true; arguments: AgreementAmendArguments; answer: Version };
  /** Gives the caller's part of the payments to another member, which signs too */
  "agreement.transfer": { writes: true; arguments: AgreementTransferArguments; answer: Version };
  /** Takes a version back that is not signed by all */
  "agreement.withdraw": { writes: true; arguments: AgreementWithdrawArguments; answer: Version };
  /** Computes no more invoices until the agreement is resumed */
  "agreement.suspend": { writes: true; arguments: AgreementSuspendArguments; answer: Agreement };
  /** Resumes an agreement that the caller's organization suspended */
  "agreement.resume": { writes: true; arguments: AgreementResumeArguments; answer: Agreement };
  /** Gives notice: the agreement ends on a day */
  "agreement.end": { writes: true; arguments: AgreementEndArguments; answer: Agreement };
  /** Everything that is wrong with terms; nothing is stored */
  "agreement.check": { writes: false; arguments: AgreementCheckArguments; answer: Problems };
  /** One agreement */
  "agreement.get": { writes: false; arguments: AgreementGetArguments; answer: Agreement };
  /** A version: its terms, and who has signed them */
  "agreement.get_version": { writes: false; arguments: AgreementGetVersionArguments; answer: Version };
  /** The agreements of which the caller's organization is a party */
  "agreement.list": { writes: false; arguments: AgreementListArguments; answer: AgreementPage };
  /** The terms in force on a day */
  "agreement.terms_on": { writes: false; arguments: AgreementTermsOnArguments; answer: TermsInForce };
}
