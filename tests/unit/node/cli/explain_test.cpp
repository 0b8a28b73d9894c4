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
#define ADD_ERROR(name) codes.insert(#name);
#define ADD_VALIDATION(name, number) codes.insert(#name);
    TALLY_ERROR_CODES(ADD_ERROR)
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
