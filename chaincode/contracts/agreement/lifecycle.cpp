#include "chaincode/contracts/agreement/lifecycle.h"

#include <algorithm>

#include "chaincode/contracts/agreement/claims.h"
#include "chaincode/contracts/agreement/problems.h"
#include "chaincode/contracts/agreement/refusals.h"

namespace tally::chaincode::agreement {
namespace {

constexpr std::int64_t kMostVersions = 1000;

void add_once(std::vector<std::string>& list, const std::string& name) {
    if (std::ranges::find(list, name) == list.end()) list.push_back(name);
}

std::vector<std::string> organizations_of(const Terms& terms) {
    std::vector<std::string> out;
    for (const auto& party : terms.parties) add_once(out, party.organization);
    return out;
}

// The newest version that is in force or will be.
Result<Version> last_in_force(Stub& stub, const Agreement& agreement) {
    if (agreement.in_force.empty())
        return fail(refusals::not_open, "no version of {} is signed by all parties", agreement.id);
    return find_version(stub, agreement.id, agreement.in_force.back());
}

// A later version may not change days that are billed or those of a version before the last.
Status check_first_day(const Agreement& agreement, const Version& last, Date from) {
    if (from <= last.terms.from)
        return fail(refusals::too_late,
                    "version {} is in force from {} on; a later version must begin after that day, not on {}",
                    last.version, last.terms.from.text(), from.text());
    if (agreement.billed_until && from < *agreement.billed_until)
        return fail(refusals::too_late, "days before {} are billed; a later version cannot begin on {}",
                    agreement.billed_until->text(), from.text());
    if (const auto end = end_of(agreement, last.terms); end && from >= *end)
        return fail(refusals::too_late, "the agreement ends before {}", from.text());
    return {};
}

Status add_signature(Stub& stub, Version& version) {
    const auto& caller = stub.caller();
    version.signatures.push_back({caller.organization, caller.name, stub.transaction_id().hex(), stub.time_ms()});
    return {};
}

bool is_complete(const Version& version) { return version.signatures.size() == version.signers.size(); }

// The last party has signed.
Status put_into_force(Stub& stub, Agreement& agreement, Version& version) {
    const auto& terms = version.terms;
    TRY(check_terms(stub, terms));
    const auto until = end_of(agreement, terms);
    TRY(check_unclaimed(stub, agreement.id, terms, until));
    if (!agreement.in_force.empty()) {
        const auto last = TRY(last_in_force(stub, agreement));
        TRY(check_first_day(agreement, last, terms.from));
        TRY(end_claims(stub, agreement.id, last.terms, terms.from));
    }
    TRY(claim(stub, agreement.id, terms, until));
    version.state = VersionState::SIGNED;
    agreement.in_force.push_back(version.version);
    if (agreement.state == AgreementState::PROPOSED) agreement.state = AgreementState::ACTIVE;
    stub.emit("signed", to_json(AgreementEvent{agreement.id, version.version, stub.caller().organization}));
    return {};
}

// Stores a new version, with its proposer's signature.
Result<Version> propose_version(Stub& stub, Agreement& agreement, Version version) {
    version.id = agreement.id;
    version.version = agreement.versions;
    version.hash = hash_of(version.terms).hex();
    version.proposed_by = stub.caller().organization;
    version.proposed_ms = stub.time_ms();
    for (const auto& signer : version.signers) add_once(agreement.parties, signer);
    if (std::ranges::find(version.signers, version.proposed_by) != version.signers.end())
        TRY(add_signature(stub, version));
    stub.emit("proposed", to_json(AgreementEvent{agreement.id, version.version, version.proposed_by}));
    if (is_complete(version)) TRY(put_into_force(stub, agreement, version));
    TRY(put_agreement(stub, agreement));
    TRY(put_version(stub, version));
    return version;
}

Status check_open(const Agreement& agreement) {
    if (agreement.state == AgreementState::WITHDRAWN)
        return fail(refusals::not_open, "the agreement {} is withdrawn", agreement.id);
    return {};
}

Status next_version(Agreement& agreement) {
    if (agreement.versions >= kMostVersions)
        return fail(Code::too_large, "the agreement {} has {} versions", agreement.id, kMostVersions);
    ++agreement.versions;
    return {};
}

std::vector<std::string> together(std::vector<std::string> a, const std::vector<std::string>& b) {
    for (const auto& each : b) add_once(a, each);
    return a;
}

Status need_party(Stub& stub, const Terms& terms) {
    if (is_party(terms, stub.caller().organization)) return {};
    return fail(refusals::wrong_party, "{} is no party of these terms", stub.caller().organization);
}

}  // namespace

Result<Version> propose(Stub& stub, const Propose& in) {
    TRY(check_terms(stub, in.terms));
    TRY(need_party(stub, in.terms));
    if (TRY(stub.get(agreement_key(in.id))))
        return fail(Code::already_exists, "the id \"{}\" is taken; choose another", in.id);
    Agreement agreement;
    agreement.id = in.id;
    Version version;
    version.signers = organizations_of(in.terms);
    version.terms = in.terms;
    return propose_version(stub, agreement, std::move(version));
}

Result<Version> amend(Stub& stub, const Propose& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    TRY(check_open(agreement));
    TRY(check_terms(stub, in.terms));
    const auto last = TRY(last_in_force(stub, agreement));
    TRY(need_party(stub, last.terms));
    TRY(check_first_day(agreement, last, in.terms.from));
    const auto& old = last.terms;
    if (in.terms.currency != old.currency || in.terms.zone.name != old.zone.name || in.terms.period != old.period)
        return fail(refusals::terms_invalid,
                    "currency, zone and period stay as they are; another agreement may have others");
    if (operator_of(in.terms) != operator_of(old))
        return fail(refusals::terms_invalid, "the OPERATOR stays {}", operator_of(old));
    TRY(next_version(agreement));
    Version version;
    version.signers = together(organizations_of(old), organizations_of(in.terms));
    version.terms = in.terms;
    return propose_version(stub, agreement, std::move(version));
}

Result<Version> sign(Stub& stub, const Sign& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    auto version = TRY(find_version(stub, in.id, in.version));
    const auto& organization = stub.caller().organization;
    if (version.state != VersionState::PROPOSED)
        return fail(refusals::not_open, "version {} of {} is {} already", in.version, in.id,
                    version.state == VersionState::SIGNED ? "signed by all" : "withdrawn");
    if (version.hash != in.hash)
        return fail(refusals::other_terms, "version {} of {} has the hash {}", in.version, in.id, version.hash);
    if (std::ranges::find(version.signers, organization) == version.signers.end())
        return fail(refusals::wrong_party, "{} is no signer of version {}", organization, in.version);
    if (std::ranges::find(version.signatures, organization, &PartySignature::organization) != version.signatures.end())
        return fail(Code::already_exists, "{} has signed version {}", organization, in.version);
    TRY(add_signature(stub, version));
    if (is_complete(version)) {
        TRY(put_into_force(stub, agreement, version));
        TRY(put_agreement(stub, agreement));
    }
    TRY(put_version(stub, version));
    return version;
}

Result<Version> withdraw(Stub& stub, const OneVersion& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    auto version = TRY(find_version(stub, in.id, in.version));
    if (version.state != VersionState::PROPOSED)
        return fail(refusals::not_open, "version {} of {} is no proposal any more", in.version, in.id);
    if (version.proposed_by != stub.caller().organization)
        return fail(refusals::wrong_party, "{} proposed it, and may withdraw it", version.proposed_by);
    version.state = VersionState::WITHDRAWN;
    if (agreement.in_force.empty()) {
        agreement.state = AgreementState::WITHDRAWN;
        TRY(put_agreement(stub, agreement));
    }
    stub.emit("withdrawn", to_json(AgreementEvent{in.id, in.version, version.proposed_by}));
    TRY(put_version(stub, version));
    return version;
}

Result<Version> transfer(Stub& stub, const Transfer& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    TRY(check_open(agreement));
    const auto last = TRY(last_in_force(stub, agreement));
    const auto& from = stub.caller().organization;
    auto terms = last.terms;
    if (!terms.payees_assignable)
        return fail(refusals::wrong_party, "the terms of {} do not let payees transfer their part", in.id);
    const auto payee = std::ranges::find(terms.payees, from, &Payee::organization);
    if (payee == terms.payees.end()) return fail(refusals::wrong_party, "{} is no payee of {}", from, in.id);
    if (std::ranges::find(terms.payees, in.to, &Payee::organization) != terms.payees.end())
        return fail(Code::invalid_argument, "{} is a payee already", in.to);
    TRY(check_first_day(agreement, last, in.from));
    payee->organization = in.to;
    if (!is_party(terms, in.to)) terms.parties.push_back({in.to, PartyRole::SP, in.business});
    terms.from = in.from;
    TRY(check_terms(stub, terms));
    TRY(next_version(agreement));
    Version version;
    version.transferred_to = in.to;
    version.signers = {from, in.to};
    version.terms = std::move(terms);
    return propose_version(stub, agreement, std::move(version));
}

Result<Agreement> suspend(Stub& stub, const Reasoned& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    if (agreement.state != AgreementState::ACTIVE)
        return fail(refusals::not_open, "the agreement {} is not ACTIVE", in.id);
    TRY(need_party(stub, TRY(last_in_force(stub, agreement)).terms));
    agreement.state = AgreementState::SUSPENDED;
    agreement.pause = Pause{stub.caller().organization, in.reason, stub.time_ms()};
    stub.emit("suspended", to_json(AgreementEvent{in.id, agreement.in_force.back(), stub.caller().organization}));
    TRY(put_agreement(stub, agreement));
    return agreement;
}

Result<Agreement> resume(Stub& stub, const OneAgreement& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    if (agreement.state != AgreementState::SUSPENDED)
        return fail(refusals::not_open, "the agreement {} is not SUSPENDED", in.id);
    if (agreement.pause && agreement.pause->by != stub.caller().organization) {
        const auto terms = TRY(last_in_force(stub, agreement)).terms;
        TRY(need_party(stub, terms));
        const auto open_to_all_ms = agreement.pause->since_ms + terms.notice_days * 86'400'000;
        if (stub.time_ms() < open_to_all_ms)
            return fail(refusals::wrong_party, "{} suspended it, and may resume it; others may {} days later",
                        agreement.pause->by, terms.notice_days);
    }
    agreement.state = AgreementState::ACTIVE;
    agreement.pause.reset();
    stub.emit("resumed", to_json(AgreementEvent{in.id, agreement.in_force.back(), stub.caller().organization}));
    TRY(put_agreement(stub, agreement));
    return agreement;
}

Result<Agreement> end(Stub& stub, const End& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    const auto last = TRY(last_in_force(stub, agreement));
    TRY(need_party(stub, last.terms));
    const auto today = date_at(stub.time_ms() / 1000, last.terms.zone);
    const auto earliest = today.plus_days(last.terms.notice_days);
    if (in.until < earliest)
        return fail(refusals::too_late, "notice is {} days: {} is the earliest end, not {}", last.terms.notice_days,
                    earliest.text(), in.until.text());
    if (const auto known = end_of(agreement, last.terms); known && *known <= in.until)
        return fail(refusals::not_open, "the agreement {} ends on {} already", in.id, known->text());
    if (in.until <= last.terms.from)
        return fail(refusals::too_late, "version {} begins on {}: withdraw or amend it", last.version,
                    last.terms.from.text());
    agreement.ending = Ending{in.until, stub.caller().organization, in.reason};
    TRY(end_claims(stub, in.id, last.terms, in.until));
    stub.emit("ended", to_json(AgreementEvent{in.id, last.version, stub.caller().organization}));
    TRY(put_agreement(stub, agreement));
    return agreement;
}

Result<Nothing> mark_billed(Stub& stub, const MarkBilled& in) {
    auto agreement = TRY(find_agreement(stub, in.id));
    if (agreement.billed_until && *agreement.billed_until >= in.until) return Nothing{};
    agreement.billed_until = in.until;
    TRY(put_agreement(stub, agreement));
    return Nothing{};
}

}  // namespace tally::chaincode::agreement
