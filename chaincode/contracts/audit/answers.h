#pragma once
// Arguments and answers of the audit contract, and what the ledger keeps of a run:
//
//   run\0<agreement>\0<id>      a Run

#include "chaincode/contracts/data/examine_answers.h"

namespace tally::chaincode::audit {

using data::CheckCount;
using data::ExaminedDay;
using data::Finding;

enum class Verdict {
    PASSED,  // every check holds, and every day has a record
    GAPS,    // every check holds; days lack their record
    OPEN,    // every check holds; days are not FINAL
    EMPTY,   // nothing is metered on these days
    FAILED,  // a check does not hold
};
BOOST_DESCRIBE_ENUM(Verdict, PASSED, GAPS, OPEN, EMPTY, FAILED)

inline constexpr std::int64_t kMostDays = 5000;  // of all devices of a run

struct RunAudit {
    std::string agreement;
    std::string id;
    std::optional<std::string> device;
    std::optional<std::string> after;
    std::optional<std::string> through;
    Date from;
    Date until;

    [[nodiscard]] bool is_of(const std::string& which) const {
        return (!device || *device == which) && (!after || which > *after) && (!through || which <= *through);
    }
};
TALLY_FIELDS(RunAudit, (agreement, "its id", .form = &kIdentifier),
             (id, "of the run, unused so far", .form = &kIdentifier),
             (device, "this device alone; without it all that are metered", .form = &kIdentifier),
             (after, "a part of the devices: only those after this id", .form = &kIdentifier),
             (through, "a part of the devices: only those up to and including this id", .form = &kIdentifier),
             (from, "the first day"), (until, "the end date, exclusive"))

// The runs that an audit of these devices takes, in the order of their ids: one, or parts that leave no device out. A
// part has the id of the whole with a number, and at most so many days of all its devices.
[[nodiscard]] std::vector<RunAudit> parts_of(const RunAudit& whole, std::span<const std::string> devices,
                                             std::int64_t most_days = kMostDays);
// "meter-1", "all devices", "devices after meter-1 up to meter-2"
[[nodiscard]] std::string devices_text(const RunAudit& run);
// Whether each device is in one of the runs, whatever its id is: the parts that they are of leave none out.
[[nodiscard]] bool leave_no_device_out(std::vector<const RunAudit*> runs);

// An invoice of whose devices a run has computed the items again; the run of the last devices also its sums.
struct AuditedInvoice {
    Date from;
    std::string items;
};
TALLY_FIELDS(AuditedInvoice, (from, "the first day of its period"), (items, "its SHA-256 of its items"))

struct Run : RunAudit {
    Verdict verdict = Verdict::PASSED;
    std::int64_t devices = 0;
    std::int64_t days = 0;
    std::int64_t records = 0;
    std::int64_t missing = 0;
    std::int64_t open = 0;
    std::vector<CheckCount> checks;
    std::vector<Finding> findings;
    std::vector<AuditedInvoice> invoices;
    std::string days_sha256;
    std::string by;
    std::string name;
    std::string transaction;
    std::int64_t time_ms = 0;
};
TALLY_FIELDS_WITH(Run, (RunAudit), (verdict, "PASSED, GAPS, OPEN, EMPTY or FAILED"), (devices, "that were examined"),
                  (days, "of all devices"), (records, "that count for these days"), (missing, "days without a record"),
                  (open, "days that are not FINAL"), (checks, "by kind"), (findings, "what does not hold, at most 100"),
                  (invoices, "whose items of these devices were computed again"),
                  (days_sha256, "of the text of the list of days that the call answered"),
                  (by, "the organization that ran it"), (name, "the member"), (transaction, "that recorded it"),
                  (time_ms, "when"))

// What the call answers: the run as it is kept, and each day.
struct RunAnswer {
    Run run;
    std::vector<ExaminedDay> list;
};
TALLY_FIELDS(RunAnswer, (run, "as it is kept"), (list, "each day of each device, with the record that counts"))

struct OneRun {
    std::string agreement;
    std::string id;
};
TALLY_FIELDS(OneRun, (agreement, "its id", .form = &kIdentifier), (id, "of the run", .form = &kIdentifier))

struct ListRuns : PageArguments {
    std::string agreement;
};
TALLY_FIELDS_WITH(ListRuns, (PageArguments), (agreement, "its id", .form = &kIdentifier))

struct RunPage {
    std::vector<Run> runs;
    std::optional<std::string> next;
};
TALLY_FIELDS(RunPage, (runs, "by their ids"), (next, "the next page's cursor"))

struct AuditEvent {
    std::string agreement;
    std::string id;
    Verdict verdict = Verdict::PASSED;
    std::string by;
};
TALLY_FIELDS(AuditEvent, (agreement, "its id"), (id, "of the run"), (verdict, "of the run"),
             (by, "the organization that ran it"))

}  // namespace tally::chaincode::audit
