#include "node/ordering/block_keeper.h"

#include <spdlog/spdlog.h>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/channel/config_update.h"
#include "storage/model/archive.h"

namespace tally::node {

void BlockKeeper::start() {
    thread_ = std::thread([this] { run(); });
}

void BlockKeeper::stop() {
    disk_.give_up();
    blocks_.close();
    if (thread_.joinable()) thread_.join();
}

void BlockKeeper::run() {
    name_thread("keeper");
    while (auto ordered = blocks_.pop()) {
        storage::Block block{std::move(ordered->header), std::move(ordered->batches), {}};
        if (ordered->proof) block.metadata.finality_proof = storage::encode(*ordered->proof);
        block.metadata.writer_certificate = std::move(ordered->writer_certificate);
        block.metadata.writer_signature = std::move(ordered->writer_signature);
        if (!keep(block)) return blocks_.close();  // the caller of deliver must not wait for room
        metrics_.block(block);
        kept_(block.header.number);
    }
}

// False when the node stops on a full disk, or must not go on to this block: the next start finds it in the log.
bool BlockKeeper::keep(const storage::Block& block) {
    const auto before = membership_.get();
    const auto next = membership_after(block.header, block.batches, before);
    if (!next) {
        spdlog::critical("event=needs_upgrade block={} what={}", block.header.number,
                         gateway::log_value(next.error().message));
        const std::lock_guard lock(mutex_);
        needs_upgrade_ = next.error().within(fmt::format("block {}", block.header.number));
        return false;
    }
    const auto& after = *next;
    const auto append = [&] {
        return store_.append(block,
                             after == before ? std::nullopt : std::optional(channel_config_json(after->config())));
    };
    if (!disk_.write(append, fmt::format("block {} cannot be written", block.header.number))) return false;
    membership_.set(after);
    return true;
}

std::optional<Error> BlockKeeper::needs_upgrade() const {
    const std::lock_guard lock(mutex_);
    return needs_upgrade_;
}

}  // namespace tally::node
