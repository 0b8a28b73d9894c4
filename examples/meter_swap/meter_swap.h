#pragma once
// Replacing a meter: its operator says which meter follows which and what both showed; another organization, which was
// there, confirms it. Then everyone knows where one meter's counter ends and the next one's begins.
//
// State: swap\0<old meter>   a Swap

#include "chaincode/contract.h"

namespace meter_swap {

[[nodiscard]] tally::chaincode::Contract contract();

}  // namespace meter_swap
