#pragma once
// Signed readings of meters in the field (records/ocmf_record.h) as the ledger keeps them, and what publishing and
// listing them answer.

#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/identifier.h"
#include "chaincode/records/ocmf_check.h"

namespace tally::chaincode::data {

struct PublishOcmf {
    std::optional<std::string> device;
};
TALLY_FIELDS(PublishOcmf,
             (device, "whose record it is (default: the serial of the meter in the record, or of the gateway)",
              .form = &kIdentifier))

// A record, without what only its payload says: that is in the transaction.
struct StoredOcmf {
    std::string content_id;
    std::string device;
    std::string organization;
    std::string shard;
    std::string meter;
    std::optional<OcmfPagination> page;
    std::string user_type;
    std::string user_id;
    std::string point_id;
    std::vector<OcmfReading> readings;
    std::vector<OcmfVerdict> verdicts;
    bool informative = false;
    std::int64_t epoch = 0;
    std::int64_t bytes = 0;
    std::string transaction;
    std::int64_t received_ms = 0;
    std::string received_from;
};
TALLY_FIELDS(StoredOcmf, (content_id, "the SHA-256 of the record's payload, in hexadecimal"),
             (device, "the device's id"), (organization, "the device's operator"), (shard, "the group of devices"),
             (meter, "the serial in the record"), (page, "T and a number for transactions, F for fiscal readings"),
             (user_type, "how the user was identified (IT)"), (user_id, "of the user (ID)"),
             (point_id, "of the charge point (CI)"), (readings, "in the order of the record"),
             (verdicts, "one for each check"), (informative, "whether the clock fails for informative times alone"),
             (epoch, "of the key that verified"), (bytes, "of the record"), (transaction, "the one that published it"),
             (received_ms, "when it was published"), (received_from, "who published it, organization/name"))

// What one register counted in a transaction, and whether it may be billed.
struct StoredSession : OcmfSession {
    std::string device;
    std::string content_id;
    std::string begin_content_id;
    bool billable = false;
    bool informative = false;
    std::vector<std::string> reasons;
    std::string transaction;
    std::int64_t completed_ms = 0;
};
TALLY_FIELDS_WITH(StoredSession, (OcmfSession), (device, "the device's id"), (content_id, "of the record with the end"),
                  (begin_content_id, "of the record with the beginning"), (billable, "whether every check allows it"),
                  (informative, "whether it were billable if informative times were accepted"),
                  (reasons, "why it is not billable"), (transaction, "the one that completed it"),
                  (completed_ms, "when that was"))

// A fiscal reading of one register, and whether it may be billed.
struct FiscalReading {
    std::string register_id;
    std::string unit;
    Decimal value;
    std::int64_t time_ms = 0;
    std::string content_id;
    bool billable = false;
    bool informative = false;
    std::int64_t completed_ms = 0;
};
BOOST_DESCRIBE_STRUCT(FiscalReading, (),
                      (register_id, unit, value, time_ms, content_id, billable, informative, completed_ms))

struct OcmfPublished {
    std::string content_id;
    std::string transaction;
    std::string device;
    std::optional<OcmfPagination> page;
    std::vector<OcmfVerdict> verdicts;
    std::vector<StoredSession> sessions;
};
TALLY_FIELDS(OcmfPublished, (content_id, "the SHA-256 of the record's payload, in hexadecimal"),
             (transaction, "the one that published it"), (device, "the device's id"),
             (page, "T and a number for transactions, F for fiscal readings"), (verdicts, "one for each check"),
             (sessions, "that the record completes"))

struct OneOcmf {
    std::string device;
    std::string content_id;
};
TALLY_FIELDS(OneOcmf, (device, "the device's id", .form = &kIdentifier),
             (content_id, "the SHA-256 of the record's payload, in hexadecimal", .form = &kHash))

struct OfOcmfDevice : PageArguments {
    std::string device;
};
TALLY_FIELDS_WITH(OfOcmfDevice, (PageArguments), (device, "the device's id", .form = &kIdentifier))

struct OcmfView : StoredOcmf {
    std::optional<std::int64_t> missing_before;
};
TALLY_FIELDS_WITH(OcmfView, (StoredOcmf),
                  (missing_before, "how many numbers are missing between it and the one before in its pagination"))

struct OcmfRecords {
    std::vector<OcmfView> records;
    std::optional<std::string> next;
};
TALLY_FIELDS(OcmfRecords, (records, "by pagination: fiscal readings, then transactions, each by number"),
             (next, "the next page's cursor"))

struct OcmfSessionsOf : PageArguments {
    std::string device;
    std::optional<std::int64_t> from_ms;
    std::optional<std::int64_t> to_ms;
};
TALLY_FIELDS_WITH(OcmfSessionsOf, (PageArguments), (device, "the device's id", .form = &kIdentifier),
                  (from_ms, "that end here or later, milliseconds since 1970", .min = 0, .max = kLastSecond * 1000),
                  (to_ms, "that end before", .min = 0, .max = kLastSecond * 1000))

struct OcmfSessions {
    std::vector<StoredSession> sessions;
    std::optional<std::string> next;
};
TALLY_FIELDS(OcmfSessions, (sessions, "by their end"), (next, "the next page's cursor"))

}  // namespace tally::chaincode::data
