#pragma once
// A document as one HTML page to read and to print: inline styles, no scripts, nothing is loaded; light and dark, and
// black on white on paper. Every text is escaped. Pure; the same document gives the same bytes.
//
// The content ids of the signed days are listed below the totals when there are at most kMostListedDays of them; a page
// with more of them says how many each line has, and that the UBL document lists them.

#include <string>

#include "gateway/invoices/document.h"

namespace tally::gateway::invoices {

inline constexpr std::size_t kMostListedDays = 2000;

[[nodiscard]] std::string write_html(const InvoiceDocument& document);

}  // namespace tally::gateway::invoices
