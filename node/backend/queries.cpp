#include "node/backend/queries.h"

#include "chaincode/json/strict_json.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace json = boost::json;

void NodeQueries::evaluate(chaincode::Caller caller, Bytes proposal, gateway::Done<std::string> done) {
    auto shared = std::make_shared<gateway::Done<std::string>>(std::move(done));
    const auto bytes = proposal.size();
    const auto posted = tasks_.post(caller.organization, bytes, [this, proposal = std::move(proposal), shared] {
        const auto decoded =
            chaincode::SignedProposal::decode(proposal, membership_.get()->config().batch.absolute_max_bytes);
        if (!decoded) return (*shared)(std::unexpected(decoded.error()));
        (*shared)(evaluator_.evaluate(*decoded, now_ms()));
    });
    if (!posted) (*shared)(std::unexpected(posted.error()));
}

void NodeQueries::attest(chaincode::Caller caller, Bytes question, gateway::Done<Bytes> done) {
    auto shared = std::make_shared<gateway::Done<Bytes>>(std::move(done));
    const auto bytes = question.size();
    const auto posted = asking_.post(caller.organization, bytes, [this, question = std::move(question), shared] {
        (*shared)(answers_.collect(question));
    });
    if (!posted) (*shared)(std::unexpected(posted.error()));
}

void NodeQueries::query(chaincode::Caller caller, std::string contract, std::string function, json::object arguments,
                        gateway::Done<std::string> done) {
    auto shared = std::make_shared<gateway::Done<std::string>>(std::move(done));
    auto text = chaincode::json_text(arguments);
    const auto party = caller.organization;
    const auto bytes = text.size();
    const auto posted =
        tasks_.post(party, bytes,
                    [this, caller = std::move(caller), contract = std::move(contract), function = std::move(function),
                     arguments = std::move(text), shared]() mutable {
                        (*shared)(evaluator_.query_text(caller, std::move(contract), std::move(function),
                                                        std::move(arguments), now_ms()));
                    });
    if (!posted) (*shared)(std::unexpected(posted.error()));
}

}  // namespace tally::node
