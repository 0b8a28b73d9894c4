#include "node/endorsing/evaluator.h"

#include "node/channel/proposal_check.h"

namespace tally::node {

Result<chaincode::Caller> Evaluator::admit(const chaincode::SignedProposal& in, const Membership& membership,
                                           std::int64_t now_ms) {
    auto caller = TRY(check_proposal(in, membership, now_ms, &memo_));
    TRY(replays_.admit(in));
    return caller;
}

Result<std::string> Evaluator::evaluate(const chaincode::SignedProposal& proposal, std::int64_t now_ms) {
    const auto membership = membership_.get();
    auto caller = TRY(admit(proposal, *membership, now_ms));
    return chaincode::evaluate_text(membership->contracts(), *ledger_.state(),
                                    invocation_of(proposal, std::move(caller), *membership),
                                    membership->rules().execution, kept_);
}

template <class Evaluate>
auto Evaluator::queried(const chaincode::Caller& caller, std::string contract, std::string function,
                        std::string arguments, std::int64_t now_ms, Evaluate&& evaluate) const {
    const auto membership = membership_.get();
    const auto* found = membership->contracts().find(contract);
    const auto* declared = found == nullptr ? nullptr : found->find(function);
    using Evaluated = decltype(evaluate(membership->contracts(), *ledger_.state(), chaincode::Invocation(),
                                        membership->rules().execution, kept_));
    if (declared != nullptr && declared->writes) {
        return Evaluated(fail(Code::invalid_argument, "{}.{} writes: send a signed proposal", contract, function));
    }
    const chaincode::Invocation invocation{{},
                                           membership->config().channel,
                                           std::move(contract),
                                           std::move(function),
                                           std::move(arguments),
                                           {},
                                           now_ms,
                                           caller,
                                           membership->config().organization_ids()};
    return evaluate(membership->contracts(), *ledger_.state(), invocation, membership->rules().execution, kept_);
}

Result<boost::json::value> Evaluator::query(const chaincode::Caller& caller, std::string contract, std::string function,
                                            std::string arguments, std::int64_t now_ms) const {
    return queried(caller, std::move(contract), std::move(function), std::move(arguments), now_ms, chaincode::evaluate);
}

Result<std::string> Evaluator::query_text(const chaincode::Caller& caller, std::string contract, std::string function,
                                          std::string arguments, std::int64_t now_ms) const {
    return queried(caller, std::move(contract), std::move(function), std::move(arguments), now_ms,
                   chaincode::evaluate_text);
}

}  // namespace tally::node
