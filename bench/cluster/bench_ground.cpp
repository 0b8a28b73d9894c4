#include "bench/cluster/bench_ground.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr double kSettleSeconds = 30;
constexpr double kIdleSeconds = 5;  // a cluster that others use may never be idle
constexpr std::chrono::seconds kAnswerPatience{10};

}  // namespace

Result<std::uint16_t> free_ports(std::size_t count) {
    std::random_device chance;
    for (int attempt = 0; attempt < 100; ++attempt) {
        const auto first = static_cast<std::uint16_t>(22'000 + chance() % 8'000);
        bool free = true;
        for (std::size_t i = 0; free && i < count; ++i) {
            const auto port = static_cast<std::uint16_t>(first + i);
            free =
                probe_listen("127.0.0.1", port) && probe_listen("127.0.0.1", static_cast<std::uint16_t>(port + 1000));
        }
        if (free) return first;
    }
    return fail(Code::unavailable, "no {} free ports in a row were found", count);
}

namespace {

Result<ConsortiumOptions> consortium_of(const GroundOptions& options) {
    ConsortiumOptions out;
    out.directory = std::filesystem::temp_directory_path() / fmt::format("tally-bench-{}", ::getpid());
    const auto nodes = options.nodes == 0 ? options.organizations : options.nodes;
    if (nodes % options.organizations != 0)
        return fail(Code::invalid_argument, "{} nodes cannot be shared evenly by {} organizations", nodes,
                    options.organizations);
    out.organizations.clear();
    for (std::size_t i = 0; i < options.organizations; ++i) out.organizations.push_back(fmt::format("Org{}", i + 1));
    out.nodes_per_organization = static_cast<unsigned>(nodes / options.organizations);
    out.first_port = TRY(free_ports(nodes + 1));
    out.fault_model = options.fault_model;
    out.endorsement = options.endorsement;
    if (options.orderers_only) out.roles = {{"orderer"}};
    if (options.any_submission) out.submission = kAnySubmission;
    if (!options.driver.empty()) out.drivers = {options.driver};
    if (options.block_bytes != 0) out.batch.preferred_bytes = options.block_bytes;
    return out;
}

// A benchmark's clients are few and fast.
Status lift_rate_limit(const std::filesystem::path& folder) {
    auto toml = TRY(storage::read_file(folder / "node.toml"));
    toml.insert(toml.find('\n', toml.find("[gateway]")) + 1, "requests_per_second = 1000000\nburst = 1000000\n");
    return storage::write_file(folder / "node.toml", as_bytes(toml));
}

std::uint64_t bytes_below(const std::filesystem::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code gone;  // files come and go while we look
    for (auto entry = std::filesystem::recursive_directory_iterator(folder, gone); !gone && entry != end(entry);
         entry.increment(gone)) {
        std::error_code none;
        if (entry->is_regular_file(none)) {
            const auto size = entry->file_size(none);
            if (!none) bytes += size;
        }
    }
    return bytes;
}

// The value of a metric whose only label is the channel; of all channels together.
double metric(std::string_view metrics, std::string_view name) {
    std::istringstream lines{std::string(metrics)};
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(fmt::format("{}{{channel=", name))) sum += std::stod(line.substr(line.rfind(' ')));
    }
    return sum;
}

// Sums and counts of the node's stage histogram, of all channels together.
std::map<std::string, StageTime> stages_of(std::string_view metrics) {
    std::map<std::string, StageTime> stages;
    std::istringstream lines{std::string(metrics)};
    for (std::string line; std::getline(lines, line);) {
        for (const bool is_sum : {true, false}) {
            const auto prefix = fmt::format("tally_stage_seconds_{}{{stage=\"", is_sum ? "sum" : "count");
            if (!line.starts_with(prefix)) continue;
            auto& stage = stages[line.substr(prefix.size(), line.find('"', prefix.size()) - prefix.size())];
            (is_sum ? stage.seconds : stage.count) += std::stod(line.substr(line.rfind(' ')));
        }
    }
    return stages;
}

std::uint64_t number(const json::value& value) { return value.to_number<std::uint64_t>(); }

// What a node has accepted and not written into its ledger yet.
bool orders_something(const json::object& node) {
    const auto* ordering = node.at("ordering").if_object();
    if (ordering == nullptr) return false;
    return number(ordering->at("pending_batches")) > 0 || number(ordering->at("own_pending_bytes")) > 0 ||
           number(ordering->at("final")) > number(node.at("height"));
}

struct Checkpoint {
    std::uint64_t block = 0;
    std::string hash;
    std::string root;
    bool operator==(const Checkpoint&) const = default;
};

Result<Checkpoint> checkpoint_of(MemberClient& member, const std::string& block) {
    const auto answer = TRY(member.get("/v1/checkpoints/" + block));
    const auto& object = answer.as_object();
    return Checkpoint{number(object.at("block")), std::string(object.at("block_hash").as_string()),
                      std::string(object.at("root").as_string())};
}

}  // namespace

Result<Ground> Ground::prepare(const GroundOptions& options) {
    Ground ground;
    if (options.running.empty()) {
        const auto wanted = TRY(consortium_of(options));
        ground.temporary_ = wanted.directory;
        const auto consortium = TRY(create_consortium(wanted));
        for (const auto& folder : consortium.nodes) TRY(lift_rate_limit(folder));
        if (options.before_start) TRY(options.before_start(consortium, wanted.directory));
        ground.cluster_ = std::make_unique<Cluster>(TRY(Cluster::open(wanted.directory)));
        TRY(ground.cluster_->start(ground.cluster_->all()));
        if (!ground.cluster_->wait_until_ready(std::chrono::seconds(20)))
            return fail(Code::timeout, "the nodes do not become ready");
    } else {
        ground.cluster_ = std::make_unique<Cluster>(TRY(Cluster::open(options.running)));
    }
    for (const auto* node : ground.cluster_->all()) {
        if (!node->process.pid() || node->process.paused()) continue;
        ground.nodes_.push_back(node);
        ground.members_.push_back(TRY(ground.cluster_->connect(*node)));
    }
    if (ground.nodes_.empty()) {
        return fail(Code::unavailable, "no node of {} runs; `tally cluster up {}` starts them",
                    options.running.string(), options.running.string());
    }
    return ground;
}

Ground::~Ground() {
    if (temporary_.empty()) return;
    if (cluster_) (void)cluster_->stop(cluster_->all());
    std::error_code none;
    std::filesystem::remove_all(temporary_, none);
}

std::vector<std::string> Ground::not_running() const {
    std::vector<std::string> names;
    for (const auto* node : cluster_->all()) {
        if (std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end()) names.push_back(node->name);
    }
    return names;
}

std::vector<std::string> Ground::leave_out_the_lost() {
    std::vector<std::string> lost;
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        if (nodes_[i]->process.pid() && !nodes_[i]->process.paused()) continue;
        lost.push_back(nodes_[i]->name);
        nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(i));
        members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return lost;
}

Result<Settled> Ground::settle() {
    const Stopwatch watch;
    for (;;) {
        std::vector<std::uint64_t> heights;
        std::set<std::string> hashes;
        bool idle = true;
        for (auto& member : members_) {
            const auto told = TRY(member.get("/v1/node"));
            const auto& node = told.as_object();
            heights.push_back(number(node.at("height")));
            hashes.emplace(node.at("block_hash").as_string());
            idle = idle && !orders_something(node);
        }
        const auto [low, high] = std::minmax_element(heights.begin(), heights.end());
        if (*low == *high && hashes.size() > 1)
            return fail(Code::corrupt, "the nodes hold different blocks {}: {}", *low, fmt::join(hashes, ", "));
        if (*low == *high && (idle || watch.seconds() > kIdleSeconds)) return Settled{*low, *hashes.begin()};
        if (watch.seconds() > kSettleSeconds)
            return fail(Code::timeout, "the nodes' heights stay apart: {}", fmt::join(heights, ", "));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

Result<std::map<std::string, NodeReading>> Ground::read() {
    std::map<std::string, NodeReading> readings;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto& node = *nodes_[i];
        const auto pid = node.process.pid();
        if (!pid) return fail(Code::unavailable, "{} has ended; see {}", node.name, node.process.log_file().string());
        auto& reading = readings[node.name];
        reading.process = *pid;
        reading.usage = usage_of(*pid);
        reading.data_bytes = bytes_below(node.config.data);
        const auto told = TRY(members_[i].get("/v1/node"));
        reading.height = number(told.as_object().at("height"));
        for (const auto& peer : told.as_object().at("peers").as_array())
            reading.sent_bytes += number(peer.as_object().at("sent_bytes"));
        const auto metrics = TRY(members_[i].get_bytes("/metrics"));
        reading.stages = stages_of(as_text(metrics));
        reading.blocks = metric(as_text(metrics), "tally_block_transactions_count");
        reading.transactions = metric(as_text(metrics), "tally_block_transactions_sum");
    }
    return readings;
}

Result<Holdings> Ground::holdings_since(std::uint64_t height) {
    Holdings out;
    out.height = TRY(settle()).height;
    std::optional<Checkpoint> first;
    std::vector<std::uint64_t> sizes;  // in transactions
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto& name = nodes_[i]->name;
        const auto checkpoint = TRY(checkpoint_of(members_[i], std::to_string(out.height)));
        if (first && checkpoint != *first) {
            return fail(Code::corrupt, "{} and {} differ at block {}: hash {} and {}, root {} and {}",
                        nodes_.front()->name, name, out.height, first->hash, checkpoint.hash, first->root,
                        checkpoint.root);
        }
        first = checkpoint;
        for (auto next = height + 1; next <= out.height;) {
            const auto page = TRY(members_[i].get(fmt::format("/v1/blocks?from={}&limit={}&header_only=true", next,
                                                              std::min<std::uint64_t>(100, out.height + 1 - next))));
            const auto& blocks = page.as_object().at("blocks").as_array();
            for (const auto& block : blocks) {
                for (const auto& [code, count] : block.as_object().at("codes").as_object())
                    (code == "VALID" ? out.valid : out.others)[name] += number(count);
                if (i == 0) sizes.push_back(number(block.as_object().at("transaction_count")));
            }
            next += blocks.size();
            if (blocks.empty()) return fail(Code::not_found, "{} does not give block {}", name, next);
        }
    }
    out.block_hash = first->hash;
    out.root = first->root;
    if (sizes.empty()) return out;
    out.blocks = static_cast<double>(sizes.size());
    out.mean_transactions =
        static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0})) / out.blocks;
    out.max_transactions = static_cast<double>(*std::max_element(sizes.begin(), sizes.end()));
    return out;
}

Result<std::size_t> Ground::count_everywhere(const std::vector<std::string>& transaction_ids) {
    std::size_t count = 0;
    for (const auto& id : transaction_ids) {
        bool everywhere = true;
        for (auto& member : members_) {
            const auto status = TRY(member.get("/v1/transactions/" + id));
            const auto* code = status.as_object().if_contains("validation_code");
            everywhere = everywhere && code != nullptr && code->is_string() && code->get_string() == "VALID";
        }
        count += everywhere ? 1 : 0;
    }
    return count;
}

Result<Gateways> Gateways::open(const Ground& ground, std::size_t first) {
    Gateways gateways(ground.cluster(), ground.nodes(), first % ground.nodes().size());
    TRY(gateways.connect());
    return gateways;
}

Status Gateways::connect() {
    member_ = TRY(cluster_->connect(*nodes_[at_], "client1", kAnswerPatience));
    return {};
}

Result<json::value> Gateways::post(std::string_view path, ByteView body, std::string_view content_type) {
    auto answer = member_->post(path, body, content_type);
    if (!answer && (answer.error().code == Code::unavailable || answer.error().code == Code::timeout)) {
        at_ = (at_ + 1) % nodes_.size();
        TRY(connect());
    }
    return answer;
}

}  // namespace tally::node::cli
