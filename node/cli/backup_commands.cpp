// tally backup, tally restore

#include "node/cli/command.h"
#include "node/cli/next_step.h"
#include "node/consortium/backup.h"

namespace tally::node::cli {
namespace {

struct BackupOptions {
    std::filesystem::path node;
    std::filesystem::path backup;
};

void report(const BackupSummary& summary, const std::filesystem::path& where, std::string_view what) {
    boost::json::array channels;
    std::string heights;
    for (const auto& each : summary.channels) {
        channels.push_back({{"channel", each.name},
                            {"block", each.block ? boost::json::value(*each.block) : boost::json::value(nullptr)}});
        heights += fmt::format("{}{}", heights.empty() ? "" : ", ", each.name);
        if (each.block) heights += fmt::format(" to block {}", *each.block);
    }
    if (style().json) {
        print_json(boost::json::object{{"node", summary.node},
                                       {"path", where.string()},
                                       {"channels", std::move(channels)},
                                       {"files", summary.files},
                                       {"bytes", summary.bytes}});
    }
    say_done(fmt::format("{}: {} {}, {} ({} files, {} bytes)", where.string(), summary.node, what, heights,
                         summary.files, summary.bytes));
}

}  // namespace

void add_backup(CLI::App& app, Choice& choice) {
    auto* backup = app.add_subcommand("backup", "Copy a stopped node into a new folder: configuration, keys, ledgers");
    auto making = std::make_shared<BackupOptions>();
    backup->add_option("node", making->node, "The node's folder, or its node.toml")->required();
    backup->add_option("out", making->backup, "The new folder. It will hold the node's secret keys")->required();
    on_chosen(*backup, choice, making, [](const BackupOptions& in) -> Status {
        report(TRY(make_backup(in.node, in.backup)), in.backup, "is backed up");
        return {};
    });

    auto* restore = app.add_subcommand("restore", "Put a node back from a backup, into a new folder");
    auto restoring = std::make_shared<BackupOptions>();
    restore->add_option("backup", restoring->backup, "The folder that `tally backup` made")->required();
    restore->add_option("node", restoring->node, "The node's folder; it must be empty or not exist")->required();
    on_chosen(*restore, choice, restoring, [](const BackupOptions& in) -> Status {
        report(TRY(restore_backup(in.backup, in.node)), in.node, "is put back");
        say_next({command_line({"tally", "node", "start", in.node.string()})});
        return {};
    });
}

}  // namespace tally::node::cli
