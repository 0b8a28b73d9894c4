#include "chaincode/contracts/data/data.h"

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/data/attach_series.h"
#include "chaincode/contracts/data/examine.h"
#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/ocmf.h"
#include "chaincode/contracts/data/opened.h"
#include "chaincode/contracts/data/publish.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/series_keys.h"
#include "chaincode/contracts/data/settle.h"
#include "chaincode/contracts/data/totals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/refusals.h"

namespace tally::chaincode::data {
namespace {

constexpr Refusal kPublishRefusals[] = {
    registry::refusals::unknown_device,
    registry::refusals::device_suspended,
    registry::refusals::device_retired,
    refusals::stale_sequence,
    refusals::chain_broken,
    refusals::period_overlap,
    refusals::clock_ahead,
    refusals::too_late,
    refusals::duplicate_record,
    chaincode::refusals::schema_mismatch,
    chaincode::refusals::summary_mismatch,
    chaincode::refusals::root_mismatch,
    chaincode::refusals::commitment_mismatch,
    refusals::confidential_series,
    refusals::confidential_figures,
    refusals::figures_withheld,
};

void add_settling(Contract& contract) {
    using enum Visibility;
    const std::vector<std::string> staff = {"client", "peer", "admin"};
    const std::vector<Refusal> of_agreement = {agreement::refusals::not_open, refusals::not_in_scope,
                                               registry::refusals::unknown_device};
    auto of_finalize = of_agreement;
    of_finalize.push_back(refusals::day_open);
    of_finalize.push_back(chaincode::refusals::root_mismatch);
    contract
        .add(&cloud_series, {.name = "cloud_series",
                             .summary = "Stores the operator's own figures of a device's day",
                             .writes = true,
                             .roles = staff,
                             .refusals = {registry::refusals::unknown_device, refusals::confidential_figures}})
        .add(&finalize, {.name = "finalize",
                         .summary = "Makes days FINAL under an agreement, once their reconciliation window has ended",
                         .writes = true,
                         .roles = staff,
                         .visibility = parties,
                         .attachments = {{"the packed series of the day, where the agreement has windows", true}},
                         .refusals = of_finalize})
        .add(&revise, {.name = "revise",
                       .summary = "Stores what became known of a FINAL day after it",
                       .writes = true,
                       .roles = staff,
                       .visibility = parties,
                       .attachments = {{"the packed series of the record, where the agreement has windows", true}},
                       .refusals = of_finalize})
        .add(&reconcile, {.name = "reconcile",
                          .summary = "What finalizing a day would say now",
                          .visibility = parties,
                          .refusals = of_agreement,
                          .routes = {"/v1/agreements/{agreement}/devices/{device}/days/{day}"}})
        .add(&settled, {.name = "settled",
                        .summary = "FINAL days of a device under an agreement",
                        .visibility = parties,
                        .routes = {"/v1/agreements/{agreement}/devices/{device}/days"}})
        .add(&settled_devices, {.name = "settled_devices",
                                .summary = "The devices of which an agreement has FINAL days",
                                .visibility = parties,
                                .routes = {"/v1/agreements/{agreement}/devices"}})
        .add(&first_days, {.name = "first_days",
                           .summary = "The first FINAL day of each of many devices under an agreement",
                           .callers = {"billing"},
                           .visibility = parties})
        .add(&revisions, {.name = "revisions",
                          .summary = "What became known of FINAL days after them",
                          .visibility = parties,
                          .routes = {"/v1/agreements/{agreement}/revisions"}})
        .add(&opened_days, {.name = "opened_days",
                            .summary = "FINAL days with the figures that a collection keeps; at a keeper's node",
                            .visibility = parties,
                            .refusals = {refusals::figures_withheld}})
        .add(&opened_revisions, {.name = "opened_revisions",
                                 .summary = "The same of what became known of FINAL days after them",
                                 .visibility = parties,
                                 .refusals = {refusals::figures_withheld}})
        .add(&examine, {.name = "examine",
                        .summary = "Checks a device's days again, from the records on the ledger",
                        .callers = {"audit"},
                        .visibility = parties,
                        .refusals = of_agreement})
        .event<CloudDay>("cloud_series_stored", "The operator's own figures of a day were stored")
        .event<DayEvent>("day_final", "A day became FINAL under an agreement")
        .event<DayEvent>("day_revised", "More became known of a FINAL day");
}

void add_keeping(Contract& contract) {
    const std::vector<std::string> staff = {"client", "peer", "admin"};
    contract.add(&keeping, {.name = "keeping", .summary = "Who keeps the rows of a record, and how long"})
        .add(&kept_records, {.name = "kept_records", .summary = "The records whose rows a collection keeps"})
        .add(&erase, {.name = "erase",
                      .summary = "Orders the keepers of a device's readings to remove them",
                      .writes = true,
                      .roles = {"client", "admin"},
                      .refusals = {registry::refusals::unknown_device, refusals::not_confidential}})
        .add(&report_erased, {.name = "report_erased",
                              .summary = "States that a keeper's node has removed what an erasure covers",
                              .writes = true,
                              .roles = staff})
        .add(&report_expired, {.name = "report_expired",
                               .summary = "States that a keeper's node has removed what a collection keeps no longer",
                               .writes = true,
                               .roles = staff})
        .add(&erasures, {.name = "erasures",
                         .summary = "Erasures that were ordered, with the reports of the keepers' nodes",
                         .routes = {"/v1/devices/{device}/erasures"}})
        .add(&expiries, {.name = "expiries", .summary = "What the keepers of a collection have removed by its term"})
        .event<ErasureOrder>("series_erased", "The erasure of a device's readings was ordered")
        .event<ErasureReport>("erasure_reported", "A keeper's node has removed what an erasure covers")
        .event<ExpiryReport>("expiry_reported", "A keeper's node has removed what a collection keeps no longer");
}

void add_series_keys(Contract& contract) {
    contract
        .add(&publish_reading_key,
             {.name = "publish_reading_key",
              .summary = "Publishes the key for which others wrap what this organization may read",
              .writes = true,
              .roles = {"admin"}})
        .add(&reading_key, {.name = "reading_key", .summary = "An organization's reading key"})
        .add(&hand_over_key,
             {.name = "hand_over_key",
              .summary = "Gives a party of an agreement the key of a device's encrypted series",
              .writes = true,
              .roles = {"client", "admin"},
              .visibility = Visibility::parties,
              .refusals = {registry::refusals::unknown_device, agreement::refusals::not_open, refusals::not_in_scope}})
        .add(&handed_keys, {.name = "handed_keys",
                            .summary = "The keys of a device's encrypted series, wrapped for those who may read them",
                            .routes = {"/v1/devices/{device}/keys"}})
        .event<ReadingKeyOf>("reading_key_published", "An organization published a reading key")
        .event<HandedKey>("key_handed_over", "The key of a device's encrypted series was handed over");
}

void add_ocmf(Contract& contract) {
    contract
        .add(&publish_ocmf, {.name = "publish_ocmf",
                             .summary = "Stores a signed reading of a meter in the field (OCMF), with its verdicts",
                             .writes = true,
                             .roles = {"client", "peer", "admin"},
                             .attachments = {{"the OCMF record"}},
                             .refusals = {registry::refusals::unknown_device, registry::refusals::device_suspended,
                                          registry::refusals::device_retired, refusals::clock_ahead, refusals::too_late,
                                          refusals::duplicate_record, chaincode::refusals::schema_mismatch}})
        .add(&ocmf_record, {.name = "ocmf_record", .summary = "One OCMF record of a device, or null"})
        .add(&ocmf_records, {.name = "ocmf_records",
                             .summary = "A device's OCMF records by pagination, with their verdicts and gaps",
                             .routes = {"/v1/devices/{device}/ocmf"}})
        .add(&ocmf_sessions, {.name = "ocmf_sessions",
                              .summary = "What a device's registers counted in each transaction, and why it is not "
                                         "billable",
                              .routes = {"/v1/devices/{device}/sessions"}})
        .event<OcmfPublished>("ocmf_published", "A signed reading of a meter in the field was published");
}

}  // namespace

Contract contract() {
    Contract contract("data", 1, "The records that devices sign, and what follows from them");
    contract
        .add(&publish, {.name = "publish",
                        .summary = "Stores a record that a device has signed",
                        .writes = true,
                        .roles = {"client", "peer", "admin"},
                        .attachments = {{"the signed record"}},
                        .refusals = {std::begin(kPublishRefusals), std::end(kPublishRefusals)}})
        .add(&attach_series, {.name = "attach_series",
                              .summary = "Stores the series of a record that was published without it",
                              .writes = true,
                              .roles = {"client", "peer", "admin"},
                              .attachments = {{"the packed series"}},
                              .refusals = {chaincode::refusals::root_mismatch, refusals::confidential_series}})
        .add(&find, {.name = "find", .summary = "Where the record with a content id is, or null"})
        .add(&days, {.name = "days",
                     .summary = "Days of a device or a shard, summarized by field",
                     .routes = {"/v1/devices/{device}/days", "/v1/days"}})
        .add(&records, {.name = "records",
                        .summary = "A device's records of any kind",
                        .routes = {"/v1/devices/{device}/records"}})
        .add(&proofs, {.name = "proofs",
                       .summary = "What ties each day's figures to its device and its transaction",
                       .routes = {"/v1/devices/{device}/proofs"}})
        .add(&series, {.name = "series",
                       .summary = "Samples by field, raw or resampled, checked against the signed root",
                       .routes = {"/v1/devices/{device}/series"}})
        .add(&gaps, {.name = "gaps",
                     .summary = "Missing days, rows, values and sequences, and breaks of the chain",
                     .routes = {"/v1/devices/{device}/gaps"}})
        .add(&liveness, {.name = "liveness",
                         .summary = "When a device was last heard, and whether that is too long ago",
                         .refusals = {registry::refusals::unknown_device},
                         .routes = {"/v1/devices/{device}/liveness"}})
        .add(&report_silence, {.name = "report_silence",
                               .summary = "Suspends a device that has missed too many keep-alives, by its operator's "
                                          "rules",
                               .writes = true,
                               .roles = {"client", "peer", "admin"},
                               .refusals = {registry::refusals::unknown_device}})
        .add(&shard_liveness,
             {.name = "shard_liveness", .summary = "The same of each device of a shard", .routes = {"/v1/liveness"}})
        .add(
            &totals,
            {.name = "totals", .summary = "Counters of a device or a shard", .routes = {"/v1/devices/{device}/totals"}})
        .event<RecordPublished>("record_published", "A record was published")
        .event<SeriesAttached>("series_attached", "The series of a record was published after it");
    add_settling(contract);
    add_keeping(contract);
    add_ocmf(contract);
    add_series_keys(contract);
    return contract;
}

}  // namespace tally::chaincode::data
