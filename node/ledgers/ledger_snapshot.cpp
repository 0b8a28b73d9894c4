#include "node/ledgers/ledger_snapshot.h"

#include <thread>

#include "node/channel/block_signatures.h"
#include "storage/ledger_walk.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

constexpr std::uint64_t kLookStep = 1024;  // entries between looks at the stop flag

class Creation {
  public:
    Creation(const storage::Ledger& ledger, const CreateOptions& options) : ledger_(ledger), options_(options) {}

    Result<storage::BlockNumber> run(const std::filesystem::path& file) {
        const auto state = ledger_.state();
        if (!state->height()) return fail(Code::unavailable, "the ledger is empty");
        const auto number = *state->height();
        if (number == 0) {
            return fail(Code::unavailable,
                        "the ledger holds its genesis block alone: a node needs no snapshot of that");
        }
        const auto tip = TRY(ledger_.block_header(number));
        const auto membership = TRY(Membership::from(TRY(config_of_state(*state))));
        const auto genesis = TRY(ledger_.block(0));
        total_ = ledger_.estimated_entries() + tip.metadata.checkpoint.tree_size;
        const auto writer = TRY(storage::SnapshotWriter::create(file, {genesis.header.hash(), tip.header}));
        TRY(writer->block(genesis));
        for (const auto sealing : TRY(ledger_.sealing_blocks())) {
            if (sealing > number) break;
            TRY(writer->block(TRY(sealing_block(ledger_, sealing))));
        }
        TRY(storage::each_state_entry(*state, [&](const storage::StateEntry& entry) -> Status {
            TRY(step());
            return writer->entry(entry);
        }));
        TRY(storage::each_log_leaf(*state, [&](const storage::LogLeaf& leaf) -> Status {
            TRY(step());
            return writer->leaf(leaf);
        }));
        TRY(writer->end(TRY(signed_metadata(number, *membership))));
        if (options_.progress) options_.progress(done_, done_);
        return number;
    }

  private:
    [[nodiscard]] bool stopped() const { return options_.stop != nullptr && *options_.stop; }
    [[nodiscard]] static std::unexpected<Error> stopping() { return fail(Code::unavailable, "the node is stopping"); }

    [[nodiscard]] Status step() {
        if (++done_ % kLookStep != 0) return {};
        if (stopped()) return stopping();
        if (options_.progress) options_.progress(done_, std::max(total_, done_));
        return {};
    }

    // The block's metadata once enough organizations have signed its checkpoint.
    [[nodiscard]] Result<storage::BlockMetadata> signed_metadata(storage::BlockNumber number,
                                                                 const Membership& membership) const {
        const auto until = std::chrono::steady_clock::now() + options_.patience;
        for (;;) {
            auto block = TRY(ledger_.block_header(number));
            // Those of members that have left with this very block do not count any more.
            std::erase_if(block.metadata.checkpoint.signatures, [&](const auto& each) {
                return !checkpoint_signer(block.metadata.checkpoint, each, membership, block.header.time_ms);
            });
            const auto signers = check_vouched_for(block.metadata.checkpoint, membership, block.header.time_ms);
            if (signers) {
                block.metadata.finality_proof = TRY(finality_proof_of(ledger_, number));
                return std::move(block.metadata);
            }
            if (stopped()) return stopping();
            if (std::chrono::steady_clock::now() >= until) {
                return fail(Code::unavailable, "nobody could take this snapshot over: {}", signers.error().message);
            }
            if (options_.gather) options_.gather(number);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    const storage::Ledger& ledger_;
    const CreateOptions& options_;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace

Result<storage::BlockNumber> create_snapshot(const storage::Ledger& ledger, const std::filesystem::path& file,
                                             const CreateOptions& options) {
    return Creation(ledger, options).run(file);
}

Result<SnapshotFacts> inspect_snapshot(const std::filesystem::path& file, std::optional<crypto::Hash> genesis,
                                       const storage::ReadProgress& progress) {
    SnapshotCheck check(genesis);
    TRY(storage::read_snapshot(file, check, progress));
    return check.facts();
}

Result<SnapshotFacts> import_snapshot(const std::filesystem::path& directory, const std::filesystem::path& file,
                                      const storage::Block& genesis, const storage::ReadProgress& progress) {
    const auto into = TRY(storage::LedgerImport::begin(directory, genesis.header.channel));
    SnapshotCheck check(genesis.header.hash(), into.get());
    TRY(storage::read_snapshot(file, check, progress));
    const auto& facts = check.facts();
    if (!facts.verdict) return std::unexpected(facts.verdict.error().within(file.string()));
    TRY(into->finish({facts.head.tip, {}, facts.end.tip}, check.state()));
    return facts;
}

Result<SnapshotFacts> join_with_snapshot(const std::filesystem::path& data, const std::filesystem::path& file,
                                         const storage::Block& genesis, const storage::ReadProgress& progress) {
    const auto lock = TRY(storage::DirectoryLock::take(data));
    std::error_code error;
    for (const auto& path : {ledger_path(data), log_path(data)}) {
        if (std::filesystem::exists(path, error) && !std::filesystem::is_empty(path, error)) {
            return fail(Code::already_exists, "{} is there already: only a node without a ledger takes one over",
                        path.string());
        }
    }
    TRY(storage::break_seal(data));
    return import_snapshot(ledger_path(data), file, genesis, progress);
}

}  // namespace tally::node
