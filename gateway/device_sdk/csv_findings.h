#pragma once
// What was decided about a CSV file and why, what is doubtful, and what is refused. A reader that only reads stops at
// the first refusal; a check goes on and lists them all. One thread.

#include <string>
#include <vector>

#include "crypto/error.h"

namespace tally::gateway::device_sdk {

struct CsvDecision {
    std::string subject;   // like "delimiter"
    std::string decision;  // like "semicolon"
    std::string reason;
};

struct CsvDoubt {
    std::size_t line = 0;  // 0: the whole file
    std::string text;      // what is doubtful, and what was decided
};

class CsvFindings {
  public:
    static constexpr std::size_t kMaxListed = 100;

    explicit CsvFindings(bool list_all) : list_all_(list_all) {}

    void decide(std::string subject, std::string decision, std::string reason);
    void doubt(std::size_t line, std::string text);
    // The error itself where reading is to stop.
    [[nodiscard]] Status refuse(Error error);

    // The first kMaxListed of each, and how many there are.
    [[nodiscard]] const std::vector<CsvDecision>& decisions() const { return decisions_; }
    [[nodiscard]] const std::vector<CsvDoubt>& doubts() const { return doubts_; }
    [[nodiscard]] std::size_t doubt_count() const { return doubt_count_; }
    [[nodiscard]] const std::vector<Error>& problems() const { return problems_; }
    [[nodiscard]] std::size_t problem_count() const { return problem_count_; }

  private:
    bool list_all_;
    std::vector<CsvDecision> decisions_;
    std::vector<CsvDoubt> doubts_;
    std::vector<Error> problems_;
    std::size_t doubt_count_ = 0, problem_count_ = 0;
};

}  // namespace tally::gateway::device_sdk
