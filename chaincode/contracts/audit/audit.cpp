#include "chaincode/contracts/audit/audit.h"

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/audit/refusals.h"
#include "chaincode/contracts/audit/run.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"

namespace tally::chaincode::audit {

Contract contract() {
    using enum Visibility;
    Contract contract("audit", 1, "Recorded checks of what is billed, down to the readings");
    contract
        .add(&run, {.name = "run",
                    .summary = "Checks the days of a device, or of all, again and records the verdict",
                    .writes = true,
                    .roles = {"admin", "auditor", "client", "peer"},
                    .visibility = parties,
                    .attachments = {{"a CBOR array of the devices' signed messages, each followed by its packed series "
                                     "where that came later: their signatures and readings are checked too",
                                     true}},
                    .refusals = {agreement::refusals::not_open, data::refusals::not_in_scope,
                                 registry::refusals::unknown_device}})
        .add(&get, {.name = "get",
                    .summary = "A recorded audit run",
                    .visibility = parties,
                    .refusals = {refusals::no_run},
                    .routes = {"/v1/agreements/{agreement}/audits/{id}"}})
        .add(&list, {.name = "list",
                     .summary = "The recorded audit runs of an agreement",
                     .visibility = parties,
                     .routes = {"/v1/agreements/{agreement}/audits"}})
        .event<AuditEvent>("audit_recorded", "An audit was recorded");
    return contract;
}

}  // namespace tally::chaincode::audit
