#pragma once
// The parts of a camt message that its entries have: internal to camt.cpp. Failures: malformed, with line and element.

#include "gateway/payments/camt.h"
#include "gateway/xml/reader.h"

namespace tally::gateway::payments {

[[nodiscard]] Result<Entry> read_entry(const xml::Element& element, int version);

[[nodiscard]] Result<Money> read_money(const xml::Element& element);
[[nodiscard]] Result<Direction> read_direction(const xml::Element& element);
[[nodiscard]] Result<std::int64_t> read_count(const xml::Element& element);
// Of a child with Dt or DtTm; none when the child is not there.
[[nodiscard]] Result<std::optional<Date>> read_day(const xml::Element& element, std::string_view child);

}  // namespace tally::gateway::payments
