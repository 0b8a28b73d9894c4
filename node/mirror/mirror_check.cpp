#include "node/mirror/mirror_check.h"

#include "node/channel/block_signatures.h"

namespace tally::node {

Status check_follows(const storage::Block& block, const std::optional<MirrorPlace>& before,
                     const std::string& channel) {
    const auto& header = block.header;
    const auto next = before ? before->block + 1 : 0;
    if (header.channel != channel)
        return fail(Code::bad_proof, "block {} is of channel \"{}\", not of \"{}\"", header.number, header.channel,
                    channel);
    if (header.number != next) return fail(Code::bad_proof, "the node sent block {} for block {}", header.number, next);
    if (before && header.previous_hash != before->hash) {
        return fail(Code::bad_proof, "block {} follows on a block {} with hash {}; the mirror's has {}", header.number,
                    before->block, header.previous_hash.hex(), before->hash.hex());
    }
    const auto root = check_data_root(block);
    if (!root) return fail(Code::bad_proof, "{}", root.error().message);
    return {};
}

void MirrorCheck::add_leaf(const storage::LogLeaf& leaf) {
    log_.append(leaf.hash());
    ++facts_.transactions;
}

Status MirrorCheck::take(std::span<const storage::Block> blocks) {
    std::vector<BlockRows> rows;
    const auto first = next_;
    for (const auto& block : blocks) {
        const auto& header = block.header;
        std::optional<MirrorPlace> before;
        if (next_ > 0) before = MirrorPlace{next_ - 1, last_hash_};
        TRY(check_follows(block, before, members_ ? members_->current()->config().channel : header.channel));
        if (next_ == 0) {
            if (header.hash() != genesis_) {
                return fail(Code::bad_proof, "the node's genesis block is {}, not {}", header.hash().hex(),
                            genesis_.hex());
            }
            members_ = TRY(MembershipChain::from(block));
        } else if ((header.flags & storage::BlockHeader::kSealing) != 0) {
            TRY(members_->extend(block));
        }
        auto made = TRY(maker_.rows_of(block));
        for (const auto& leaf : made.leaves) add_leaf(leaf);
        for (const auto& table : made.tables) facts_.rows += table.count();
        rows.push_back(std::move(made));
        last_hash_ = header.hash();
        last_time_ms_ = header.time_ms;
        last_known_ = true;
        ++next_;
        ++facts_.blocks;
    }
    if (blocks.empty()) return {};
    if (const auto differs = TRY(mirror_.difference(rows, first, next_ - 1, readings_)))
        return fail(Code::bad_proof, "{}", *differs);
    return {};
}

Status MirrorCheck::take_pruned(storage::BlockNumber number) {
    if (number != next_ || number == 0) return fail(Code::bad_proof, "block {} is not the next one", number);
    for (const auto& leaf : TRY(mirror_.leaves_of(number))) add_leaf(leaf);
    last_hash_ = TRY(mirror_.hash_of(number));
    last_known_ = false;
    ++next_;
    ++facts_.blocks;
    ++facts_.pruned;
    return {};
}

Result<MirrorFacts> MirrorCheck::finish(const storage::Checkpoint& checkpoint) {
    const auto& place = mirror_.place();
    if (!place || next_ != place->block + 1)
        return fail(Code::bad_proof, "the mirror ends with block {}, the check with {}", place ? place->block : 0,
                    next_);
    if (!last_known_) {
        return fail(Code::not_kept,
                    "the node has pruned block {}, the mirror's last: let the mirror go on, or ask another node",
                    place->block);
    }
    if (place->hash != last_hash_) {
        return fail(Code::bad_proof, "the mirror's cursor has block {} with hash {}, the ledger has {}", place->block,
                    place->hash.hex(), last_hash_.hex());
    }
    if (checkpoint.block_number != place->block || checkpoint.block_hash != last_hash_)
        return fail(Code::bad_proof, "the checkpoint is of block {} with hash {}", checkpoint.block_number,
                    checkpoint.block_hash.hex());
    if (checkpoint.tree_size != log_.size() || checkpoint.root != log_.root()) {
        return fail(Code::bad_proof,
                    "the checkpoint of block {} signs a log of {} transactions with root {}; the mirror's {} give {}",
                    place->block, checkpoint.tree_size, checkpoint.root.hex(), log_.size(), log_.root().hex());
    }
    facts_.signers = TRY(check_vouched_for(checkpoint, *members_->current(), last_time_ms_));
    return facts_;
}

}  // namespace tally::node
