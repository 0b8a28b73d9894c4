#pragma once
// Who waits for blocks, from which on: the last wish of each. To read and encode an answer takes longer than to ask, so
// answers to one node are spaced and come one at a time.
// Thread: the owner's.

#include <cstdint>
#include <map>
#include <optional>

#include "consensus/simplex.h"

namespace tally::node {

class BlockRequests {
  public:
    static constexpr std::int64_t kSpacingMs = 50;

    // `patient`: it stays when there is no such block yet.
    void add(const consensus::ServeBlocks& wanted, bool patient) { wishes_[wanted.to] = {wanted.from, patient}; }
    // One that is due; `here`: the last block that there is.
    [[nodiscard]] std::optional<consensus::ServeBlocks> next(storage::BlockNumber here, std::int64_t now_ms);
    // When next() may have one without another event; none: never.
    [[nodiscard]] std::optional<std::int64_t> due_ms(storage::BlockNumber here) const;
    void clear() { wishes_.clear(); }
    [[nodiscard]] bool empty() const { return wishes_.empty(); }

  private:
    struct Wish {
        storage::BlockNumber from = 0;
        bool patient = false;
    };
    [[nodiscard]] std::int64_t may_ms(consensus::Member who) const;
    std::map<consensus::Member, Wish> wishes_;
    std::map<consensus::Member, std::int64_t> answered_ms_;
};

}  // namespace tally::node
