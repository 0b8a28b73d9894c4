#pragma once
// The figures of a record's fields, as exact decimals. Pure.

#include "chaincode/contracts/data/answers.h"

namespace tally::chaincode::data {

// One entry for each field; with a list of names, for those fields alone. One summary of each field.
[[nodiscard]] std::vector<FieldFigures> figures_of(const std::vector<Field>& fields,
                                                   const std::vector<FieldSummary>& summaries,
                                                   const std::vector<std::string>& names = {});

}  // namespace tally::chaincode::data
