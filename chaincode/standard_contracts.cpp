#include "chaincode/contract.h"
#include "chaincode/contracts/anchor/anchor.h"
#include "chaincode/contracts/data/data.h"
#include "chaincode/contracts/registry/registry.h"

namespace tally::chaincode {

const ContractSet& standard_contracts() {
    static const ContractSet contracts = [] {
        ContractSet set;
        set.add(registry::contract());
        set.add(data::contract());
        set.add(anchor::contract());
        return set;
    }();
    return contracts;
}

}  // namespace tally::chaincode
