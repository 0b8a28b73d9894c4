// tally bench order | ledger | records | billing | audit

#include <signal.h>
#include <sys/resource.h>

#include <set>

#include "bench/cluster/bench_audit.h"
#include "bench/cluster/bench_billing.h"
#include "bench/cluster/bench_mqtt.h"
#include "bench/cluster/bench_order.h"
#include "bench/cluster/bench_report.h"
#include "node/cli/command.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

std::atomic<bool> g_interrupted{false};

// A benchmark that is interrupted ends early and leaves nothing behind.
void watch_for_interrupts() {
    for (const int each : {SIGINT, SIGTERM}) ::signal(each, [](int) { g_interrupted = true; });
}

double own_cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Options {
    GroundOptions ground;
    RecordWork records;
    bool mqtt = false;
    OrderWork order;
    std::size_t count = 3000;
    std::optional<std::size_t> warm_up;
    std::size_t most_warm_up = 500;
    std::size_t window = 32;
    double rate = 0;
    std::filesystem::path svg;
};

constexpr std::size_t kMaxConnections = 2000;

using MakeWork = Result<std::unique_ptr<BenchWork>> (*)(Ground&, const Options&, std::size_t total);

Result<BenchReport> measure(Ground& ground, BenchWork& work, const Options& options, std::size_t warm_up) {
    BenchReport report;
    report.group = work.transactions();
    report.connections = std::clamp<std::size_t>(options.window / report.group, 1, kMaxConnections);
    std::vector<std::unique_ptr<Requester>> requesters;
    for (std::size_t i = 0; i < report.connections; ++i) requesters.push_back(TRY(work.requester(ground, i)));
    const auto count = std::max<std::size_t>(options.count / report.group, 1);
    warm_up = (warm_up + report.group - 1) / report.group;
    if (warm_up > 0) {
        const auto warmed = run_load(requesters, {0, warm_up, 0, "warm-up"}, g_interrupted);
        if (warmed.done() == 0 && !warmed.failures.empty())
            return fail(Code::transaction_invalid, "nothing goes through: {}", warmed.failures.begin()->first);
    }
    const auto start = TRY(ground.settle()).height;
    report.before = TRY(ground.read());
    const auto own = own_cpu_seconds();
    report.load = run_load(requesters, {warm_up, count, options.rate / static_cast<double>(report.group), "load   "},
                           g_interrupted);
    report.driver_cpu_seconds = own_cpu_seconds() - own;
    report.not_running = ground.not_running();
    report.lost = ground.leave_out_the_lost();
    if (ground.nodes().empty()) return fail(Code::unavailable, "no node runs any more");
    TRY(ground.settle());
    report.after = TRY(ground.read());
    report.holdings = TRY(work.holdings(ground, start, report.before, report.after));
    std::erase(report.load.some_ids, "");  // a request that has no id
    report.sampled = report.load.some_ids.size();
    report.everywhere = TRY(ground.count_everywhere(report.load.some_ids));
    return report;
}

std::size_t warm_up_of(const Options& options) {
    return options.warm_up.value_or(std::min(options.count / 2, options.most_warm_up));
}

Result<BenchReport> measured(Ground& ground, BenchWork& work, const Options& options, const char* name,
                             const char* unit) {
    const auto warm_up = warm_up_of(options);
    auto report = TRY(measure(ground, work, options, warm_up));
    report.work = name;
    report.unit = unit;
    std::set<std::string> organizations;  // also of nodes that joined later
    for (const auto* node : ground.cluster().all()) organizations.insert(node->organization);
    report.organizations = organizations.size();
    report.fault_model = ground.cluster().channel().fault_model;
    report.window = options.window;
    report.rate = options.rate;
    report.warm_up = warm_up;
    report.request_bytes = work.request_bytes();
    return report;
}

Status judged(const BenchReport& report, const Options& options, bool others_use_it) {
    if (g_interrupted) return fail(Code::unavailable, "interrupted after {} of {}", report.load.done(), options.count);
    return judge(report, others_use_it);
}

Status run(const Options& options, const char* name, const char* unit, MakeWork make) {
    watch_for_interrupts();
    auto ground = TRY(Ground::prepare(options.ground));
    auto work = TRY(make(ground, options, warm_up_of(options) + options.count));
    const auto report = TRY(measured(ground, *work, options, name, unit));
    if (style().json)
        print_json(report_json(report));
    else
        print_report(report);
    if (!options.svg.empty()) TRY(storage::write_file(options.svg, as_bytes(plot_svg(report))));
    return judged(report, options, !ground.is_own());
}

RecordWork records_of(const Options& options) {
    auto wanted = options.records;
    wanted.devices = std::max(wanted.devices, 2 * options.window);
    return wanted;
}

// Half of the records over HTTPS, as many as wanted by MQTT, and half over HTTPS again, since a ledger becomes slower
// as it grows.
Status run_beside_mqtt(Options options) {
    watch_for_interrupts();
    std::unique_ptr<BenchBroker> broker;
    options.ground.before_start = [&](const Consortium& consortium, const std::filesystem::path& folder) -> Status {
        broker = TRY(BenchBroker::start(consortium, folder));
        return {};
    };
    auto ground = TRY(Ground::prepare(options.ground));
    options.warm_up = warm_up_of(options);
    auto half_options = options;
    half_options.count = (options.count + 1) / 2;
    const auto half = *options.warm_up + half_options.count, whole = *options.warm_up + options.count;
    const auto messages = TRY(make_records(ground, records_of(options), 2 * half + whole, g_interrupted));
    const auto https = [&](std::size_t first) -> Result<BenchReport> {
        const auto begin = messages.begin() + static_cast<std::ptrdiff_t>(first);
        const auto work = make_record_work({begin, begin + static_cast<std::ptrdiff_t>(half)});
        return measured(ground, *work, half_options, "records", "records");
    };
    const auto before = TRY(https(0));
    const auto work = TRY(make_mqtt_work(*broker, ground.cluster().channel().channel, messages, half));
    const auto mqtt = TRY(measured(ground, *work, options, "records by MQTT", "records"));
    const auto after = TRY(https(half + whole));
    const auto mean = (before.rate_reached() + after.rate_reached()) / 2;
    const auto percent = mean > 0 ? 100 * mqtt.rate_reached() / mean : 0;
    if (style().json) {
        print_json(json::object{{"https_before", report_json(before)},
                                {"mqtt", report_json(mqtt)},
                                {"https_after", report_json(after)},
                                {"mqtt_percent_of_https", percent}});
    } else {
        say("HTTPS:");
        print_report(before);
        say("\nMQTT:");
        print_report(mqtt);
        say("\nHTTPS:");
        print_report(after);
        say(paint(Colour::bold, fmt::format("\nMQTT reaches {:.0f} % of HTTPS", percent)));
    }
    TRY(judged(before, half_options, false));
    TRY(judged(mqtt, options, false));
    return judged(after, half_options, false);
}

void add_common(CLI::App& command, Options& options, const char* counted, const char* window) {
    auto& ground = options.ground;
    command.add_option(counted, options.count, "How many, after the warm-up")->check(CLI::Range(1, 100'000'000));
    command.add_option("--warm-up", options.warm_up,
                       fmt::format("How many before (default: half as many, at most {})", options.most_warm_up));
    command.add_option("--window", options.window, window)->check(CLI::Range(1, 1'000'000));
    command.add_option("--rate", options.rate, "Open loop: so many a second are due, and latency counts from then")
        ->check(CLI::NonNegativeNumber);
    auto* organizations =
        command.add_option("--organizations", ground.organizations, "How many")->check(CLI::Range(1, 100));
    auto* nodes = command.add_option("--nodes", ground.nodes, "How many in all (default: one of each organization)")
                      ->check(CLI::Range(1, 100));
    auto* fault_model = command.add_option("--fault-model", ground.fault_model, "byzantine or crash")
                            ->check(CLI::IsMember({"byzantine", "crash"}));
    auto* cluster = command.add_option(
        "--cluster", ground.running, "The folder of a cluster that runs (default: one of its own, removed at the end)");
    for (auto* option : {organizations, nodes, fault_model}) option->excludes(cluster);
    if (!ground.orderers_only)
        command.add_option("--endorsement", ground.endorsement, "Policy: MAJORITY, ANY, ALL, ...")->excludes(cluster);
    command.add_option("--svg", options.svg, "Draw latency and rate over time into this file");
    for (auto* option : command.get_options()) {
        if (option->get_expected_max() > 0 && !option->get_lnames().empty()) option->capture_default_str();
    }
    // One node needs one organization; otherwise each node has its own unless it is said how many share them.
    command.parse_complete_callback([&ground, organizations, nodes] {
        if (nodes->count() > 0 && organizations->count() == 0) ground.organizations = ground.nodes;
    });
}

// Of benchmarks that start their own consortium.
void add_ground(CLI::App& command, GroundOptions& ground) {
    ground.organizations = ground.nodes = 1;
    command.add_option("--nodes", ground.nodes, "How many, each of an organization of its own")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command.parse_complete_callback([&ground] { ground.organizations = ground.nodes; });
}

void add_billing(CLI::App& bench, Choice& choice) {
    auto* command = bench.add_subcommand("billing", "A month of many devices becomes FINAL and is billed");
    auto options = std::make_shared<BillingBench>();
    add_ground(*command, options->ground);
    command->add_option("--devices", options->devices, "How many")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command->add_option("--days", options->days, "Of each device, the last ones of the last month")
        ->check(CLI::Range(1, 31))
        ->capture_default_str();
    command->add_option("--window", options->connections, "Requests in flight while records are published")
        ->check(CLI::Range(1, 2000))
        ->capture_default_str();
    on_chosen(*command, choice, options, [](const BillingBench& in) {
        watch_for_interrupts();
        return bench_billing(in, g_interrupted);
    });
}

void add_audit_of_readings(CLI::App& bench, Choice& choice) {
    auto* command = bench.add_subcommand("audit", "One device's readings: queried, audited, and proven offline");
    auto options = std::make_shared<AuditBench>();
    add_ground(*command, options->ground);
    command->add_option("--days", options->days, "That end with yesterday")
        ->check(CLI::Range(1, 366))
        ->capture_default_str();
    command->add_option("--rows", options->rows, "Of a day")->check(CLI::Range(24, 86'400))->capture_default_str();
    command->add_option("--fields", options->fields, "Of a row")->check(CLI::Range(1, 60))->capture_default_str();
    command->add_option("--times", options->times, "How often each is measured; the median counts")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    on_chosen(*command, choice, options, [](const AuditBench& in) {
        watch_for_interrupts();
        return bench_audit(in, g_interrupted);
    });
}

}  // namespace

void add_bench(CLI::App& app, Choice& choice) {
    auto* bench = app.add_subcommand("bench", "Measure a consortium, its own or one that runs, and check the result");
    bench->require_subcommand(1);

    constexpr auto kConnections = "Requests in flight, one per connection, spread over the gateways";
    auto* order = bench->add_subcommand("order", "Opaque transactions straight to the orderers, durably");
    auto of_order = std::make_shared<Options>();
    of_order->count = 200'000;
    of_order->most_warm_up = 100'000;
    of_order->window = 4096;
    of_order->ground.orderers_only = true;
    of_order->ground.driver = kBenchDriver;
    add_common(*order, *of_order, "--transactions", "Transactions in flight, spread over the orderers");
    auto& ordered = of_order->order;
    order->add_option("--bytes", ordered.bytes, "Of one transaction")
        ->check(CLI::Range(64, 1 << 20))
        ->capture_default_str();
    order->add_option("--group", ordered.group, "Transactions in one request")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    order->add_flag("--signed", ordered.is_signed,
                    "Each is a member's signed proposal (P-256), which the orderer that takes it checks");
    order->add_option("--block-bytes", of_order->ground.block_bytes, "Preferred size of a block; 0: the default");
    on_chosen(*order, choice, of_order, [](const Options& in) {
        auto wanted = in;
        wanted.ground.any_submission = !in.order.is_signed;
        return run(wanted, "order", "transactions", [](Ground& ground, const Options& options, std::size_t total) {
            return make_order_work(ground, options.order, total, g_interrupted);
        });
    });

    auto* ledger = bench->add_subcommand("ledger", "Endorse, order, commit: one new key per transaction");
    auto of_ledger = std::make_shared<Options>();
    of_ledger->count = 6000;
    of_ledger->window = 128;
    add_common(*ledger, *of_ledger, "--transactions", kConnections);
    on_chosen(*ledger, choice, of_ledger, [](const Options& in) {
        return run(in, "ledger", "transactions",
                   [](Ground&, const Options&, std::size_t) -> Result<std::unique_ptr<BenchWork>> {
                       return make_ledger_work();
                   });
    });

    auto* records = bench->add_subcommand("records", "Signed device records: whole days, or small ones");
    auto of_records = std::make_shared<Options>();
    auto& work = of_records->records;
    add_common(*records, *of_records, "--records", kConnections);
    records->add_option("--kind", work.kind, "daily (a day's rows) or keepalive")
        ->check(CLI::IsMember({"daily", "keepalive"}))
        ->capture_default_str();
    records->add_option("--devices", work.devices, "At least twice the window are made")->capture_default_str();
    records->add_option("--fields", work.fields, "Of a row")->check(CLI::Range(1, 100))->capture_default_str();
    records->add_option("--rows", work.rows, "Of a day, whose seconds they divide")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    records->add_option("--csv", work.csv, "Use the days of this meter's file in turn, instead of generated ones")
        ->check(CLI::ExistingFile)
        ->excludes("--fields", "--rows", "--kind");
    records->add_option("--algorithm", work.algorithm, "Of the devices' keys")
        ->check(CLI::IsMember({"p256", "ed25519"}))
        ->capture_default_str();
    records
        ->add_flag("--mqtt", of_records->mqtt,
                   "By MQTT, through a broker (mosquitto) of the benchmark's own, between two halves over HTTPS")
        ->excludes("--cluster", "--svg");
    on_chosen(*records, choice, of_records, [](const Options& in) {
        if (in.mqtt) return run_beside_mqtt(in);
        return run(in, "records", "records",
                   [](Ground& ground, const Options& options, std::size_t total) -> Result<std::unique_ptr<BenchWork>> {
                       return make_record_work(TRY(make_records(ground, records_of(options), total, g_interrupted)));
                   });
    });
    add_billing(*bench, choice);
    add_audit_of_readings(*bench, choice);
}

}  // namespace tally::node::cli
