#pragma once
// What a keeper's node does beside answering: it fetches the rows that it lacks from the other keepers, removes what is
// erased or has expired, and reports on the ledger what it has removed.
//
// What is due follows from the ledger and the store, so it goes on after a restart. A report is stored before its rows
// are removed, so that it is made even if the node stops in between. One thread.

#include <map>
#include <set>
#include <stop_token>

#include "node/collections/keeper.h"
#include "node/settling/contract_calls.h"

namespace tally::node {

class CollectionUpkeep {
  public:
    // Both must outlive it.
    CollectionUpkeep(const Keeper& keeper, ContractCalls& calls) : keeper_(keeper), calls_(calls) {}

    // One look. `changed`: the ledger has new blocks since the last one.
    [[nodiscard]] Status look(bool changed);

  private:
    using Collection = chaincode::registry::Collection;
    struct Missing {
        std::string collection;
        std::int64_t next_ms = 0;
        std::int64_t wait_ms = 0;
        std::int64_t since_ms = 0;
    };
    using RecordName = std::pair<std::string, crypto::Hash>;  // device and content id
    // Stores the report, removes the rows, makes the report.
    template <class Report>
    [[nodiscard]] Status purge(const std::string& mark, std::string_view function, Report report,
                               const std::vector<storage::KeptEntry>& entries);
    template <class Report>
    [[nodiscard]] Status finish(const std::string& mark, std::string_view function, const Report& report,
                                const std::vector<storage::KeptEntry>& entries);
    [[nodiscard]] Status find_missing(const Collection& collection);
    [[nodiscard]] Status fetch_missing();
    [[nodiscard]] Result<bool> settle_missing(const RecordName& name, const Collection& collection);
    [[nodiscard]] Status erase_ordered();
    [[nodiscard]] Status erase(const chaincode::data::ErasureView& order);
    [[nodiscard]] Status expire(const Collection& collection);

    const Keeper& keeper_;
    ContractCalls& calls_;
    std::map<std::string, Collection> collections_;  // of which this node's organization is a keeper
    std::map<RecordName, Missing> missing_;
    RecordName last_tried_;
    std::map<std::string, std::int64_t> seen_ms_;    // how far each collection was read
    std::map<std::string, std::int64_t> marked_ms_;  // the same, as the store has it
    std::set<std::string> reported_;                 // erasures, by their marks
    std::int64_t erasures_seen_ms_ = 0;
    std::int64_t expiry_due_ms_ = 0;
};

// Looks again and again until `stop`. `height`: the ledger's.
void keep_collections(const Keeper& keeper, ContractCalls& calls, const std::function<std::uint64_t()>& height,
                      const std::stop_token& stop);

}  // namespace tally::node
