// tally node start | status | wait | trust-log

#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"
#include "node/cli/command.h"
#include "node/cli/status_commands.h"
#include "node/cli/wait.h"
#include "node/config/node_config.h"
#include "node/ledgers/channel_ledger.h"
#include "node/network/descriptors.h"
#include "node/node.h"
#include "node/operations/log.h"
#include "node/threads/stopwatch.h"
#include "storage/consensus_log.h"
#include "storage/directory_lock.h"
#include "storage/seal.h"

namespace tally::node::cli {
namespace {

struct StartOptions {
    std::filesystem::path config;
};

// Signals are taken by this thread alone: the others are started with them blocked.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, each);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return signals;
}

Status start(const StartOptions& options) {
    auto file = options.config;
    if (std::filesystem::is_directory(file)) file /= "node.toml";
    auto config = TRY(load_node_config(file));
    set_up_log(config.name, config.log_level);
    const auto signals = block_signals();
    (void)raise_descriptor_limit();
    const Stopwatch watch;
    const auto node = TRY(Node::open(std::move(config)));
    TRY(node->start());
    spdlog::info("event=started port={} seconds={:.3f}", node->gateway_port(), watch.seconds());
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal != SIGHUP) break;
        const auto status = node->reload();
        if (status)
            spdlog::info("event=reloaded");
        else
            spdlog::error("event=reload_failed what={}", gateway::log_value(status.error().message));
    }
    spdlog::info("event=stopping");
    node->stop();
    spdlog::info("event=stopped");
    return {};
}

// All or none. In a channel that the node does not order it has no log.
Status trust_log(const StartOptions& options) {
    const auto file = std::filesystem::is_directory(options.config) ? options.config / "node.toml" : options.config;
    const auto config = TRY(load_node_config(file));
    if (!config.has("orderer")) return fail(Code::invalid_argument, "{} is no orderer", config.name);
    std::vector<std::filesystem::path> folders{config.data};
    for (const auto& each : config.channels) folders.push_back(each.data);
    std::vector<storage::DirectoryLock> locks;
    std::erase_if(folders, [](const auto& folder) { return !std::filesystem::exists(log_path(folder)); });
    if (folders.empty()) return fail(Code::not_found, "{} has no consensus log: it has never ordered", config.name);
    for (const auto& folder : folders) {
        locks.push_back(TRY(storage::DirectoryLock::take(folder)));
        TRY(storage::ConsensusLog::inspect(log_path(folder), false, [](auto, auto) { return Status(); }));
    }
    boost::json::array logs;
    for (const auto& folder : folders) {
        const bool sealed = TRY(storage::check_seal(folder));
        TRY(storage::break_seal(folder));
        TRY(storage::ConsensusLog::trust(log_path(folder)));
        if (sealed) TRY(storage::write_seal(folder));
        logs.emplace_back(log_path(folder).string());
        say_done(log_path(folder).string());
    }
    if (style().json) print_json(boost::json::object{{"node", config.name}, {"logs", std::move(logs)}});
    say(fmt::format("  {} votes at once when it starts: all that it has ever voted is in its log.", config.name));
    return {};
}

}  // namespace

void add_node(CLI::App& app, Choice& choice) {
    auto* node = app.add_subcommand("node", "Run a node, or ask how one is");
    node->require_subcommand(1);
    auto* command = node->add_subcommand("start", "Run until SIGTERM or SIGINT; SIGHUP reads its certificates again");
    auto options = std::make_shared<StartOptions>();
    command->add_option("config", options->config, "node.toml, or the folder that holds it")->required();
    on_chosen(*command, choice, options, start);

    auto* trust = node->add_subcommand(
        "trust-log",
        "State that a stopped orderer's log is the newest: it votes at once, though its folder was copied");
    auto trusting = std::make_shared<StartOptions>();
    trust->add_option("config", trusting->config, "node.toml, or the folder that holds it")->required();
    on_chosen(*trust, choice, trusting, trust_log);

    auto* status = node->add_subcommand("status", "Height, view, leader, and the peers with their lag and traffic");
    auto asked = std::make_shared<NodeStatusOptions>();
    add_profile_option(*status, asked->profile);
    status->add_option("url", asked->url, "Another node of the consortium than the profile's: https://HOST:PORT");
    on_chosen(*status, choice, asked, print_node_status);

    auto* wait =
        node->add_subcommand("wait", "Until it is ready, with a bar while it fetches the blocks that it missed");
    auto awaited = std::make_shared<WaitOptions>();
    add_profile_option(*wait, awaited->profile);
    wait->add_option("url", awaited->url, "Another node of the consortium than the profile's: https://HOST:PORT");
    wait->add_option("--seconds", awaited->seconds, "Then it fails, and says what the node says")
        ->capture_default_str();
    on_chosen(*wait, choice, awaited, wait_for_node);
}

}  // namespace tally::node::cli
