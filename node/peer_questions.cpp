#include "node/peer_questions.h"

#include <chrono>

#include "chaincode/proposal.h"
#include "node/channel/proposal_check.h"
#include "node/committing/signature_request.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr unsigned kQuestionThreads = 4;
constexpr std::size_t kQuestionQueue = 4096;
constexpr Share kTasksOfOne{kQuestionQueue / 4, 64U << 20};
constexpr Share kQuestionsOfOne{64, 16U << 20};
constexpr auto kHeightPatience = std::chrono::milliseconds(2500);  // a follower leaves a silent orderer after 2 s
constexpr storage::BlockNumber kBlocksOnTheirWay = 100;            // that may be on their way within that time

std::unexpected<Error> too_far(storage::BlockNumber here, storage::BlockNumber there) {
    return fail(Code::unavailable, "this node is at block {}, the asker at block {}", here, there);
}

}  // namespace

// A proposal that waits. It borrows from the bytes, which keep their place when they are moved.
struct PeerQuestions::Question {
    Question(storage::BlockNumber at, Bytes message, chaincode::SignedProposal decoded, bool in_brief)
        : height(at), bytes(std::move(message)), proposal(std::move(decoded)), brief(in_brief) {}
    storage::BlockNumber height;
    Bytes bytes;
    chaincode::SignedProposal proposal;
    bool brief;  // an endorsement without its simulation
};

PeerQuestions::PeerQuestions(NodeNetwork& network, const ChannelStore& store, crypto::VerifiedSignatures& memo,
                             Endorse endorse, Attest attest)
    : network_(network),
      store_(store),
      memo_(memo),
      endorse_(std::move(endorse)),
      attest_(std::move(attest)),
      pool_(kQuestionThreads, kQuestionQueue, "endorse"),
      tasks_(pool_, kTasksOfOne),
      height_waits_(kQuestionsOfOne) {
    network_.on_question(FrameKind::endorse,
                         [this](const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer) {
                             answer_for(peer, std::move(body), &PeerQuestions::endorse, answer);
                         });
    network_.on_question(FrameKind::attest,
                         [this](const std::string& peer, FrameBody body, const NodeNetwork::Answer& answer) {
                             answer_for(peer, std::move(body), &PeerQuestions::attest, answer);
                         });
}

void PeerQuestions::answer_signature_requests(CurrentIdentity signer) {
    network_.on_question(FrameKind::sign, [this, signer = std::move(signer)](const std::string& peer, FrameBody body,
                                                                             const NodeNetwork::Answer& answer) {
        const auto bytes = body.size();
        const auto posted = tasks_.post(peer, bytes, [this, signer, body = std::move(body), answer] {
            answer(answer_signature_request(store_.ledger(), signer, body.bytes()));
        });
        if (!posted) answer(std::unexpected(posted.error()));
    });
}

void PeerQuestions::reached(storage::BlockNumber height) { height_waits_.reached(height); }
void PeerQuestions::expire() { height_waits_.expire(HeightWaits::Clock::now()); }
void PeerQuestions::stop() { pool_.stop(); }

void PeerQuestions::answer_for(const std::string& peer, FrameBody body, AtHeight how,
                               const NodeNetwork::Answer& answer) {
    if (!endorse_) return answer(fail(Code::unavailable, "this node does not endorse"));
    const auto bytes = body.size();
    const auto posted = tasks_.post(peer, bytes, [this, peer, body = std::move(body), how, answer]() mutable {
        take_question(peer, std::move(body), how, answer);
    });
    if (!posted) answer(std::unexpected(posted.error()));
}

// Only a proposal that a member of the channel signed may wait for blocks.
void PeerQuestions::take_question(const std::string& peer, FrameBody body, AtHeight how,
                                  const NodeNetwork::Answer& answer) {
    const auto opened = std::move(body).open();
    auto asked = opened ? storage::decode<EndorseQuestion>(*opened, "a question for an endorsement")
                        : std::unexpected(opened.error());
    if (!asked) {
        network_.blame(peer, asked.error());
        return answer(std::unexpected(asked.error()));
    }
    const auto current = store_.membership().get();
    auto proposal = chaincode::SignedProposal::decode(asked->proposal, current->config().batch.absolute_max_bytes);
    if (!proposal) return answer(std::unexpected(proposal.error()));
    auto question =
        std::make_shared<const Question>(asked->height, std::move(asked->proposal), std::move(*proposal), asked->brief);
    const auto height = store_.chain().tip()->number;
    if (height >= question->height) return answer((this->*how)(*question));
    if (question->height > height + kBlocksOnTheirWay) return answer(too_far(height, question->height));
    if (const auto caller = check_proposal(question->proposal, *current, now_ms(), &memo_); !caller)
        return answer(std::unexpected(caller.error()));
    answer_at_height(peer, std::move(question), how, answer);
}

// The asker's blocks are on their way here.
void PeerQuestions::answer_at_height(const std::string& peer, std::shared_ptr<const Question> question, AtHeight how,
                                     const NodeNetwork::Answer& answer) {
    const auto bytes = question->bytes.size();
    const auto height = question->height;
    const auto parked =
        height_waits_.add(peer, height, bytes, HeightWaits::Clock::now() + kHeightPatience,
                          [this, peer, question, bytes, how, answer](bool reached) {
                              if (!reached) return answer(too_far(store_.chain().tip()->number, question->height));
                              const auto posted = tasks_.post(
                                  peer, bytes, [this, question, how, answer] { answer((this->*how)(*question)); });
                              if (!posted) answer(std::unexpected(posted.error()));
                          });
    if (!parked) answer(std::unexpected(parked.error()));
}

Result<Bytes> PeerQuestions::endorse(const Question& question) const {
    auto endorsed = TRY(endorse_(question.proposal));
    if (question.brief) endorsed.simulation.clear();
    return storage::encode(endorsed);
}

Result<Bytes> PeerQuestions::attest(const Question& question) const {
    return storage::encode(TRY(attest_(question.proposal, question.height)));
}

}  // namespace tally::node
