#include "node/ledgers/snapshot_check.h"

#include "node/channel/block_signatures.h"
#include "storage/model/archive.h"
#include "storage/state_digest.h"

namespace tally::node {

void SnapshotCheck::find_fault(Status status) {
    if (facts_.verdict && !status) facts_.verdict = std::move(status);
}

Status SnapshotCheck::head(const storage::SnapshotHead& head) {
    facts_.head = head;
    facts_.channel = head.tip.channel;
    if (genesis_ && head.genesis != *genesis_) {
        find_fault(fail(Code::wrong_channel, "the snapshot grew from genesis block {}, not from {}", head.genesis.hex(),
                        genesis_->hex()));
    }
    return {};
}

Status SnapshotCheck::block(const storage::Block& block) {
    if (!chain_ && facts_.verdict) {
        auto chain = MembershipChain::from(block);
        if (!chain) {
            find_fault(std::unexpected(chain.error()));
        } else {
            if (chain->genesis() != facts_.head.genesis) {
                find_fault(fail(Code::wrong_channel, "the snapshot names genesis block {} and holds {}",
                                facts_.head.genesis.hex(), chain->genesis().hex()));
            }
            chain_ = std::move(*chain);
        }
    } else if (facts_.verdict) {
        find_fault(chain_->extend(block));
    }
    return into_ != nullptr ? into_->block(block) : Status();
}

Status SnapshotCheck::entry(const storage::StateEntry& entry) {
    state_.add(storage::state_entry_hash(entry.key, entry.version, entry.value));
    if (entry.key.space == kConfigSpace && entry.key.key == kConfigKey) config_ = entry.value;
    return into_ != nullptr ? into_->entry(entry) : Status();
}

Status SnapshotCheck::leaf(const storage::LogLeaf& leaf) {
    if (into_ == nullptr) log_.append(leaf.hash());
    if (leaf.block < last_block_ || leaf.block > facts_.head.tip.number) {
        find_fault(fail(Code::bad_proof, "the log's leaf for transaction {} is of block {}, behind one of block {}",
                        leaf.id.hex(), leaf.block, last_block_));
    }
    last_block_ = leaf.block;
    if (leaf.block == facts_.head.tip.number) last_codes_.push_back(leaf.code);
    return into_ != nullptr ? into_->leaf(leaf) : Status();
}

Status SnapshotCheck::end(const storage::SnapshotEnd& end) {
    facts_.end = end;
    facts_.state = state_.digest();
    facts_.log_root = into_ != nullptr ? into_->log().root() : log_.root();
    find_fault(judge());
    return {};
}

Status SnapshotCheck::judge() {
    TRY(Status(facts_.verdict));
    const auto& checkpoint = facts_.end.tip.checkpoint;
    const auto& tip = facts_.head.tip;
    if (checkpoint.block_hash != tip.hash() || checkpoint.block_number != tip.number ||
        checkpoint.channel != tip.channel || tip.channel != chain_->current()->config().channel) {
        return fail(Code::bad_proof, "the checkpoint is not that of block {} of channel {}", tip.number, tip.channel);
    }
    if (checkpoint.state != facts_.state) {
        return fail(Code::bad_proof, "the state has the digest {}, the checkpoint of block {} states {}",
                    facts_.state.hex(), tip.number, checkpoint.state.hex());
    }
    if (checkpoint.root != facts_.log_root || checkpoint.tree_size != facts_.end.leaves) {
        return fail(Code::bad_proof, "the transaction log has {} leaves and the root {}, the checkpoint states {}, {}",
                    facts_.end.leaves, facts_.log_root.hex(), checkpoint.tree_size, checkpoint.root.hex());
    }
    if (!config_ || as_text(*config_) != channel_config_json(chain_->current()->config())) {
        return fail(Code::bad_proof, "the state's configuration is not the one to which the sealing blocks lead");
    }
    TRY(judge_tip());
    facts_.signers = TRY(check_vouched_for(checkpoint, *chain_->current(), tip.time_ms));
    return {};
}

// What is known of the last block beside its hash; the proof that it is final may have come later, with another block.
Status SnapshotCheck::judge_tip() const {
    const auto& tip = facts_.head.tip;
    const auto& metadata = facts_.end.tip;
    if (tip.number == 0) return {};
    const bool sealing = (tip.flags & storage::BlockHeader::kSealing) != 0;
    if (tip.epoch + (sealing ? 1 : 0) != chain_->epoch()) {
        return fail(Code::bad_proof, "block {} is of epoch {}, the sealing blocks lead to {}", tip.number, tip.epoch,
                    chain_->epoch());
    }
    if (metadata.codes != last_codes_) {
        return fail(Code::bad_proof, "block {}: its validation codes are not those of the log", tip.number);
    }
    if (metadata.finality_proof.empty() || sealing) return {};
    const auto proof = storage::decode<consensus::FinalityProof>(metadata.finality_proof, "the finality proof");
    if (!proof) return fail(Code::bad_proof, "block {}: {}", tip.number, proof.error().message);
    return chain_->current()->verify_finality(tip, *proof);
}

}  // namespace tally::node
