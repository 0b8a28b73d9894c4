#pragma once
// The newest versions of the metering contracts, as a new channel has them in force.

#include "chaincode/contract.h"

namespace tally::chaincode::test {

inline const ContractSet& standard_contracts() {
    static const ContractSet contracts = [] {
        Catalogue catalogue;
        add_standard_contracts(catalogue);
        return catalogue.select(catalogue.newest()).value();
    }();
    return contracts;
}

}  // namespace tally::chaincode::test
