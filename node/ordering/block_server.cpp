#include "node/ordering/block_server.h"

#include <spdlog/spdlog.h>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr std::uint64_t kServedBytes = 8U << 20;  // of blocks in one answer, beside the first
constexpr std::size_t kServedBlocks = 500;
constexpr std::size_t kServedMessages = 500'000;

Result<consensus::FinalityProof> read_proof(const Bytes& bytes) {
    return storage::decode<consensus::FinalityProof>(bytes, "a finality proof");
}

// Of the block itself, or of a later one of its epoch and the headers that lead there; none when there is none.
Result<std::optional<consensus::FinalityProof>> proof_of(const storage::Chain& chain, storage::BlockNumber number,
                                                         storage::BlockNumber tip) {
    consensus::FinalityProof proof;
    std::optional<consensus::Epoch> epoch;
    for (; number <= tip; ++number) {
        auto block = TRY(chain.block_header(number));
        if (epoch && block.header.epoch != *epoch) break;
        if (epoch) proof.trail.push_back(block.header);
        epoch = block.header.epoch;
        if (block.metadata.finality_proof.empty()) continue;
        auto found = TRY(read_proof(block.metadata.finality_proof));
        proof.finalization = std::move(found.finalization);
        proof.trail.insert(proof.trail.end(), found.trail.begin(), found.trail.end());
        return proof;
    }
    return std::nullopt;
}

// As many as one answer holds.
Result<std::vector<consensus::FinalBlock>> some_blocks(const storage::Chain& chain, storage::BlockNumber from,
                                                       storage::BlockNumber tip) {
    std::vector<consensus::FinalBlock> blocks;
    std::uint64_t bytes = 0;
    std::size_t messages = 0;
    for (auto number = from; number <= tip && blocks.size() < kServedBlocks; ++number) {
        auto block = chain.block(number);
        if (!block && block.error().code == Code::not_kept) break;  // who asks finds another that has it
        if (!block) return std::unexpected(block.error());
        if (!blocks.empty() && blocks.back().header.epoch != block->header.epoch) break;
        for (const auto& batch : block->batches) {
            messages += batch.size();
            for (const auto& transaction : batch) bytes += transaction.size();
        }
        if (!blocks.empty() && (bytes > kServedBytes || messages > kServedMessages)) break;
        blocks.push_back({std::move(block->header), std::move(block->batches)});
    }
    return blocks;
}

Result<std::optional<consensus::FetchedBlocks>> read_blocks(const storage::Chain& chain, storage::BlockNumber from) {
    const auto tip = chain.tip()->number;
    consensus::FetchedBlocks answer{TRY(some_blocks(chain, from, tip)), {}};
    // The last ones may have no proof yet.
    for (; !answer.blocks.empty(); answer.blocks.pop_back()) {
        auto proof = TRY(proof_of(chain, answer.blocks.back().header.number, tip));
        if (!proof) continue;
        answer.proof = std::move(*proof);
        return answer;
    }
    return std::nullopt;
}

}  // namespace

std::optional<consensus::FetchedBlocks> blocks_from(const storage::Chain& chain, storage::BlockNumber from) {
    auto answer = read_blocks(chain, std::max<storage::BlockNumber>(from, 1));
    if (answer) return std::move(*answer);
    spdlog::error("event=unreadable_block what={}", gateway::log_value(answer.error().message));
    return std::nullopt;
}

BlockServer::BlockServer(const storage::Chain& chain, Send send)
    : chain_(chain), send_(std::move(send)), thread_([this] { run(); }) {}

void BlockServer::add(const consensus::ServeBlocks& wanted, bool patient) {
    const std::lock_guard lock(mutex_);
    requests_.add(wanted, patient);
    changed_.notify_one();
}

void BlockServer::applied() {
    const std::lock_guard lock(mutex_);
    if (!requests_.empty()) changed_.notify_one();
}

void BlockServer::clear() {
    const std::lock_guard lock(mutex_);
    requests_.clear();
}

void BlockServer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void BlockServer::run() {
    name_thread("block server");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto here = chain_.tip()->number;
        const auto now = steady_ms();
        if (const auto wanted = requests_.next(here, now)) {
            lock.unlock();
            if (auto blocks = blocks_from(chain_, wanted->from)) send_(wanted->to, std::move(*blocks));
            lock.lock();
        } else if (const auto due = requests_.due_ms(here)) {
            changed_.wait_for(lock, std::chrono::milliseconds(std::max<std::int64_t>(*due - now, 1)));
        } else {
            changed_.wait(lock);
        }
    }
}

}  // namespace tally::node
