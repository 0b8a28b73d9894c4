#pragma once
// The list of checks that a verification makes: what was checked, what was expected and what was found. It ends with
// the first check that does not hold, whose sentence is the verification's error.
//
// One thread.

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/error.h"

namespace tally::node {

struct Check {
    std::string what;
    std::string expected;
    std::string found;
    bool holds = false;
};

class Checks {
  public:
    // Holds when both texts are the same; else it fails with `code`.
    [[nodiscard]] Status same(std::string what, std::string expected, std::string found, Code code = Code::bad_proof);
    // Holds when `judged` does. `found` is what was found then; else it is the sentence of the error, whose code stays.
    [[nodiscard]] Status judged(std::string what, std::string expected, std::string found, const Status& judged);

    // The value; a check is listed only where there is none. Every error of a verification comes through a check.
    template <class T>
    [[nodiscard]] Result<T> need(std::string what, std::string expected, Result<T> value) {
        if (value) return value;
        return std::unexpected(
            judged(std::move(what), std::move(expected), "", std::unexpected(std::move(value.error()))).error());
    }

    [[nodiscard]] const std::vector<Check>& all() const { return all_; }

  private:
    std::vector<Check> all_;
};

// What a command says of a file that proves nothing: bad_proof, with the code of the check that failed.
[[nodiscard]] std::unexpected<Error> proves_nothing(const std::filesystem::path& file, const Error& why);

}  // namespace tally::node
