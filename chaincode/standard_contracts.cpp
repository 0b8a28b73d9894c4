#include "chaincode/contract.h"
#include "chaincode/contracts/agreement/agreement.h"
#include "chaincode/contracts/anchor/anchor.h"
#include "chaincode/contracts/audit/audit.h"
#include "chaincode/contracts/billing/billing.h"
#include "chaincode/contracts/data/data.h"
#include "chaincode/contracts/registry/registry.h"

namespace tally::chaincode {

void add_standard_contracts(Catalogue& catalogue) {
    catalogue.add(registry::contract());
    catalogue.add(data::contract());
    catalogue.add(anchor::contract());
    catalogue.add(audit::contract());
    catalogue.add(agreement::contract());
    catalogue.add(billing::contract());
}

}  // namespace tally::chaincode
