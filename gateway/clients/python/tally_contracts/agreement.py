# Made by `tally contract types agreement --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

Business = TypedDict("Business", {
    "name": Required[str],  # of the business, as its bank knows it
    "street": str,  # of its address
    "postcode": str,  # of its address
    "town": Required[str],  # of its address
    "country": Required[str],  # ISO 3166, for example AT
    "tax_id": str,  # its VAT number
    "endpoint": str,  # where it takes electronic invoices, for example 9914:ATU12345678
    "iban": str,  # its bank account
    "bic": str,  # its bank, ISO 9362
}, total=False)

Party = TypedDict("Party", {
    "organization": Required[str],  # a member of the channel
    "role": Required[Literal["OPERATOR", "RC", "DV", "SP"]],  # OPERATOR runs the devices, RC uses what is metered, DV verifies and pays, SP provides a service
    "business": Business,  # its name, address and bank account, for invoices and payments
}, total=False)

Scope = TypedDict("Scope", {
    "shard": Required[str],  # the operator's group of devices
    "devices": List[str],  # these devices of the shard; empty means all of it
}, total=False)

ZoneShift = TypedDict("ZoneShift", {
    "at_s": Required[int],  # when the clocks change, in seconds since the epoch
    "offset_s": Required[int],  # from then on, what local time is ahead of UTC
}, total=False)

Zone = TypedDict("Zone", {
    "name": Required[str],  # of the IANA database, for example Europe/Vienna
    "offset_s": Required[int],  # what local time is ahead of UTC before the first shift
    "shifts": List[ZoneShift],  # every change of the clocks, in order
}, total=False)

BilledField = TypedDict("BilledField", {
    "field": Required[str],  # of the devices' schemas; of OCMF meters the OBIS code of a register, without what follows a *
    "unit": Required[str],  # that its schemas must have; of OCMF meters Wh or kWh
    "measure": Required[Literal["SUM", "REGISTER_DIFFERENCE", "SESSION"]],  # how a day's quantity comes about
    "modulus": str,  # of REGISTER_DIFFERENCE: the reading at which the counter begins again at 0
    "tolerance": str,  # the difference that device and cloud may have, in the field's unit
    "tolerance_percent": str,  # the same, in percent of the device's figure
    "informative_times": bool,  # of OCMF meters: what has informative times is billed too
}, total=False)

Window = TypedDict("Window", {
    "name": Required[str],  # of the window, for example "peak"
    "days": List[Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]],  # MON to SUN; empty means each
    "from_minute": Required[int],  # of the local day: 07:00 is 420
    "to_minute": Required[int],  # of the local day; not included
}, total=False)

Tier = TypedDict("Tier", {
    "from": Required[str],  # the tier's beginning, which belongs to it
    "price": Required[str],  # for each `base` in this tier
}, total=False)

Escalator = TypedDict("Escalator", {
    "percent": Required[str],  # by which the price changes each year
    "first": Required[str],  # the first day of the first change; 29 February is 1 March in other years
}, total=False)

Tax = TypedDict("Tax", {
    "category": Required[Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]],  # of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O not subject, L and M Canary Islands and Ceuta
    "percent": Required[str],  # of the amount before tax
    "reason": str,  # why none is due
}, total=False)

TariffLine = TypedDict("TariffLine", {
    "name": Required[str],  # what an invoice calls it
    "kind": Required[Literal["QUANTITY", "PEAK", "FEE", "TRAFFIC", "MINIMUM_TAKE", "MAXIMUM_TAKE"]],  # what is priced
    "field": str,  # of QUANTITY, PEAK, MINIMUM_TAKE and MAXIMUM_TAKE: the billed field
    "window": str,  # of QUANTITY: only what was measured in this window
    "per": Literal["DAY", "MONTH", "YEAR_BY_DAYS", "YEAR_BY_365", "YEAR_BY_MONTHS"],  # of FEE: the time that it is for
    "each_device": bool,  # of FEE: for each device; false or none: once
    "counts": Literal["MESSAGE", "BYTE", "SAMPLE"],  # of TRAFFIC: what is counted
    "quantity": str,  # of MINIMUM_TAKE and MAXIMUM_TAKE: of the field, in each billing period
    "base": str,  # the price is for so many units (default 1)
    "prices": Required[List[Tier]],  # one tier, or several that rise; the first begins at 0
    "escalator": Escalator,  # the prices change each year
    "tax": Required[Tax],  # on this line
    "provider": str,  # an SP whose bill this line checks; it is not on the agreement's invoice
}, total=False)

Reconciliation = TypedDict("Reconciliation", {
    "cloud": Required[Literal["NONE", "OPTIONAL", "REQUIRED"]],  # whether the operator's own series of each day is compared
    "window_minutes": Required[int],  # from the day's end until it may become FINAL
    "on_mismatch": Required[Literal["DEVICE", "LOWER", "DISPUTE"]],  # what is billed when the two differ by more than the tolerance
}, total=False)

Payee = TypedDict("Payee", {
    "organization": Required[str],  # a party
    "percent": Required[str],  # of each invoice's total
}, total=False)

Terms = TypedDict("Terms", {
    "title": Required[str],  # for people
    "parties": Required[List[Party]],  # one OPERATOR, one RC, at least one DV, any number of SP
    "scope": Required[List[Scope]],  # the devices
    "zone": Required[Zone],  # in which days are counted, with its shifts for the whole validity
    "from": Required[str],  # the first day
    "until": str,  # the end date, exclusive; without it the agreement has no end date
    "period": Required[Literal["MONTH", "QUARTER", "YEAR"]],  # for which invoices are computed; calendar months, quarters or years
    "currency": Required[str],  # ISO 4217, for example EUR
    "rounding": Required[Literal["HALF_EVEN", "HALF_UP", "DOWN", "UP"]],  # of each line's amount, at the currency's smallest unit
    "cash_rounding": str,  # the total is rounded to a multiple of this, for example "0.05" or "1"
    "fields": Required[List[BilledField]],  # that are billed or reconciled
    "windows": List[Window],  # parts of the day that tariff lines name
    "tariff": Required[List[TariffLine]],  # what is paid for
    "reconciliation": Required[Reconciliation],  # how a day becomes FINAL
    "payees": Required[List[Payee]],  # who is paid; the percentages are 100 together
    "payees_assignable": Required[bool],  # a payee may transfer its part to another member
    "confirmations": Required[int],  # parties that must confirm an invoice before it is FINAL
    "payment_days": Required[int],  # from an invoice's computation until it is due
    "dispute_days": Required[int],  # from an invoice's computation, in which it may be disputed
    "keepalive_minutes": Required[int],  # longer silence of a device is an alarm
    "notice_days": Required[int],  # between one party's notice and the agreement's end
    "bill_tolerance_percent": str,  # by which a line of a provider's bill may differ from what was metered
    "collection": str,  # of the operator, that keeps the devices' readings; without it they are in blocks
}, total=False)

AgreementProposeArguments = TypedDict("AgreementProposeArguments", {
    "id": Required[str],  # of the agreement
    "terms": Required[Terms],  # the whole terms
}, total=False)

PartySignature = TypedDict("PartySignature", {
    "organization": Required[str],  # that signed
    "name": Required[str],  # the member's
    "transaction": Required[str],  # with the signature over the terms' hash
    "time_ms": Required[int],  # when
}, total=False)

AgreementTerms = TypedDict("AgreementTerms", {
    "title": Required[str],  # for people
    "parties": Required[List[Party]],  # one OPERATOR, one RC, at least one DV, any number of SP
    "scope": Required[List[Scope]],  # the devices
    "zone": Required[Zone],  # in which days are counted, with its shifts for the whole validity
    "from": Required[str],  # the first day
    "until": str,  # the end date, exclusive; without it the agreement has no end date
    "period": Required[Literal["MONTH", "QUARTER", "YEAR"]],  # for which invoices are computed; calendar months, quarters or years
    "currency": Required[str],  # ISO 4217, for example EUR
    "rounding": Required[Literal["HALF_EVEN", "HALF_UP", "DOWN", "UP"]],  # of each line's amount, at the currency's smallest unit
    "cash_rounding": str,  # the total is rounded to a multiple of this, for example "0.05" or "1"
    "fields": Required[List[BilledField]],  # that are billed or reconciled
    "windows": List[Window],  # parts of the day that tariff lines name
    "tariff": Required[List[TariffLine]],  # what is paid for
    "reconciliation": Required[Reconciliation],  # how a day becomes FINAL
    "payees": Required[List[Payee]],  # who is paid; the percentages are 100 together
    "payees_assignable": Required[bool],  # a payee may transfer its part to another member
    "confirmations": Required[int],  # parties that must confirm an invoice before it is FINAL
    "payment_days": Required[int],  # from an invoice's computation until it is due
    "dispute_days": Required[int],  # from an invoice's computation, in which it may be disputed
    "keepalive_minutes": Required[int],  # longer silence of a device is an alarm
    "notice_days": Required[int],  # between one party's notice and the agreement's end
    "bill_tolerance_percent": str,  # by which a line of a provider's bill may differ from what was metered
    "collection": str,  # of the operator, that keeps the devices' readings; without it they are in blocks
}, total=False)

Version = TypedDict("Version", {
    "id": Required[str],  # the agreement
    "version": Required[int],  # from 1 on
    "state": Required[Literal["PROPOSED", "SIGNED", "WITHDRAWN"]],  # PROPOSED until every signer has signed
    "hash": Required[str],  # of the terms, SHA-256, in hexadecimal
    "proposed_by": Required[str],  # an organization
    "proposed_ms": Required[int],  # when
    "transferred_to": str,  # the member to which a payee's part is transferred
    "signers": List[str],  # the organizations that must sign
    "signatures": List[PartySignature],  # those that have
    "terms": Required[AgreementTerms],  # what is signed
}, total=False)

AgreementSignArguments = TypedDict("AgreementSignArguments", {
    "id": Required[str],  # of the agreement
    "version": Required[int],  # that is signed
    "hash": Required[str],  # of the terms that were read
}, total=False)

AgreementAmendArguments = TypedDict("AgreementAmendArguments", {
    "id": Required[str],  # of the agreement
    "terms": Required[Terms],  # the whole terms
}, total=False)

AgreementBusiness = TypedDict("AgreementBusiness", {
    "name": Required[str],  # of the business, as its bank knows it
    "street": str,  # of its address
    "postcode": str,  # of its address
    "town": Required[str],  # of its address
    "country": Required[str],  # ISO 3166, for example AT
    "tax_id": str,  # its VAT number
    "endpoint": str,  # where it takes electronic invoices, for example 9914:ATU12345678
    "iban": str,  # its bank account
    "bic": str,  # its bank, ISO 9362
}, total=False)

AgreementTransferArguments = TypedDict("AgreementTransferArguments", {
    "id": Required[str],  # of the agreement
    "to": Required[str],  # the member that is paid in the caller's place
    "from": Required[str],  # the first day of it
    "business": AgreementBusiness,  # of the new payee, for invoices and payments; for one that is no party yet
}, total=False)

AgreementWithdrawArguments = TypedDict("AgreementWithdrawArguments", {
    "id": Required[str],  # of the agreement
    "version": Required[int],  # from 1 on
}, total=False)

AgreementSuspendArguments = TypedDict("AgreementSuspendArguments", {
    "id": Required[str],  # of the agreement
    "reason": Required[str],  # why
}, total=False)

Ending = TypedDict("Ending", {
    "until": Required[str],  # the end date, exclusive
    "by": Required[str],  # the organization that gave notice
    "reason": Required[str],  # as it said
}, total=False)

Pause = TypedDict("Pause", {
    "by": Required[str],  # the organization, which may resume it; others when the terms' notice has passed
    "reason": Required[str],  # as it said
    "since_ms": Required[int],  # when
}, total=False)

Agreement = TypedDict("Agreement", {
    "id": Required[str],  # of the agreement
    "state": Required[Literal["PROPOSED", "ACTIVE", "SUSPENDED", "WITHDRAWN"]],  # PROPOSED, ACTIVE, SUSPENDED or WITHDRAWN
    "versions": Required[int],  # that were proposed
    "parties": List[str],  # who may see it
    "in_force": List[int],  # the signed versions, in the order of their first days
    "ending": Ending,  # a party's notice
    "pause": Pause,  # why it is suspended
    "billed_until": str,  # invoices are computed for the days before this one
}, total=False)

AgreementResumeArguments = TypedDict("AgreementResumeArguments", {
    "id": Required[str],  # of the agreement
}, total=False)

AgreementEndArguments = TypedDict("AgreementEndArguments", {
    "id": Required[str],  # of the agreement
    "until": Required[str],  # the end date, exclusive: the first day without the agreement
    "reason": Required[str],  # why
}, total=False)

AgreementCheckArguments = TypedDict("AgreementCheckArguments", {
    "terms": Required[AgreementTerms],  # to be checked
}, total=False)

Problem = TypedDict("Problem", {
    "where": Required[str],  # the member, for example tariff[2].prices
    "what": Required[str],  # what is wrong with it
}, total=False)

Problems = TypedDict("Problems", {
    "hash": Required[str],  # of the terms
    "problems": List[Problem],  # what is wrong; empty when nothing is
}, total=False)

AgreementGetArguments = TypedDict("AgreementGetArguments", {
    "id": Required[str],  # of the agreement
}, total=False)

AgreementGetVersionArguments = TypedDict("AgreementGetVersionArguments", {
    "id": Required[str],  # of the agreement
    "version": Required[int],  # from 1 on
}, total=False)

AgreementListArguments = TypedDict("AgreementListArguments", {
    "state": Literal["PROPOSED", "ACTIVE", "SUSPENDED", "WITHDRAWN"],  # only those in this state
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

AgreementPage = TypedDict("AgreementPage", {
    "agreements": List[Agreement],  # of which the caller's organization is a party
    "next": str,  # the next page's cursor
}, total=False)

AgreementTermsOnArguments = TypedDict("AgreementTermsOnArguments", {
    "id": Required[str],  # of the agreement
    "day": Required[str],  # in its zone
}, total=False)

TermsInForce = TypedDict("TermsInForce", {
    "id": Required[str],  # of the agreement
    "version": Required[int],  # that is in force
    "state": Required[Literal["PROPOSED", "ACTIVE", "SUSPENDED", "WITHDRAWN"]],  # of the agreement
    "from": Required[str],  # the version's first day
    "until": str,  # the end date of the version, exclusive
    "billed_until": str,  # invoices are computed for the days before this one
    "hash": Required[str],  # of the terms
    "terms": Required[AgreementTerms],  # that hold
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "agreement.propose": (AgreementProposeArguments, Version),  # Proposes an agreement, and signs it for the proposer
    "agreement.sign": (AgreementSignArguments, Version),  # Signs a version of an agreement; the last signature puts it into force
    "agreement.amend": (AgreementAmendArguments, Version),  # Proposes other terms from a later day on
    "agreement.transfer": (AgreementTransferArguments, Version),  # Gives the caller's part of the payments to another member, which signs too
    "agreement.withdraw": (AgreementWithdrawArguments, Version),  # Takes a version back that is not signed by all
    "agreement.suspend": (AgreementSuspendArguments, Agreement),  # Computes no more invoices until the agreement is resumed
    "agreement.resume": (AgreementResumeArguments, Agreement),  # Resumes an agreement that the caller's organization suspended
    "agreement.end": (AgreementEndArguments, Agreement),  # Gives notice: the agreement ends on a day
    "agreement.check": (AgreementCheckArguments, Problems),  # Everything that is wrong with terms; nothing is stored
    "agreement.get": (AgreementGetArguments, Agreement),  # One agreement
    "agreement.get_version": (AgreementGetVersionArguments, Version),  # A version: its terms, and who has signed them
    "agreement.list": (AgreementListArguments, AgreementPage),  # The agreements of which the caller's organization is a party
    "agreement.terms_on": (AgreementTermsOnArguments, TermsInForce),  # The terms in force on a day
}
