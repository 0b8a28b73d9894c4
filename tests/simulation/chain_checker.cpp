#include "tests/simulation/chain_checker.h"

#include <algorithm>

namespace tally::simulation {

using namespace consensus;
using storage::BlockHeader;

std::vector<storage::Batch> batches_of(const Deliver& deliver) {
    if (deliver.batches.empty()) return deliver.fetched;
    std::vector<storage::Batch> batches;
    for (const auto& batch : deliver.batches) batches.push_back(batch->transactions);
    return batches;
}

void ChainChecker::submitted(const storage::Batch& transactions) {
    for (const auto& transaction : transactions) submitted_.insert(transaction);
}

void ChainChecker::delivering(const Speaker& speaker, const Deliver& deliver) {
    const auto& header = deliver.header;
    const auto hash = header.hash();
    links(speaker, header);
    proven(speaker, deliver, hash);
    const auto batches = batches_of(deliver);
    std::vector<Hash> digests;
    for (const auto& batch : batches) digests.push_back(storage::batch_digest(batch));
    if (storage::data_root(digests) != header.data_root) {
        violated("node {} delivers block {} with other transactions than its header says", speaker.node, header.number);
    }
    const auto [known, first] = chain_.try_emplace(header.number, hash);
    if (known->second != hash) {
        violated("nodes disagree on block {}: node {} delivers {}, another one {}", header.number, speaker.node,
                 hash.hex().substr(0, 6), known->second.hex().substr(0, 6));
    }
    votes_.delivered(header, hash);
    if (first) first_of_its_number(deliver, batches);
}

void ChainChecker::links(const Speaker& speaker, const BlockHeader& header) const {
    const auto& parent = speaker.ledger->tip();
    const auto wrong = [&](const char* what) {
        violated("node {} delivers block {} behind {}: {}", speaker.node, header.number, parent.header.number, what);
    };
    if (header.number != parent.header.number + 1) wrong("the numbers have a gap or repeat");
    if (header.previous_hash != parent.hash) wrong("it links to another block");
    if (header.time_ms < parent.header.time_ms) wrong("time runs back");
    if (header.channel != kChannel) wrong("it is of another channel");
    const auto& members = parent.next;
    if (header.epoch != members.epoch) wrong("it is of another epoch");
    if (header.proposer != header.view % members.members.size()) wrong("another member led its view");
    if (parent.header.epoch == header.epoch && header.view <= parent.header.view) wrong("its view is not later");
    if ((header.flags & BlockHeader::kEmptyOnly) != 0) wrong("what follows a sealing block is never delivered");
}

void ChainChecker::proven(const Speaker& speaker, const Deliver& deliver, const Hash& hash) {
    if (deliver.proof.finalization.signatures.empty()) {
        unproven_[speaker.place] = deliver.header.number;  // one of a range of blocks: the last one's proof will do
        return;
    }
    unproven_.erase(speaker.place);
    auto last = hash;
    for (const auto& header : deliver.proof.trail) {
        if (header.previous_hash != last) violated("the trail of block {} does not link", deliver.header.number);
        last = header.hash();
    }
    const auto& certificate = deliver.proof.finalization;
    if (certificate.kind != VoteKind::finalize || certificate.id != last || certificate.epoch != deliver.header.epoch) {
        violated("node {} delivers block {} with a proof of something else", speaker.node, deliver.header.number);
    }
    votes_.certificate_of_correct(speaker, certificate);
    if (!deliver.proof.trail.empty()) world_.count("block final through a descendant");
}

void ChainChecker::all_proven() const {
    for (const auto& [place, number] : unproven_) violated("block {} at {} has never been proven", number, place);
}

void ChainChecker::first_of_its_number(const Deliver& deliver, const std::vector<storage::Batch>& batches) {
    const auto number = deliver.header.number;
    for (const auto& batch : batches) {
        if (batch.empty()) violated("block {} has an empty batch", number);
        for (const auto& transaction : batch) {
            if (!submitted_.contains(transaction)) violated("block {} has a transaction that nobody submitted", number);
            if (!taken_.insert(transaction).second) {
                violated("block {} has a transaction that an earlier one has: {}", number,
                         as_text(ByteView(transaction).first(std::min<std::size_t>(transaction.size(), 24))));
            }
        }
    }
    lanes(deliver);
    sealing(deliver, batches);
    if (batches.empty()) world_.count("empty block");
}

void ChainChecker::lanes(const Deliver& deliver) {
    const auto number = deliver.header.number;
    for (const auto& batch : deliver.batches) {
        const auto& header = batch->header;
        auto& position = positions_[header.lane];
        const auto next = header.at.incarnation == position.incarnation
                              ? header.at.sequence == position.sequence + 1
                              : header.at.incarnation > position.incarnation && header.at.sequence == 1;
        if (!next) {
            violated("block {} takes batch {}.{} of lane {:x} behind {}.{}", number, header.at.incarnation,
                     header.at.sequence, header.lane, position.incarnation, position.sequence);
        }
        if (header.at.incarnation > position.incarnation) world_.count("lane in a new incarnation");
        position = header.at;
    }
    std::optional<std::uint64_t> last;
    for (const auto& progress : deliver.header.lanes) {
        if (last && progress.lane <= *last) violated("the lanes of block {} are not in order", number);
        last = progress.lane;
        auto& position = positions_[progress.lane];
        if (!deliver.fetched.empty()) position = std::max(position, progress.at);  // fetched: not seen one by one
        if (progress.at != position) {
            violated("block {} says that lane {:x} is at {}.{}, and its batches lead to {}.{}", number, progress.lane,
                     progress.at.incarnation, progress.at.sequence, position.incarnation, position.sequence);
        }
    }
    for (const auto& [lane, position] : positions_) {
        const auto is_there = [lane = lane](const storage::LaneProgress& progress) { return progress.lane == lane; };
        if (position > storage::LanePosition{} && std::ranges::none_of(deliver.header.lanes, is_there)) {
            violated("block {} forgets lane {:x}", number, lane);
        }
    }
}

void ChainChecker::sealing(const Deliver& deliver, const std::vector<storage::Batch>& batches) const {
    const auto flagged = (deliver.header.flags & BlockHeader::kSealing) != 0;
    const auto number = deliver.header.number;
    if (flagged && (batches.size() != 1 || batches[0].size() != 1))
        violated("the sealing block {} has more than one transaction", number);
    if (flagged && changes_(batches[0][0], deliver.header.time_ms) != true)
        violated("block {} is a sealing one and changes nothing", number);
    for (const auto& batch : deliver.batches) {
        if (!batch->header.sealing) continue;
        if (batches.size() != 1) violated("block {} has more than a sealing batch", number);
        const auto changes = changes_(batch->transactions.front(), deliver.header.time_ms);
        if (changes != flagged) violated("block {} and its batch differ in sealing", number);
        if (!flagged) world_.count("false change ordered as any batch");
    }
    if (flagged) world_.count("sealing block");
}

}  // namespace tally::simulation
