#include "node/cli/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "crypto/error.h"
#include "storage/model/validation_code.h"

namespace tally::node::cli {
namespace {

TEST(Explanations, AreThereForEachCodeAndForNothingElse) {
    std::multiset<std::string> codes;
#define ADD_VALIDATION(name, number) codes.insert(#name);
    for (const auto& code : kPlatformCodes) codes.emplace(code.name());
    for (const auto* name : {"unknown_device",
                             "device_suspended",
                             "device_retired",
                             "stale_sequence",
                             "chain_broken",
                             "period_overlap",
                             "schema_mismatch",
                             "summary_mismatch",
                             "root_mismatch",
                             "clock_ahead",
                             "too_late",
                             "duplicate_record",
                             "terms_invalid",
                             "other_terms",
                             "agreement_not_open",
                             "agreement_too_late",
                             "device_taken",
                             "wrong_party",
                             "day_open",
                             "not_in_scope",
                             "days_open",
                             "billing_out_of_order",
                             "unknown_invoice",
                             "invoice_state",
                             "wrong_amount",
                             "deadline_passed",
                             "bill_not_authorized",
                             "unknown_audit",
                             "confidential_series",
                             "confidential_figures",
                             "figures_withheld",
                             "commitment_mismatch",
                             "sealed_figures",
                             "wrong_commitment",
                             "not_confidential"})
        codes.insert(name);
    TALLY_VALIDATION_CODES(ADD_VALIDATION)
    std::multiset<std::string> explained;
    for (const auto& each : explanations()) {
        explained.emplace(each.code);
        EXPECT_TRUE(each.meaning.ends_with('.') && each.advice.ends_with('.')) << each.code;
    }
    EXPECT_EQ(explained, codes);
}

}  // namespace
}  // namespace tally::node::cli
