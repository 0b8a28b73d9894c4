#pragma once
// Arguments and answers of examine.h.

#include "chaincode/contracts/data/settle_answers.h"

namespace tally::chaincode::data {

struct Examine {
    std::string agreement;
    std::string device;
    Date from;
    Date until;
};
TALLY_FIELDS(Examine, (agreement, "its id", .form = &kIdentifier), (device, "the device's id", .form = &kIdentifier),
             (from, "the first day"), (until, "the end date, exclusive"))

enum class CheckKind {
    CHAIN,           // the record names the content ids of the record and of the DAILY record before it
    FINAL_DAY,       // what is known of the day is in the FINAL day or in a revision
    RECONCILIATION,  // the FINAL day's figures are those of its record and of the operator's own, by the terms
    SIGNATURE,       // the device's, by the key that it had
    SERIES,          // the readings give the root and the figures that the device signed
    ITEM,            // the invoice's lines of the device are those of the FINAL days
    INVOICE,         // the invoice's totals are those of its items
};
BOOST_DESCRIBE_ENUM(CheckKind, CHAIN, FINAL_DAY, RECONCILIATION, SIGNATURE, SERIES, ITEM, INVOICE)

// What does not hold.
struct Finding {
    CheckKind check = CheckKind::CHAIN;
    std::optional<std::string> device;
    std::optional<Date> day;
    std::string expected;
    std::string found;
};
TALLY_FIELDS(Finding, (check, "that fails"), (device, "whose it is"), (day, "in the agreement's zone"),
             (expected, "what should be"), (found, "what is"))

struct CheckCount {
    CheckKind check = CheckKind::CHAIN;
    std::int64_t made = 0;
    std::int64_t failed = 0;
};
TALLY_FIELDS(CheckCount, (check, "of which kind"), (made, "how often"), (failed, "how many of them do not hold"))

// A day with what it is billed from.
struct ExaminedDay {
    std::string device;
    Date day;
    DayState state = DayState::OPEN;
    Match match = Match::MISSING;
    std::optional<std::int64_t> sequence;
    std::optional<std::string> content_id;
    std::optional<std::string> transaction;
    std::optional<std::int64_t> revision;
    std::optional<std::int64_t> readings;
};
TALLY_FIELDS(ExaminedDay, (device, "whose day it is"), (day, "in the agreement's zone"), (state, "FINAL, or not yet"),
             (match, "of device and cloud"), (sequence, "of the record that counts; without it there is none"),
             (content_id, "of that record"), (transaction, "that published it"),
             (revision, "of the FINAL day that counts"),
             (readings, "of an OCMF meter: its sessions and fiscal readings of the day"))

struct Examined {
    std::vector<ExaminedDay> days;
    std::vector<CheckCount> checks;
    std::vector<Finding> findings;
};
TALLY_FIELDS(Examined, (days, "every day of the range"), (checks, "by kind"), (findings, "what does not hold"))

}  // namespace tally::chaincode::data
