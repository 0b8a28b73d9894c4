#pragma once
// What a benchmark runs on: a consortium of its own in a temporary folder, or one that runs; what its processes use;
// and whether all of its nodes hold the same ledger afterwards. One thread.

#include <functional>
#include <map>
#include <memory>

#include "node/cli/cluster.h"

namespace tally::node::cli {

struct GroundOptions {
    std::filesystem::path running;  // a cluster that runs; empty: one of its own
    std::size_t organizations = 4;
    std::size_t nodes = 0;  // in all; 0: one of each organization
    std::string fault_model = "byzantine";
    std::string endorsement = "MAJORITY";
    bool orderers_only = false;  // its own consortium is one of orderers, which take anything and keep blocks alone
    bool any_submission = false;
    std::uint64_t block_bytes = 0;  // preferred; 0: the default
    std::string driver;             // this program's name in the network between nodes; empty: it is not there
    // Of its own consortium, whose folder is given: before the nodes are started.
    std::function<Status(const Consortium& consortium, const std::filesystem::path& folder)> before_start = {};
};

struct StageTime {
    double count = 0;
    double seconds = 0;
};

// Of one node, at one moment.
struct NodeReading {
    pid_t process = 0;
    ProcessUsage usage;
    std::uint64_t data_bytes = 0;
    std::uint64_t sent_bytes = 0;  // to other nodes
    std::uint64_t height = 0;
    double blocks = 0;        // since its start
    double transactions = 0;  // in these
    std::map<std::string, StageTime> stages;
};

// What the nodes hold, block by block, since a height.
struct Holdings {
    std::map<std::string, std::uint64_t> valid;   // transactions, by node
    std::map<std::string, std::uint64_t> others;  // with another code
    double blocks = 0;
    double mean_transactions = 0;  // of a block
    double max_transactions = 0;   // 0: not known
    std::uint64_t height = 0;
    std::string block_hash;
    std::string root;
};

// The first of so many free ports in a row for gateways, with 1000 above free for the network between nodes.
[[nodiscard]] Result<std::uint16_t> free_ports(std::size_t count);

// The block that every node has reached.
struct Settled {
    std::uint64_t height = 0;
    std::string block_hash;
};

class Ground {
  public:
    [[nodiscard]] static Result<Ground> prepare(const GroundOptions& options);
    Ground(Ground&&) noexcept = default;
    Ground& operator=(Ground&&) = delete;
    ~Ground();  // stops and removes what is its own

    [[nodiscard]] const Cluster& cluster() const { return *cluster_; }
    [[nodiscard]] bool is_own() const { return !temporary_.empty(); }
    // Those that ran when the benchmark began, without those that were left out since.
    [[nodiscard]] const std::vector<const ClusterNode*>& nodes() const { return nodes_; }
    // The cluster's others.
    [[nodiscard]] std::vector<std::string> not_running() const;
    // Leaves out those that run no more or are paused; their names.
    std::vector<std::string> leave_out_the_lost();

    // Waits until every node is at the same height; timeout when they do not get there, corrupt when their blocks
    // differ then.
    [[nodiscard]] Result<Settled> settle();
    [[nodiscard]] Result<std::map<std::string, NodeReading>> read();
    // corrupt when two nodes' blocks or checkpoints differ.
    [[nodiscard]] Result<Holdings> holdings_since(std::uint64_t height);
    // How many of these are committed and valid at every node.
    [[nodiscard]] Result<std::size_t> count_everywhere(const std::vector<std::string>& transaction_ids);

  private:
    Ground() = default;

    std::unique_ptr<Cluster> cluster_;
    std::vector<const ClusterNode*> nodes_;
    std::vector<MemberClient> members_;  // one per node
    std::filesystem::path temporary_;
};

// One connection's way in: a gateway, and the next when it does not answer. The ground must outlive it.
class Gateways {
  public:
    [[nodiscard]] static Result<Gateways> open(const Ground& ground, std::size_t first);

    [[nodiscard]] MemberClient& member() { return *member_; }
    // unavailable or timeout: what became of the request is unknown; the next goes to another gateway.
    [[nodiscard]] Result<boost::json::value> post(std::string_view path, ByteView body, std::string_view content_type);

  private:
    Gateways(const Cluster& cluster, std::vector<const ClusterNode*> nodes, std::size_t at)
        : cluster_(&cluster), nodes_(std::move(nodes)), at_(at) {}
    [[nodiscard]] Status connect();

    const Cluster* cluster_;
    std::vector<const ClusterNode*> nodes_;
    std::size_t at_;
    std::optional<MemberClient> member_;
};

}  // namespace tally::node::cli
