#include "bench/cluster/bench_billing.h"

#include <algorithm>
#include <thread>

#include "bench/cluster/bench_fleet.h"
#include "node/settling/prepare.h"
#include "node/settling/settle.h"
#include "node/threads/stopwatch.h"

namespace tally::node::cli {

namespace billing = chaincode::billing;
namespace json = boost::json;
using chaincode::Date;

namespace {

constexpr std::size_t kSample = 33;  // devices, of which a month is about 1,000 days
constexpr std::size_t kSamples = 3;
constexpr double kGoalSeconds = 60;  // for prepare and compute
constexpr double kGoalGrowth = 1.2;  // of a device's cost, from little to much history
constexpr std::chrono::minutes kBillingPatience{10};

// A member's calls, until the benchmark is interrupted; counts transactions.
class CountedCalls : public ContractCalls {
  public:
    CountedCalls(MemberClient member, const std::atomic<bool>& interrupted)
        : member_(std::move(member)), interrupted_(interrupted) {}

    [[nodiscard]] const std::string& organization() const override { return member_.organization(); }
    [[nodiscard]] Result<json::value> query(std::string_view contract, std::string_view function,
                                            const json::object& arguments) override {
        TRY(go_on());
        return member_.query(contract, function, arguments);
    }
    [[nodiscard]] Result<json::value> run(std::string_view contract, std::string_view function, std::string arguments,
                                          std::vector<ByteView> attachments) override {
        TRY(go_on());
        ++transactions_;
        return member_.run(contract, function, std::move(arguments), std::move(attachments));
    }
    [[nodiscard]] Result<Bytes> raw_transaction(const std::string& id) override { return member_.raw_transaction(id); }
    [[nodiscard]] std::size_t transactions() const { return transactions_; }

  private:
    [[nodiscard]] Status go_on() const { return interrupted_ ? fail(Code::unavailable, "interrupted") : Status(); }

    MemberClient member_;
    const std::atomic<bool>& interrupted_;
    std::size_t transactions_ = 0;
};

struct Step {
    std::string name;
    double seconds = 0;
    double cpu_seconds = 0;  // of all servers
    std::size_t transactions = 0;
};

struct Billed {
    std::size_t devices = 0;
    std::size_t days = 0;         // of all devices
    std::size_t days_behind = 0;  // that were FINAL before
    std::vector<Step> steps;
    billing::Invoice invoice;

    [[nodiscard]] double cpu_ms_per_device() const {
        double seconds = 0;
        for (const auto& step : steps) seconds += step.cpu_seconds;
        return seconds * 1e3 / static_cast<double>(devices);
    }
};

class Billing {
  public:
    Billing(Ground& ground, const BillingBench& options, const std::atomic<bool>& interrupted)
        : ground_(ground), options_(options), interrupted_(interrupted) {}

    // Registers, agrees and publishes; then bills, which is measured.
    Result<Billed> bill(std::string name, std::size_t count, Date until) {
        FleetPlan plan{.name = std::move(name), .devices = count, .from = {}, .until = until};
        plan.from = until.plus_days(-static_cast<std::int64_t>(options_.days));
        const auto devices = TRY(register_fleet(ground_, plan));
        TRY(agree_on(ground_, plan));
        TRY(publish_days(ground_, plan, devices, options_.connections, interrupted_));
        TRY(wait_until_idle());
        CountedCalls calls(TRY(ground_.cluster().connect(*ground_.nodes().front(), "client1", kBillingPatience)),
                           interrupted_);
        Billed out;
        out.devices = count;
        out.days = count * options_.days;
        out.days_behind = final_days_;
        out.steps.push_back(TRY(measured("finalize", calls, [&] { return finalize(calls, plan); })));
        if (count > billing::kMostPrepared)
            out.steps.push_back(TRY(measured("prepare", calls, [&] { return prepare(calls, plan, devices); })));
        out.steps.push_back(TRY(measured("compute", calls, [&]() -> Status {
            out.invoice =
                TRY(act<billing::Invoice>(calls, "billing", "compute", billing::OfPeriod{plan.name, plan.from}));
            return {};
        })));
        final_days_ += out.days;
        TRY(check(out));
        return out;
    }

    // The median by cost of several: what the nodes do in the background is in each.
    Result<Billed> sample(const std::string& name, std::size_t count, Date until) {
        std::vector<Billed> all;
        for (std::size_t i = 0; i < kSamples; ++i) all.push_back(TRY(bill(fmt::format("{}{}", name, i), count, until)));
        std::ranges::sort(all, {}, &Billed::cpu_ms_per_device);
        return std::move(all[kSamples / 2]);
    }

  private:
    // What the publishing left to do in the background, as compacting, is not the bill's.
    Status wait_until_idle() {
        constexpr auto kPause = std::chrono::milliseconds(500);
        constexpr double kIdle = 0.02;  // seconds of CPU in a pause
        constexpr int kMostPauses = 120;
        auto before = TRY(servers_cpu(ground_));
        for (int i = 0; i < kMostPauses && !interrupted_; ++i) {
            std::this_thread::sleep_for(kPause);
            const auto now = TRY(servers_cpu(ground_));
            if (now - before <= kIdle) break;
            before = now;
        }
        return {};
    }

    template <class Work>
    Result<Step> measured(const char* name, const CountedCalls& calls, Work&& work) {
        Step step{.name = name};
        const auto cpu = TRY(servers_cpu(ground_));
        const auto before = calls.transactions();
        const Stopwatch watch;
        TRY(work());
        step.seconds = watch.seconds();
        TRY(ground_.settle());
        step.cpu_seconds = TRY(servers_cpu(ground_)) - cpu;
        step.transactions = calls.transactions() - before;
        return step;
    }

    static Status finalize(ContractCalls& calls, const FleetPlan& plan) {
        Progress progress("finalize", plan.devices);
        SettleWhat what{.until = plan.until, .with_invoices = false};
        what.progress = [&](std::uint64_t done, std::uint64_t) { progress.at(done); };
        const auto done = TRY(settle_due(calls, plan.name, what));
        if (done.finalized == static_cast<std::int64_t>(plan.devices * plan.days())) return {};
        return fail(Code::corrupt, "{} of {} days are FINAL", done.finalized, plan.devices * plan.days());
    }

    static Status prepare(ContractCalls& calls, const FleetPlan& plan, const std::vector<FleetDevice>& devices) {
        Progress progress("prepare ", devices.size());
        std::size_t done = 0;
        billing::Prepare wanted;
        wanted.agreement = plan.name;
        wanted.day = plan.from;
        std::vector<std::string> ids;
        for (const auto& device : devices) ids.push_back(device.id);
        return prepare_devices(calls, "prepare", wanted, ids, static_cast<std::int64_t>(plan.days()),
                               [&](std::size_t more) { progress.at(done += more); });
    }

    static Status check(const Billed& billed) {
        const auto& invoice = billed.invoice;
        const auto devices = static_cast<std::int64_t>(billed.devices);
        if (invoice.devices == devices && invoice.days == static_cast<std::int64_t>(billed.days) &&
            invoice.lines == devices * kFleetLines)
            return {};
        return fail(Code::corrupt, "the invoice has {} devices, {} days and {} lines; {}, {} and {} are expected",
                    invoice.devices, invoice.days, invoice.lines, billed.devices, billed.days, devices * kFleetLines);
    }

    Ground& ground_;
    const BillingBench& options_;
    const std::atomic<bool>& interrupted_;
    std::size_t final_days_ = 0;
};

double invoice_seconds(const Billed& billed) {
    double seconds = 0;
    for (const auto& step : billed.steps) seconds += step.name == "finalize" ? 0 : step.seconds;
    return seconds;
}

json::object json_of(const Billed& billed) {
    json::object steps;
    for (const auto& step : billed.steps) {
        steps.emplace(step.name,
                      json::object{{"seconds", step.seconds},
                                   {"transactions", step.transactions},
                                   {"cpu_ms_per_device", step.cpu_seconds * 1e3 / static_cast<double>(billed.devices)},
                                   {"cpu_us_per_day", step.cpu_seconds * 1e6 / static_cast<double>(billed.days)}});
    }
    return {{"devices", billed.devices},
            {"days", billed.days},
            {"days_behind", billed.days_behind},
            {"steps", steps},
            {"cpu_ms_per_device", billed.cpu_ms_per_device()},
            {"invoice", json::object{{"devices", billed.invoice.devices},
                                     {"days", billed.invoice.days},
                                     {"lines", billed.invoice.lines},
                                     {"payable", billed.invoice.totals.payable.text()}}}};
}

void print(const Billed& fleet, const Billed& little, const Billed& much, const Ground& ground) {
    const auto seconds = invoice_seconds(fleet);
    say(paint(Colour::bold, fmt::format("{:.1f} s", seconds)) +
        fmt::format("  for the invoice of {} devices and {} days (goal for 10,000 and 300,000: {:.0f} s); {} nodes",
                    fleet.devices, fleet.days, kGoalSeconds, ground.nodes().size()));
    std::vector<std::vector<std::string>> rows;
    for (const auto& step : fleet.steps) {
        rows.push_back({step.name, fmt::format("{:.2f}", step.seconds), std::to_string(step.transactions),
                        fmt::format("{:.0f}", static_cast<double>(fleet.days) / step.seconds),
                        fmt::format("{:.2f}", step.cpu_seconds * 1e3 / static_cast<double>(fleet.devices)),
                        fmt::format("{:.0f}", step.cpu_seconds * 1e6 / static_cast<double>(fleet.days))});
    }
    print_table({"step", "s", "transactions", "days/s", "CPU ms per device", "CPU us per day"}, rows);
    print_facts(
        {{"covers", "the steps of `agreement settle` by one client over HTTPS: queries, endorsement, order, commit"},
         {"before", "one signed record of 24 rows for each device and day was published; not measured"},
         {"history", fmt::format("a device's month costs {:.2f} ms of CPU with {} FINAL days behind, {:.2f} ms with {} "
                                 "(goal: at most {:.1f} times as much)",
                                 little.cpu_ms_per_device(), little.days_behind, much.cpu_ms_per_device(),
                                 much.days_behind, kGoalGrowth)},
         {"invoice", fmt::format("{} lines of {} devices and {} days; every node holds the same ledger",
                                 fleet.invoice.lines, fleet.invoice.devices, fleet.invoice.days)}});
}

}  // namespace

Status bench_billing(const BillingBench& options, const std::atomic<bool>& interrupted) {
    const auto until = chaincode::date_at(now_ms() / 1000, {"UTC", 0, {}}).first_of_month();
    const auto month = chaincode::days_between(until.plus_months(-1), until);
    if (static_cast<std::int64_t>(options.days) > month)
        return fail(Code::invalid_argument, "the last month has {} days, not {}", month, options.days);
    auto ground = TRY(Ground::prepare(options.ground));
    const auto start = TRY(ground.settle()).height;
    const auto run = fmt::format("bench-{:x}", now_ms());
    Billing bench(ground, options, interrupted);
    const auto sample = std::min(options.devices, kSample);
    TRY(bench.bill(run + "-w", sample, until));  // so that the next one has some history
    const auto little = TRY(bench.sample(run + "-a", sample, until));
    const auto fleet = TRY(bench.bill(run + "-b", options.devices, until));
    const auto much = TRY(bench.sample(run + "-c", sample, until));
    const auto held = TRY(ground.holdings_since(start));
    if (!style().json) {
        print(fleet, little, much, ground);
        return {};
    }
    print_json(json::object{{"work", "billing"},
                            {"nodes", ground.nodes().size()},
                            {"fleet", json_of(fleet)},
                            {"little_history", json_of(little)},
                            {"much_history", json_of(much)},
                            {"invoice_seconds", invoice_seconds(fleet)},
                            {"goal_seconds", kGoalSeconds},
                            {"height", held.height},
                            {"root", held.root}});
    return {};
}

}  // namespace tally::node::cli
