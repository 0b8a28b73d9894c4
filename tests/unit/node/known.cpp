// What the test program of this room knows: the contracts of a release, and the notes of its tests.

#include "node/channel/known.h"

#include "node/channel/config_contract.h"
#include "tests/unit/node/notes_contract.h"

namespace tally::node {

const Known& known() {
    static const Known all = [] {
        Known known;
        chaincode::add_standard_contracts(known.contracts);
        known.contracts.add(config_contract());
        notes::add_contracts(known.contracts);
        Rules next{.level = 2};  // one attachment more
        ++next.proposal.max_attachments;
        known.rules = {Rules{}, next};
        return known;
    }();
    return all;
}

}  // namespace tally::node
