#include "storage/ledger_walk.h"

#include "storage/rocks/stored_state.h"

namespace tally::storage {

Status each_state_entry(const LedgerState& at, const std::function<Status(const StateEntry&)>& visit) {
    return dynamic_cast<const rocks::StoredState&>(at).each_entry(visit);
}

Status each_log_leaf(const LedgerState& at, const std::function<Status(const LogLeaf&)>& visit) {
    return dynamic_cast<const rocks::StoredState&>(at).each_leaf(visit);
}

}  // namespace tally::storage
