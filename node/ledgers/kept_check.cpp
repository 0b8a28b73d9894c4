#include "node/ledgers/kept_check.h"

#include "node/channel/block_signatures.h"
#include "node/channel/membership_chain.h"
#include "node/channel/validator.h"
#include "storage/ledger_walk.h"
#include "storage/state_digest.h"

namespace tally::node {
namespace {

std::unexpected<Error> wrong_kept(std::uint64_t block, std::string_view sentence) {
    return fail(Code::corrupt, "block {}: {}", block, sentence);
}

// Leaves come in the order of the log, and each block is checked when all of its leaves are there.
class KeptCheck {
  public:
    KeptCheck(const storage::Ledger& ledger, WorkerPool& pool, const ReportProgress& progress)
        : ledger_(ledger), pool_(pool), progress_(progress), tip_(*ledger.tip()) {}

    Result<LedgerSummary> run() {
        TRY(begin());
        const auto state = ledger_.state();
        TRY(storage::each_log_leaf(*state, [this](const storage::LogLeaf& leaf) { return take(leaf); }));
        while (next_ <= tip_.number) TRY(check_next());
        TRY(check_log(last_));
        if (!leaves_.empty())
            return wrong_kept(leaves_.front().block, "the transaction log goes on after the last block");
        TRY(check_state(*state));
        return summary_;
    }

  private:
    Status begin() {
        next_ = summary_.first_block = std::max<storage::BlockNumber>(ledger_.first_block(), 1);
        summary_.first_whole_block = ledger_.first_whole_block();
        summary_.recomputed = false;
        last_ = TRY(ledger_.block_header(next_ - 1));
        summary_.tip_hash = last_.header.hash();
        summary_.log_root = last_.metadata.checkpoint.root;
        chain_ = TRY(MembershipChain::from(TRY(ledger_.block(0))));
        for (const auto number : TRY(ledger_.sealing_blocks())) {
            if (number < next_) TRY(chain_->extend(TRY(sealing_block(ledger_, number))));
        }
        return {};
    }

    Status take(const storage::LogLeaf& leaf) {
        const auto found = TRY(ledger_.find(leaf.id));
        const bool at_its_place = storage::uses_id(leaf.code);
        if (!found || (at_its_place && (found->log_index != count_ || found->block != leaf.block))) {
            return wrong_kept(leaf.block,
                              fmt::format("index: transaction {} is not where the log says", leaf.id.hex()));
        }
        ++count_;
        if (leaf.block < summary_.first_block) {
            log_.append(leaf.hash());
            return {};
        }
        while (next_ < leaf.block && next_ <= tip_.number) TRY(check_next());
        leaves_.push_back(leaf);
        return {};
    }

    Status check_next() {
        TRY(check_log(last_));
        auto block = TRY(ledger_.block_header(next_));
        const bool sealing = (block.header.flags & storage::BlockHeader::kSealing) != 0;
        const bool whole = sealing || next_ >= summary_.first_whole_block;
        if (whole) block = TRY(ledger_.block(next_));
        const auto& header = block.header;
        if (header.previous_hash != last_.header.hash()) {
            return wrong_kept(header.number, "it does not link to the block before");
        }
        if (whole) TRY(check_data_root(block));
        if (auto status = check_block_signatures(block, chain_->current()); !status) {
            return wrong_kept(header.number, status.error().message);
        }
        TRY(whole ? check_transactions(block) : check_codes(block));
        if (sealing) {
            TRY(chain_->extend(TRY(sealing_block(ledger_, next_))));
        }
        summary_.count(block);
        last_ = {block.header, {}, std::move(block.metadata)};
        if (progress_) progress_(next_ + 1, tip_.number + 1);
        ++next_;
        return {};
    }

    Status check_transactions(const storage::Block& block) {
        const auto number = block.header.number;
        const auto transactions = transactions_of(block);
        if (leaves_.size() != transactions.size() || block.metadata.codes.size() != transactions.size()) {
            return wrong_kept(number, "it does not have as many transactions as leaves of the log");
        }
        const auto judgements = TRY(check_block(block, *chain_->current(), nullptr, nullptr, &pool_));
        for (std::size_t i = 0; i < transactions.size(); ++i) {
            const auto code = block.metadata.codes[i];
            const auto& judged = judgements[i].checked;
            const bool possible = code != storage::ValidationCode::VALID || judged.code == code;
            if (!possible || leaves_[i] != storage::LogLeaf{judged.id, code, crypto::sha256(transactions[i]), number}) {
                return wrong_kept(number, fmt::format("transaction {} is not what the log has of it", i));
            }
            log_.append(leaves_[i].hash());
        }
        leaves_.clear();
        return {};
    }

    // Of a block whose transactions were pruned.
    Status check_codes(const storage::Block& block) {
        const auto& codes = block.metadata.codes;
        const bool same = std::equal(codes.begin(), codes.end(), leaves_.begin(), leaves_.end(),
                                     [](auto code, const auto& leaf) { return code == leaf.code; });
        if (!same) return wrong_kept(block.header.number, "its validation codes are not those of the log");
        for (const auto& leaf : leaves_) log_.append(leaf.hash());
        leaves_.clear();
        return {};
    }

    // After the leaves of this block.
    Status check_log(const storage::Block& block) const {
        const auto& checkpoint = block.metadata.checkpoint;
        if (log_.root() == checkpoint.root && log_.size() == checkpoint.tree_size) return {};
        return wrong_kept(block.header.number, "its checkpoint is not that of the transaction log");
    }

    Status check_state(const storage::LedgerState& at_tip) const {
        crypto::MultisetHash state;
        TRY(storage::each_state_entry(at_tip, [&](const storage::StateEntry& entry) -> Status {
            state.add(storage::state_entry_hash(entry.key, entry.version, entry.value));
            return {};
        }));
        const auto& checkpoint = last_.metadata.checkpoint;
        if (state.digest() == checkpoint.state) return {};
        return fail(Code::corrupt, "state: its entries have the digest {}, the checkpoint of block {} states {}",
                    state.digest().hex(), checkpoint.block_number, checkpoint.state.hex());
    }

    const storage::Ledger& ledger_;
    WorkerPool& pool_;
    const ReportProgress& progress_;
    const storage::Tip tip_;
    LedgerSummary summary_;
    std::optional<MembershipChain> chain_;
    crypto::MerkleFrontier log_;
    std::uint64_t count_ = 0;               // of leaves
    std::vector<storage::LogLeaf> leaves_;  // of the next block
    storage::BlockNumber next_ = 0;
    storage::Block last_;  // without its transactions
};

}  // namespace

Result<LedgerSummary> check_kept_ledger(const storage::Ledger& ledger, WorkerPool& pool,
                                        const ReportProgress& progress) {
    return KeptCheck(ledger, pool, progress).run();
}

}  // namespace tally::node
