#include "node/ordering/block_puller.h"

#include <spdlog/spdlog.h>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/channel/config_update.h"

namespace tally::node {
namespace {

constexpr auto kPullPatience = std::chrono::seconds(2);
constexpr auto kAskAgainAfter = std::chrono::milliseconds(250);
constexpr std::size_t kPullsAtOnce = 64;
constexpr std::size_t kPulledBytesAtOnce = 4U << 20;
constexpr std::size_t kLongBlocks = 100;
constexpr std::uint64_t kLongBytes = 1U << 20;

// Nobody who answers so withholds blocks. An answer ends with its epoch, however few blocks that are.
bool is_long(const consensus::FetchedBlocks& answer) {
    if (answer.blocks.empty()) return false;
    const bool sealing = (answer.blocks.back().header.flags & storage::BlockHeader::kSealing) != 0;
    std::uint64_t bytes = 0;
    for (const auto& block : answer.blocks) {
        for (const auto& batch : block.batches) {
            for (const auto& transaction : batch) bytes += transaction.size();
        }
    }
    return sealing || answer.blocks.size() >= kLongBlocks || bytes >= kLongBytes;
}

}  // namespace

void BlockPuller::start() {
    thread_ = std::thread([this] { run(); });
}

void BlockPuller::stop() {
    signal_.close();
    if (thread_.joinable()) thread_.join();
}

void BlockPuller::receive(consensus::Member from, FrameBody message) {
    if (inbox_.put(from, std::move(message))) return signal_.wake();
    network_.refused(from);
}

void BlockPuller::run() {
    name_thread("puller");
    const auto tip = chain_.block_header(chain_.tip()->number);
    TALLY_INVARIANT(tip.has_value(), "the last block of the ledger can be read");
    last_ = tip->header;
    delivered_ = last_.number;
    auto until = Clock::now() + kPullPatience;
    while (!signal_.closed()) {
        const auto wanted = highest_();
        if (fetch(wanted, until)) {
            until = Clock::now() + kPullPatience;
            continue;
        }
        if (Clock::now() < until) continue;
        if (wanted > last_.number) {
            ++switches_;
            spdlog::info("event=source_left orderer={} height={}", source_.load(), last_.number);
        }
        ++source_;
        until = Clock::now() + kPullPatience;
    }
}

bool BlockPuller::fetch(storage::BlockNumber wanted, Clock::time_point& until) {
    const auto orderers = static_cast<consensus::Member>(membership_->orderer_keys().size());
    const consensus::Member source = source_ % orderers;
    source_ = source;
    const auto before = last_.number;
    const auto ask = [&] { network_.send(std::span(&source, 1), consensus::FetchBlocks{before + 1}); };
    ask();
    // Not while there was something to fetch: a long answer may be on its way.
    auto ask_again = wanted > before ? Clock::time_point::max() : Clock::now() + kAskAgainAfter;
    bool satisfied = false;
    while (last_.number == before && !signal_.closed() && Clock::now() < until) {
        if (Clock::now() >= ask_again) {
            const bool missed = highest_() > before;
            if (missed) ask();
            ask_again = missed ? Clock::time_point::max() : Clock::now() + kAskAgainAfter;
        }
        if (inbox_.empty()) (void)signal_.pop_all(std::min(until, ask_again));
        for (auto& [from, message] : inbox_.take(kPullsAtOnce, kPulledBytesAtOnce)) {
            if (!message) {
                network_.blame(from, message.error().message);
                continue;
            }
            auto* blocks = std::get_if<consensus::FetchedBlocks>(&*message);
            if (blocks == nullptr) answer(from, *message);
            if (blocks == nullptr || from != source) continue;
            const bool long_answer = is_long(*blocks);
            const auto arrived = Clock::now();
            if (const auto status = take(*blocks); !status)
                spdlog::warn("event=bad_blocks orderer={} what={}", source, gateway::log_value(status.error().message));
            until += Clock::now() - arrived;  // that the committer is slow is not the source's fault
            satisfied = satisfied || (last_.number > before && (long_answer || last_.number >= wanted));
        }
    }
    return satisfied;
}

void BlockPuller::answer(consensus::Member from, const consensus::Message& question) {
    if (const auto* wanted = std::get_if<consensus::FetchBlocks>(&question))
        return server_.add({from, wanted->from}, false);
    const auto* status = std::get_if<consensus::StatusMessage>(&question);
    const auto tip = *chain_.tip();
    if (status == nullptr || status->answer || status->final_number >= tip.number) return;
    consensus::StatusMessage mine;
    mine.epoch = tip.epoch;
    mine.final_number = tip.number;
    mine.answer = true;
    network_.send(std::span(&from, 1), mine);
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
        if (!next) return {};  // the committer has stopped before this block
        if (*next != std::exchange(membership_, *next)) epoch_starts_(membership_);
    }
    return {};
}

}  // namespace tally::node
