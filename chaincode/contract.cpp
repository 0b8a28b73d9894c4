#include "chaincode/contract.h"

#include <algorithm>

namespace tally::chaincode {

const Function* Contract::find(std::string_view function) const {
    const auto found =
        std::find_if(functions_.begin(), functions_.end(), [&](const auto& f) { return f.name == function; });
    return found == functions_.end() ? nullptr : &*found;
}

const Contract* ContractSet::find(std::string_view name) const {
    const auto found =
        std::find_if(contracts_.begin(), contracts_.end(), [&](const auto& c) { return c.name() == name; });
    return found == contracts_.end() ? nullptr : &*found;
}

}  // namespace tally::chaincode
