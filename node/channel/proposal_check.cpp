#include "node/channel/proposal_check.h"

#include "chaincode/proposal.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

Result<chaincode::Caller> check_proposal(const chaincode::SignedProposal& in, const Membership& membership,
                                         std::int64_t now_ms, crypto::VerifiedSignatures* memo) {
    const auto& proposal = in.proposal;
    const auto& config = membership.config();
    if (proposal.channel != config.channel) {
        return fail(Code::wrong_channel, "the proposal is for channel \"{}\"; this is \"{}\"",
                    proposal.channel.substr(0, 64), config.channel);
    }
    if (proposal.created_ms > now_ms + membership.rules().clock_skew_ms) {
        return fail(Code::proposal_expired, "the proposal was created {} ms in the future; set the clock",
                    proposal.created_ms - now_ms);
    }
    if (now_ms - proposal.created_ms > config.proposal_lifetime_ms) {
        return fail(Code::proposal_expired, "the proposal was created {} ms ago; {} are allowed",
                    now_ms - proposal.created_ms, config.proposal_lifetime_ms);
    }
    auto member = TRY(membership.identify(in.cose.headers.x5chain, now_ms, use_of(proposal.contract)));
    if (auto status = in.cose.verify(member.key, {}, memo); !status) {
        return std::unexpected(status.error().within(fmt::format("the proposal of {}", member.caller.name)));
    }
    return std::move(member.caller);
}

Result<std::optional<chaincode::Caller>> admit_transaction(ByteView bytes, const Membership& membership,
                                                           std::int64_t now_ms, crypto::VerifiedSignatures* memo) {
    const auto& config = membership.config();
    if (config.submission == kAnySubmission) return std::nullopt;
    const auto transaction = TRY(storage::read_transaction(bytes, "the transaction"));
    if (transaction.kind != storage::Transaction::Kind::contract)
        return fail(Code::invalid_argument, "only transactions of contracts are ordered this way");
    const auto proposal = TRY(chaincode::SignedProposal::decode(transaction.proposal, transaction.proposal.size()));
    return TRY(check_proposal(proposal, membership, now_ms, memo));
}

Result<std::optional<chaincode::Caller>> admit_proposal(const chaincode::SignedProposal& proposal,
                                                        const Membership& membership, std::int64_t now_ms,
                                                        crypto::VerifiedSignatures* memo) {
    if (membership.config().submission == kAnySubmission) return std::nullopt;
    return TRY(check_proposal(proposal, membership, now_ms, memo));
}

}  // namespace tally::node
