#pragma once
// Why the billing contract refuses.

#include "chaincode/refusal.h"

namespace tally::chaincode::billing::refusals {

inline constexpr Refusal days_open{{"days_open", Kind::conflict},
                                   "Not every day of the period is FINAL.",
                                   "Finalize the days that the message names: data.finalize."};
inline constexpr Refusal out_of_order{{"billing_out_of_order", Kind::conflict},
                                      "Invoices of an agreement are computed period by period.",
                                      "Compute the period that the message names first."};
inline constexpr Refusal no_invoice{
    {"unknown_invoice", Kind::conflict},
    "No invoice is computed for the period.",
    "Compute it once its days are FINAL: billing.compute. A bill is posted by its provider: "
    "billing.post_bill."};
inline constexpr Refusal sealed_figures{{"sealed_figures", Kind::refused},
                                        "The figures are commitments, and so is the invoice of them.",
                                        "Seal the invoice instead (tally invoice seal), at a node of a keeper."};
inline constexpr Refusal wrong_commitment{{"wrong_commitment", Kind::refused},
                                          "The invoice was sealed with another commitment.",
                                          "Compare the operator's file with what the readings give: tally invoice "
                                          "agree."};
inline constexpr Refusal wrong_state{{"invoice_state", Kind::conflict},
                                     "The invoice is not in a state that allows this.",
                                     "See its timeline: tally call billing get."};
inline constexpr Refusal wrong_amount{{"wrong_amount", Kind::refused},
                                      "The payment is not of the invoice's amount or currency.",
                                      "Compare the bank's booking with the invoice."};
inline constexpr Refusal not_authorized{{"bill_not_authorized", Kind::refused},
                                        "The bill cannot be authorized.",
                                        "See its variances (tally call billing get_bill), and run an audit of its "
                                        "period (tally agreement audit)."};
inline constexpr Refusal deadline{{"deadline_passed", Kind::refused},
                                  "The agreement's deadline for this has passed, or has not come.",
                                  "The message names the day."};

}  // namespace tally::chaincode::billing::refusals
