#include "chaincode/contracts/agreement/agreement.h"

#include "chaincode/contracts/agreement/lifecycle.h"
#include "chaincode/contracts/agreement/queries.h"
#include "chaincode/contracts/agreement/refusals.h"

namespace tally::chaincode::agreement {
namespace {

using enum Visibility;
namespace r = refusals;

const std::vector<std::string> kStaff = {"admin", "client"};
const std::vector<std::string> kAdmins = {"admin"};

void add_changes(Contract& contract) {
    contract
        .add(&propose, {.name = "propose",
                        .summary = "Proposes an agreement, and signs it for the proposer",
                        .writes = true,
                        .roles = kAdmins,
                        .visibility = parties,
                        .refusals = {r::terms_invalid, r::device_taken, r::wrong_party}})
        .add(&sign, {.name = "sign",
                     .summary = "Signs a version of an agreement; the last signature puts it into force",
                     .writes = true,
                     .roles = kAdmins,
                     .visibility = parties,
                     .refusals = {r::not_open, r::other_terms, r::device_taken, r::too_late, r::terms_invalid,
                                  r::wrong_party}})
        .add(&amend, {.name = "amend",
                      .summary = "Proposes other terms from a later day on",
                      .writes = true,
                      .roles = kAdmins,
                      .visibility = parties,
                      .refusals = {r::not_open, r::terms_invalid, r::too_late, r::device_taken}})
        .add(&transfer, {.name = "transfer",
                         .summary = "Gives the caller's part of the payments to another member, which signs too",
                         .writes = true,
                         .roles = kAdmins,
                         .visibility = parties,
                         .refusals = {r::not_open, r::terms_invalid, r::too_late, r::wrong_party}})
        .add(&withdraw, {.name = "withdraw",
                         .summary = "Takes a version back that is not signed by all",
                         .writes = true,
                         .roles = kAdmins,
                         .visibility = parties,
                         .refusals = {r::not_open, r::wrong_party}})
        .add(&suspend, {.name = "suspend",
                        .summary = "Computes no more invoices until the agreement is resumed",
                        .writes = true,
                        .roles = kAdmins,
                        .visibility = parties,
                        .refusals = {r::not_open}})
        .add(&resume, {.name = "resume",
                       .summary = "Resumes an agreement that the caller's organization suspended",
                       .writes = true,
                       .roles = kAdmins,
                       .visibility = parties,
                       .refusals = {r::not_open, r::wrong_party}})
        .add(&end, {.name = "end",
                    .summary = "Gives notice: the agreement ends on a day",
                    .writes = true,
                    .roles = kAdmins,
                    .visibility = parties,
                    .refusals = {r::not_open, r::too_late, r::wrong_party}})
        .add(&mark_billed, {.name = "mark_billed",
                            .summary = "Notes that invoices are computed for the days before one",
                            .writes = true,
                            .roles = kStaff,
                            .callers = {"billing"},
                            .visibility = parties});
}

void add_queries(Contract& contract) {
    contract.add(&check, {.name = "check", .summary = "Everything that is wrong with terms; nothing is stored"})
        .add(&get,
             {.name = "get", .summary = "One agreement", .visibility = parties, .routes = {"/v1/agreements/{id}"}})
        .add(&get_version, {.name = "get_version",
                            .summary = "A version: its terms, and who has signed them",
                            .visibility = parties,
                            .routes = {"/v1/agreements/{id}/versions/{version}"}})
        .add(&list, {.name = "list",
                     .summary = "The agreements of which the caller's organization is a party",
                     .visibility = parties,
                     .routes = {"/v1/agreements"}})
        .add(&terms_on, {.name = "terms_on",
                         .summary = "The terms in force on a day",
                         .visibility = parties,
                         .refusals = {r::not_open},
                         .routes = {"/v1/agreements/{id}/terms"}});
}

}  // namespace

Contract contract() {
    Contract contract("agreement", 1, "What parties have agreed to: devices, terms and prices");
    add_changes(contract);
    add_queries(contract);
    contract.event<AgreementEvent>("proposed", "A version of an agreement was proposed")
        .event<AgreementEvent>("signed", "The last party has signed a version; it is in force from its first day on")
        .event<AgreementEvent>("withdrawn", "A version was taken back")
        .event<AgreementEvent>("suspended", "An agreement was suspended")
        .event<AgreementEvent>("resumed", "An agreement was resumed")
        .event<AgreementEvent>("ended", "A party gave notice");
    return contract;
}

}  // namespace tally::chaincode::agreement
