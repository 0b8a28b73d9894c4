#pragma once
// What the ledger keeps of an agreement.
//
//   agreement\0<id>                                                 an Agreement
//   version\0<id>\0<number>                                         a Version: terms, and who has signed them
//   party\0<organization>\0<id>                                     agreements by party
//   claim\0<operator>\0<shard>\0<device or *>\0<field>\0<id>        a Claim: days on which the agreement bills it
//
// A version's terms are in force from their first day until the next signed version's.

#include <optional>
#include <string>
#include <vector>

#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/contracts/document.h"

namespace tally::chaincode::agreement {

enum class AgreementState {
    PROPOSED,   // not all parties have signed the first version
    ACTIVE,     // from its first day to its last
    SUSPENDED,  // no invoice is computed until it is resumed
    WITHDRAWN,  // before it was signed
};
BOOST_DESCRIBE_ENUM(AgreementState, PROPOSED, ACTIVE, SUSPENDED, WITHDRAWN)

enum class VersionState { PROPOSED, SIGNED, WITHDRAWN };
BOOST_DESCRIBE_ENUM(VersionState, PROPOSED, SIGNED, WITHDRAWN)

struct PartySignature {
    std::string organization;
    std::string name;
    std::string transaction;
    std::int64_t time_ms = 0;
};
TALLY_FIELDS(PartySignature, (organization, "that signed"), (name, "the member's"),
             (transaction, "with the signature over the terms' hash"), (time_ms, "when"))

struct Version {
    std::string id;
    std::int64_t version = 1;
    VersionState state = VersionState::PROPOSED;
    std::string hash;
    std::string proposed_by;
    std::int64_t proposed_ms = 0;
    std::optional<std::string> transferred_to;  // a payee's part goes to it; else the version changes the terms
    std::vector<std::string> signers;
    std::vector<PartySignature> signatures;
    Terms terms;
};
TALLY_FIELDS(Version, (id, "the agreement"), (version, "from 1 on"), (state, "PROPOSED until every signer has signed"),
             (hash, "of the terms, SHA-256, in hexadecimal"), (proposed_by, "an organization"), (proposed_ms, "when"),
             (transferred_to, "the member to which a payee's part is transferred"),
             (signers, "the organizations that must sign"), (signatures, "those that have"), (terms, "what is signed"))

struct Ending {
    Date until;
    std::string by;
    std::string reason;
};
TALLY_FIELDS(Ending, (until, "the end date, exclusive"), (by, "the organization that gave notice"),
             (reason, "as it said"))

struct Pause {
    std::string by;
    std::string reason;
    std::int64_t since_ms = 0;
};
TALLY_FIELDS(Pause, (by, "the organization, which may resume it; others when the terms' notice has passed"),
             (reason, "as it said"), (since_ms, "when"))

struct Agreement {
    std::string id;
    AgreementState state = AgreementState::PROPOSED;
    std::int64_t versions = 1;           // proposed, in all
    std::vector<std::string> parties;    // of any version: who may see it
    std::vector<std::int64_t> in_force;  // the signed versions, in the order of their first days
    std::optional<Ending> ending;
    std::optional<Pause> pause;
    std::optional<Date> billed_until;
};
TALLY_FIELDS(Agreement, (id, "of the agreement"), (state, "PROPOSED, ACTIVE, SUSPENDED or WITHDRAWN"),
             (versions, "that were proposed"), (parties, "who may see it"),
             (in_force, "the signed versions, in the order of their first days"), (ending, "a party's notice"),
             (pause, "why it is suspended"), (billed_until, "invoices are computed for the days before this one"))

struct Claim {
    Date from;
    std::optional<Date> until;
};
BOOST_DESCRIBE_STRUCT(Claim, (), (from, until))

[[nodiscard]] std::string agreement_key(std::string_view id);
[[nodiscard]] std::string version_key(std::string_view id, std::int64_t version);
[[nodiscard]] std::string party_key(std::string_view organization, std::string_view id);

// permission_denied when there is none, or when the caller's organization may not see it: callers learn the same of
// both.
[[nodiscard]] Result<Agreement> find_agreement(Stub& stub, const std::string& id);
[[nodiscard]] Result<Version> find_version(Stub& stub, const std::string& id, std::int64_t version);
[[nodiscard]] Status put_agreement(Stub& stub, const Agreement& agreement);
[[nodiscard]] Status put_version(Stub& stub, const Version& version);

// The end date of the agreement, exclusive: by a notice or by the terms, whichever is earlier. None: it has no end.
[[nodiscard]] std::optional<Date> end_of(const Agreement& agreement, const Terms& terms);
[[nodiscard]] std::string operator_of(const Terms& terms);

}  // namespace tally::chaincode::agreement
