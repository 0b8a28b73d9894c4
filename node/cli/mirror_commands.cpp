// tally mirror run | verify: a channel's ledger in PostgreSQL.

#include <signal.h>

#include <future>

#include "gateway/http/client.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "node/ledgers/channel_ledger.h"
#include "node/mirror/mirror_check.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node::cli {
namespace {

constexpr std::uint64_t kBlocksPerCall = 100;
constexpr std::chrono::milliseconds kBetweenLooks{500};  // for new blocks
constexpr std::chrono::seconds kFirstRetry{1}, kLastRetry{30};

struct MirrorCommand {
    std::filesystem::path profile;
    std::string url;
    MirrorOptions mirror;
    bool once = false;
    bool without_readings = false;
};

// What the node of a profile sends of its ledger.
class BlockSource {
  public:
    static Result<BlockSource> open(const MirrorCommand& options) {
        auto member = TRY(MemberClient::open(options.profile, options.url));
        BlockSource out(std::move(member));
        const auto first = TRY(out.blocks_from(0, 1));
        out.channel = first.front().header.channel;
        out.genesis = first.front().header.hash();
        const auto& trusted = out.member_.profile().genesis;
        if (trusted.empty()) return out;
        const auto expected = TRY(read_genesis(trusted)).header.hash();
        if (expected == out.genesis) return out;
        return fail(Code::bad_proof, "the node's genesis block is {}, the one in {} is {}", out.genesis.hex(),
                    trusted.string(), expected.hex());
    }

    Result<storage::BlockNumber> height() {
        const auto checkpoint = TRY(member_.get("/v1/checkpoints/latest"));
        if (const auto* block = checkpoint.is_object() ? checkpoint.get_object().if_contains("block") : nullptr)
            if (block->is_int64() && block->get_int64() >= 0)
                return static_cast<storage::BlockNumber>(block->get_int64());
        return fail(Code::malformed, "the node's answer to /v1/checkpoints/latest has no block");
    }

    // At least one.
    Result<std::vector<storage::Block>> blocks_from(storage::BlockNumber first, std::uint64_t limit = kBlocksPerCall) {
        const auto bytes = TRY(member_.get_bytes(fmt::format("/v1/blocks/{}/raw?limit={}", first, limit)));
        std::vector<storage::Block> out;
        for (std::size_t at = 0; at < bytes.size();) {
            std::size_t size = 0;
            if (bytes.size() - at < 4) return fail(Code::malformed, "the node's blocks end in the middle of a length");
            for (unsigned i = 0; i < 4; ++i) size |= static_cast<std::size_t>(bytes[at + i]) << (8 * i);
            at += 4;
            if (bytes.size() - at < size) return fail(Code::malformed, "the node's blocks end in the middle of one");
            out.push_back(TRY(storage::decode<storage::Block>(ByteView(bytes).subspan(at, size), "a block")));
            at += size;
        }
        if (out.empty()) return fail(Code::malformed, "the node sent no block for block {}", first);
        return out;
    }

    std::string channel;
    crypto::Hash genesis;

  private:
    explicit BlockSource(MemberClient member) : member_(std::move(member)) {}
    MemberClient member_;
};

// SIGINT and SIGTERM, which end a run between two transactions of SQL.
class StopSignal {
  public:
    StopSignal() {
        sigemptyset(&signals_);
        for (const int each : {SIGINT, SIGTERM}) sigaddset(&signals_, each);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
    }
    // Whether one came within this time, or earlier.
    bool came_within(std::chrono::milliseconds time) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
        const timespec patience{seconds.count(), std::chrono::nanoseconds(time - seconds).count()};
        came_ = came_ || sigtimedwait(&signals_, nullptr, &patience) > 0;
        return came_;
    }

  private:
    sigset_t signals_{};
    bool came_ = false;
};

struct Mirrored {
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    double seconds = 0;  // of catching up
};

// That the mirror's last block is the node's, too.
Status check_place(BlockSource& source, const Mirror& mirror, storage::BlockNumber height) {
    const auto& place = mirror.place();
    if (!place) return {};
    if (place->block > height) {
        return fail(
            Code::conflict,
            "the mirror has block {}, the node's last is {}: wait until the node has caught up, or name another "
            "node's URL",
            place->block, height);
    }
    const auto block = source.blocks_from(place->block, 1);
    if (!block && block.error().code == Code::not_kept) return {};  // the next block names it
    if (!block) return std::unexpected(block.error());
    const auto hash = block->front().header.hash();
    if (hash == place->hash) return {};
    return fail(Code::conflict, "block {} of the mirror has hash {}, the node's has {}: this is another chain",
                place->block, place->hash.hex(), hash.hex());
}

// What one call to the node gives, as rows.
struct Batch {
    std::vector<BlockRows> rows;
    MirrorPlace last;
    std::uint64_t transactions = 0;
};

// The blocks that follow on `place`.
Result<Batch> next_batch(BlockSource& source, RowMaker& maker, std::optional<MirrorPlace> place) {
    Batch out;
    for (const auto& block : TRY(source.blocks_from(place ? place->block + 1 : 0))) {
        TRY(check_follows(block, place, source.channel));
        out.rows.push_back(TRY(maker.rows_of(block)));
        out.transactions += out.rows.back().leaves.size();
        place = MirrorPlace{block.header.number, block.header.hash()};
    }
    out.last = *place;
    return out;
}

// Until the node has no more blocks, or a signal came. While PostgreSQL takes one batch, the next is fetched.
Status catch_up(BlockSource& source, Mirror& mirror, RowMaker& maker, StopSignal& stop, Mirrored& done) {
    const auto height = TRY(source.height());
    const auto first = mirror.place() ? mirror.place()->block + 1 : 0;
    if (first > height) return mirror.index();
    std::optional<Progress> bar;
    if (height - first > kBlocksPerCall) bar.emplace("blocks", height + 1);
    const auto fetch = [&](const std::optional<MirrorPlace>& place) {
        return std::async(std::launch::async, [&, place] { return next_batch(source, maker, place); });
    };
    auto fetched = fetch(mirror.place());
    while (fetched.valid()) {
        const auto batch = TRY(fetched.get());
        if (batch.last.block < height && !stop.came_within({})) fetched = fetch(batch.last);
        TRY(mirror.append(batch.rows, batch.last));
        done.blocks += batch.rows.size();
        done.transactions += batch.transactions;
        if (bar) bar->at(batch.last.block + 1);
    }
    return mirror.place()->block < height ? Status() : mirror.index();
}

Status follow(const MirrorCommand& options, StopSignal& stop, Mirrored& done) {
    auto source = TRY(BlockSource::open(options));
    auto mirror = TRY(Mirror::open(options.mirror, source.channel, source.genesis));
    TRY(check_place(source, mirror, TRY(source.height())));
    RowMaker maker(mirror.has_readings());
    say(fmt::format("channel {} into schema {}{}", source.channel, options.mirror.schema,
                    mirror.place() ? fmt::format(", from block {} on", mirror.place()->block + 1) : std::string()));
    for (;;) {
        const Stopwatch watch;
        TRY(catch_up(source, mirror, maker, stop, done));
        done.seconds += watch.seconds();
        if (options.once || stop.came_within(kBetweenLooks)) break;
    }
    if (style().json) {
        print_json(boost::json::object{{"channel", source.channel},
                                       {"schema", options.mirror.schema},
                                       {"block", mirror.place() ? mirror.place()->block : 0},
                                       {"blocks", done.blocks},
                                       {"transactions", done.transactions},
                                       {"seconds", done.seconds}});
    } else if (mirror.place()) {
        say_done(fmt::format("{} blocks with {} transactions in {:.1f} s; the mirror is at block {}", done.blocks,
                             done.transactions, done.seconds, mirror.place()->block));
    }
    return {};
}

bool is_worth_another_try(const Error& error) {
    return error.code.kind() == Kind::unavailable || error.code.kind() == Kind::timed_out ||
           error.code.kind() == Kind::limited;
}

Status run_mirror(const MirrorCommand& options) {
    StopSignal stop;
    Mirrored done;
    auto patience = kFirstRetry;
    for (;;) {
        const auto before = done.blocks;
        const auto status = follow(options, stop, done);
        if (status || options.once || !is_worth_another_try(status.error())) return status;
        if (done.blocks > before) patience = kFirstRetry;
        warn(fmt::format("{}; trying again in {} s", status.error().message, patience.count()));
        if (stop.came_within(patience)) return {};
        patience = std::min(patience * 2, kLastRetry);
    }
}

Status print_verified(const MirrorCommand& options, const BlockSource& source, const MirrorFacts& facts) {
    if (style().json) {
        boost::json::array signers(facts.signers.begin(), facts.signers.end());
        print_json(boost::json::object{{"channel", source.channel},
                                       {"schema", options.mirror.schema},
                                       {"blocks", facts.blocks},
                                       {"transactions", facts.transactions},
                                       {"rows", facts.rows},
                                       {"pruned_blocks", facts.pruned},
                                       {"signers", std::move(signers)}});
        return {};
    }
    say_done(fmt::format("schema {} holds what channel {} has signed up to block {}", options.mirror.schema,
                         source.channel, facts.blocks - 1));
    print_facts({{"transactions", std::to_string(facts.transactions)},
                 {"rows compared", std::to_string(facts.rows)},
                 {"log alone", fmt::format("{} blocks, which the node has pruned", facts.pruned)},
                 {"signed by", fmt::format("{}", fmt::join(facts.signers, ", "))}});
    return {};
}

Status verify_mirror(const MirrorCommand& options) {
    auto source = TRY(BlockSource::open(options));
    auto mirror = TRY(Mirror::open_existing(options.mirror, source.channel, source.genesis));
    if (!mirror.place()) return fail(Code::not_found, "schema \"{}\" has no block yet", options.mirror.schema);
    TRY(check_place(source, mirror, TRY(source.height())));
    const auto last = mirror.place()->block;
    MirrorCheck check(mirror, source.genesis, !options.without_readings);
    Progress bar("blocks", last + 1);
    while (check.next() <= last) {
        const auto next = check.next();
        auto blocks = source.blocks_from(next, std::min(kBlocksPerCall, last + 1 - next));
        if (blocks) {
            TRY(check.take(*blocks));
        } else if (blocks.error().code == Code::not_kept) {
            TRY(check.take_pruned(next));
        } else {
            return std::unexpected(blocks.error());
        }
        bar.at(check.next());
    }
    // The checkpoint may have got more signatures since its block was read.
    const auto tip = TRY(source.blocks_from(last, 1));
    return print_verified(options, source, TRY(check.finish(tip.front().metadata.checkpoint)));
}

void add_options(CLI::App& command, MirrorCommand& options) {
    add_profile_option(command, options.profile);
    command.add_option("--url", options.url, "Another node of the consortium than the profile's: https://HOST:PORT");
    command
        .add_option(
            "--postgres", options.mirror.postgres,
            "The database: postgresql://USER@HOST/NAME, or key=value pairs as libpq takes them; the password is "
            "best in ~/.pgpass")
        ->required();
    command.add_option("--schema", options.mirror.schema, "The schema that holds this channel")->capture_default_str();
}

}  // namespace

void add_mirror(CLI::App& app, Choice& choice) {
    auto* mirror = app.add_subcommand("mirror", "A channel's ledger in PostgreSQL, for questions in SQL");
    mirror->require_subcommand(1);

    auto* command = mirror->add_subcommand("run", "Add the blocks to the database as they come, until SIGTERM");
    auto options = std::make_shared<MirrorCommand>();
    add_options(*command, *options);
    command->add_flag("--readings", options->mirror.readings, "Also each row of each series; when the mirror is made");
    command->add_flag("--once", options->once, "End when the database has the node's last block");
    on_chosen(*command, choice, options, run_mirror);

    auto* checking = mirror->add_subcommand(
        "verify", "Compare all that the database holds with the blocks, and these with the channel's signatures");
    auto checked = std::make_shared<MirrorCommand>();
    add_options(*checking, *checked);
    checking->add_flag("--no-readings", checked->without_readings, "Leave the readings out");
    on_chosen(*checking, choice, checked, verify_mirror);
}

}  // namespace tally::node::cli
