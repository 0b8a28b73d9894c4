#include "node/roles/block_puller.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace tally::node {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);

}  // namespace

void BlockPuller::start() {
    thread_ = std::thread([this] { run(); });
}

void BlockPuller::stop() {
    answers_.close();
    if (thread_.joinable()) thread_.join();
}

void BlockPuller::receive(consensus::Member from, consensus::FetchedBlocks blocks) {
    (void)answers_.try_push({from, std::move(blocks)});
}

void BlockPuller::run() {
    const auto tip = chain_.block_header(chain_.tip()->number);
    TALLY_INVARIANT(tip.has_value(), "the last block of the ledger can be read");
    last_ = tip->header;
    consensus::Member source = 0;
    while (!answers_.closed()) {
        const auto orderers = membership_.get()->orderer_keys().size();
        source = static_cast<consensus::Member>(source % orderers);
        network_.send(std::span(&source, 1), consensus::FetchBlocks{last_.number + 1});
        const auto before = last_.number;
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (last_.number == before && !answers_.closed() && std::chrono::steady_clock::now() < until) {
            for (auto& answer : answers_.pop_all(until)) {
                if (answer.from != source) continue;
                if (const auto status = take(answer.blocks); !status) {
                    spdlog::warn("event=bad_blocks orderer={} what=\"{}\"", source, status.error().message);
                }
            }
        }
        if (last_.number != before) continue;
        ++source;
        ++switches_;
    }
}

// Blocks prove themselves: links from ours up to one that is final.
Status BlockPuller::take(consensus::FetchedBlocks& answer) {
    auto& blocks = answer.blocks;
    std::erase_if(blocks, [&](const auto& block) { return block.header.number <= last_.number; });
    if (blocks.empty()) return {};
    const auto* previous = &last_;
    for (const auto& block : blocks) {
        const auto& header = block.header;
        std::vector<crypto::Hash> digests;
        for (const auto& batch : block.batches) digests.push_back(storage::batch_digest(batch));
        if (header.channel != last_.channel || header.number != previous->number + 1 ||
            header.previous_hash != previous->hash() || header.epoch != blocks.front().header.epoch ||
            header.data_root != storage::data_root(digests)) {
            return fail(Code::bad_proof, "block {} does not follow block {}", header.number, previous->number);
        }
        previous = &header;
    }
    TRY(membership_.get()->verify_finality(*previous, answer.proof));
    for (auto& block : blocks) {
        OrderedBlock ordered{block.header, {}, std::move(block.batches), {}, {}};
        if (&block == &blocks.back()) ordered.proof = std::move(answer.proof);
        last_ = std::move(block.header);
        if (!deliver_(std::move(ordered))) return {};
    }
    return {};
}

}  // namespace tally::node
