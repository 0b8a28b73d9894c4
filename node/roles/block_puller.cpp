#include "node/roles/block_puller.h"

#include <spdlog/spdlog.h>

#include "crypto/thread_name.h"
#include "node/channel/config_update.h"
#include "node/roles/block_server.h"
#include "node/roles/stopwatch.h"

namespace tally::node {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kAskAgainAfter = std::chrono::milliseconds(250);
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
    inbox_.close();
    if (thread_.joinable()) thread_.join();
}

void BlockPuller::receive(consensus::Member from, consensus::Message message) {
    if (const auto* wanted = std::get_if<consensus::FetchBlocks>(&message)) {
        {
            const std::lock_guard lock(requests_mutex_);
            requests_.add({from, wanted->from}, false);
        }
        return inbox_.wake();
    }
    (void)inbox_.try_push({from, std::move(message)});
}

void BlockPuller::run() {
    name_thread("puller");
    const auto tip = chain_.block_header(chain_.tip()->number);
    TALLY_INVARIANT(tip.has_value(), "the last block of the ledger can be read");
    last_ = tip->header;
    delivered_ = last_.number;
    auto until = Clock::now() + kPatience;
    while (!inbox_.closed()) {
        const auto wanted = highest_();
        if (fetch(wanted, until)) {
            until = Clock::now() + kPatience;
            continue;
        }
        if (Clock::now() < until) continue;
        if (wanted > last_.number) {
            ++switches_;
            spdlog::info("event=source_left orderer={} height={}", source_.load(), last_.number);
        }
        ++source_;
        until = Clock::now() + kPatience;
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
    while (last_.number == before && !inbox_.closed() && Clock::now() < until) {
        if (Clock::now() >= ask_again) {
            const bool missed = highest_() > before;
            if (missed) ask();
            ask_again = missed ? Clock::time_point::max() : Clock::now() + kAskAgainAfter;
        }
        const auto next_request = serve();
        for (auto& each : inbox_.pop_all(std::min({until, ask_again, next_request}))) {
            auto* blocks = std::get_if<consensus::FetchedBlocks>(&each.message);
            if (blocks == nullptr) answer(each);
            if (blocks == nullptr || each.from != source) continue;
            const bool long_answer = is_long(*blocks);
            const auto arrived = Clock::now();
            if (const auto status = take(*blocks); !status)
                spdlog::warn("event=bad_blocks orderer={} what=\"{}\"", source, status.error().message);
            until += Clock::now() - arrived;  // that the committer is slow is not the source's fault
            satisfied = satisfied || (last_.number > before && (long_answer || last_.number >= wanted));
        }
    }
    return satisfied;
}

BlockPuller::Clock::time_point BlockPuller::serve() {
    const auto here = chain_.tip()->number;
    std::optional<consensus::ServeBlocks> wanted;
    {
        const std::lock_guard lock(requests_mutex_);
        const auto now = steady_ms();
        wanted = requests_.next(here, now);
        const auto due = requests_.due_ms(here);
        if (!wanted) return due ? Clock::now() + std::chrono::milliseconds(*due - now) : Clock::time_point::max();
    }
    auto blocks = blocks_from(chain_, wanted->from);
    if (blocks) network_.send(std::span(&wanted->to, 1), std::move(*blocks));
    return Clock::now();
}

void BlockPuller::answer(const Incoming& question) {
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
        if (!next) return {};  // the committer has stopped before this block
        if (*next != std::exchange(membership_, *next)) epoch_starts_(membership_);
    }
    return {};
}

}  // namespace tally::node
