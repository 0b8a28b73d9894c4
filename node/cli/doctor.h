#pragma once
// What `tally doctor` looks at, one finding each. Reads only: ledgers too, also beside a running node.

#include <filesystem>
#include <string>
#include <vector>

namespace tally::node::cli {

struct Finding {
    enum class Verdict { good, warning, bad };
    Verdict verdict = Verdict::good;
    std::string channel;  // a further channel's name; empty: of the node and its root channel
    std::string subject;
    std::string what;
    std::string advice;  // what to do; empty when good
};

[[nodiscard]] std::vector<Finding> examine_node(const std::filesystem::path& config_file);

}  // namespace tally::node::cli
