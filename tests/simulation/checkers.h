#pragma once
// All checkers of a run: what nodes tell them to look at.

#include "tests/simulation/chain_checker.h"
#include "tests/simulation/durability_checker.h"
#include "tests/simulation/traffic.h"

namespace tally::simulation {

class Checkers {
  public:
    Checkers(World& world, const Keys& keys, consensus::FaultModel model, Membership first, std::set<NodeId> liars)
        : epochs(model, std::move(first)),
          votes(world, keys, epochs, std::move(liars)),
          chain(world, keys, epochs, votes) {}

    // Just before the message leaves its sender, once for all its receivers.
    void sending(const Speaker& speaker, const consensus::Message& message, std::size_t receivers) {
        durability.learn(message);
        if (speaker.correct) {
            traffic.sending(speaker, message, receivers);
            durability.sending(speaker, message);
        }
        votes.sending(speaker, message);
    }
    void restarted(Place place) {
        durability.restarted(place);
        chain.restarted(place);
    }
    void appended(const Speaker& speaker, const LogRecord& record) {
        durability.learn(record);
        if (speaker.correct) traffic.appended(speaker);
    }
    void delivering(const Speaker& speaker, const consensus::Deliver& deliver) {
        if (!speaker.correct) return;
        if (speaker.membership->member(speaker.node)) durability.delivering(speaker, deliver);
        chain.delivering(speaker, deliver);
    }
    // A node that keeps the rules accuses nobody else who does.
    void reporting(const Speaker& speaker, const consensus::Evidence& evidence) const {
        if (!speaker.correct) return;
        const auto& members = speaker.membership->members;
        if (evidence.signer >= members.size() || !votes.excused(members[evidence.signer])) {
            violated("node {} accuses member {} falsely: {}", speaker.node, evidence.signer, evidence.what);
        }
        if (evidence.first == evidence.second) violated("node {} reports evidence of one thing", speaker.node);
    }

    void blaming(const Speaker& speaker, const consensus::Blame& blame) const {
        if (!speaker.correct) return;
        const auto& members = speaker.membership->members;
        if (blame.member >= members.size() || !votes.excused(members[blame.member])) {
            violated("node {} blames member {} falsely: {}", speaker.node, blame.member, blame.why);
        }
    }

    Epochs epochs;
    VoteChecker votes;
    ChainChecker chain;
    DurabilityChecker durability;
    Traffic traffic;
};

}  // namespace tally::simulation
