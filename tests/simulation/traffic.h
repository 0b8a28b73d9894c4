#pragma once
// What the members that keep the rules send and append: for the bounds on traffic, and for silence when nothing is to
// do.

#include "tests/simulation/speaker.h"

namespace tally::simulation {

class Traffic {
  public:
    void sending(const Speaker& speaker, const consensus::Message& message, std::size_t receivers) {
        if (!speaker.membership->member(speaker.node)) return;  // it asks for blocks now and then
        if (silence_ && !std::holds_alternative<consensus::StatusMessage>(message)) {
            violated("node {} is not silent though nothing is to do: {}", speaker.node, describe(message));
        }
        messages_ += receivers;
        if (std::holds_alternative<consensus::BatchMessage>(message)) batches_ += receivers;
    }
    void appended(const Speaker& speaker) const {
        if (silence_) violated("node {} appends to its log though nothing is to do", speaker.node);
    }
    void expect_silence(bool silence) { silence_ = silence; }
    [[nodiscard]] std::uint64_t messages() const { return messages_; }
    [[nodiscard]] std::uint64_t batches() const { return batches_; }

  private:
    bool silence_ = false;
    std::uint64_t messages_ = 0;
    std::uint64_t batches_ = 0;
};

}  // namespace tally::simulation
