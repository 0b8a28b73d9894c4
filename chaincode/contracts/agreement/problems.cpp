#include "chaincode/contracts/agreement/problems.h"

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/registry/api.h"

namespace tally::chaincode::agreement {
namespace {

Result<std::optional<Problem>> collection_problem(Stub& stub, const Terms& terms) {
    if (!terms.collection) return std::nullopt;
    const auto collection = registry::api::get_collection(stub, {*terms.collection});
    if (!collection && collection.error().code != Code::not_found) return std::unexpected(collection.error());
    if (!collection) return Problem{"collection", collection.error().message};
    if (collection->organization == operator_of(terms)) return std::nullopt;
    return Problem{"collection", fmt::format("\"{}\" is a collection of {}, not of the operator", *terms.collection,
                                             collection->organization)};
}

}  // namespace

Result<std::vector<Problem>> all_problems(Stub& stub, const Terms& terms) {
    auto problems = problems_of(terms, stub.organizations());
    if (auto problem = TRY(collection_problem(stub, terms))) problems.push_back(std::move(*problem));
    return problems;
}

Status check_terms(Stub& stub, const Terms& terms) {
    const auto problems = TRY(all_problems(stub, terms));
    if (problems.empty()) return {};
    const auto& first = problems.front();
    return fail(
        refusals::terms_invalid, "{}: {}{}", first.where, first.what,
        problems.size() == 1 ? "" : fmt::format(" (and {} more: agreement check shows all)", problems.size() - 1));
}

}  // namespace tally::chaincode::agreement
