#pragma once
// R7: when this member asks for final blocks, and whom. It knows what members claim to have, not the blocks: what comes
// is checked by the core. Pure; time comes in as an argument.

#include <optional>
#include <vector>

#include "consensus/messages.h"

namespace tally::consensus {

class CatchUp {
  public:
    explicit CatchUp(std::size_t members) : claims_(members) {}

    void begin_epoch(std::size_t members);
    void claims(Member member, storage::BlockNumber final_number) { claims_[member] = final_number; }
    [[nodiscard]] const std::vector<storage::BlockNumber>& claims() const { return claims_; }

    // Whom to ask now for the blocks above `tip`, if anybody. A member that is a few blocks behind waits for
    // `patience_ms`, as they may be on their way; a learner (no `self`) does not.
    [[nodiscard]] std::optional<Member> look(std::int64_t now, storage::BlockNumber tip, std::optional<Member> self,
                                             std::int64_t patience_ms);
    [[nodiscard]] std::int64_t wake_at() const { return wake_; }  // after `look`; the largest number: never
    // Whether an answer is waited for from this member.
    [[nodiscard]] bool expects(Member from, std::int64_t now) const { return from == source_ && now < until_; }
    // What it sent was good: its claim counts again, and it may be asked at once.
    void answered();
    void progressed() { behind_since_ = -1; }  // a block has become final

  private:
    std::vector<storage::BlockNumber> claims_;  // by member
    std::int64_t behind_since_ = -1;            // others claimed final blocks that this member has not
    std::int64_t until_ = -1;                   // an answer is waited for
    std::int64_t wake_ = 0;
    Member source_ = 0;               // who was asked last
    storage::BlockNumber claim_ = 0;  // what it claimed to have
};

}  // namespace tally::consensus
