#include "node/endorsing/attester.h"

#include "chaincode/json/strict_json.h"
#include "node/endorsing/wave.h"
#include "node/threads/stopwatch.h"

namespace tally::node {
namespace {

// Endorsers may have gone on by more blocks than they keep the states of while the question was under way.
constexpr int kHeights = 3;

Attested attested_by(const Identity& signer, const AnswerStatement& statement) {
    auto [signature, certificate] = sign_answer(signer, encode_statement(statement));
    return {statement.config, statement.block_hash, statement.result, std::move(signature), std::move(certificate)};
}

}  // namespace

Result<Answered> answer_at(const RecentState& at, Evaluator& evaluator, const chaincode::SignedProposal& question,
                           std::int64_t now_ms) {
    const auto& proposal = question.proposal;
    const auto& membership = *at.membership;
    const auto* contract = membership.contracts().find(proposal.contract);
    const auto* function = contract == nullptr ? nullptr : contract->find(proposal.function);
    if (function != nullptr && function->writes)
        return fail(Code::invalid_argument, "{}.{} writes: only the answer of a query can be attested",
                    proposal.contract, proposal.function);
    if (!proposal.attachments.empty())
        return fail(Code::invalid_argument, "a question has no attachments; this one has {}",
                    proposal.attachments.size());
    auto caller = TRY(evaluator.admit(question, membership, now_ms));
    Answered out;
    auto& statement = out.statement;
    statement.organization = caller.organization;
    statement.role = caller.role;
    out.result = TRY(chaincode::evaluate_text(membership.contracts(), *at.state,
                                              invocation_of(question, std::move(caller), membership),
                                              membership.rules().execution));
    statement.question = question.id;
    statement.channel = proposal.channel;
    statement.config = membership.config_hash();
    statement.contract = proposal.contract;
    statement.version = contract->version();
    statement.function = proposal.function;
    statement.arguments = proposal.arguments;
    statement.time_ms = proposal.created_ms;
    statement.block = at.block.number;
    statement.block_hash = at.block.hash;
    statement.block_time_ms = at.block.time_ms;
    statement.result = crypto::sha256(as_bytes(out.result));
    return out;
}

Result<Attested> Attester::attest(const chaincode::SignedProposal& question, storage::BlockNumber block,
                                  std::int64_t now_ms) {
    const auto answered = TRY(answer_at(TRY(states_.at(block)), evaluator_, question, now_ms));
    return attested_by(identity_.get(), answered.statement);
}

// The signatures for one statement.
class AnswerCollector::Round {
  public:
    Round(RecentState state, Answered answered)
        : state_(std::move(state)), answered_(std::move(answered)), statement_(encode_statement(answered_.statement)) {}

    void add_own(const Identity& own);
    void add(const AttestationSource& source, Result<Attested> attested);
    [[nodiscard]] bool is_complete() const { return policy().satisfied_by(signers_); }
    [[nodiscard]] const Policy& policy() const { return state_.membership->policy_of(answered_.statement.contract); }
    [[nodiscard]] const std::vector<Principal>& signers() const { return signers_; }
    [[nodiscard]] bool may_succeed_later() const { return unavailable_; }
    [[nodiscard]] Bytes file(ByteView question) const {
        return make_answer_file(question, statement_, answered_.result, signatures_);
    }
    [[nodiscard]] Error why_not() const;

  private:
    [[nodiscard]] Status take(const AttestationSource& source, Attested attested);

    RecentState state_;
    Answered answered_;
    Bytes statement_;
    std::vector<AnswerSignature> signatures_;
    std::vector<Principal> signers_;
    std::string refusals_;
    bool differ_ = false;
    bool not_kept_ = false;
    bool unavailable_ = false;
};

void AnswerCollector::Round::add_own(const Identity& own) {
    const auto& subject = own.certificate().subject();
    add({"this node", subject.organization, {}}, attested_by(own, answered_.statement));
}

void AnswerCollector::Round::add(const AttestationSource& source, Result<Attested> attested) {
    const auto status = attested ? take(source, std::move(*attested)) : Status(std::unexpected(attested.error()));
    if (status) return;
    const auto& error = status.error();
    refusals_ += fmt::format("{}{}: {}", refusals_.empty() ? "" : "; ", source.name, error.message);
    differ_ = differ_ || error.code == Code::endorsements_differ;
    not_kept_ = not_kept_ || error.code == Code::not_kept;
    unavailable_ = unavailable_ || error.code == Code::unavailable || error.code == Code::busy;
}

Status AnswerCollector::Round::take(const AttestationSource& source, Attested attested) {
    const auto& own = answered_.statement;
    const char* what = attested.block_hash != own.block_hash ? "has another block"
                       : attested.config != own.config       ? "has another configuration in force after block"
                       : attested.result != own.result       ? "gives another result at block"
                                                             : nullptr;
    if (what != nullptr) return fail(Code::endorsements_differ, "it {} {}", what, own.block);
    const auto signer =
        TRY(verify_answer_signature(attested.signature, attested.certificate, statement_, own, *state_.membership));
    if (signer.organization != source.organization)
        return fail(Code::bad_signature, "it signs as a member of {}", signer.organization);
    signers_.push_back({signer.organization, signer.role});
    signatures_.push_back({std::move(attested.signature), std::move(attested.certificate)});
    return {};
}

Error AnswerCollector::Round::why_not() const {
    const auto code = differ_        ? Code::endorsements_differ
                      : not_kept_    ? Code::not_kept
                      : unavailable_ ? Code::unavailable
                                     : Code::endorsement_refused;
    return {code, fmt::format("the answer of {}.{} is attested by {} endorsers, which does not satisfy the contract's "
                              "endorsement policy{}{}",
                              answered_.statement.contract, answered_.statement.function, signers_.size(),
                              refusals_.empty() ? "" : "; ", refusals_)};
}

Result<Bytes> AnswerCollector::collect(const Bytes& bytes) {
    for (int heights = 1;; ++heights) {
        const auto state = TRY(states_.newest());
        const auto question = TRY(chaincode::SignedProposal::decode(
            bytes, state.membership->config().batch.absolute_max_bytes, state.membership->rules().proposal));
        Round round(state, TRY(answer_at(state, evaluator_, question, now_ms())));
        if (own_) round.add_own(own_->get());
        const auto sources = sources_();
        for (std::size_t asked = 0; asked < sources.size() && !round.is_complete();) {
            const auto left = std::span(sources).subspan(asked);
            const auto wave = left.first(next_wave(round.policy(), round.signers(), left));
            asked += wave.size();
            std::vector<std::function<Result<Attested>()>> answers(wave.size());
            for (std::size_t i = 0; i < wave.size(); ++i) answers[i] = wave[i].ask(bytes, state.block.number);
            for (std::size_t i = 0; i < wave.size(); ++i) round.add(wave[i], answers[i]());
        }
        if (round.is_complete()) return round.file(bytes);
        const bool again = round.may_succeed_later() && TRY(states_.newest()).block.number > state.block.number;
        if (heights == kHeights || !again) return std::unexpected(round.why_not());
    }
}

}  // namespace tally::node
