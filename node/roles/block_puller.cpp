#include "node/roles/block_puller.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "node/channel/config_update.h"
#include "node/roles/block_server.h"

namespace tally::node {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);

}  // namespace

void BlockPuller::start() {
    thread_ = std::thread([this] { run(); });
}

void BlockPuller::stop() {
    inbox_.close();
    if (thread_.joinable()) thread_.join();
}

void BlockPuller::receive(consensus::Member from, consensus::Message message) {
    (void)inbox_.try_push({from, std::move(message)});
}

void BlockPuller::run() {
    const auto tip = chain_.block_header(chain_.tip()->number);
    TALLY_INVARIANT(tip.has_value(), "the last block of the ledger can be read");
    last_ = tip->header;
    delivered_ = last_.number;
    consensus::Member source = 0;
    while (!inbox_.closed()) {
        const auto orderers = membership_->orderer_keys().size();
        source = static_cast<consensus::Member>(source % orderers);
        network_.send(std::span(&source, 1), consensus::FetchBlocks{last_.number + 1});
        const auto before = last_.number;
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (last_.number == before && !inbox_.closed() && std::chrono::steady_clock::now() < until) {
            for (auto& each : inbox_.pop_all(until)) {
                auto* blocks = std::get_if<consensus::FetchedBlocks>(&each.message);
                if (blocks == nullptr) answer(each);
                if (blocks == nullptr || each.from != source) continue;
                if (const auto status = take(*blocks); !status) {
                    spdlog::warn("event=bad_blocks orderer={} what=\"{}\"", source, status.error().message);
                }
            }
        }
        if (last_.number != before) continue;
        ++source;
        ++switches_;
    }
}

void BlockPuller::answer(const Incoming& question) {
    if (const auto* wanted = std::get_if<consensus::FetchBlocks>(&question.message)) {
        auto blocks = blocks_from(chain_, wanted->from);
        if (blocks) network_.send(std::span(&question.from, 1), std::move(*blocks));
        return;
    }
    const auto* status = std::get_if<consensus::StatusMessage>(&question.message);
    const auto tip = *chain_.tip();
    if (status == nullptr || status->answer || status->final_number >= tip.number) return;
    consensus::StatusMessage mine;
    mine.epoch = tip.epoch;
    mine.final_number = tip.number;
    mine.answer = true;
    network_.send(std::span(&question.from, 1), mine);
}

// Blocks prove themselves: links from ours up to one that is final.
Status BlockPuller::take(consensus::FetchedBlocks& answer) {
    auto& blocks = answer.blocks;
    std::erase_if(blocks, [&](const auto& block) { return block.header.number <= last_.number; });
    if (blocks.empty()) return {};
    const auto* previous = &last_;
    const auto epoch = last_.epoch + ((last_.flags & storage::BlockHeader::kSealing) != 0 ? 1 : 0);
    for (const auto& block : blocks) {
        const auto& header = block.header;
        std::vector<crypto::Hash> digests;
        for (const auto& batch : block.batches) digests.push_back(storage::batch_digest(batch));
        if (header.channel != last_.channel || header.number != previous->number + 1 ||
            header.previous_hash != previous->hash() || header.epoch != epoch ||
            header.data_root != storage::data_root(digests)) {
            return fail(Code::bad_proof, "block {} does not follow block {}", header.number, previous->number);
        }
        previous = &header;
    }
    TRY(membership_->verify_finality(*previous, answer.proof));
    for (auto& block : blocks) {
        const auto next = membership_after(block.header, block.batches, membership_);
        OrderedBlock ordered{block.header, {}, std::move(block.batches), {}, {}};
        if (&block == &blocks.back()) ordered.proof = std::move(answer.proof);
        last_ = std::move(block.header);
        if (!deliver_(std::move(ordered))) return {};
        delivered_ = last_.number;
        if (next != std::exchange(membership_, next)) epoch_starts_(membership_);
    }
    return {};
}

}  // namespace tally::node
