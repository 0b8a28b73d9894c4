#include <fcntl.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

#include "crypto/printable.h"
#include "gateway/version.h"
#include "node/cli/command.h"
#include "node/cli/console_commands.h"
#include "storage/files.h"

namespace tally::node::cli {

void add_algorithm_option(CLI::App& command, const char* name, crypto::Algorithm& algorithm, const char* what) {
    static const std::map<std::string, crypto::Algorithm> kAlgorithms{{"p256", crypto::Algorithm::p256},
                                                                      {"ed25519", crypto::Algorithm::ed25519}};
    command.add_option(name, algorithm, what)
        ->transform(CLI::CheckedTransformer(kAlgorithms, CLI::ignore_case).description(""))
        ->type_name("p256|ed25519")
        ->default_str(algorithm == crypto::Algorithm::p256 ? "p256" : "ed25519");
}

namespace {

constexpr const char* kAbout =
    "Tally: the permissioned ledger for metered devices.\n\n"
    "  tally network create first         a consortium: authorities, members, a node, its genesis block\n"
    "  tally node start first/nodes/node1 a node that endorses, orders, commits and serves HTTPS\n"
    "  tally device new meter-1 ...       a device with a key of its own\n"
    "  tally device publish meter-1 ...   a signed day goes onto the ledger\n"
    "  tally audit meter-1 --from ...     every figure, down to the reading\n"
    "  tally verify FILE --config ...     proof, offline";

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 not found; 4 unavailable, try again; 5 a check failed\n"
    "(damaged, forged or untrusted). Every command takes --json. TALLY_PROFILE names the profile of the member that "
    "asks.";

void add_all(CLI::App& app, Choice& choice) {
    add_network(app, choice);
    add_node(app, choice);
    add_cluster(app, choice);
    add_identity(app, choice);
    add_console(app, choice);
    add_channel(app, choice);
    add_config(app, choice);
    add_device(app, choice);
    add_collection(app, choice);
    add_reading_key(app, choice);
    add_transaction(app, choice);
    add_query(app, choice);
    add_call(app, choice);
    add_contract(app, choice);
    add_agreement(app, choice);
    add_invoice(app, choice);
    add_payment(app, choice);
    add_audit(app, choice);
    add_export(app, choice);
    add_mirror(app, choice);
    add_block(app, choice);
    add_receipt(app, choice);
    add_verify(app, choice);
    add_ledger(app, choice);
    add_snapshot(app, choice);
    add_backup(app, choice);
    add_doctor(app, choice);
    add_explain(app, choice);
    add_plan(app, choice);
    add_completion(app, choice);
    add_manual(app, choice);
}

std::vector<std::string> subcommands_of(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* each : command.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(each->get_name());
    return names;
}

// `tally help config propose` is `tally config propose --help`.
std::vector<std::string> arguments_of(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments.front() == "help") {
        arguments.erase(arguments.begin());
        arguments.emplace_back("--help");
    }
    return arguments;
}

// The parser says only that a subcommand is required, not that the one that was given is unknown.
Exit explain_usage(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
    const CLI::App* command = &app;
    std::string path = "tally";
    bool value = false;  // of an option: no subcommand
    for (const auto& argument : arguments) {
        if (std::exchange(value, false)) continue;
        if (argument.starts_with('-')) {
            const auto* option = command->get_option_no_throw(argument);
            value = option != nullptr && option->get_items_expected_max() > 0;
            continue;
        }
        const auto names = subcommands_of(*command);
        if (names.empty()) break;
        if (std::ranges::find(names, argument) == names.end()) {
            fmt::print(stderr, "{}: there is no subcommand \"{}\"; there are {}.\nRun `{} --help` for more.\n", path,
                       printable(argument), fmt::join(names, ", "), path);
            return Exit::usage;
        }
        command = command->get_subcommand(argument);
        path += " " + argument;
    }
    if (const auto names = subcommands_of(*command); !names.empty()) {
        fmt::print(stderr, "{}: name a subcommand: {}.\nRun `{} --help` for more.\n", path, fmt::join(names, ", "),
                   path);
        return Exit::usage;
    }
    fmt::print(stderr, "{}: {}\nRun `{} --help` for more.\n", path, error.what(), path);
    return Exit::usage;
}

// A standard stream that the caller closed: nothing that is opened later may get its number, or what is printed would
// go into a file of the ledger. Writing to it fails.
void keep_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) != stream) std::abort();
    }
}

Error error_of(const std::error_code& code, std::string_view where) {
    const bool ours = code.category() == std::system_category() || code.category() == std::generic_category();
    return {ours ? storage::code_of_errno(code.value()) : Code::internal,
            where.empty() ? code.message() : fmt::format("{}: {}", where, code.message())};
}

// Runs a command. What the standard library throws (of the file system, when memory is short) is an error like others:
// this is the one place that catches it.
template <class Run>
Result<Exit> guarded(const Run& command) {
    try {
        return command();
    } catch (const std::filesystem::filesystem_error& error) {
        const auto& path = error.path2().empty() ? error.path1() : error.path2();
        return std::unexpected(error_of(error.code(), path.string()));
    } catch (const std::system_error& error) {
        return std::unexpected(error_of(error.code(), std::ferror(stdout) != 0 ? "the standard output" : ""));
    } catch (const std::bad_alloc&) {
        return fail(Code::busy, "there is not enough memory");
    } catch (const std::exception& error) {
        return fail(Code::internal, "{}", error.what());
    }
}

// Parses the command line and does what it says.
Result<Exit> parse_and_run(int argc, char** argv, std::span<const AddCommand> more) {
    CLI::App app{kAbout, "tally"};
    app.footer(kFooter);
    app.set_version_flag("--version", fmt::format("tally {}", kRelease));
    app.require_subcommand(1);
    app.fallthrough();
    bool plain = false;
    app.add_flag("--json", style().json, "Print JSON for programs");
    app.add_flag("--no-color", plain, "Print without colours (as NO_COLOR does)");
    app.add_flag("-q,--quiet", style().quiet, "Print results only");
    const auto arguments = arguments_of(argc, argv);
    Choice choice;
    add_all(app, choice);
    for (const auto& add : more) add(app, choice);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // the last one first, as it wants
    } catch (const CLI::Success& wanted) {                                          // help, or the version
        return static_cast<Exit>(app.exit(wanted));
    } catch (const CLI::ParseError& error) {
        return explain_usage(app, error, arguments);
    }
    spdlog::set_default_logger(spdlog::stderr_color_mt("tools"));  // a node sets up its own
    spdlog::set_level(spdlog::level::err);
    if (plain) style().colour = false;
    if (!choice.run) return Exit::usage;
    return choice.run();
}

}  // namespace

int run(int argc, char** argv, std::span<const AddCommand> more) {
    keep_standard_streams();
    auto result = guarded([&] { return parse_and_run(argc, argv, more); });
    if (auto written = close_output(); !written && result) result = std::unexpected(std::move(written.error()));
    if (result) return static_cast<int>(*result);
    print_error(result.error());
    return static_cast<int>(exit_of(result.error().code.kind()));
}

}  // namespace tally::node::cli
