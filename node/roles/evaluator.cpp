#include "node/roles/evaluator.h"

namespace tally::node {
namespace {

constexpr std::int64_t kClockSkewMs = 30'000;

}  // namespace

chaincode::Invocation invocation_of(const chaincode::SignedProposal& in, chaincode::Caller caller) {
    const auto& proposal = in.proposal;
    return {in.id,
            proposal.channel,
            proposal.contract,
            proposal.function,
            proposal.arguments,
            proposal.attachments,
            proposal.created_ms,
            std::move(caller)};
}

Result<chaincode::Caller> Evaluator::admit(const chaincode::SignedProposal& in, std::int64_t now_ms) {
    const auto& proposal = in.proposal;
    const auto membership = membership_.get();
    const auto& config = membership->config();
    if (proposal.channel != config.channel) {
        return fail(Code::wrong_channel, "the proposal is for channel \"{}\"; this is \"{}\"",
                    proposal.channel.substr(0, 64), config.channel);
    }
    if (proposal.created_ms > now_ms + kClockSkewMs) {
        return fail(Code::proposal_expired, "the proposal was created {} ms in the future; set the clock",
                    proposal.created_ms - now_ms);
    }
    if (now_ms - proposal.created_ms > config.proposal_lifetime_ms) {
        return fail(Code::proposal_expired, "the proposal was created {} ms ago; {} are allowed",
                    now_ms - proposal.created_ms, config.proposal_lifetime_ms);
    }
    auto member = TRY(membership->identify(in.cose.headers.x5chain, now_ms));
    if (auto status = in.cose.verify(member.key, {}, &memo_); !status) {
        return std::unexpected(status.error().within(fmt::format("the proposal of {}", member.caller.name)));
    }
    TRY(replays_.admit(in));
    return std::move(member.caller);
}

Result<boost::json::value> Evaluator::evaluate(const chaincode::SignedProposal& proposal, std::int64_t now_ms) {
    auto caller = TRY(admit(proposal, now_ms));
    return chaincode::evaluate(contracts_, *ledger_.snapshot(), invocation_of(proposal, std::move(caller)));
}

Result<boost::json::value> Evaluator::query(const chaincode::Caller& caller, std::string contract, std::string function,
                                            std::string arguments, std::int64_t now_ms) const {
    const auto* found = contracts_.find(contract);
    const auto* declared = found == nullptr ? nullptr : found->find(function);
    if (declared != nullptr && declared->writes) {
        return fail(Code::invalid_argument, "{}.{} writes: send a signed proposal", contract, function);
    }
    const chaincode::Invocation invocation{{},
                                           membership_.get()->config().channel,
                                           std::move(contract),
                                           std::move(function),
                                           std::move(arguments),
                                           {},
                                           now_ms,
                                           caller};
    return chaincode::evaluate(contracts_, *ledger_.snapshot(), invocation);
}

}  // namespace tally::node
