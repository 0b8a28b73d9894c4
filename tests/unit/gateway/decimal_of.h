#pragma once
#include "chaincode/decimal.h"

namespace tally::gateway {

inline chaincode::Decimal decimal(std::string_view text) { return chaincode::Decimal::parse(text).value(); }

}  // namespace tally::gateway
