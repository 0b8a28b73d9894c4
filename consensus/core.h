#pragma once
// The agreement on an order: a pure state machine. No clock, randomness, threads, sockets or disk; `step` takes one
// event and gives the actions that follow from it.
//
// The owner's duties:
//   1. Perform the actions of each step in order, and before the next step.
//   2. Append: write the record to the consensus log; once a sync has made it durable, step(Persisted) with its ticket.
//      Many steps may share one sync. Tickets become durable in order.
//   3. Deliver: hand the block on, in order, each exactly once. A batch that it names was given by BatchAppended
//   before.
//   4. Wake: step(Tick) at that time at the latest.
//   5. After a restart: construct the core from the tip of what the log proves final, then give BatchAppended for every
//      batch of the log that no final block has taken.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "consensus/messages.h"

namespace tally::consensus {

// Events.
struct BatchAppended {  // its record precedes everything that the core appends from now on
    BatchReference batch;
};
struct Persisted {
    std::uint64_t ticket = 0;
};
struct Tick {};
using Event = std::variant<BatchAppended, Persisted, Tick>;

// Actions.
enum class RecordType : std::uint8_t { batch = 1, proposal = 2, certificate = 3 };
struct Append {
    std::uint64_t ticket = 0;
    RecordType type = RecordType::proposal;
    Bytes record;
};
struct Deliver {
    Proposal proposal;
    Certificate finalization;
};
struct Wake {
    std::int64_t at_ms = 0;
};
using Action = std::variant<Append, Deliver, Wake>;

class Core {
  public:
    virtual ~Core() = default;
    [[nodiscard]] virtual std::vector<Action> step(const Event& event, std::int64_t now_ms) = 0;
    // Nothing that was given to the core still waits for its block to be delivered.
    [[nodiscard]] virtual bool idle() const = 0;
};

struct Position {
    std::uint64_t number = 0;
    crypto::Hash hash;
    std::int64_t time_ms = 0;
    std::uint64_t epoch = 0;
    std::uint64_t view = 0;
};

using SignVote = std::function<Bytes(ByteView statement)>;

// The core of a channel with one member: every quorum is oneself.
[[nodiscard]] std::unique_ptr<Core> make_solo(std::string channel, Position tip, SignVote sign);

}  // namespace tally::consensus
