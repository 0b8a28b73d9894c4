// simulation [--nodes N] [--crash-model] [--faults none|network|crash|byzantine|members|all] [--seed N | --seeds N
// [--from N]] [--liars-too-many N] [--trace] [--counters]: runs seeds and says what went wrong. Exit code 1 when
// something did.

#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "tests/simulation/run.h"

namespace tally::simulation {
namespace {

struct Arguments {
    Shape shape;
    std::string faults = "all";
    std::uint64_t from = 1;
    std::uint64_t count = 1;
    bool trace = false;
    bool counters = false;
};

char abort_line[200];

void on_abort(int) {
    static_cast<void>(!write(2, abort_line, std::strlen(abort_line)));
    _exit(1);
}

[[noreturn]] void usage() {
    std::fprintf(stderr,
                 "usage: simulation [--nodes N] [--crash-model] [--faults none|network|crash|byzantine|members|all]\n"
                 "                  [--seed N | --seeds N [--from N]] [--liars-too-many N] [--trace] [--counters]\n");
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
        if (name == "--nodes")
            arguments.shape.members = number();
        else if (name == "--crash-model")
            arguments.shape.model = consensus::FaultModel::crash;
        else if (name == "--faults")
            arguments.faults = value();
        else if (name == "--seed")
            arguments.from = number();
        else if (name == "--seeds")
            arguments.count = number();
        else if (name == "--from")
            arguments.from = number();
        else if (name == "--liars-too-many")
            arguments.shape.excess_liars = number();
        else if (name == "--trace")
            arguments.trace = true;
        else if (name == "--counters")
            arguments.counters = true;
        else
            usage();
    }
    auto& shape = arguments.shape;
    const auto& faults = arguments.faults;
    const auto is = [&](const char* name) { return faults == name; };
    if (!is("none") && !is("network") && !is("crash") && !is("byzantine") && !is("members") && !is("all")) usage();
    shape.bad_network = !is("none");
    shape.crashes = !is("none") && !is("network");
    shape.byzantine = (is("byzantine") || is("all")) && shape.model == consensus::FaultModel::byzantine;
    shape.membership = is("members") || is("all");
    return arguments;
}

std::string replay(const Arguments& arguments, std::uint64_t seed) {
    return fmt::format(
        "scripts/simulate --nodes {}{} --faults {}{} --seed {} --trace", arguments.shape.members,
        arguments.shape.model == consensus::FaultModel::crash ? " --crash-model" : "", arguments.faults,
        arguments.shape.excess_liars > 0 ? fmt::format(" --liars-too-many {}", arguments.shape.excess_liars) : "",
        seed);
}

int simulate(const Arguments& arguments) {
    std::signal(SIGABRT, on_abort);
    std::signal(SIGSEGV, on_abort);
    const auto begun = std::time(nullptr);
    Coverage coverage;
    std::uint64_t failures = 0;
    std::uint64_t messages = 0;
    std::uint64_t blocks = 0;
    for (std::uint64_t i = 0; i < arguments.count; ++i) {
        const auto seed = arguments.from + i;
        std::snprintf(abort_line, sizeof abort_line, "\nseed %llu aborts\n  %s\n",
                      static_cast<unsigned long long>(seed), replay(arguments, seed).c_str());
        const auto outcome = run(arguments.shape, seed, arguments.trace);
        messages += outcome.messages;
        blocks += outcome.blocks;
        for (const auto& [branch, times] : outcome.coverage) coverage[branch] += times;
        if (!outcome.violation.empty()) {
            ++failures;
            std::printf("seed %llu: %s\n  %s\n", static_cast<unsigned long long>(seed), outcome.violation.c_str(),
                        replay(arguments, seed).c_str());
        } else if (arguments.count == 1) {
            std::printf("seed %llu: %llu blocks, %llu messages, %lld ms, converged after %lld ms\n",
                        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(outcome.blocks),
                        static_cast<unsigned long long>(outcome.messages), static_cast<long long>(outcome.virtual_ms),
                        static_cast<long long>(outcome.converged_after_ms));
        }
        if (isatty(2) != 0 && !arguments.trace && i % 10 == 9) {
            std::fprintf(stderr, "\r%llu seeds, %llu failures, %llu blocks, %lld s ",
                         static_cast<unsigned long long>(i + 1), static_cast<unsigned long long>(failures),
                         static_cast<unsigned long long>(blocks), static_cast<long long>(std::time(nullptr) - begun));
        }
        std::fflush(stdout);
    }
    std::printf("%llu seeds, %llu failures, %llu blocks, %llu messages\n",
                static_cast<unsigned long long>(arguments.count), static_cast<unsigned long long>(failures),
                static_cast<unsigned long long>(blocks), static_cast<unsigned long long>(messages));
    if (arguments.counters) {
        for (const auto& [branch, times] : coverage) {
            std::printf("%10llu  %s\n", static_cast<unsigned long long>(times), branch.c_str());
        }
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tally::simulation

int main(int count, char** values) { return tally::simulation::simulate(tally::simulation::parse(count, values)); }
