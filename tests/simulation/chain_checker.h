#pragma once
// Looks at every block that a node which keeps the rules delivers.
//
// At each node: numbers without gaps, links, time that does not run back, a proof. Between nodes: one block per number.
// Of the chain: only transactions that were submitted, none twice, lanes without gaps, each block from its view's
// leader, a change of the members alone in a sealing block, last in its epoch, and no other block a sealing one.

#include <map>
#include <set>

#include "tests/simulation/vote_checker.h"

namespace tally::simulation {

class ChainChecker {
  public:
    ChainChecker(World& world, const Keys& keys, Epochs& epochs, VoteChecker& votes)
        : world_(world), changes_(changes_members(keys)), epochs_(epochs), votes_(votes) {}

    void submitted(const storage::Batch& transactions);
    void delivering(const Speaker& speaker, const consensus::Deliver& deliver);
    void restarted(Place place) { unproven_.erase(place); }
    void all_proven() const;
    [[nodiscard]] bool is_final(const Bytes& transaction) const { return taken_.contains(transaction); }
    [[nodiscard]] storage::BlockNumber height() const { return chain_.empty() ? 0 : chain_.rbegin()->first; }

  private:
    void links(const Speaker& speaker, const storage::BlockHeader& header) const;
    void proven(const Speaker& speaker, const consensus::Deliver& deliver, const consensus::Hash& hash);
    void first_of_its_number(const consensus::Deliver& deliver, const std::vector<storage::Batch>& batches);
    void lanes(const consensus::Deliver& deliver);
    void sealing(const consensus::Deliver& deliver, const std::vector<storage::Batch>& batches) const;

    World& world_;
    consensus::ChangesConfiguration changes_;
    Epochs& epochs_;
    VoteChecker& votes_;
    std::map<storage::BlockNumber, consensus::Hash> chain_;
    std::set<Bytes> submitted_;
    std::set<Bytes> taken_;
    std::map<Place, storage::BlockNumber> unproven_;
    std::map<std::uint64_t, storage::LanePosition> positions_;  // by lane id
};

// The transactions of a delivery, wherever they came from.
[[nodiscard]] std::vector<storage::Batch> batches_of(const consensus::Deliver& deliver);

}  // namespace tally::simulation
