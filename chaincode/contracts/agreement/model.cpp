#include "chaincode/contracts/agreement/model.h"

#include <algorithm>

namespace tally::chaincode::agreement {

std::string agreement_key(std::string_view id) { return composite_key({"agreement", id}); }
std::string version_key(std::string_view id, std::int64_t version) {
    return composite_key({"version", id, padded(version)});
}
std::string party_key(std::string_view organization, std::string_view id) {
    return composite_key({"party", organization, id});
}

Result<Agreement> find_agreement(Stub& stub, const std::string& id) {
    auto agreement = TRY(get_document<Agreement>(stub, agreement_key(id), "an agreement"));
    const auto& organization = stub.caller().organization;
    if (!agreement || std::ranges::find(agreement->parties, organization) == agreement->parties.end())
        return fail(Code::permission_denied, "{} is a party of no agreement \"{}\"", organization, id);
    return std::move(*agreement);
}

Result<Version> find_version(Stub& stub, const std::string& id, std::int64_t version) {
    auto found = TRY(get_document<Version>(stub, version_key(id, version), "a version of an agreement"));
    if (!found) return fail(Code::invalid_argument, "the agreement {} has no version {}", id, version);
    return std::move(*found);
}

Status put_agreement(Stub& stub, const Agreement& agreement) {
    for (const auto& party : agreement.parties) TRY(stub.put(party_key(party, agreement.id), ""));
    return put_document(stub, agreement_key(agreement.id), agreement);
}

Status put_version(Stub& stub, const Version& version) {
    return put_document(stub, version_key(version.id, version.version), version);
}

std::optional<Date> end_of(const Agreement& agreement, const Terms& terms) {
    if (!agreement.ending) return terms.until;
    return terms.until ? std::min(*terms.until, agreement.ending->until) : agreement.ending->until;
}

std::string operator_of(const Terms& terms) {
    const auto found = std::ranges::find(terms.parties, PartyRole::OPERATOR, &Party::role);
    return found == terms.parties.end() ? std::string() : found->organization;
}

}  // namespace tally::chaincode::agreement
