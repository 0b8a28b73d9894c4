#pragma once
// Units of the ledger as invoices have them: codes of UN/ECE Recommendation 20, and kWh instead of Wh where the price
// is for whole thousands. Pure.

#include <string>
#include <string_view>

#include "chaincode/decimal.h"

namespace tally::gateway::invoices {

struct Measured {
    chaincode::Decimal quantity;
    chaincode::Decimal base;
    std::string unit;       // for people
    std::string unit_code;  // C62, "one", for a unit that is in no table
};

// Wh becomes kWh (KWH) when `base` is a multiple of 1000, which divides quantity and base exactly; otherwise it stays
// (WHR). The same for W, var, varh, VA and J. days is DAY, months MON, m3 MTQ.
[[nodiscard]] Measured measured(const chaincode::Decimal& quantity, const chaincode::Decimal& base,
                                std::string_view unit);

}  // namespace tally::gateway::invoices
