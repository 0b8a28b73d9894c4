#pragma once
// How nodes are: the tables of `tally node status` and `tally cluster status`.

#include "node/cli/cluster.h"

namespace tally::node::cli {

// Of each node of a local consortium, those that do not run included.
[[nodiscard]] Status print_cluster_status(const std::filesystem::path& directory);

struct NodeStatusOptions {
    std::filesystem::path profile;
    std::string url;  // of another node than the profile's
};
[[nodiscard]] Status print_node_status(const NodeStatusOptions& options);

}  // namespace tally::node::cli
