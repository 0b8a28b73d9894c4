#include "storage/ledger_walk.h"

#include "storage/rocks/snapshot.h"

namespace tally::storage {

Status each_state_entry(const LedgerSnapshot& at, const std::function<Status(const StateEntry&)>& visit) {
    return dynamic_cast<const rocks::Snapshot&>(at).each_entry(visit);
}

Status each_log_leaf(const LedgerSnapshot& at, const std::function<Status(const LogLeaf&)>& visit) {
    return dynamic_cast<const rocks::Snapshot&>(at).each_leaf(visit);
}

}  // namespace tally::storage
