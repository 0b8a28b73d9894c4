// tally bench order: opaque transactions straight to the orderers, over the network between nodes.

#include <unistd.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "node/channel/channel_ledger.h"
#include "node/cli/bench_ground.h"
#include "node/cli/bench_load.h"
#include "node/cli/bench_order.h"
#include "node/net/node_network.h"
#include "node/roles/stopwatch.h"
#include "storage/files.h"
#include "storage/model/archive.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr auto kAnswerPatience = std::chrono::seconds(60);
constexpr auto kDriver = "driver";
constexpr std::size_t kMaxThreads = 256;

// A consortium of orderers alone, in a temporary folder, with this program as one more node of its network.
class OrdererGround {
  public:
    static Result<std::unique_ptr<OrdererGround>> prepare(const OrderBench& bench) {
        std::unique_ptr<OrdererGround> ground(new OrdererGround());
        ConsortiumOptions options;
        ground->directory_ = std::filesystem::temp_directory_path() / fmt::format("tally-bench-{}", ::getpid());
        options.directory = ground->directory_;
        options.organizations.clear();
        for (std::size_t i = 0; i < bench.nodes; ++i) options.organizations.push_back(fmt::format("Org{}", i + 1));
        options.first_port = TRY(free_ports(bench.nodes + 1));
        options.fault_model = bench.fault_model;
        options.roles = {{"orderer"}};
        options.drivers = {kDriver};
        if (bench.block_bytes != 0) options.batch.preferred_bytes = bench.block_bytes;
        TRY(create_consortium(options));
        ground->cluster_ = std::make_unique<Cluster>(TRY(Cluster::open(ground->directory_)));
        for (const auto& node : ground->cluster_->nodes()) {
            ground->nodes_.push_back(&node);
            TRY(node.process.start());
        }
        const auto key = TRY(storage::read_file(ground->directory_ / "drivers" / kDriver / "transport.key"));
        ground->network_ = std::make_unique<NodeNetwork>(ground->cluster_->channel(),
                                                         NodeNetwork::Options{kDriver, "", TRY(transport_key_of(key)), {}});
        TRY(ground->network_->start());
        TRY(ground->wait_until_there());
        return ground;
    }
    ~OrdererGround() {
        if (network_) network_->stop();
        if (cluster_) (void)cluster_->stop();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] const std::vector<const ClusterNode*>& nodes() const { return nodes_; }
    [[nodiscard]] NodeNetwork& network() { return *network_; }
    [[nodiscard]] std::map<std::string, ProcessUsage> usage() const {
        std::map<std::string, ProcessUsage> all;
        for (const auto* node : nodes_) {
            if (const auto pid = node->process.pid()) all[node->name] = usage_of(*pid);
        }
        return all;
    }

    struct Kept {
        std::uint64_t height = 0;
        std::uint64_t transactions = 0;
        std::string tip;
    };
    // Stops the nodes and reads what each has kept.
    Result<std::map<std::string, Kept>> stop_and_count() {
        network_->stop();
        const auto killed = TRY(cluster_->stop());
        if (!killed.empty()) return fail(Code::unavailable, "{} did not stop in order", killed.front());
        std::map<std::string, Kept> kept;
        for (const auto* node : nodes_) {
            const auto genesis = TRY(read_genesis(node->config.genesis));
            const auto blocks = TRY(open_channel_blocks(node->config.data, genesis));
            auto& count = kept[node->name];
            const auto tip = *blocks.store->tip();
            count.height = tip.number;
            count.tip = tip.hash.hex();
            for (storage::BlockNumber number = 1; number <= tip.number; ++number) {
                count.transactions += TRY(blocks.store->block(number)).transaction_count();
            }
        }
        return kept;
    }

  private:
    Status wait_until_there() {
        const Stopwatch watch;
        for (const auto* node : nodes_) {
            while (!network_->is_there(node->name)) {
                if (watch.seconds() > 30) {
                    return fail(Code::unavailable, "{} does not answer: {}", node->name, node->process.last_words(0));
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        }
        return {};
    }

    std::filesystem::path directory_;
    std::unique_ptr<Cluster> cluster_;
    std::vector<const ClusterNode*> nodes_;
    std::unique_ptr<NodeNetwork> network_;
};

// One thread's share: a group of transactions goes to one orderer and is answered when all of it is final.
class OrderRequester : public Requester {
  public:
    OrderRequester(NodeNetwork& network, std::string node, const OrderBench& bench, std::uint64_t seed)
        : network_(network), node_(std::move(node)), bench_(bench), chance_(seed) {}

    Status prepare(std::size_t) override {
        SubmitQuestion question{true, false, {}};
        for (std::size_t i = 0; i < bench_.group; ++i) {
            Bytes transaction(bench_.bytes);
            for (std::size_t at = 0; at < transaction.size(); at += 8) {
                const auto bits = chance_();
                std::memcpy(transaction.data() + at, &bits, std::min<std::size_t>(8, transaction.size() - at));
            }
            question.transactions.push_back(std::move(transaction));
        }
        body_ = storage::encode(question);
        return {};
    }
    Result<std::string> send() override {
        for (;;) {
            const auto answer = network_.ask(node_, FrameKind::submit, body_, kAnswerPatience).wait();
            if (answer) return std::string();
            if (answer.error().code != Code::busy) return std::unexpected(answer.error());
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

  private:
    NodeNetwork& network_;
    std::string node_;
    const OrderBench& bench_;
    std::mt19937_64 chance_;
    Bytes body_;
};

json::object report(const OrderBench& bench, const LoadResult& load, const std::map<std::string, ProcessUsage>& before,
                    const std::map<std::string, ProcessUsage>& after,
                    const std::map<std::string, OrdererGround::Kept>& kept) {
    const auto done = static_cast<double>(load.done() * bench.group);
    const auto latencies = sorted_latencies(load.samples);
    json::object out{{"work", "order"},
                     {"nodes", bench.nodes},
                     {"fault_model", bench.fault_model},
                     {"bytes", bench.bytes},
                     {"group", bench.group},
                     {"window", bench.window},
                     {"rate", bench.rate},
                     {"transactions", done},
                     {"seconds", load.seconds},
                     {"transactions_per_second", done / load.seconds}};
    json::object latency;
    for (const auto& [name, p] : {std::pair{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1.0}}) {
        latency.emplace(name, latencies.empty() ? 0 : percentile(latencies, p) * 1e3);
    }
    out.emplace("latency_ms", latency);
    double cpu = 0;
    double written = 0;
    double memory = 0;
    json::object nodes;
    for (const auto& [name, usage] : after) {
        const auto& old = before.at(name);
        const auto mine = (usage.cpu_seconds - old.cpu_seconds) * 1e6 / done;
        cpu += mine;
        written += static_cast<double>(usage.written_bytes - old.written_bytes);
        memory = std::max(memory, usage.peak_mebibytes);
        const auto& count = kept.at(name);
        nodes.emplace(name, json::object{{"cpu_us_per_transaction", mine},
                                         {"height", count.height},
                                         {"transactions", count.transactions},
                                         {"tip", count.tip}});
    }
    const auto& first = kept.begin()->second;
    out.emplace("cpu_us_per_transaction", cpu);
    out.emplace("disk_bytes_per_transaction", written / done);
    out.emplace("peak_memory_mib", memory);
    out.emplace("transactions_per_block",
                static_cast<double>(first.transactions) / std::max<double>(1, static_cast<double>(first.height)));
    out.emplace("of_each_node", nodes);
    return out;
}

void print(const json::object& r) {
    const auto number = [&](const char* name) { return r.at(name).to_number<double>(); };
    const auto& latency = r.at("latency_ms").as_object();
    say(fmt::format("  {:.0f} transactions/s   ({:.0f} of {:.0f} bytes in {:.2f} s, {:.0f} orderers, {})",
                    number("transactions_per_second"), number("transactions"), number("bytes"), number("seconds"),
                    number("nodes"), std::string_view(r.at("fault_model").as_string())));
    say(fmt::format("  latency ms   p50 {:.2f}   p95 {:.2f}   p99 {:.2f}   max {:.2f}",
                    latency.at("p50").to_number<double>(), latency.at("p95").to_number<double>(),
                    latency.at("p99").to_number<double>(), latency.at("max").to_number<double>()));
    say(fmt::format("  per transaction   {:.1f} us CPU of all orderers   {:.0f} bytes written to disk",
                    number("cpu_us_per_transaction"), number("disk_bytes_per_transaction")));
    say(fmt::format("  {:.1f} transactions per block   {:.0f} MiB of memory at most in one process",
                    number("transactions_per_block"), number("peak_memory_mib")));
}

// Every orderer must hold the same blocks, and in them every transaction that was answered.
Status judge(const std::map<std::string, OrdererGround::Kept>& kept, const LoadResult& load, std::uint64_t answered) {
    const auto& first = kept.begin()->second;
    for (const auto& [name, count] : kept) {
        if (count.height == first.height && count.tip != first.tip)
            return fail(Code::corrupt, "{} and {} hold different blocks {}", kept.begin()->first, name, first.height);
        if (count.transactions < answered && kept.size() == 1)
            return fail(Code::corrupt, "{} transactions were answered, {} holds {}", answered, name,
                        count.transactions);
    }
    std::uint64_t most = 0;
    for (const auto& [name, count] : kept) most = std::max(most, count.transactions);
    if (most < answered) return fail(Code::corrupt, "{} transactions were answered, {} are kept", answered, most);
    if (!load.failures.empty())
        return fail(Code::transaction_invalid, "{} requests failed; for example: {}", load.refused + load.unknown,
                    load.failures.begin()->first);
    return {};
}

}  // namespace

Status run_order_bench(const OrderBench& bench, const std::atomic<bool>& interrupted) {
    const auto ground = TRY(OrdererGround::prepare(bench));
    std::vector<std::unique_ptr<Requester>> requesters;
    const auto threads = std::clamp<std::size_t>(bench.window / bench.group, 1, kMaxThreads);
    for (std::size_t i = 0; i < threads; ++i) {
        const auto& node = *ground->nodes()[i % ground->nodes().size()];
        requesters.push_back(std::make_unique<OrderRequester>(ground->network(), node.name, bench, i + 1));
    }
    const auto groups = std::max<std::size_t>(1, bench.transactions / bench.group);
    const auto warm_up = std::max<std::size_t>(1, groups / 10);
    const auto warmed = run_load(requesters, {0, warm_up, 0, "warm-up"}, interrupted);
    if (warmed.done() == 0 && !warmed.failures.empty())
        return fail(Code::unavailable, "nothing goes through: {}", warmed.failures.begin()->first);
    const auto before = ground->usage();
    const auto rate = bench.rate / static_cast<double>(bench.group);
    const auto load = run_load(requesters, {warm_up, groups, rate, "load   "}, interrupted);
    const auto after = ground->usage();
    const auto kept = TRY(ground->stop_and_count());
    const auto out = report(bench, load, before, after, kept);
    if (style().json)
        print_json(out);
    else
        print(out);
    return judge(kept, load, (warmed.done() + load.done()) * bench.group);
}

}  // namespace tally::node::cli
