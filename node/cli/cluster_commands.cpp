// tally cluster up | down | status | stop | kill | start | restart | pause | resume | reload

#include <signal.h>

#include "node/cli/cluster.h"
#include "node/cli/command.h"
#include "node/cli/next_step.h"
#include "node/cli/status_commands.h"
#include "node/cli/wait.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

struct UpOptions {
    ConsortiumOptions consortium;
    // What was said on the command line.
    bool organizations = false;
    bool nodes = false;
    bool fault_model = false;
    bool port = false;
};

struct NodeOptions {
    std::filesystem::path directory;
    std::string node;
    unsigned wait_s = 0;  // until it is ready
};

CLI::Option* add_directory(CLI::App& command, std::filesystem::path& directory) {
    directory = "cluster";
    return command.add_option("directory", directory, "The consortium's folder")
        ->envname("TALLY_CLUSTER")
        ->capture_default_str();
}

// What exists is used as it is; a wish that it does not meet is an error.
Result<Cluster> open_or_create(const UpOptions& options) {
    const auto& wanted = options.consortium;
    if (!std::filesystem::exists(wanted.directory / "channel.json")) {
        TRY(create_consortium(wanted));
        say_allows_clock(wanted.hosts);
        return Cluster::open(wanted.directory);
    }
    auto cluster = TRY(Cluster::open(wanted.directory));
    const auto& channel = cluster.channel();
    const auto organizations = channel.organization_ids();
    const bool same =
        (!options.organizations || organizations == wanted.organizations) &&
        (!options.nodes || channel.nodes.size() == organizations.size() * wanted.nodes_per_organization) &&
        (!options.fault_model || channel.fault_model == wanted.fault_model) &&
        (!options.port || cluster.nodes().front().config.gateway.port == wanted.first_port);
    if (!same) {
        return fail(Code::already_exists,
                    "{} holds a consortium of {} with {} nodes ({}, from port {}); leave the options away to start it, "
                    "or name another folder",
                    wanted.directory.string(), fmt::join(channel.organization_ids(), ", "), channel.nodes.size(),
                    channel.fault_model, cluster.nodes().front().config.gateway.port);
    }
    return cluster;
}

void say_what_next(const Cluster& cluster) {
    const auto directory = cluster.directory().string();
    const auto& first = cluster.nodes().front();
    std::vector<std::string> commands{command_line({"export", "TALLY_PROFILE=" + cluster.profile(first).string()}),
                                      command_line({"tally", "cluster", "status", directory})};
    const auto orderers = cluster.channel().orderers.size();
    if (consensus::quorum(cluster.channel().model(), orderers) < orderers)  // the others go on without it
        commands.push_back(command_line({"tally", "cluster", "kill", cluster.nodes().back().name, directory}));
    const bool gateways = std::ranges::any_of(
        cluster.nodes(), [](const auto& node) { return std::ranges::count(node.roles, "gateway") != 0; });
    if (gateways) commands.push_back(command_line({"tally", "bench", "ledger", "--cluster", directory}));
    commands.push_back(command_line({"tally", "cluster", "down", directory}));
    say("");
    say_next(commands);
}

Status up(const UpOptions& options) {
    const auto cluster = TRY(open_or_create(options));
    const auto started = TRY(cluster.start(cluster.all()));
    const bool ready = cluster.wait_until_ready(std::chrono::seconds(15));
    json::array list;
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < cluster.nodes().size(); ++i) {
        const auto& node = cluster.nodes()[i];
        const auto pid = node.process.pid().value_or(0);
        list.push_back({{"node", node.name},
                        {"organization", node.organization},
                        {"roles", json::array(node.roles.begin(), node.roles.end())},
                        {"url", node.url()},
                        {"network", node.network_address},
                        {"pid", pid},
                        {"started", static_cast<bool>(started[i])},
                        {"log", node.process.log_file().string()}});
        rows.push_back({node.name, node.organization, fmt::format("{}", fmt::join(node.roles, " ")), node.url(),
                        std::to_string(pid)});
    }
    if (style().json) {
        print_json(json::object{{"directory", cluster.directory().string()},
                                {"channel", cluster.channel().channel},
                                {"fault_model", cluster.channel().fault_model},
                                {"ready", ready},
                                {"nodes", list}});
        return {};
    }
    std::vector<std::string> organizations;  // of the nodes: one that joined is in no genesis block
    for (const auto& node : cluster.nodes()) {
        if (std::ranges::find(organizations, node.organization) == organizations.end())
            organizations.push_back(node.organization);
    }
    say_done(fmt::format("Channel {}: {} nodes of {} serve", paint(Colour::bold, cluster.channel().channel),
                         rows.size(), fmt::join(organizations, ", ")));
    if (!ready) {
        const auto status = command_line({"tally", "cluster", "status", cluster.directory().string()});
        say(paint(Colour::yellow, fmt::format("! not all are ready yet; `{}` says why", status)));
    }
    print_table({"node", "organization", "roles", "gateway", "pid"}, rows);
    say_what_next(cluster);
    return {};
}

Status down(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    json::array stopped;
    for (const auto& node : cluster.nodes()) {
        if (node.process.pid()) stopped.emplace_back(node.name);
    }
    const auto killed = TRY(cluster.stop(cluster.all()));
    if (style().json) {
        print_json(json::object{{"stopped", stopped}, {"killed", json::array(killed.begin(), killed.end())}});
        return {};
    }
    say_done(fmt::format("{} of {} nodes ran; none does now", stopped.size(), cluster.nodes().size()));
    if (!killed.empty())
        say(paint(Colour::yellow, fmt::format("! killed, as SIGTERM did not help: {}", fmt::join(killed, ", "))));
    return {};
}

Status report(const ClusterNode& node, std::string_view what) {
    if (style().json) {
        json::object out{{"node", node.name}, {"state", what}, {"pid", nullptr}};
        if (const auto pid = node.process.pid()) out["pid"] = *pid;
        print_json(out);
    } else {
        say_done(fmt::format("{} {}", node.name, what));
    }
    return {};
}

Status kill_node(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    const auto& node = *TRY(cluster.find(options.node));
    TRY(node.process.signal(SIGKILL));  // not_found when it does not run
    if (!node.process.wait_for_end(std::chrono::seconds(5))) return fail(Code::timeout, "{} does not end", node.name);
    return report(node, "killed");
}

Status stop_node(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    const auto& node = *TRY(cluster.find(options.node));
    if (!node.process.pid()) return fail(Code::not_found, "{} does not run", node.name);
    const auto killed = TRY(cluster.stop({&node}));
    return report(node, killed.empty() ? "stopped" : "killed, as SIGTERM did not help");
}

Status start_node(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    const auto& node = *TRY(cluster.find(options.node));
    TRY(cluster.start({&node}));
    if (options.wait_s != 0 && !node.process.paused())
        TRY(await_ready([&] { return cluster.connect(node, "admin", std::chrono::seconds(5)); },
                        std::chrono::seconds(options.wait_s)));
    return report(node, node.process.paused() ? "paused" : "running");
}

// One after another: each is ready again before the next stops, so that the channel goes on.
Status restart(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    std::vector<std::string> done;
    for (const auto* node : options.node.empty() ? cluster.all() : std::vector{TRY(cluster.find(options.node))}) {
        if (options.node.empty() && (!node->process.pid() || node->process.paused())) continue;
        if (node->process.pid()) TRY(cluster.stop({node}));
        TRY(cluster.start({node}));
        TRY(await_ready([&] { return cluster.connect(*node, "admin", std::chrono::seconds(5)); },
                        std::chrono::seconds(options.wait_s)));
        done.push_back(node->name);
        say_done(fmt::format("{} runs again", node->name));
    }
    if (style().json) print_json(json::object{{"restarted", json::array(done.begin(), done.end())}});
    if (done.empty()) say("no node runs");
    return {};
}

Status pause_node(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    const auto& node = *TRY(cluster.find(options.node));
    TRY(node.process.signal(SIGSTOP));
    return report(node, "paused");
}

Status resume_node(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    const auto& node = *TRY(cluster.find(options.node));
    TRY(node.process.signal(SIGCONT));
    return report(node, "running");
}

// Each node's log says what it took over, and what not.
Status reload(const NodeOptions& options) {
    const auto cluster = TRY(Cluster::open(options.directory));
    const auto nodes = options.node.empty() ? cluster.all() : std::vector{TRY(cluster.find(options.node))};
    std::vector<std::string> asked;
    for (const auto* node : nodes) {
        if (options.node.empty() && !node->process.pid()) continue;
        TRY(node->process.signal(SIGHUP));
        asked.push_back(node->name);
    }
    if (style().json)
        print_json(json::object{{"asked", json::array(asked.begin(), asked.end())}});
    else if (asked.empty())
        say(paint(Colour::yellow,
                  "! no node that `tally cluster` started runs; send SIGHUP to the process of any other"));
    else
        say_done(fmt::format("{} asked; the log of each says what it took over", fmt::join(asked, ", ")));
    return {};
}

void add_up(CLI::App& cluster, Choice& choice) {
    auto* command = cluster.add_subcommand(
        "up", "Start every node of a consortium in the background; a new folder becomes a consortium of four");
    auto options = std::make_shared<UpOptions>();
    auto& consortium = options->consortium;
    consortium.organizations = {"A", "B", "C", "D"};
    consortium.first_port = 9443;
    add_directory(*command, consortium.directory);
    auto* organizations =
        command->add_option("--organizations", consortium.organizations, "Names, separated by commas")->delimiter(',');
    auto* nodes =
        command->add_option("--nodes-per-organization", consortium.nodes_per_organization, "Each with every role")
            ->check(CLI::Range(1, 100));
    auto* fault_model = command->add_option("--fault-model", consortium.fault_model, "byzantine or crash")
                            ->check(CLI::IsMember({"byzantine", "crash"}));
    auto* port = command
                     ->add_option("--port", consortium.first_port,
                                  "HTTPS port of the first node; the others follow, and between nodes 1000 above")
                     ->check(CLI::Range(1, 65535));
    for (auto* option : {organizations, nodes, fault_model, port}) option->capture_default_str();
    on_chosen(*command, choice, options, [=](UpOptions& in) {
        in.organizations = organizations->count() > 0;
        in.nodes = nodes->count() > 0;
        in.fault_model = fault_model->count() > 0;
        in.port = port->count() > 0;
        return up(in);
    });
}

void add_node_command(CLI::App& cluster, Choice& choice, const char* name, const char* about,
                      Status (*run)(const NodeOptions&)) {
    auto* command = cluster.add_subcommand(name, about);
    auto options = std::make_shared<NodeOptions>();
    command->add_option("node", options->node, "For example node2")->required();
    add_directory(*command, options->directory);
    on_chosen(*command, choice, options, run);
}

void add_start(CLI::App& cluster, Choice& choice) {
    auto* command = cluster.add_subcommand("start", "Start one node again");
    auto options = std::make_shared<NodeOptions>();
    command->add_option("node", options->node, "For example node2")->required();
    add_directory(*command, options->directory);
    command->add_option(
        "--wait", options->wait_s,
        "Wait so many seconds until it is ready, with a bar while it fetches the blocks that it missed");
    on_chosen(*command, choice, options, start_node);
}

void add_restart(CLI::App& cluster, Choice& choice) {
    auto* command = cluster.add_subcommand(
        "restart", "Stop and start one node, or all that run, one after another: the others go on");
    auto options = std::make_shared<NodeOptions>();
    options->wait_s = 60;
    command->add_option("--node", options->node, "For example node2; otherwise every node that runs");
    command->add_option("--wait", options->wait_s, "Give up when a node is not ready after so many seconds")
        ->capture_default_str();
    add_directory(*command, options->directory);
    on_chosen(*command, choice, options, restart);
}

void add_reload(CLI::App& cluster, Choice& choice) {
    auto* command = cluster.add_subcommand("reload", "Let one node, or all, read their certificates again (SIGHUP)");
    auto options = std::make_shared<NodeOptions>();
    command->add_option("--node", options->node, "For example node2; otherwise every node that runs");
    add_directory(*command, options->directory);
    on_chosen(*command, choice, options, reload);
}

}  // namespace

void add_cluster(CLI::App& app, Choice& choice) {
    auto* cluster = app.add_subcommand("cluster", "Run a whole consortium on this machine");
    cluster->require_subcommand(1);
    add_up(*cluster, choice);
    auto* status = cluster->add_subcommand("status", "Each node: running, ready, height, view, leader, peers, lag");
    auto asked = std::make_shared<NodeOptions>();
    add_directory(*status, asked->directory);
    on_chosen(*status, choice, asked, [](const NodeOptions& in) { return print_cluster_status(in.directory); });
    auto* stop = cluster->add_subcommand("down", "Stop every node, in order");
    auto stopped = std::make_shared<NodeOptions>();
    add_directory(*stop, stopped->directory);
    on_chosen(*stop, choice, stopped, down);
    add_node_command(*cluster, choice, "stop", "Stop one node, in order", stop_node);
    add_node_command(*cluster, choice, "kill", "kill -9 one node: nothing is lost", kill_node);
    add_start(*cluster, choice);
    add_node_command(*cluster, choice, "pause", "Stop one node in its tracks (SIGSTOP)", pause_node);
    add_node_command(*cluster, choice, "resume", "Let a paused node go on (SIGCONT)", resume_node);
    add_restart(*cluster, choice);
    add_reload(*cluster, choice);
}

}  // namespace tally::node::cli
