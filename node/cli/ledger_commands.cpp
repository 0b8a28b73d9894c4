// tally ledger verify | rebuild | export, and tally block show

#include <thread>

#include "chaincode/json/strict_json.h"
#include "gateway/http/target.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/ledger_places.h"
#include "node/cli/member_client.h"
#include "node/ledgers/ledger_check.h"

namespace tally::node::cli {
namespace {

constexpr const char* kAllChannels = "One of the node's channels; otherwise all of them";
constexpr const char* kRootChannel = "One of the node's channels; otherwise the root";

struct LedgerOptions {
    std::filesystem::path data;
    std::string channel;
    std::filesystem::path snapshot;
    std::string format = "jsonl";
    std::uint64_t from = 0;
    std::uint64_t to = UINT64_MAX;
};

using Check = Result<LedgerSummary> (*)(const std::filesystem::path&, WorkerPool&, const ReportProgress&,
                                        const std::filesystem::path&);

boost::json::object json_of(const LedgerSummary& summary, const std::string& channel) {
    return {{"ok", true},
            {"channel", channel.empty() ? boost::json::value(nullptr) : boost::json::value(channel)},
            {"first_block", summary.first_block},
            {"first_whole_block", summary.first_whole_block},
            {"recomputed", summary.recomputed},
            {"blocks", summary.blocks},
            {"transactions", summary.transactions},
            {"valid", summary.valid},
            {"tip", summary.tip_hash.hex()},
            {"log_root", summary.log_root.hex()},
            {"corrected", summary.corrected}};
}

Status print_summary(const LedgerSummary& summary, std::string_view done) {
    say_done(done);
    if (!summary.recomputed) {
        say(fmt::format(
            "  The transactions before block {} are not here. State, log and blocks are as they were signed; that the\n"
            "  blocks lead to this state was not computed again (a ledger that began with a snapshot: --snapshot "
            "FILE).",
            summary.first_whole_block));
    }
    print_facts({{"blocks", std::to_string(summary.blocks)},
                 {"transactions", fmt::format("{} ({} valid)", summary.transactions, summary.valid)},
                 {"tip", summary.tip_hash.hex()},
                 {"log root", summary.log_root.hex()}});
    if (summary.corrected > 0) say(fmt::format("  {} blocks had other codes or another checkpoint", summary.corrected));
    return {};
}

// Each of the ledgers that were named, the root's first. A damaged one does not keep the others from being looked at.
Status run_check(const LedgerOptions& options, Check check, std::string_view done) {
    const auto ledgers = TRY(ledgers_at(options.data, options.channel));
    if (!options.snapshot.empty() && ledgers.size() > 1)
        return fail(Code::invalid_argument, "a snapshot is of one channel: name it with --channel");
    WorkerPool pool(std::max(1U, std::thread::hardware_concurrency()), 1024);
    boost::json::array list;
    Status first_fault;
    for (const auto& ledger : ledgers) {
        std::unique_ptr<Progress> bar;
        const auto summary = check(
            ledger.data, pool,
            [&](std::uint64_t at, std::uint64_t total) {
                if (!bar) bar = std::make_unique<Progress>("blocks", total);
                bar->at(at);
            },
            options.snapshot);
        bar.reset();
        if (!summary) {
            const auto& fault = summary.error();
            const auto told = ledgers.size() > 1 ? fault.within("channel " + ledger.channel) : fault;
            if (first_fault)
                first_fault = std::unexpected(told);
            else
                warn(told.message);
            continue;
        }
        if (style().json)
            list.push_back(json_of(*summary, ledger.channel));
        else
            TRY(print_summary(*summary, ledgers.size() > 1 ? fmt::format("{}: {}", ledger.channel, done) : done));
    }
    if (style().json && first_fault) {
        auto root = list.front().as_object();
        list.erase(list.begin());
        root.emplace("channels", std::move(list));
        print_json(root);
    }
    return first_fault;
}

std::string csv_field(const boost::json::value* value) {
    if (value == nullptr || value->is_null()) return "";
    std::string text = value->is_string() ? std::string(value->get_string()) : chaincode::json_text(*value);
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

Status export_ledger(const LedgerOptions& options) {
    const auto channel = TRY(inspect_channel_ledger(TRY(ledger_at(options.data, options.channel)).data));
    const auto tip = channel.ledger->tip();
    const auto last = tip ? std::min(tip->number, options.to) : 0;
    const bool csv = options.format == "csv";
    static constexpr const char* kColumns[] = {"id", "code", "contract", "function", "created", "bytes"};
    if (csv) fmt::print("block,index,time,{},organization,member\n", fmt::join(kColumns, ","));
    Progress bar("blocks", last + 1);
    for (auto number = std::max(options.from, channel.ledger->first_whole_block()); tip && number <= last; ++number) {
        auto block = block_json(TRY(channel.ledger->block(number)), true);
        bar.at(number + 1);
        auto transactions = block.at("transactions").as_array();
        if (!csv) {
            fmt::print("{}\n", chaincode::json_text(block));
            continue;
        }
        for (const auto& entry : transactions) {
            const auto& transaction = entry.as_object();
            std::string line = fmt::format("{},{},{}", number, csv_field(transaction.if_contains("index")),
                                           csv_field(block.if_contains("time")));
            for (const auto* column : kColumns) line += "," + csv_field(transaction.if_contains(column));
            const auto* creator = transaction.if_contains("creator");
            for (const auto* part : {"organization", "name"}) {
                line += "," + csv_field(creator == nullptr ? nullptr : creator->as_object().if_contains(part));
            }
            fmt::print("{}\n", line);
        }
    }
    return {};
}

struct PruneOptions {
    std::filesystem::path data;
    std::string channel;
    std::uint64_t before = 0;
};

Status prune_ledger(const PruneOptions& options) {
    const auto from = TRY(prune_channel_ledger(TRY(ledger_at(options.data, options.channel)).data, options.before));
    if (style().json)
        print_json(boost::json::object{{"from", from}, {"before", std::max(from, options.before)}});
    else if (from >= options.before)
        say_done(fmt::format("The transactions before block {} were pruned already", from));
    else
        say_done(fmt::format("The transactions of blocks {} to {} are pruned", from, options.before - 1));
    return {};
}

struct BlockOptions {
    std::filesystem::path profile;
    std::string number = "latest";
};

Status show_block(const BlockOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    auto number = options.number;
    if (number == "latest") {
        number = chaincode::json_text(TRY(member.get("/v1/checkpoints/latest")).as_object().at("block"));
    }
    const auto block = TRY(member.get("/v1/blocks/" + gateway::percent_encode(number)));
    if (style().json) {
        print_json(block);
        return {};
    }
    const auto& object = block.as_object();
    const auto text = [&](const boost::json::object& from, const char* name) {
        return csv_field(from.if_contains(name));
    };
    print_facts({{"block", text(object, "number")},
                 {"hash", text(object, "hash")},
                 {"previous", text(object, "previous_hash")},
                 {"time", text(object, "time")},
                 {"log root", text(object.at("checkpoint").as_object(), "root")}});
    say("");
    std::vector<std::vector<std::string>> rows;
    for (const auto& entry : object.at("transactions").as_array()) {
        const auto& t = entry.as_object();
        const auto* creator = t.if_contains("creator");
        rows.push_back({text(t, "index"), text(t, "id").substr(0, 16), text(t, "code"),
                        text(t, "contract") + "." + text(t, "function"),
                        creator == nullptr ? "" : text(creator->as_object(), "name"), text(t, "bytes")});
    }
    print_table({"#", "transaction", "code", "function", "by", "bytes"}, rows);
    return {};
}

}  // namespace

void add_ledger(CLI::App& app, Choice& choice) {
    auto* ledger = app.add_subcommand("ledger", "Check, rebuild or export a stopped node's ledger");
    ledger->require_subcommand(1);
    const auto add = [&](const char* name, const char* about) {
        auto* command = ledger->add_subcommand(name, about);
        auto options = std::make_shared<LedgerOptions>();
        command->add_option("data", options->data, "The node's folder or a data folder")->required();
        add_channel_option(*command, options->channel, kAllChannels);
        command->add_option("--snapshot", options->snapshot, "The snapshot with which the ledger began, if it did");
        return std::pair{command, options};
    };
    auto [verify, verifying] =
        add("verify", "Recompute every hash, signature, code and state value from block 0, and compare");
    on_chosen(*verify, choice, verifying,
              [](const LedgerOptions& in) { return run_check(in, verify_ledger, "The ledger holds"); });
    auto [rebuild, rebuilding] = add("rebuild", "Make state, history and indexes again from the blocks");
    on_chosen(*rebuild, choice, rebuilding,
              [](const LedgerOptions& in) { return run_check(in, rebuild_ledger, "The ledger is rebuilt"); });
    auto* prune = ledger->add_subcommand(
        "prune", "Remove the transactions before a block; headers, log, index and state stay, and receipts stay good");
    auto pruning = std::make_shared<PruneOptions>();
    prune->add_option("data", pruning->data, "The node's folder or a data folder")->required();
    add_channel_option(*prune, pruning->channel, kRootChannel);
    prune->add_option("--before", pruning->before, "The first block whose transactions are kept")->required();
    on_chosen(*prune, choice, pruning, prune_ledger);
    auto* exporting =
        ledger->add_subcommand("export", "Every block as JSON Lines, or every transaction as CSV, on standard output");
    auto exported = std::make_shared<LedgerOptions>();
    exporting->add_option("data", exported->data, "The node's folder or a data folder")->required();
    add_channel_option(*exporting, exported->channel, kRootChannel);
    exporting->add_option("--format", exported->format, "jsonl or csv")
        ->check(CLI::IsMember({"jsonl", "csv"}))
        ->capture_default_str();
    exporting->add_option("--from", exported->from, "First block")->capture_default_str();
    exporting->add_option("--to", exported->to, "Last block");
    on_chosen(*exporting, choice, exported, export_ledger);
}

void add_block(CLI::App& app, Choice& choice) {
    auto* block = app.add_subcommand("block", "Blocks of a running node");
    block->require_subcommand(1);
    auto* show = block->add_subcommand("show", "One block and its transactions");
    auto options = std::make_shared<BlockOptions>();
    add_profile_option(*show, options->profile);
    show->add_option("number", options->number, "Its number, or latest")->capture_default_str();
    on_chosen(*show, choice, options, show_block);
}

}  // namespace tally::node::cli
