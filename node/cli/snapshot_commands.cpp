// tally snapshot create | inspect | join

#include <thread>

#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/ledger_places.h"
#include "node/cli/member_client.h"
#include "node/cli/next_step.h"
#include "node/config/node_config.h"
#include "node/ledgers/ledger_snapshot.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct CreateCommand {
    std::filesystem::path out;
    std::filesystem::path profile;
    std::filesystem::path data;
    std::string channel;
    std::string url;
};

struct InspectCommand {
    std::filesystem::path file;
    std::filesystem::path genesis;
};

struct JoinCommand {
    std::filesystem::path node;
    std::string channel;
    std::filesystem::path file;
};

// A bar that begins with the first figures.
class Bar {
  public:
    explicit Bar(std::string what) : what_(std::move(what)) {}
    void at(std::uint64_t done, std::uint64_t total) {
        if (!bar_) bar_ = std::make_unique<Progress>(what_, total);
        bar_->at(std::min(done, total));
    }

  private:
    std::string what_;
    std::unique_ptr<Progress> bar_;
};

Status say_created(const std::filesystem::path& file, std::uint64_t block) {
    const auto bytes = std::filesystem::file_size(file);
    if (style().json)
        print_json(boost::json::object{{"path", file.string()}, {"block", block}, {"bytes", bytes}});
    else
        say_done(fmt::format("{}: the ledger after block {} ({} bytes)", file.string(), block, bytes));
    return {};
}

Status create_from_data(const CreateCommand& in) {
    const auto channel = TRY(inspect_channel_ledger(TRY(ledger_at(in.data, in.channel)).data));
    Bar bar("entries");
    CreateOptions options;
    options.progress = [&](std::uint64_t done, std::uint64_t total) { bar.at(done, total); };
    const auto block = TRY(create_snapshot(*channel.ledger, in.out, options));
    return say_created(in.out, block);
}

// Parts of the node's file, one after another, into a file beside; in place when it is whole.
Status download(MemberClient& member, std::uint64_t block, std::uint64_t bytes, const std::filesystem::path& out) {
    auto file = TRY(storage::NewFile::create(out));
    Bar bar("bytes");
    for (std::uint64_t offset = 0; offset < bytes;) {
        const auto part = TRY(member.get_bytes(fmt::format("/v1/snapshots/{}?offset={}", block, offset)));
        if (part.empty()) return fail(Code::unavailable, "the node's snapshot ends at byte {} of {}", offset, bytes);
        TRY(file.append(part));
        offset += part.size();
        bar.at(offset, bytes);
    }
    return file.finish();
}

Status create_from_node(const CreateCommand& in) {
    auto member = TRY(MemberClient::open(in.profile, in.url));
    auto status = TRY(member.post("/v1/snapshots", {}, "application/json")).as_object();
    Bar bar("entries");
    while (status.at("state").as_string() == "running") {
        const auto number = [&](const char* name) { return status.at(name).to_number<std::uint64_t>(); };
        if (number("total") > 0) bar.at(number("done"), number("total"));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        status = TRY(member.get("/v1/snapshots")).as_object();
    }
    if (status.at("state").as_string() != "done") {
        const auto* detail = status.if_contains("detail");
        return fail(Code::unavailable, "the node makes no snapshot: {}",
                    detail == nullptr ? std::string("it was restarted") : std::string(detail->as_string()));
    }
    const auto block = status.at("block").to_number<std::uint64_t>();
    TRY(download(member, block, status.at("bytes").to_number<std::uint64_t>(), in.out));
    return say_created(in.out, block);
}

Status inspect(const InspectCommand& in) {
    std::optional<crypto::Hash> genesis;
    if (!in.genesis.empty()) genesis = TRY(read_genesis(in.genesis)).header.hash();
    std::optional<SnapshotFacts> found;
    {
        Bar bar("bytes");
        found = TRY(
            inspect_snapshot(in.file, genesis, [&](std::uint64_t done, std::uint64_t total) { bar.at(done, total); }));
    }
    const auto& tip = found->head.tip;
    const auto bytes = std::filesystem::file_size(in.file);
    const bool holds = found->verdict.has_value();
    if (style().json) {
        boost::json::array signers(found->signers.begin(), found->signers.end());
        boost::json::object out{{"holds", holds},
                                {"channel", found->channel},
                                {"genesis", found->head.genesis.hex()},
                                {"block", tip.number},
                                {"block_hash", tip.hash().hex()},
                                {"time", iso_time(tip.time_ms)},
                                {"epoch", tip.epoch},
                                {"entries", found->end.entries},
                                {"transactions", found->end.leaves},
                                {"state", found->state.hex()},
                                {"log_root", found->log_root.hex()},
                                {"bytes", bytes},
                                {"signers", std::move(signers)}};
        if (!holds) out.emplace("fault", found->verdict.error().message);
        print_json(out);
    } else {
        if (holds)
            say_done(genesis ? "The snapshot holds" : "The snapshot holds, if its genesis block is the channel's");
        print_facts({{"channel", found->channel},
                     {"genesis", found->head.genesis.hex()},
                     {"block", fmt::format("{} of {}", tip.number, iso_time(tip.time_ms))},
                     {"hash", tip.hash().hex()},
                     {"epoch", std::to_string(tip.epoch)},
                     {"state", fmt::format("{} entries, digest {}", found->end.entries, found->state.hex())},
                     {"log", fmt::format("{} transactions, root {}", found->end.leaves, found->log_root.hex())},
                     {"bytes", std::to_string(bytes)},
                     {"signed by", holds ? fmt::format("{}", fmt::join(found->signers, ", ")) : "not judged"}});
    }
    if (!holds) return std::unexpected(found->verdict.error().within(in.file.string()));
    return {};
}

Status join(const JoinCommand& in) {
    const auto file = std::filesystem::is_directory(in.node) ? in.node / "node.toml" : in.node;
    const auto config = TRY(config_in(TRY(load_node_config(file)), in.channel));
    if (!config.has("committer")) {
        return fail(Code::bad_configuration, "{} keeps no ledger: it fetches its blocks from the other orderers",
                    config.name);
    }
    const auto genesis = TRY(read_genesis(config.genesis));
    if (config.has("orderer") && TRY(config_of_genesis(genesis)).orderers.size() == 1) {
        return fail(Code::bad_configuration,
                    "{} is the channel's only orderer: what it ordered after the snapshot would be ordered again",
                    config.name);
    }
    std::optional<SnapshotFacts> facts;
    {
        Bar bar("bytes");
        facts = TRY(join_with_snapshot(config.data, in.file, genesis,
                                       [&](std::uint64_t done, std::uint64_t total) { bar.at(done, total); }));
    }
    const auto& tip = facts->head.tip;
    if (style().json) {
        print_json(boost::json::object{{"node", config.name},
                                       {"channel", facts->channel},
                                       {"block", tip.number},
                                       {"block_hash", tip.hash().hex()},
                                       {"state", facts->state.hex()}});
        return {};
    }
    say_done(fmt::format("{} begins after block {} of channel {}, signed by {}", config.name, tip.number,
                         facts->channel, fmt::join(facts->signers, ", ")));
    say_next({command_line({"tally", "node", "start", in.node.string()})});
    return {};
}

}  // namespace

void add_snapshot(CLI::App& app, Choice& choice) {
    auto* snapshot = app.add_subcommand("snapshot", "A ledger at one height, with which another node can begin");
    snapshot->require_subcommand(1);

    auto* create = snapshot->add_subcommand("create", "Of a running node (as one of its admins), or of a stopped one");
    auto creating = std::make_shared<CreateCommand>();
    create->add_option("file", creating->out, "The file to write")->required();
    add_profile_option(*create, creating->profile);
    create->add_option("--url", creating->url, "Another node than the profile's: https://HOST:PORT");
    create->add_option("--data", creating->data, "The folder of a stopped node, or its data folder");
    add_channel_option(*create, creating->channel, "With --data: one of the node's channels; otherwise the root")
        ->needs("--data");
    on_chosen(*create, choice, creating, [](const CreateCommand& in) -> Status {
        return in.data.empty() ? create_from_node(in) : create_from_data(in);
    });

    auto* look = snapshot->add_subcommand("inspect", "What it holds, who has signed it, and whether that is true");
    auto inspecting = std::make_shared<InspectCommand>();
    look->add_option("file", inspecting->file, "The snapshot")->required();
    look->add_option("--genesis", inspecting->genesis, "genesis.block of the channel that it must be of");
    on_chosen(*look, choice, inspecting, inspect);

    auto* take = snapshot->add_subcommand("join", "Initialise an empty node from a snapshot");
    auto joining = std::make_shared<JoinCommand>();
    take->add_option("--node", joining->node, "The node's folder, or its node.toml")->required();
    take->add_option("--snapshot", joining->file, "The snapshot")->required();
    add_channel_option(*take, joining->channel, "One of the node's channels; otherwise the root");
    on_chosen(*take, choice, joining, join);
}

}  // namespace tally::node::cli
