#pragma once
// What a code means and what to do: each error code (crypto/error.h) and each validation code of a transaction.

#include <span>
#include <string_view>

namespace tally::node::cli {

struct Explanation {
    std::string_view code;
    std::string_view meaning;
    std::string_view advice;
};

[[nodiscard]] std::span<const Explanation> explanations();

}  // namespace tally::node::cli
