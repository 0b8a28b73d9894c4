// simulation: runs seeds and says what went wrong. Exit code 1 when something did; with --until-caught, 1 when nothing
// did.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "tests/simulation/run.h"
#include "tests/simulation/twins.h"

namespace tally::simulation {
namespace {

struct Arguments {
    Shape shape;
    std::uint64_t from = 1;
    std::uint64_t count = 1;
    bool trace = false;
    bool counters = false;
    bool until_caught = false;
    std::size_t twins = 0;  // every way to part the network of twins into so many sets
};

// What an abort or a segmentation fault inside the core says before the process ends.
char last_words[300];
int exit_code_of_a_crash = 1;

void on_crash(int) {
    static_cast<void>(!write(2, last_words, std::strlen(last_words)));
    _exit(exit_code_of_a_crash);
}

[[noreturn]] void usage() {
    fmt::print(stderr,
               "usage: simulation [--nodes N] [--crash-model] [--faults none|network|crash|byzantine|members|all]\n"
               "                  [--seed N | --seeds N [--from N]] [--trace] [--counters]\n"
               "                  [--liars-too-many N] [--until-caught]\n"
               "       simulation --twins SETS    every scenario of twins with so many sets in each view, up to 5\n");
    std::exit(2);
}

Arguments parse(int count, char** values) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string_view name = values[i];
        const auto value = [&]() -> std::string {
            if (i + 1 >= count) usage();
            return values[++i];
        };
        const auto number = [&] { return std::strtoull(value().c_str(), nullptr, 10); };
        if (name == "--nodes") {
            arguments.shape.members = number();
        } else if (name == "--crash-model") {
            arguments.shape.model = consensus::FaultModel::crash;
        } else if (name == "--faults") {
            const auto faults = faults_named(value());
            if (!faults) usage();
            arguments.shape.faults = *faults;
        } else if (name == "--seed" || name == "--from") {
            arguments.from = number();
        } else if (name == "--seeds") {
            arguments.count = number();
        } else if (name == "--liars-too-many") {
            arguments.shape.excess_liars = number();
        } else if (name == "--twins") {
            arguments.twins = number();
        } else if (name == "--trace") {
            arguments.trace = true;
        } else if (name == "--counters") {
            arguments.counters = true;
        } else if (name == "--until-caught") {
            arguments.until_caught = true;
        } else {
            usage();
        }
    }
    if (arguments.shape.members == 0) usage();
    return arguments;
}

int simulate_twins(std::size_t sets) {
    std::uint64_t count = 0;
    std::uint64_t failures = 0;
    for (NodeId twin = 0; twin < 4; ++twin) {
        each_twin_scenario(twin, sets, [&](const TwinScenario& scenario) {
            const auto found = run_twins(scenario);
            if (!found.empty()) fmt::print("{}: {}\n", described(scenario), found);
            failures += found.empty() ? 0 : 1;
            if (++count % 1000 == 0 && isatty(2) != 0)
                fmt::print(stderr, "\r{} scenarios, {} failures ", count, failures);
            return failures < 10;
        });
    }
    fmt::print("{} scenarios of twins, {} failures\n", count, failures);
    return failures == 0 ? 0 : 1;
}

int simulate(const Arguments& arguments) {
    std::signal(SIGABRT, on_crash);
    std::signal(SIGSEGV, on_crash);
    if (arguments.until_caught) exit_code_of_a_crash = 0;
    const auto begun = std::time(nullptr);
    Coverage coverage;
    std::uint64_t failures = 0;
    std::uint64_t messages = 0;
    std::uint64_t blocks = 0;
    for (std::uint64_t i = 0; i < arguments.count; ++i) {
        const auto seed = arguments.from + i;
        const auto replay = replay_command(arguments.shape, seed);
        const auto words = fmt::format("seed {} ends the process\n  {}\n", seed, replay);
        std::strncpy(last_words, words.c_str(), sizeof last_words - 1);
        const auto outcome = run(arguments.shape, seed, arguments.trace);
        messages += outcome.messages;
        blocks += outcome.blocks;
        for (const auto& [branch, times] : outcome.coverage) coverage[branch] += times;
        if (!outcome.violation.empty()) {
            ++failures;
            fmt::print("seed {}: {}\n  {}\n", seed, outcome.violation, replay);
            if (arguments.until_caught) return 0;
        } else if (arguments.count == 1) {
            fmt::print("seed {}: {} blocks, {} messages, {} ms of virtual time, converged after {} ms of calm\n", seed,
                       outcome.blocks, outcome.messages, outcome.virtual_ms, outcome.converged_after_ms);
        }
        if (isatty(2) != 0 && !arguments.trace && i % 10 == 9) {
            fmt::print(stderr, "\r{} seeds, {} failures, {} blocks, {} s ", i + 1, failures, blocks,
                       std::time(nullptr) - begun);
        }
        std::fflush(stdout);
    }
    fmt::print("{} seeds, {} failures, {} blocks, {} messages, {} s\n", arguments.count, failures, blocks, messages,
               std::time(nullptr) - begun);
    if (arguments.counters) {
        for (const auto& [branch, times] : coverage) fmt::print("{:10}  {}\n", times, branch);
    }
    return (failures == 0) == arguments.until_caught ? 1 : 0;
}

}  // namespace
}  // namespace tally::simulation

int main(int count, char** values) {
    const auto arguments = tally::simulation::parse(count, values);
    return arguments.twins > 0 ? tally::simulation::simulate_twins(arguments.twins)
                               : tally::simulation::simulate(arguments);
}
