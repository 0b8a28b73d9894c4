#pragma once
// What is wrong with a record by itself, without the ledger.

#include "chaincode/refusal.h"

namespace tally::chaincode::refusals {

inline constexpr Refusal schema_mismatch{{"schema_mismatch", Kind::refused},
                                         "Its fields are not those of the device's schema.",
                                         "Compare with the schema that it names."};
inline constexpr Refusal summary_mismatch{{"summary_mismatch", Kind::refused},
                                          "Its summary is not that of its readings.",
                                          "The device or its tool is faulty."};
inline constexpr Refusal root_mismatch{{"root_mismatch", Kind::refused},
                                       "The readings are not those whose root the device has signed.",
                                       "Send the readings that belong to the record; they may have been changed."};
inline constexpr Refusal commitment_mismatch{{"commitment_mismatch", Kind::refused},
                                             "The figures are not those whose commitment the device has signed.",
                                             "Send the opening that belongs to the record; it may have been changed."};

}  // namespace tally::chaincode::refusals
