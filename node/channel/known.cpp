#include "node/channel/known.h"

#include "node/channel/config_contract.h"

namespace tally::node {

const Known& known() {
    static const Known all = [] {
        Known known;
        chaincode::add_standard_contracts(known.contracts);
        known.contracts.add(config_contract());
        known.rules = {Rules{}};
        return known;
    }();
    return all;
}

}  // namespace tally::node
