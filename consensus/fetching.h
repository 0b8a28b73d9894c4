#pragma once
// R3, R7: what this member lacks to judge or deliver a block, and whom it asks for it: one member after another. What
// is not needed any more in a step is not asked for again. Pure; time comes in as an argument.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/messages.h"

namespace tally::consensus {

class Fetching {
  public:
    using Next = std::function<Member(Member after)>;  // another member, never this one

    // A step: what it needs is named between these two.
    void begin_step() { needed_.clear(); }
    void end_step();
    // `request` goes to `first` at `due_ms`, then at intervals to the others in turn.
    void need(const Hash& key, Message request, Member first, std::int64_t due_ms);
    [[nodiscard]] bool needs(const Hash& key) const { return needs_.contains(key); }
    [[nodiscard]] bool needs(const BatchReference& reference) const;  // the batch, by its digest

    struct Due {
        Member to = 0;
        const Message& request;
    };
    // What is to be sent now; it is due again after an interval.
    [[nodiscard]] std::vector<Due> due(std::int64_t now, std::int64_t interval_ms, const Next& next);
    [[nodiscard]] std::int64_t wake_at() const;  // the largest number: never
    void clear() { needs_.clear(); }

  private:
    struct Need {
        Message request;
        Member first = 0;  // whom to ask next
        std::int64_t next_ms = 0;
    };
    std::map<Hash, Need> needs_;
    std::set<Hash> needed_;  // in this step
};

}  // namespace tally::consensus
