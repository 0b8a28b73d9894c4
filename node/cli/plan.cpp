// tally plan: the disk, the network and the CPU that a consortium needs for its devices.

#include <cmath>

#include "node/cli/command.h"
#include "node/cli/interval.h"
#include "node/cli/sizing.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

struct PlanOptions {
    Fleet fleet;
    std::string interval = "1m";
    std::string keepalive;
    std::string within = "1h";
};

std::string bytes_text(double bytes) {
    static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    std::size_t unit = 0;
    for (; bytes >= 1000 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1000;
    return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 100 ? 0 : 1, kUnits[unit]);
}

std::string cores_text(double cores) { return cores < 0.01 ? "less than 0.01" : fmt::format("{:.2f}", cores); }

// An integer where JSON's readers keep it exact.
json::value number(double value) {
    constexpr double kExact = 9007199254740992;  // 2^53
    if (value < kExact) return static_cast<std::int64_t>(std::llround(value));
    return value;
}

json::object cost_json(const RecordCost& cost) {
    return {{"message_bytes", number(cost.message_bytes)},
            {"disk_bytes", number(cost.disk_bytes)},
            {"pruned_bytes", number(cost.pruned_bytes)},
            {"network_bytes", number(cost.network_bytes)},
            {"cpu_us", number(cost.cpu_s * 1e6)}};
}

json::object sizing_json(const Fleet& fleet, const Sizing& sizing) {
    return {{"devices", fleet.devices},
            {"interval_s", fleet.interval_s},
            {"fields", fleet.fields},
            {"keepalive_s", fleet.keepalive_s ? json::value(*fleet.keepalive_s) : json::value()},
            {"within_s", fleet.within_s},
            {"nodes", fleet.nodes},
            {"years", fleet.years},
            {"keep_days", fleet.keep_days ? json::value(*fleet.keep_days) : json::value()},
            {"daily_record", cost_json(sizing.daily)},
            {"keepalive_record", cost_json(sizing.keepalive)},
            {"records_per_day", number(sizing.records_a_day)},
            {"records_per_second_busiest", sizing.records_a_second},
            {"disk_bytes_per_node_and_day", number(sizing.disk_bytes_a_day)},
            {"disk_bytes_per_node", number(sizing.disk_bytes)},
            {"network_bytes_between_nodes_per_day", number(sizing.network_bytes_a_day)},
            {"network_bits_per_second_and_node_busiest", number(sizing.network_bits_a_second)},
            {"network_bytes_from_devices_per_day", number(sizing.clients_bytes_a_day)},
            {"cores_per_node_average", sizing.cores_on_average},
            {"cores_per_node_busiest", sizing.cores_at_most}};
}

void print_sizing(const PlanOptions& options, const Fleet& fleet, const Sizing& sizing) {
    const auto row = [](const char* what, double day) {
        return std::vector<std::string>{what, bytes_text(day), bytes_text(day * 365)};
    };
    say(fmt::format("{} devices with a reading of {} every {}, and {} nodes\n", fleet.devices,
                    fleet.fields == 1 ? "1 field" : fmt::format("{} fields", fleet.fields), options.interval,
                    fleet.nodes));
    print_table({"", "a day", "a year"}, {{"records", fmt::format("{:.0f}", sizing.records_a_day),
                                           fmt::format("{:.0f}", sizing.records_a_day * 365)},
                                          row("growth of each node's disk", sizing.disk_bytes_a_day),
                                          row("between nodes, all together", sizing.network_bytes_a_day),
                                          row("from devices to gateways", sizing.clients_bytes_a_day)});
    say("");
    print_facts(
        {{"disk of each node",
          fmt::format(
              "{} after {} years{}", bytes_text(sizing.disk_bytes), fleet.years,
              fleet.keep_days ? fmt::format(", if transactions are kept {} days", *fleet.keep_days) : std::string())},
         {"busiest time", fmt::format("{:.1f} records/s, as all daily records arrive within {}",
                                      sizing.records_a_second, options.within)},
         {"network of each node", fmt::format("{:.2f} Mbit/s sent in the busiest time, and as much received",
                                              sizing.network_bits_a_second / 1e6)},
         {"CPU of each node", fmt::format("{} cores in the busiest time, {} on average",
                                          cores_text(sizing.cores_at_most), cores_text(sizing.cores_on_average))}});
    say("\nMeasured on 2 cores at 2 GHz, with each record in a block of its own. docs/operations.md, Sizing, has the "
        "limits.");
}

Status plan(const PlanOptions& options) {
    auto fleet = options.fleet;
    fleet.interval_s = TRY(parse_interval(options.interval));
    fleet.within_s = TRY(parse_interval(options.within));
    if (!options.keepalive.empty()) fleet.keepalive_s = TRY(parse_interval(options.keepalive));
    const auto sizing = TRY(size_of(fleet));
    if (style().json)
        print_json(sizing_json(fleet, sizing));
    else
        print_sizing(options, fleet, sizing);
    return {};
}

}  // namespace

void add_plan(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("plan", "The disk, network and CPU that a consortium needs for its devices");
    auto options = std::make_shared<PlanOptions>();
    auto& fleet = options->fleet;
    command->add_option("--devices", fleet.devices, "How many; each publishes a record a day")
        ->required()
        ->check(CLI::Range(1, 100'000'000));
    command->add_option("--interval", options->interval, "Between two readings: 90s, 15m, 2h")->capture_default_str();
    command->add_option("--fields", fleet.fields, "Of a reading")->check(CLI::Range(1, 100))->capture_default_str();
    command->add_option("--keepalive", options->keepalive, "Between two keep-alive records (default: there are none)");
    command->add_option("--within", options->within, "The time in which all daily records arrive")
        ->capture_default_str();
    command->add_option("--nodes", fleet.nodes, "Of the consortium; each orders, endorses and commits")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("--years", fleet.years, "For which the disk has to last")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("--keep-days", fleet.keep_days, "storage.keep_days of each node (default: all is kept)")
        ->check(CLI::Range(1, 36'500));
    on_chosen(*command, choice, options, plan);
}

}  // namespace tally::node::cli
