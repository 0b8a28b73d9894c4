#pragma once
// The batches that are not final: each member's lane as far as this member holds it, and who else holds how much.
//
// A lane is stored in order only, so one position says it all. Batches that were fetched for a proposal out of order,
// or that contradict the lane, are kept beside it ("loose"): good enough to vote for, never acknowledged.

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "consensus/committee.h"

namespace tally::consensus {

// True when the batch may be ordered directly after `last`.
[[nodiscard]] bool follows(const LanePosition& last, const BatchHeader& next);

// A batch is sound when it has as many transactions and bytes as its header says, no more than are allowed, and none of
// them is empty. Says what is wrong with it; none: nothing.
[[nodiscard]] std::optional<std::string_view> unsound(const LaneBatch& batch, std::uint64_t max_bytes,
                                                      std::uint64_t max_messages);
// What a batch takes in memory, for limits.
[[nodiscard]] std::uint64_t cost(const BatchHeader& header);

struct Held {
    BatchPtr batch;
    Hash hash;  // of the header
    std::int64_t since_ms = 0;
};

struct LaneLimits {                        // each is a cost
    std::uint64_t bytes = 64U << 20;       // of a lane's batches that are not final
    std::uint64_t early_bytes = 8U << 20;  // of batches that came before the one in front of them
    std::uint64_t loose_bytes = 8U << 20;  // beside the lane, before those that nothing names any more are let go
};

class Lanes {
  public:
    Lanes(const Committee& committee, std::vector<LanePosition> final_positions, LaneLimits limits);

    enum class Stored : std::uint8_t { stored, known, early, full, equivocation, stale };
    // What `store` would say to a batch with this header. `equivocation`: another batch has this position; see `at`.
    [[nodiscard]] Stored fate(Member lane, const BatchHeader& header) const;
    // `batch` has a good signature of the lane's member.
    [[nodiscard]] Stored store(Member lane, BatchPtr batch, std::int64_t now_ms);
    // The same without a limit: for what this member made itself or has in its log.
    [[nodiscard]] Stored keep(Member lane, BatchPtr batch, std::int64_t now_ms);
    // The batch that has become storable because the one in front of it came; none when there is none.
    [[nodiscard]] BatchPtr take_early(Member lane);
    void store_loose(Member lane, BatchPtr batch, std::int64_t now_ms);
    [[nodiscard]] bool has_much_loose(Member lane) const { return lanes_[lane].loose_bytes > limits_.loose_bytes; }
    // Of what is beside the lane only the batches with these digests stay.
    void let_loose_go(Member lane, const std::set<Hash>& but);

    [[nodiscard]] const Held* at(Member lane, const LanePosition& position) const;
    // The batch itself, in the lane or beside it.
    [[nodiscard]] const Held* find(const BatchReference& reference) const;
    [[nodiscard]] LaneAck head(Member lane) const;
    [[nodiscard]] std::vector<BatchPtr> behind(Member lane, const LanePosition& position,
                                               std::uint64_t max_bytes) const;

    void acknowledged(Member by, const LaneAck& ack);
    void forget_acknowledgements(Member by);
    [[nodiscard]] const LaneAck& acknowledgement(Member by, Member lane) const;

    // What a leader may order after `parent`: of each lane, what `needed` members hold; up to the limits, at least
    // one. Lanes share the limits by bytes, so that none crowds out another; `first` begins. A sealing batch comes
    // alone, when it is the first.
    struct Payload {
        std::vector<BatchReference> references;
        std::uint64_t bytes = 0;
        std::uint64_t messages = 0;
        std::int64_t oldest_ms = 0;
        bool full = false;  // a limit was reached
        bool sealing = false;
    };
    [[nodiscard]] Payload payload(const std::vector<LanePosition>& parent, std::size_t needed, std::uint64_t max_bytes,
                                  std::uint64_t max_messages, Member first) const;
    // Some batch is held by `needed` members, or is of `own` lane.
    [[nodiscard]] bool has_work(std::size_t needed, std::optional<Member> own) const;

    // These batches are final: forgets them and what can no longer be ordered.
    void finalize(const std::vector<LanePosition>& positions, const std::vector<BatchReference>& payload);

    [[nodiscard]] const LanePosition& final(Member lane) const { return lanes_[lane].final; }
    [[nodiscard]] std::uint64_t bytes(Member lane) const { return lanes_[lane].bytes; }  // their cost
    [[nodiscard]] std::size_t count() const;
    // Every batch, in the order in which it can be stored again.
    [[nodiscard]] std::vector<BatchPtr> all() const;

  private:
    struct Lane {
        LanePosition final;
        LanePosition head;
        Hash head_hash;                     // zero when it is not known: the head came with a block
        std::map<LanePosition, Held> held;  // above `final`
        std::map<LanePosition, BatchPtr> early;
        std::multimap<LanePosition, Held> loose;
        std::uint64_t bytes = 0;
        std::uint64_t early_bytes = 0;
        std::uint64_t loose_bytes = 0;
        std::vector<LaneAck> acks;  // by member
    };
    [[nodiscard]] Stored fate(const Lane& lane, const BatchHeader& header, const Hash& hash) const;
    static void add_loose(Lane& lane, Held held);
    static void drop_loose(Lane& lane, const std::function<bool(const BatchHeader&)>& what);
    void drop(Lane& lane, std::map<LanePosition, Held>::iterator first, std::map<LanePosition, Held>::iterator last);
    // How many members hold the lane up to here, this one included.
    [[nodiscard]] std::size_t holders(const Lane& lane, const LanePosition& position) const;

    LaneLimits limits_;
    std::vector<Lane> lanes_;  // by member
};

// The reference by which a proposal names a batch.
[[nodiscard]] BatchReference reference_to(Member lane, const BatchHeader& header);

}  // namespace tally::consensus
