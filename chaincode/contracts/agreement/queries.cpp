#include "chaincode/contracts/agreement/queries.h"

#include "chaincode/contracts/agreement/problems.h"
#include "chaincode/contracts/agreement/refusals.h"

namespace tally::chaincode::agreement {

Result<Problems> check(Stub& stub, const Check& in) {
    return Problems{hash_of(in.terms).hex(), TRY(all_problems(stub, in.terms))};
}

Result<Agreement> get(Stub& stub, const OneAgreement& in) { return find_agreement(stub, in.id); }

Result<Version> get_version(Stub& stub, const OneVersion& in) {
    TRY(find_agreement(stub, in.id));
    return find_version(stub, in.id, in.version);
}

Result<AgreementPage> list(Stub& stub, const ListAgreements& in) {
    AgreementPage page;
    page.next =
        TRY(Pager({"party", stub.caller().organization}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
            auto agreement = TRY(find_agreement(stub, std::string(last_part(entry.key))));
            if (in.state && agreement.state != *in.state) return false;
            page.agreements.push_back(std::move(agreement));
            return true;
        }));
    return page;
}

Result<TermsInForce> terms_on(Stub& stub, const TermsOn& in) {
    const auto agreement = TRY(find_agreement(stub, in.id));
    std::optional<Date> until;
    for (auto i = agreement.in_force.size(); i-- > 0;) {
        auto version = TRY(find_version(stub, in.id, agreement.in_force[i]));
        if (i + 1 == agreement.in_force.size()) until = end_of(agreement, version.terms);
        if (version.terms.from > in.day) {
            until = version.terms.from;
            continue;
        }
        if (until && in.day >= *until) break;
        return TermsInForce{.id = in.id,
                            .version = version.version,
                            .state = agreement.state,
                            .from = version.terms.from,
                            .until = until,
                            .billed_until = agreement.billed_until,
                            .hash = version.hash,
                            .terms = std::move(version.terms)};
    }
    return fail(refusals::not_open, "the agreement {} is not in force on {}", in.id, in.day.text());
}

}  // namespace tally::chaincode::agreement
