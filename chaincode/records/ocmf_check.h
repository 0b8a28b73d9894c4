#pragma once
// What an OCMF record (ocmf_record.h) is worth: one verdict for each check, never one word for all of them.
//
//   signature     the signature verifies under the meter's key. Only ECDSA on secp256r1 with SHA-256 is verified;
//                 another curve or hash is UNSUPPORTED, and the detail names it
//   pagination    the record has a number (PG) of its context, transactions or fiscal readings
//   clock         every time is there, does not go back, and was synchronised (S) or measured from a synchronised one
//                 (R). An informative or unknown time fails; the error flag t is noted
//   status        every reading's status is G, and its error flags are without E
//   plausibility  every reading has value, register and unit; a register counts up and keeps its unit; a transaction
//                 begins before it ends
//   identity      how well the user is known (IS, IL). It decides nothing about the energy
//
// Whether a record continues the ones before it is for who has these to say. Pure; deterministic.

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "chaincode/records/ocmf_record.h"
#include "crypto/key.h"

namespace tally::chaincode {

enum class OcmfResult {
    PASSED,
    NOTED,  // passed; the detail should be read
    FAILED,
    UNSUPPORTED,  // nothing is known: the check cannot be made
    NOT_CHECKED,  // nothing is known: what it needs was not given
};
BOOST_DESCRIBE_ENUM(OcmfResult, PASSED, NOTED, FAILED, UNSUPPORTED, NOT_CHECKED)

struct OcmfVerdict {
    std::string check;
    OcmfResult result = OcmfResult::NOT_CHECKED;
    std::string detail;

    friend bool operator==(const OcmfVerdict&, const OcmfVerdict&) = default;
};
TALLY_FIELDS(OcmfVerdict, (check, "signature, pagination, clock, status, plausibility or identity"),
             (result, "PASSED, NOTED, FAILED, UNSUPPORTED or NOT_CHECKED"), (detail, "what was found"))

// unsupported (the curve or the hash, by name), bad_signature.
[[nodiscard]] Status verify_ocmf(const OcmfRecord& record, const crypto::PublicKey& key);

// The verdict on the signature, from the text of a key (crypto/meter_key.h); an empty text: NOT_CHECKED. A key that
// cannot be read fails.
[[nodiscard]] OcmfVerdict judge_signature(const OcmfRecord& record, std::string_view key);

// The verdicts on everything but the signature, in the order above.
[[nodiscard]] std::vector<OcmfVerdict> judge_content(const OcmfRecord& record);

// The verdict on the pagination of a record that comes after one with the page `before`, of the same meter and context:
// PASSED for the next number, NOTED for a gap (with the numbers that are missing) and for an earlier number, FAILED for
// the same one.
[[nodiscard]] OcmfVerdict judge_succession(const OcmfPagination& page, const std::optional<OcmfPagination>& before);

// What one register counted between the beginning and the end of a transaction.
struct OcmfSession {
    std::string register_id;
    std::string unit;
    Decimal begin;
    Decimal end;
    Decimal quantity;  // end - begin
    std::int64_t begin_ms = 0;
    std::int64_t end_ms = 0;

    friend bool operator==(const OcmfSession&, const OcmfSession&) = default;
};
TALLY_FIELDS(OcmfSession, (register_id, "OBIS code of the register"), (unit, "of the figures"),
             (begin, "the register when the transaction began"), (end, "the register when it ended"),
             (quantity, "end - begin"), (begin_ms, "when it began"), (end_ms, "when it ended"))

// Of readings in their order: for every register that has a reading with TX B and a later one that ends the transaction
// (E, L, R, A or P). Readings without value or time count for nothing.
[[nodiscard]] std::vector<OcmfSession> sessions_of(std::span<const OcmfReading> readings);

// The verdict on the clock where informative times (I) are accepted.
[[nodiscard]] OcmfVerdict judge_informative_clock(const OcmfRecord& record);

// Of a transaction whose beginning and end are in two records: these must be of the same meter, user and charge point,
// and the end's page must be the later one. Empty: they do not belong together.
[[nodiscard]] std::vector<OcmfSession> sessions_between(const OcmfRecord& begin, const OcmfRecord& end);

[[nodiscard]] bool begins_transaction(const OcmfReading& reading);
[[nodiscard]] bool ends_transaction(const OcmfReading& reading);

}  // namespace tally::chaincode
