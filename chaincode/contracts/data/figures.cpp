#include "chaincode/contracts/data/figures.h"

#include <algorithm>

#include "chaincode/records/decimal.h"

namespace tally::chaincode::data {

std::vector<FieldFigures> figures_of(const std::vector<Field>& fields, const std::vector<FieldSummary>& summaries,
                                     const std::vector<std::string>& names) {
    std::vector<FieldFigures> out;
    if (summaries.empty()) return out;  // a commitment stands in their place
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto& field = fields[i];
        const auto& summary = summaries[i];
        if (!names.empty() && std::ranges::find(names, field.name) == names.end()) continue;
        const auto reading = [&](std::int64_t value) {
            return summary.count == 0 ? std::nullopt : std::optional(decimal_text(value, field.scale));
        };
        out.push_back({field.name, field.unit, field.scale, summary.count, summary.missing,
                       decimal_text(summary.sum, field.scale), reading(summary.min), reading(summary.max),
                       reading(summary.first), reading(summary.last)});
    }
    return out;
}

}  // namespace tally::chaincode::data
