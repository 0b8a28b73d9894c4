#pragma once
// A consortium whose nodes are processes of this machine: what `tally cluster` and `tally bench` work on. It has no
// state but the folder that `tally network create` made and the nodes' pid files. One thread.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "node/cli/member_client.h"
#include "node/cli/node_process.h"
#include "node/config/node_config.h"
#include "node/consortium/consortium.h"

namespace tally::node::cli {

struct ClusterNode {
    std::string name;
    std::string organization;
    std::vector<std::string> roles;
    std::string network_address;  // host:port between nodes
    NodeConfig config;
    NodeProcess process;

    [[nodiscard]] std::filesystem::path folder() const { return config.file.parent_path(); }
    [[nodiscard]] std::string url() const;
};

class Cluster {
  public:
    // not_found when the folder holds no consortium.
    [[nodiscard]] static Result<Cluster> open(const std::filesystem::path& directory);

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    [[nodiscard]] const ChannelConfig& channel() const { return channel_; }
    [[nodiscard]] const std::vector<ClusterNode>& nodes() const { return nodes_; }
    [[nodiscard]] Result<const ClusterNode*> find(const std::string& name) const;
    // A member of the node's organization.
    [[nodiscard]] std::filesystem::path profile(const ClusterNode& node, const std::string& member = "admin") const;
    [[nodiscard]] Result<MemberClient> connect(const ClusterNode& node, const std::string& member = "admin",
                                               std::chrono::milliseconds timeout = std::chrono::seconds(75)) const;

    // Starts these nodes where they do not run, and waits until each answers. unavailable when a port is taken, or with
    // a node's last words. True for each that was started, false where it ran.
    [[nodiscard]] Result<std::vector<bool>> start(const std::vector<const ClusterNode*>& nodes,
                                                  std::chrono::milliseconds patience = std::chrono::seconds(30)) const;
    // SIGTERM to each, then SIGKILL where that does not help in time. The names of those that had to be killed.
    [[nodiscard]] Result<std::vector<std::string>> stop(
        const std::vector<const ClusterNode*>& nodes,
        std::chrono::milliseconds patience = std::chrono::seconds(20)) const;
    // Waits until every node says that it is ready; false when the patience ends before.
    [[nodiscard]] bool wait_until_ready(std::chrono::milliseconds patience) const;

    [[nodiscard]] std::vector<const ClusterNode*> all() const;

  private:
    Cluster() = default;
    [[nodiscard]] Status find_joined();

    std::filesystem::path directory_;
    ChannelConfig channel_;
    std::vector<ClusterNode> nodes_;
};

}  // namespace tally::node::cli
