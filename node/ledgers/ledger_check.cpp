#include "node/ledgers/ledger_check.h"

#include <unistd.h>

#include "node/channel/block_signatures.h"
#include "node/channel/config_update.h"
#include "node/channel/validator.h"
#include "node/ledgers/kept_check.h"
#include "node/ledgers/ledger_snapshot.h"
#include "storage/consensus_log.h"
#include "storage/model/archive.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

std::unexpected<Error> wrong_block(std::uint64_t block, std::string_view sentence) {
    return fail(Code::corrupt, "block {}: {}", block, sentence);
}

Status check_checkpoint(const storage::Checkpoint& stored, const storage::Checkpoint& computed) {
    if (stored.block_hash != computed.block_hash || stored.tree_size != computed.tree_size ||
        stored.root != computed.root || stored.state != computed.state ||
        stored.block_number != computed.block_number || stored.channel != computed.channel) {
        return fail(Code::corrupt, "block {}: its checkpoint is not what its transactions give", stored.block_number);
    }
    return {};
}

enum class Wrong { refuse, correct };  // what to do about derived figures that are not what the transactions give

// Runs one block through validation into `to`; the result must be what was stored, or is put in its place. True when
// it was what was stored; `block` is as it was written.
Result<bool> replay_block(storage::Block& block, storage::Ledger& to, std::shared_ptr<const Membership>& membership,
                          WorkerPool& pool, Wrong wrong_figures) {
    const auto number = block.header.number;
    const auto stored = block.metadata;
    const auto state = to.state();
    const auto next = number == 0 ? membership : TRY(membership_after(block.header, block.batches, membership));
    std::vector<storage::CheckedTransaction> checked;
    if (number == 0) {
        checked.push_back(TRY(check_genesis(block)));
    } else {
        if (auto status = check_block_signatures(block, membership); !status)
            return wrong_block(number, status.error().message);
        const StateBefore before(*state, to);
        for (auto& judgement : TRY(check_block(block, *membership, &before, nullptr, &pool)))
            checked.push_back(std::move(judgement.checked));
    }
    std::vector<storage::TransactionId> ids;
    ids.reserve(checked.size());
    for (const auto& each : checked) ids.push_back(each.id);
    const auto effects = TRY(storage::apply_block(number, checked, *state));
    const bool correct = wrong_figures == Wrong::correct;
    if (effects.codes != stored.codes && !correct)
        return wrong_block(number, "its validation codes are not what its transactions give");
    Status figures;
    TRY(to.append(block, ids, effects, [&](const storage::Checkpoint& computed) {
        figures = check_checkpoint(stored.checkpoint, computed);
        return figures ? stored.checkpoint.signatures : std::vector<storage::CheckpointSignature>();
    }));
    if (!figures && !correct) return std::unexpected(figures.error());
    membership = number == 0 ? TRY(Membership::from(TRY(config_of_genesis(block)))) : next;
    return figures.has_value() && effects.codes == stored.codes;
}

Result<LedgerSummary> replay(const storage::Ledger& from, storage::Ledger& to, WorkerPool& pool,
                             const ReportProgress& progress, Wrong wrong_figures) {
    const auto tip = from.tip();
    if (!tip) return fail(Code::corrupt, "the ledger has no genesis block");
    LedgerSummary summary;
    summary.first_block = summary.first_whole_block = from.first_block();
    std::shared_ptr<const Membership> membership;
    if (to.tip()) {  // the snapshot's
        const auto base = TRY(to.block_header(to.tip()->number));
        summary.tip_hash = base.header.hash();
        summary.log_root = base.metadata.checkpoint.root;
        membership = TRY(Membership::from(TRY(config_of_state(*to.state()))));
    }
    for (auto number = summary.first_block; number <= tip->number; ++number) {
        auto block = TRY(from.block(number));
        if (!TRY(replay_block(block, to, membership, pool, wrong_figures))) ++summary.corrected;
        summary.count(block);
        if (progress) progress(number + 1, tip->number + 1);
    }
    return summary;
}

Status compare_family(const storage::Ledger& stored, const storage::Ledger& computed, std::string_view family) {
    const auto a = TRY(stored.entries(family));
    const auto b = TRY(computed.entries(family));
    for (;;) {
        const bool more_a = TRY(a->next());
        const bool more_b = TRY(b->next());
        if (!more_a && !more_b) return {};
        if (more_a && more_b && equal(a->key(), b->key()) && equal(a->value(), b->value())) continue;
        const auto key = to_hex(more_a ? a->key() : b->key());
        return fail(Code::corrupt, "{}: the entry {} is not what the blocks give", family, key.substr(0, 120));
    }
}

// Strict where the directory was closed in order; after a crash a torn end is legitimate.
Status check_log(const std::filesystem::path& data, bool sealed) {
    if (!std::filesystem::exists(log_path(data))) return {};
    return storage::ConsensusLog::inspect(log_path(data), sealed, [](std::uint8_t, ByteView) -> Status { return {}; });
}

// A ledger that exists only as long as it is needed.
class ShadowDirectory {
  public:
    explicit ShadowDirectory(std::filesystem::path path) : path_(std::move(path)) {
        std::filesystem::remove_all(path_);
    }
    ~ShadowDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ShadowDirectory(const ShadowDirectory&) = delete;
    ShadowDirectory& operator=(const ShadowDirectory&) = delete;
    [[nodiscard]] Result<std::unique_ptr<storage::Ledger>> open(const std::string& channel) const {
        storage::LedgerOptions options;
        options.directory = path_;
        options.create = true;
        options.channel = channel;
        return storage::Ledger::open(std::move(options));
    }
    // A ledger that begins as `stored` began: empty, or with the snapshot.
    [[nodiscard]] Result<std::unique_ptr<storage::Ledger>> open_like(const storage::Ledger& stored,
                                                                     const std::filesystem::path& snapshot) const {
        if (stored.first_block() == 0) return open(stored.channel());
        const auto facts = TRY(import_snapshot(path_, snapshot, TRY(stored.block(0)), nullptr));
        if (facts.head.tip.number + 1 != stored.first_block()) {
            return fail(Code::invalid_argument, "the ledger began behind block {}, the snapshot is of block {}",
                        stored.first_block() - 1, facts.head.tip.number);
        }
        storage::LedgerOptions options;
        options.directory = path_;
        return storage::Ledger::open(std::move(options));
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::filesystem::path beside(const std::filesystem::path& data, std::string_view suffix) {
    auto path = std::filesystem::absolute(data).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    path += suffix;
    return path;
}

// Where a ledger is computed again for a comparison: beside it, where there is room for it. Of one on a medium that is
// read only, in the system's folder for temporary files.
std::filesystem::path place_to_verify(const std::filesystem::path& data) {
    auto place = beside(data, ".verify");
    if (::access(place.parent_path().c_str(), W_OK) == 0) return place;
    return std::filesystem::temp_directory_path() / fmt::format("tally-verify-{}", ::getpid());
}

}  // namespace

void LedgerSummary::count(const storage::Block& block) {
    ++blocks;
    const auto& codes = block.metadata.codes;
    transactions += codes.size();
    valid += static_cast<std::uint64_t>(std::count(codes.begin(), codes.end(), storage::ValidationCode::VALID));
    tip_hash = block.header.hash();
    log_root = block.metadata.checkpoint.root;
}

Result<LedgerSummary> verify_ledger(const std::filesystem::path& data, WorkerPool& pool, const ReportProgress& progress,
                                    const std::filesystem::path& snapshot) {
    const auto stored = TRY(inspect_channel_ledger(data));
    TRY(check_log(data, std::filesystem::exists(data / "SEAL")));
    TRY(stored.ledger->check_files());
    const auto began = stored.ledger->first_block();
    const bool pruned = stored.ledger->first_whole_block() > began;
    if (pruned || (began > 0 && snapshot.empty())) {
        return check_kept_ledger(*stored.ledger, pool, progress);
    }
    const ShadowDirectory shadow(place_to_verify(data));
    const auto computed = TRY(shadow.open_like(*stored.ledger, snapshot));
    auto summary = TRY(replay(*stored.ledger, *computed, pool, progress, Wrong::refuse));
    for (const char* family : {"headers", "blocks", "state", "history", "index", "log", "meta"}) {
        TRY(compare_family(*stored.ledger, *computed, family));
    }
    return summary;
}

Result<LedgerSummary> rebuild_ledger(const std::filesystem::path& data, WorkerPool& pool,
                                     const ReportProgress& progress, const std::filesystem::path& snapshot) {
    const auto lock = TRY(storage::DirectoryLock::take(data));
    const bool sealed = std::filesystem::exists(data / "SEAL");
    TRY(check_log(data, sealed));  // it cannot be made again, and must not be sealed over
    storage::LedgerOptions options;
    options.directory = ledger_path(data);
    options.read_only = true;
    auto stored = TRY(storage::Ledger::open(std::move(options)));
    if (stored->first_whole_block() > stored->first_block()) {
        return fail(Code::not_kept, "the transactions before block {} were pruned: the ledger cannot be built again",
                    stored->first_whole_block());
    }
    if (stored->first_block() > 0 && snapshot.empty()) {
        return fail(Code::not_kept, "the ledger began with the snapshot of block {}: it is needed to build it again",
                    stored->first_block() - 1);
    }
    const ShadowDirectory shadow(data / "ledger.rebuilt");
    auto computed = TRY(shadow.open_like(*stored, snapshot));
    auto summary = TRY(replay(*stored, *computed, pool, progress, Wrong::correct));
    TRY(computed->close());
    computed.reset();
    stored.reset();
    TRY(storage::break_seal(data));
    const auto old = data / "ledger.old";
    std::error_code error;
    std::filesystem::remove_all(old, error);
    std::filesystem::rename(ledger_path(data), old, error);
    if (!error) std::filesystem::rename(shadow.path(), ledger_path(data), error);
    if (error) return fail(Code::io_error, "putting the rebuilt ledger in place: {}", error.message());
    std::filesystem::remove_all(old, error);
    std::filesystem::remove(disagreement_file(data), error);
    if (sealed) TRY(storage::write_seal(data));  // after a crash there was none, and the log may end in a torn record
    return summary;
}

}  // namespace tally::node
