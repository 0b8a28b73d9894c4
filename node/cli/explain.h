#pragma once
// What a code means and what to do: each error code (crypto/error.h) and each validation code of a transaction.

#include <string_view>
#include <vector>

namespace tally::node::cli {

struct Explanation {
    std::string_view code;
    std::string_view meaning;
    std::string_view advice;
};

// Those of the platform, then each contract's own refusals.
[[nodiscard]] std::vector<Explanation> explanations();

}  // namespace tally::node::cli
