#pragma once
// Who does something, as the checkers see it; and small means of looking into messages.

#include "tests/simulation/disk.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/network.h"

namespace tally::simulation {

struct Speaker {
    Place place = 0;
    NodeId node = 0;
    bool correct = true;
    std::uint64_t life = 0;
    const Membership* membership = nullptr;  // of its epoch
    const Disk* log = nullptr;
    const Ledger* ledger = nullptr;
};

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

// The committees of the run, by epoch; whoever derives one from a sealing block must derive the same.
class Epochs {
  public:
    explicit Epochs(consensus::FaultModel model, Membership first) : model_(model) {
        known_.push_back(std::move(first));
    }
    void started(const Membership& membership);
    // None when nobody has started it yet.
    [[nodiscard]] const Membership* of(consensus::Epoch epoch) const {
        return epoch < known_.size() ? &known_[epoch] : nullptr;
    }
    [[nodiscard]] const Membership& last() const { return known_.back(); }
    [[nodiscard]] std::size_t quorum(const Membership& membership) const {
        return expected_quorum(model_, membership.members.size());
    }
    [[nodiscard]] consensus::FaultModel model() const { return model_; }

  private:
    consensus::FaultModel model_;
    std::vector<Membership> known_;
};

// One line about a message, and a number that differs when messages differ in what matters.
[[nodiscard]] std::string describe(const consensus::Message& message);
[[nodiscard]] std::uint64_t fingerprint(const consensus::Message& message);
// The certificates that the message carries.
[[nodiscard]] std::vector<const consensus::QuorumCertificate*> certificates_in(const consensus::Message& message);
// The votes on their own that it carries.
[[nodiscard]] std::vector<const consensus::Vote*> votes_in(const consensus::Message& message);

}  // namespace tally::simulation
