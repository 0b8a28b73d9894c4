#include "bench/cluster/bench_report.h"

#include <algorithm>

namespace tally::node::cli {

namespace json = boost::json;

namespace {

double per_transaction(const BenchReport& report, double value) {
    return report.load.done() == 0 ? 0 : value / static_cast<double>(report.transactions(report.load.done()));
}

// A node that was started again under the load counts from then.
NodeReading before_of(const BenchReport& report, const std::string& node) {
    auto before = report.before.at(node);
    if (before.process == report.after.at(node).process) return before;
    NodeReading fresh;
    fresh.data_bytes = before.data_bytes;
    return fresh;
}

// By process, with "driver" and "all servers".
std::map<std::string, double> cpu_us(const BenchReport& report) {
    std::map<std::string, double> cpu;
    double all = 0;
    for (const auto& [node, after] : report.after) {
        const auto used = after.usage.cpu_seconds - before_of(report, node).usage.cpu_seconds;
        cpu[node] = per_transaction(report, used * 1e6);
        all += cpu[node];
    }
    cpu["servers"] = all;
    cpu["driver"] = per_transaction(report, report.driver_cpu_seconds * 1e6);
    return cpu;
}

// Of all nodes together, per transaction.
double grown(const BenchReport& report, const std::function<std::uint64_t(const NodeReading&)>& read) {
    double sum = 0;
    for (const auto& [node, after] : report.after)
        sum += static_cast<double>(read(after)) - static_cast<double>(read(before_of(report, node)));
    return per_transaction(report, sum);
}

std::map<std::string, StageTime> stages(const BenchReport& report) {
    std::map<std::string, StageTime> all;
    for (const auto& [node, after] : report.after) {
        const auto before = before_of(report, node).stages;
        for (const auto& [name, now] : after.stages) {
            const auto then = before.contains(name) ? before.at(name) : StageTime{};
            all[name].count += now.count - then.count;
            all[name].seconds += now.seconds - then.seconds;
        }
    }
    return all;
}

double peak_memory(const BenchReport& report) {
    double peak = 0;
    for (const auto& [node, after] : report.after) peak = std::max(peak, after.usage.peak_mebibytes);
    return peak;
}

double most_resident(const std::map<std::string, NodeReading>& readings) {
    double most = 0;
    for (const auto& [node, reading] : readings) most = std::max(most, reading.usage.resident_mebibytes);
    return most;
}

std::uint64_t fewest(const std::map<std::string, std::uint64_t>& counts) {
    std::uint64_t least = UINT64_MAX;
    for (const auto& [node, count] : counts) least = std::min(least, count);
    return counts.empty() ? 0 : least;
}

}  // namespace

json::object report_json(const BenchReport& report) {
    const auto& load = report.load;
    const auto latencies = sorted_latencies(load.samples);
    const auto& held = report.holdings;
    json::object cpu;
    for (const auto& [name, us] : cpu_us(report)) cpu.emplace(name, us);
    json::object memory;
    for (const auto& [name, after] : report.after) memory.emplace(name, after.usage.peak_mebibytes);
    json::object resident;
    for (const auto& [name, after] : report.after) {
        resident.emplace(name, json::object{{"before", report.before.at(name).usage.resident_mebibytes},
                                            {"after", after.usage.resident_mebibytes}});
    }
    json::object split;
    for (const auto& [name, stage] : stages(report)) {
        if (stage.count > 0)
            split.emplace(name, json::object{{"count", stage.count}, {"mean_us", stage.seconds / stage.count * 1e6}});
    }
    json::object failures;
    for (const auto& [what, count] : load.failures) failures.emplace(what, count);
    json::object valid(report.holdings.valid.begin(), report.holdings.valid.end());
    json::object others(report.holdings.others.begin(), report.holdings.others.end());
    return {{"work", report.work},
            {"nodes", report.after.size()},
            {"organizations", report.organizations},
            {"window", report.window},
            {"rate", report.rate},
            {"warm_up", report.warm_up},
            {"group", report.group},
            {"done", report.transactions(load.done())},
            {"refused", report.transactions(load.refused)},
            {"unknown", report.transactions(load.unknown)},
            {"failures", failures},
            {"request_bytes", report.request_bytes},
            {"seconds", load.seconds},
            {"not_running_nodes", json::array(report.not_running.begin(), report.not_running.end())},
            {"lost_nodes", json::array(report.lost.begin(), report.lost.end())},
            {"longest_pause_ms", longest_pause_s(load.samples) * 1e3},
            {"transactions_per_second", report.rate_reached()},
            {"latency_ms", json::object{{"p50", percentile(latencies, 0.50) * 1e3},
                                        {"p95", percentile(latencies, 0.95) * 1e3},
                                        {"p99", percentile(latencies, 0.99) * 1e3},
                                        {"max", percentile(latencies, 1) * 1e3}}},
            {"blocks", json::object{{"count", held.blocks},
                                    {"mean_transactions", held.mean_transactions},
                                    {"max_transactions", held.max_transactions}}},
            {"cpu_us_per_transaction", cpu},
            {"peak_memory_mib", memory},
            {"resident_mib", resident},
            {"disk_kept_bytes_per_transaction", grown(report, [](const auto& r) { return r.data_bytes; })},
            {"disk_written_bytes_per_transaction", grown(report, [](const auto& r) { return r.usage.written_bytes; })},
            {"network_bytes_per_transaction", grown(report, [](const auto& r) { return r.sent_bytes; })},
            {"stages", split},
            {"agreement", json::object{{"height", report.holdings.height},
                                       {"block_hash", report.holdings.block_hash},
                                       {"root", report.holdings.root},
                                       {"valid", valid},
                                       {"invalid", others},
                                       {"sampled", report.sampled},
                                       {"sampled_everywhere", report.everywhere}}}};
}

void print_report(const BenchReport& report) {
    const auto& load = report.load;
    const auto latencies = sorted_latencies(load.samples);
    const auto ms = [&](double p) { return percentile(latencies, p) * 1e3; };
    const auto& held = report.holdings;
    const auto cpu = cpu_us(report);
    std::string by_process;
    for (const auto& [name, us] : cpu) {
        if (name != "servers") by_process += fmt::format("{}{} {:.1f}", by_process.empty() ? "" : ", ", name, us);
    }
    const auto nodes = static_cast<double>(report.after.size());
    const auto kept = grown(report, [](const auto& r) { return r.data_bytes; });
    const auto written = grown(report, [](const auto& r) { return r.usage.written_bytes; });
    const auto sent = grown(report, [](const auto& r) { return r.sent_bytes; });
    const auto loop = report.rate > 0 ? fmt::format("{:.0f}/s due", report.rate) : std::string("closed loop");
    const bool all = report.not_running.empty() && report.lost.empty();
    const auto where =
        all ? std::string("every node") : fmt::format("the {} nodes that ran throughout", report.after.size());
    const auto groups = report.group > 1 ? fmt::format(" in requests of {}", report.group) : std::string();
    say(paint(Colour::bold, fmt::format("{:.0f} {}/s", report.rate_reached(), report.unit)) +
        fmt::format("  ({} of {} bytes{} in {:.2f} s, {} connections, {}; {} nodes of {} organizations, {})",
                    report.transactions(load.done()), report.request_bytes / report.group, groups, load.seconds,
                    report.connections, loop, report.after.size(), report.organizations, report.fault_model));
    print_facts(
        {{"latency", fmt::format("p50 {:.2f}  p95 {:.2f}  p99 {:.2f}  max {:.2f} ms; longest pause {:.0f} ms", ms(0.5),
                                 ms(0.95), ms(0.99), ms(1), longest_pause_s(load.samples) * 1e3)},
         {"blocks", fmt::format("{:.0f} of {:.1f} transactions{}", held.blocks, held.mean_transactions,
                                held.max_transactions > 0 ? fmt::format(", the largest {:.0f}", held.max_transactions)
                                                          : std::string())},
         {"CPU", fmt::format("{:.1f} us per transaction in all servers ({})", cpu.at("servers"), by_process)},
         {"memory", fmt::format("{:.0f} MiB at most in a node; resident {:.0f} MiB before and {:.0f} MiB after",
                                peak_memory(report), most_resident(report.before), most_resident(report.after))},
         {"disk",
          fmt::format("{:.0f} bytes kept, {:.0f} written, per transaction and node", kept / nodes, written / nodes)},
         {"network", fmt::format("{:.0f} bytes between nodes per transaction", sent)},
         {"agreement", fmt::format("block {}{} is the same at {}; {} {} each", held.height,
                                   held.root.empty() ? "" : " with its checkpoint", where, fewest(held.valid),
                                   held.root.empty() ? "transactions" : "valid transactions")}});
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, stage] : stages(report)) {
        if (stage.count > 0)
            rows.push_back(
                {name, fmt::format("{:.0f}", stage.count), fmt::format("{:.0f}", stage.seconds / stage.count * 1e6)});
    }
    if (!style().quiet) print_table({"stage", "times", "us each"}, rows);
    for (const auto& node : report.not_running)
        say(paint(Colour::yellow, fmt::format("! {} did not run and is left out", node)));
    for (const auto& node : report.lost)
        say(paint(Colour::yellow, fmt::format("! {} was lost under the load and is left out", node)));
    for (const auto& [what, count] : load.failures)
        say(paint(Colour::yellow, fmt::format("! {} times: {}", count, what)));
}

Status judge(const BenchReport& report, bool others_use_it) {
    const auto& load = report.load;
    const auto done = report.transactions(load.done());
    const auto unknown = report.transactions(load.unknown);
    for (const auto& [node, count] : report.holdings.valid) {
        if (count != fewest(report.holdings.valid))
            return fail(Code::corrupt, "{} holds {} valid transactions, another node {}", node, count,
                        fewest(report.holdings.valid));
        const bool too_many = !others_use_it && count > done + unknown;
        if (count < done || too_many)
            return fail(Code::corrupt, "{} were answered, {} had no answer, but {} holds {}", done, unknown, node,
                        count);
    }
    if (report.holdings.valid.empty() && done > 0)
        return fail(Code::corrupt, "no node holds anything of {} transactions", done);
    if (report.everywhere != report.sampled)
        return fail(Code::corrupt, "of {} transactions that were answered, {} are valid at every node", report.sampled,
                    report.everywhere);
    if (load.refused + load.unknown != 0)
        return fail(Code::transaction_invalid, "{} of {} {} failed", report.transactions(load.refused) + unknown,
                    done + report.transactions(load.refused) + unknown, report.unit);
    return {};
}

}  // namespace tally::node::cli
