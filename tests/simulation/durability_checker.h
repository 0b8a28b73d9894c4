#pragma once
// Nothing leaves a node that keeps the rules before what it depends on is on its disk.
//
//   own vote      the vote itself; the certificates by which the node came to its view
//   notarize      and every batch that the proposal names
//   delivery      its own vote among those that prove the block final: with the others', which were durable when they
//                 were sent, the block is final whatever is lost afterwards
//
// An ack is of what the node holds, durable or not.
//
// It looks for what was signed among the bytes of the durable records, and so knows nothing of the records' form but
// that of a certificate.

#include <map>
#include <set>

#include "tests/simulation/speaker.h"

namespace tally::simulation {

class DurabilityChecker {
  public:
    // Of a speaker that keeps the rules: just before the message leaves.
    void sending(const Speaker& speaker, const consensus::Message& message);
    void delivering(const Speaker& speaker, const consensus::Deliver& deliver);
    // Of anybody: what batches and proposals there are.
    void learn(const consensus::Message& message);
    void learn(const LogRecord& record);
    void restarted(Place place) {
        known_durable_[place].clear();
        known_entered_[place].clear();
    }

  private:
    void own_vote(const Speaker& speaker, const consensus::Vote& vote);
    void entered(const Speaker& speaker, const consensus::Vote& vote);
    void holds_payload(const Speaker& speaker, const consensus::Vote& vote);
    void ack(const Speaker& speaker, const consensus::LaneAck& ack);
    [[nodiscard]] static bool is_final(const Speaker& speaker, consensus::Member lane,
                                       const consensus::LanePosition& at);
    [[nodiscard]] bool durable(const Speaker& speaker, consensus::RecordType type, ByteView bytes);

    std::map<consensus::Hash, Bytes> batches_;  // the encoded header by its hash
    std::map<consensus::Hash, std::vector<consensus::BatchReference>> payloads_;
    std::map<Place, std::set<std::pair<consensus::RecordType, Bytes>>> known_durable_;  // so as to look once
    std::map<Place, std::set<std::pair<consensus::Epoch, consensus::View>>> known_entered_;
};

}  // namespace tally::simulation
