#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "node/cli/command.h"

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
    "  tally network create demo          a consortium: authorities, members, a node, its genesis block\n"
    "  tally node start demo/nodes/node1  a node that endorses, orders, commits and serves HTTPS\n"
    "  tally device new meter-1 ...       a device with a key of its own\n"
    "  tally device publish meter-1 ...   a signed day goes onto the ledger\n"
    "  tally audit meter-1 --from ...     every figure, down to the reading\n"
    "  tally receipt verify FILE ...      proof, offline";

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 not found; 4 unavailable, try again; 5 a check failed\n"
    "(damaged, forged or untrusted). Every command takes --json. TALLY_PROFILE names the profile of the member that "
    "asks.";

void add_all(CLI::App& app, Choice& choice) {
    add_network(app, choice);
    add_node(app, choice);
    add_cluster(app, choice);
    add_identity(app, choice);
    add_channel(app, choice);
    add_config(app, choice);
    add_device(app, choice);
    add_transaction(app, choice);
    add_query(app, choice);
    add_audit(app, choice);
    add_block(app, choice);
    add_receipt(app, choice);
    add_ledger(app, choice);
    add_snapshot(app, choice);
    add_doctor(app, choice);
    add_completion(app, choice);
}

}  // namespace

int run(int argc, char** argv, std::span<const AddCommand> more) {
    CLI::App app{kAbout, "tally"};
    app.footer(kFooter);
    app.set_version_flag("--version", "tally " TALLY_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    bool plain = false;
    app.add_flag("--json", style().json, "Print JSON for programs");
    app.add_flag("--no-color", plain, "Print without colours (as NO_COLOR does)");
    app.add_flag("-q,--quiet", style().quiet, "Print results only");
    Choice choice;
    add_all(app, choice);
    for (const auto& add : more) add(app, choice);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
    }
    spdlog::set_default_logger(spdlog::stderr_color_mt("tools"));  // a node sets up its own
    spdlog::set_level(spdlog::level::err);
    if (plain) style().colour = false;
    if (!choice.run) return static_cast<int>(Exit::usage);
    const auto result = choice.run();
    std::fflush(stdout);
    if (result) return static_cast<int>(*result);
    print_error(result.error());
    return static_cast<int>(exit_of(result.error().code));
}

}  // namespace tally::node::cli
