#pragma once
// Arguments and answers of kept.h. Times are seconds since 1970, UTC, unless their names end in _ms.

#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/arguments.h"

namespace tally::chaincode::data {

struct KeepingOf {
    std::string device;
    std::string content_id;
};
TALLY_FIELDS(KeepingOf, (device, "the device's id", .form = &kIdentifier),
             (content_id, "the SHA-256 of the record's payload, in hexadecimal"))

struct Keeping {
    StoredRecord record;
    registry::Collection collection;
    std::optional<std::string> erased_by;
    std::optional<std::int64_t> keep_until;
};
TALLY_FIELDS(Keeping, (record, "as it is on the ledger"), (collection, "that keeps its rows"),
             (erased_by, "the transaction that ordered their erasure"),
             (keep_until, "when its keepers remove them; without it: when they are erased"))

struct KeptRecords : PageArguments {
    std::string collection;
    std::optional<std::int64_t> from_ms;
};
TALLY_FIELDS_WITH(KeptRecords, (PageArguments), (collection, "the collection's id", .form = &kIdentifier),
                  (from_ms, "records that were proposed at this time or later", .min = 0, .max = kLastSecond * 1000))

struct KeptRecord {
    std::string device;
    std::string content_id;
    std::int64_t sequence = 0;
    std::int64_t received_ms = 0;
};
TALLY_FIELDS(KeptRecord, (device, "the device's id"), (content_id, "of the record"), (sequence, "of the record"),
             (received_ms, "when the record was published"))

struct KeptPage {
    std::vector<KeptRecord> records;
    std::optional<std::string> next;
};
TALLY_FIELDS(KeptPage, (records, "in the order of their times"), (next, "the next page's cursor"))

struct Erase {
    std::string device;
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    std::string reason;
};
TALLY_FIELDS(Erase, (device, "the device's id", .form = &kIdentifier),
             (from, "records that begin here or later (default: all)", .min = 0, .max = kLastSecond),
             (to, "records that end here or before (default: all)", .min = 0, .max = kLastSecond),
             (reason, "why, in 1 to 1000 characters", .form = &kStatement))

struct ErasureOrder {
    std::string device;
    std::string order;
    std::int64_t from = 0;
    std::int64_t to = kLastSecond;
    std::string reason;
    std::int64_t ordered_ms = 0;
    std::string ordered_by;
};
TALLY_FIELDS(ErasureOrder, (device, "the device's id"), (order, "the transaction that ordered it"),
             (from, "records that begin here or later"), (to, "records that end here or before"), (reason, "as given"),
             (ordered_ms, "records that were published before are covered"), (ordered_by, "ORGANIZATION/name"))

struct ReportErased {
    std::string device;
    std::string order;
    std::string collection;
    std::string node;
    std::int64_t series = 0;
    std::string digest;
};
TALLY_FIELDS(ReportErased, (device, "the device's id", .form = &kIdentifier),
             (order, "the transaction that ordered the erasure"),
             (collection, "whose keeper reports", .form = &kIdentifier),
             (node, "the node that has removed the rows", .form = &kIdentifier),
             (series, "how many records' rows it held and has removed", .min = 0, .max = kMaxSequence),
             (digest, "SHA-256 over their content ids, sorted, 32 bytes each"))

struct ErasureReport {
    std::string organization;
    std::string node;
    std::string collection;
    std::int64_t series = 0;
    std::string digest;
    std::int64_t reported_ms = 0;
    std::string transaction;
};
TALLY_FIELDS(ErasureReport, (organization, "the keeper"), (node, "of the keeper"), (collection, "whose keeper it is"),
             (series, "how many records' rows it held and has removed"),
             (digest, "SHA-256 over their content ids, sorted, 32 bytes each"), (reported_ms, "when"),
             (transaction, "the signed report"))

struct Erasures : PageArguments {
    std::optional<std::string> device;
    std::optional<std::int64_t> from_ms;
};
TALLY_FIELDS_WITH(Erasures, (PageArguments), (device, "of this device alone", .form = &kIdentifier),
                  (from_ms, "that were ordered at this time or later; of all devices", .min = 0,
                   .max = kLastSecond * 1000))

struct ErasureView : ErasureOrder {
    std::vector<ErasureReport> reports;
};
TALLY_FIELDS_WITH(ErasureView, (ErasureOrder), (reports, "of the keepers' nodes"))

struct ErasurePage {
    std::vector<ErasureView> erasures;
    std::optional<std::string> next;
};
TALLY_FIELDS(ErasurePage, (erasures, "in the order of their times; of one device, of their transactions"),
             (next, "the next page's cursor"))

struct ReportExpired {
    std::string collection;
    std::string node;
    std::int64_t before = 0;
    std::int64_t series = 0;
    std::string digest;
};
TALLY_FIELDS(ReportExpired, (collection, "whose keeper reports", .form = &kIdentifier),
             (node, "the node that has removed the rows", .form = &kIdentifier),
             (before, "the rows of all records that ended before are removed", .min = 0, .max = kLastSecond),
             (series, "how many records' rows it has removed since its last report", .min = 0, .max = kMaxSequence),
             (digest, "SHA-256 over their content ids, sorted, 32 bytes each"))

struct ExpiryReport {
    std::string collection;
    std::string organization;
    std::string node;
    std::int64_t before = 0;
    std::int64_t series = 0;
    std::string digest;
    std::int64_t reported_ms = 0;
    std::string transaction;
};
TALLY_FIELDS(ExpiryReport, (collection, "whose keeper reports"), (organization, "the keeper"), (node, "of the keeper"),
             (before, "the rows of all records that ended before are removed"),
             (series, "how many records' rows it removed for this report"),
             (digest, "SHA-256 over their content ids, sorted, 32 bytes each"), (reported_ms, "when"),
             (transaction, "the signed report"))

struct Expiries : PageArguments {
    std::string collection;
};
TALLY_FIELDS_WITH(Expiries, (PageArguments), (collection, "the collection's id", .form = &kIdentifier))

struct ExpiryPage {
    std::vector<ExpiryReport> reports;
    std::optional<std::string> next;
};
TALLY_FIELDS(ExpiryPage, (reports, "the last one of each node"), (next, "the next page's cursor"))

}  // namespace tally::chaincode::data
