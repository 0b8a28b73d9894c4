// How many signed records a whole node takes: from HTTPS to committed, with the time split by stage.
//
//   whole_node --records 3000 --connections 32         signed days, 1,440 rows of 7 fields, inline
//   whole_node --kind keepalive --records 30000        small transactions
//   whole_node --rate 100 --records 2000               open loop: latency at a given rate
//
// Starts `tally node start` in a process of its own on a temporary folder, registers devices, signs every record before
// the clock starts, and drives it over kept connections. Latency counts from the time at which a request was due.
// Afterwards it asks the node what it committed and compares.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "chaincode/json/strict_json.h"
#include "chaincode/records/device_record.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/generator.h"
#include "node/cli/member.h"
#include "node/config/consortium.h"
#include "node/roles/stopwatch.h"
#include "storage/files.h"

extern char** environ;

namespace tally::bench {
namespace {

namespace json = boost::json;
namespace sdk = gateway::device_sdk;
using node::Stopwatch;
using node::cli::Member;

struct Options {
    std::size_t records = 3000;
    std::size_t devices = 50;
    std::size_t connections = 32;
    std::size_t fields = 7;
    double rate = 0;  // per second; 0: closed loop
    std::string kind = "daily";
    std::string algorithm = "p256";
    std::filesystem::path tally = "build/release/bin/tally";
    std::filesystem::path directory;
    bool json = false;
};

// A node in a process of its own, stopped in order at the end.
class NodeProcess {
  public:
    NodeProcess(const std::filesystem::path& binary, const std::filesystem::path& folder) {
        const std::string program = binary.string();
        const std::string config = folder.string();
        const char* arguments[] = {program.c_str(), "node", "start", config.c_str(), nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        const auto log = (folder / "node.log").string();
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, const_cast<char**>(arguments), environ) != 0)
            pid_ = 0;
        posix_spawn_file_actions_destroy(&actions);
    }
    ~NodeProcess() {
        if (pid_ == 0) return;
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;

    [[nodiscard]] double cpu_seconds() const {
        std::ifstream file(fmt::format("/proc/{}/stat", pid_));
        std::string text((std::istreambuf_iterator<char>(file)), {});
        std::istringstream rest(text.substr(std::min(text.rfind(')') + 2, text.size())));
        std::string word;
        double ticks = 0;
        for (int field = 3; rest >> word; ++field) {
            if (field == 14 || field == 15) ticks += std::stod(word);
        }
        return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    [[nodiscard]] double peak_mebibytes() const {
        std::ifstream file(fmt::format("/proc/{}/status", pid_));
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
        }
        return 0;
    }

  private:
    pid_t pid_ = 0;
};

Result<Member> connect(const std::filesystem::path& profile) {
    const Stopwatch watch;
    for (;;) {
        auto member = TRY(Member::open(profile));
        if (member.get("/v1/checkpoints/latest")) return member;
        if (watch.seconds() > 20) return fail(Code::unavailable, "the node does not answer");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

struct Device {
    std::string id;
    crypto::PrivateKey key;
};

Result<std::vector<Device>> register_devices(Member& admin, const Options& options) {
    const auto sample = sdk::generate({.days = 1, .interval_s = 3600, .fields = options.fields});
    json::array fields;
    for (const auto& field : sample.fields)
        fields.push_back({{"name", field.name}, {"unit", field.unit}, {"scale", field.scale}});
    TRY(admin.transact("registry", "register_schema",
                       chaincode::json_text(json::object{{"id", "bench"}, {"version", 1}, {"fields", fields}})));
    std::vector<Device> devices;
    const auto algorithm = options.algorithm == "p256" ? crypto::Algorithm::p256 : crypto::Algorithm::ed25519;
    for (std::size_t i = 0; i < options.devices; ++i) {
        devices.push_back({fmt::format("meter-{:05}", i), crypto::PrivateKey::generate(algorithm)});
        const json::object arguments{{"id", devices.back().id},
                                     {"shard", "bench"},
                                     {"public_key", devices.back().key.public_key().pem()},
                                     {"schemas", json::array{"bench@1"}},
                                     {"polling_interval_s", 60},
                                     {"keepalive_interval_s", 3600}};
        TRY(admin.transact("registry", "register_device", chaincode::json_text(arguments)));
    }
    return devices;
}

// Record k of a device covers day k of its life, or minute k for keep-alives.
Result<std::vector<Bytes>> sign_records(const std::vector<Device>& devices, const Options& options) {
    const auto today = node::now_ms() / 1000 / sdk::kDay_s * sdk::kDay_s;
    const bool daily = options.kind == "daily";
    std::vector<Bytes> messages(options.records);
    std::vector<std::optional<crypto::Hash>> previous(devices.size());
    const auto days = static_cast<std::int64_t>((options.records + devices.size() - 1) / devices.size());
    for (std::size_t i = 0; i < options.records; ++i) {
        const auto which = i % devices.size();
        const auto turn = static_cast<std::int64_t>(i / devices.size());
        sdk::RecordPlan plan;
        plan.kind = daily ? chaincode::RecordKind::DAILY : chaincode::RecordKind::KEEPALIVE;
        plan.start_s = daily ? today - (days - turn) * sdk::kDay_s : today - sdk::kDay_s + turn;
        plan.end_s = daily ? plan.start_s + sdk::kDay_s : plan.start_s + 1;
        sdk::GeneratorOptions generator{.seed = i + 1, .start_s = plan.start_s, .fields = options.fields};
        if (!daily) {
            generator.interval_s = sdk::kDay_s;
            generator.start_s = plan.start_s / sdk::kDay_s * sdk::kDay_s;
        }
        auto record = TRY(sdk::build_record(sdk::generate(generator), plan));
        record.record.device = devices[which].id;
        record.record.sequence = turn + 1;
        record.record.previous = previous[which];
        previous[which] = chaincode::content_id_of(record.record);
        messages[i] = chaincode::sign_record(devices[which].key, "main", record.record);
    }
    return messages;
}

struct Measured {
    std::vector<double> latencies;  // seconds
    double seconds = 0;
    std::size_t failed = 0;
    std::string first_failure;
};

Measured drive(const std::filesystem::path& profile, const std::vector<Bytes>& messages, const Options& options) {
    Measured out;
    std::mutex mutex;
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> finished{0};
    const auto begin = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    const auto work = [&] {
        auto member = Member::open(profile);
        std::vector<double> latencies;
        std::size_t failed = 0;
        std::string failure;
        for (std::size_t i = next++; member && i < messages.size(); i = next++) {
            auto due = std::chrono::steady_clock::now();
            if (options.rate > 0) {
                due = begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                  std::chrono::duration<double>(static_cast<double>(i) / options.rate));
                std::this_thread::sleep_until(due);
            }
            const auto outcome = member->post("/v1/records", messages[i], "application/cose");
            latencies.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - due).count());
            ++finished;
            if (!outcome && failed++ == 0) failure = outcome.error().message;
        }
        const std::lock_guard lock(mutex);
        out.latencies.insert(out.latencies.end(), latencies.begin(), latencies.end());
        out.failed += failed;
        if (out.first_failure.empty()) out.first_failure = failure;
    };
    const Stopwatch watch;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < options.connections; ++i) threads.emplace_back(work);
    const bool watched = !options.json && ::isatty(STDERR_FILENO) == 1;
    while (watched && finished < messages.size() && watch.seconds() < 3600) {
        fmt::print(stderr, "\r  {:6} of {} records, {:.0f}/s   ", finished.load(), messages.size(),
                   static_cast<double>(finished) / watch.seconds());
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        if (next >= messages.size() + options.connections) break;
    }
    for (auto& thread : threads) thread.join();
    out.seconds = watch.seconds();
    if (watched) fmt::print(stderr, "\r\x1b[K");
    std::sort(out.latencies.begin(), out.latencies.end());
    return out;
}

// Sums and counts of the node's stage histogram.
std::map<std::string, std::pair<double, double>> stages_of(Member& member) {
    std::map<std::string, std::pair<double, double>> stages;
    const auto text = member.get_bytes("/metrics");
    if (!text) return stages;
    std::istringstream lines{std::string(as_text(*text))};
    for (std::string line; std::getline(lines, line);) {
        for (const auto* suffix : {"sum", "count"}) {
            const auto prefix = fmt::format("tally_stage_seconds_{}{{stage=\"", suffix);
            if (!line.starts_with(prefix)) continue;
            const auto name = line.substr(prefix.size(), line.find('"', prefix.size()) - prefix.size());
            const double value = std::stod(line.substr(line.rfind(' ')));
            (suffix == std::string_view("sum") ? stages[name].first : stages[name].second) = value;
        }
    }
    return stages;
}

Result<std::uint64_t> committed(Member& member) {
    const auto checkpoint = TRY(member.get("/v1/checkpoints/latest"));
    return static_cast<std::uint64_t>(checkpoint.as_object().at("tree_size").as_int64());
}

double percentile(const std::vector<double>& sorted, double p) {
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
}

std::uint64_t bytes_below(const std::filesystem::path& folder) {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
}

Status run(const Options& options) {
    auto folder = options.directory;
    if (folder.empty()) folder = std::filesystem::temp_directory_path() / fmt::format("tally-bench-{}", ::getpid());
    node::ConsortiumOptions consortium_options;
    consortium_options.directory = folder;
    consortium_options.first_port = static_cast<std::uint16_t>(20000 + ::getpid() % 20000);
    const auto consortium = TRY(node::create_consortium(consortium_options));
    const auto config = consortium.nodes.front() / "node.toml";
    auto toml = TRY(storage::read_file(config));
    const auto at = toml.find("[gateway]");
    toml.insert(toml.find('\n', at) + 1, "requests_per_second = 1000000\nburst = 1000000\n");
    TRY(storage::write_file(config, as_bytes(toml)));

    const NodeProcess process(options.tally, consortium.nodes.front());
    auto admin = TRY(connect(consortium.profiles[0]));
    if (!options.json)
        fmt::print("Registering {} devices and signing {} records ...\n", options.devices, options.records);
    const auto devices = TRY(register_devices(admin, options));
    const auto messages = TRY(sign_records(devices, options));

    const auto before = stages_of(admin);
    const auto log_before = TRY(committed(admin));
    const auto cpu_before = process.cpu_seconds();
    auto measured = drive(consortium.profiles[1], messages, options);
    const auto cpu = process.cpu_seconds() - cpu_before;
    const auto memory = process.peak_mebibytes();
    const auto after = stages_of(admin);
    const auto counted = TRY(committed(admin)) - log_before;
    const auto disk = bytes_below(consortium.nodes.front() / "data");

    const auto done = static_cast<double>(options.records - measured.failed);
    json::object result{{"kind", options.kind},
                        {"records", options.records},
                        {"failed", measured.failed},
                        {"on_ledger", counted},
                        {"bytes_per_record", messages.front().size()},
                        {"seconds", measured.seconds},
                        {"records_per_second", done / measured.seconds},
                        {"p50_ms", percentile(measured.latencies, 0.50) * 1e3},
                        {"p95_ms", percentile(measured.latencies, 0.95) * 1e3},
                        {"p99_ms", percentile(measured.latencies, 0.99) * 1e3},
                        {"max_ms", measured.latencies.empty() ? 0 : measured.latencies.back() * 1e3},
                        {"server_cpu_us_per_record", cpu * 1e6 / done},
                        {"peak_memory_mib", memory},
                        {"disk_bytes_per_record", static_cast<double>(disk) / done}};
    json::object split;
    for (const auto& [name, now] : after) {
        const auto then = before.contains(name) ? before.at(name) : std::pair{0.0, 0.0};
        const auto count = now.second - then.second;
        if (count > 0)
            split.emplace(name, json::object{{"count", count}, {"mean_us", (now.first - then.first) / count * 1e6}});
    }
    result.emplace("stages", split);
    if (options.directory.empty()) std::filesystem::remove_all(folder);
    if (options.json) {
        fmt::print("{}\n", chaincode::json_text(result));
    } else {
        fmt::print("{:.0f} records/s ({} of {} bytes, {:.2f} s, {} connections)\n", done / measured.seconds,
                   options.kind, messages.front().size(), measured.seconds, options.connections);
        fmt::print("latency ms    p50 {:.2f}  p95 {:.2f}  p99 {:.2f}  max {:.2f}\n", result.at("p50_ms").as_double(),
                   result.at("p95_ms").as_double(), result.at("p99_ms").as_double(),
                   percentile(measured.latencies, 1) * 1e3);
        fmt::print("server        {:.0f} us CPU per record, {:.0f} MiB peak, {:.0f} bytes of disk per record\n",
                   cpu * 1e6 / done, memory, static_cast<double>(disk) / done);
        for (const auto& [name, stage] : split) {
            fmt::print("  {:<10} {:>8.0f} times, {:>8.0f} us each\n", std::string_view(name),
                       stage.at("count").as_double(), stage.at("mean_us").as_double());
        }
    }
    if (measured.failed != 0)
        return fail(Code::transaction_invalid, "{} records were refused; the first: {}", measured.failed,
                    measured.first_failure);
    if (counted != options.records)
        return fail(Code::corrupt, "{} records were answered, {} transactions are on the ledger", options.records,
                    counted);
    return {};
}

}  // namespace
}  // namespace tally::bench

int main(int argc, char** argv) {
    tally::bench::Options options;
    CLI::App app{"Signed records per second through a whole node"};
    app.add_option("--records", options.records)->capture_default_str();
    app.add_option("--devices", options.devices)->capture_default_str();
    app.add_option("--connections", options.connections)->capture_default_str();
    app.add_option("--fields", options.fields)->capture_default_str();
    app.add_option("--rate", options.rate, "Records per second; 0: as fast as the connections allow")
        ->capture_default_str();
    app.add_option("--kind", options.kind)->check(CLI::IsMember({"daily", "keepalive"}))->capture_default_str();
    app.add_option("--algorithm", options.algorithm)->check(CLI::IsMember({"p256", "ed25519"}))->capture_default_str();
    app.add_option("--tally", options.tally, "The binary")->capture_default_str();
    app.add_option("--directory", options.directory,
                   "Keep the consortium there (default: a temporary folder, removed)");
    app.add_flag("--json", options.json);
    CLI11_PARSE(app, argc, argv);
    const auto status = tally::bench::run(options);
    if (!status) fmt::print(stderr, "{}\n", status.error().message);
    return status ? 0 : 1;
}
