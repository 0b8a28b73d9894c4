#pragma once
// What `tally doctor` looks at, one finding each. Reads only; opens no ledger.

#include <filesystem>
#include <string>
#include <vector>

namespace tally::node::cli {

struct Finding {
    enum class Verdict { good, warning, bad };
    Verdict verdict = Verdict::good;
    std::string subject;
    std::string what;
    std::string advice;  // what to do; empty when good
};

[[nodiscard]] std::vector<Finding> examine_node(const std::filesystem::path& config_file);

}  // namespace tally::node::cli
