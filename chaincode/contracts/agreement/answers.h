#pragma once
// Arguments and answers of the agreement contract.

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::agreement {

struct Propose {
    std::string id;
    Terms terms;
};
TALLY_FIELDS(Propose, (id, "of the agreement", .form = &kIdentifier), (terms, "the whole terms"))

struct Check {
    Terms terms;
};
TALLY_FIELDS(Check, (terms, "to be checked"))

struct Problems {
    std::string hash;
    std::vector<Problem> problems;
};
TALLY_FIELDS(Problems, (hash, "of the terms"), (problems, "what is wrong; empty when nothing is"))

struct OneAgreement {
    std::string id;
};
TALLY_FIELDS(OneAgreement, (id, "of the agreement", .form = &kIdentifier))

struct OneVersion {
    std::string id;
    std::int64_t version = 1;
};
TALLY_FIELDS(OneVersion, (id, "of the agreement", .form = &kIdentifier), (version, "from 1 on", .min = 1))

struct Sign {
    std::string id;
    std::int64_t version = 1;
    std::string hash;
};
TALLY_FIELDS(Sign, (id, "of the agreement", .form = &kIdentifier), (version, "that is signed", .min = 1),
             (hash, "of the terms that were read", .form = &kHash))

struct Reasoned {
    std::string id;
    std::string reason;
};
TALLY_FIELDS(Reasoned, (id, "of the agreement", .form = &kIdentifier), (reason, "why", .form = &kStatement))

struct End {
    std::string id;
    Date until;
    std::string reason;
};
TALLY_FIELDS(End, (id, "of the agreement", .form = &kIdentifier),
             (until, "the end date, exclusive: the first day without the agreement"),
             (reason, "why", .form = &kStatement))

struct Transfer {
    std::string id;
    std::string to;
    Date from;
    std::optional<Business> business;
};
TALLY_FIELDS(Transfer, (id, "of the agreement", .form = &kIdentifier),
             (to, "the member that is paid in the caller's place", .form = &kOrganization),
             (from, "the first day of it"),
             (business, "of the new payee, for invoices and payments; for one that is no party yet"))

struct ListAgreements : PageArguments {
    std::optional<AgreementState> state;
};
TALLY_FIELDS_WITH(ListAgreements, (PageArguments), (state, "only those in this state"))

struct AgreementPage {
    std::vector<Agreement> agreements;
    std::optional<std::string> next;
};
TALLY_FIELDS(AgreementPage, (agreements, "of which the caller's organization is a party"),
             (next, "the next page's cursor"))

struct TermsOn {
    std::string id;
    Date day;
};
TALLY_FIELDS(TermsOn, (id, "of the agreement", .form = &kIdentifier), (day, "in its zone"))

// What holds on one day.
struct TermsInForce {
    std::string id;
    std::int64_t version = 1;
    AgreementState state = AgreementState::ACTIVE;
    Date from;                  // the version's first day
    std::optional<Date> until;  // exclusive; none: until it is amended or ended
    std::optional<Date> billed_until;
    std::string hash;
    Terms terms;
};
TALLY_FIELDS(TermsInForce, (id, "of the agreement"), (version, "that is in force"), (state, "of the agreement"),
             (from, "the version's first day"), (until, "the end date of the version, exclusive"),
             (billed_until, "invoices are computed for the days before this one"), (hash, "of the terms"),
             (terms, "that hold"))

struct MarkBilled {
    std::string id;
    Date until;
};
TALLY_FIELDS(MarkBilled, (id, "of the agreement", .form = &kIdentifier),
             (until, "all days before this date are billed"))

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct AgreementEvent {
    std::string id;
    std::int64_t version = 0;
    std::string by;
};
TALLY_FIELDS(AgreementEvent, (id, "of the agreement"), (version, "that the event is about"),
             (by, "the organization that acted"))

}  // namespace tally::chaincode::agreement
