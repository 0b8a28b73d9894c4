#include "node/roles/block_server.h"

#include <spdlog/spdlog.h>

#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr std::uint64_t kServedBytes = 8U << 20;  // of blocks in one answer
constexpr std::size_t kServedBlocks = 500;

}  // namespace

std::optional<consensus::FetchedBlocks> blocks_from(const storage::Chain& chain, storage::BlockNumber from) {
    consensus::FetchedBlocks answer;
    std::size_t proved = 0;
    std::uint64_t bytes = 0;
    const auto unreadable = [](const Error& error) {
        spdlog::error("event=unreadable_block what=\"{}\"", error.message);
        return std::nullopt;
    };
    const auto tip = chain.tip()->number;
    for (auto number = std::max<storage::BlockNumber>(from, 1); number <= tip; ++number) {
        auto block = chain.block(number);
        if (!block && block.error().code == Code::not_kept) break;  // who asks finds another that has it
        if (!block) return unreadable(block.error());
        if (!answer.blocks.empty() && answer.blocks.back().header.epoch != block->header.epoch) break;
        for (const auto& batch : block->batches) {
            for (const auto& transaction : batch) bytes += transaction.size();
        }
        if (proved > 0 && (bytes > kServedBytes || answer.blocks.size() >= kServedBlocks)) break;
        answer.blocks.push_back({std::move(block->header), std::move(block->batches)});
        if (block->metadata.finality_proof.empty()) continue;
        auto proof = storage::decode<consensus::FinalityProof>(block->metadata.finality_proof, "a finality proof");
        if (!proof) return unreadable(proof.error());
        answer.proof = std::move(*proof);
        proved = answer.blocks.size();
    }
    if (proved == 0) return std::nullopt;
    answer.blocks.resize(proved);
    return answer;
}

}  // namespace tally::node
