#include "node/committing/snapshot_maker.h"

#include <spdlog/spdlog.h>

#include <fstream>

#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/ledgers/ledger_snapshot.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node {
namespace {

constexpr std::size_t kPartBytes = 4U << 20;
constexpr auto kSnapshotPatience = std::chrono::seconds(30);

}  // namespace

SnapshotMaker::SnapshotMaker(const storage::Ledger& ledger, std::filesystem::path folder, Gather gather)
    : ledger_(ledger), folder_(std::move(folder)), file_(folder_ / "newest.snapshot"), gather_(std::move(gather)) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

SnapshotMaker::~SnapshotMaker() { stop(); }

Result<boost::json::object> SnapshotMaker::begin() {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Code::unavailable, "the node is stopping");
        if (!running_) {
            TRY(storage::make_directory(folder_));
            if (thread_.joinable()) thread_.join();
            done_ = total_ = 0;
            made_.reset();
            running_ = true;
            thread_ = std::thread([this] { run(); });
        }
    }
    return status();
}

void SnapshotMaker::run() {
    name_thread("snapshots");
    const Stopwatch watch;
    CreateOptions options;
    options.patience = kSnapshotPatience;
    options.gather = gather_;
    options.stop = &stopping_;
    options.progress = [this](std::uint64_t done, std::uint64_t total) {
        done_ = done;
        total_ = total;
    };
    auto made = create_snapshot(ledger_, file_, options);
    if (made) {
        spdlog::info("event=snapshot block={} bytes={} seconds={:.3f}", *made, std::filesystem::file_size(file_),
                     watch.seconds());
    } else {
        spdlog::warn("event=snapshot_failed what={}", gateway::log_value(made.error().message));
    }
    const std::lock_guard lock(mutex_);
    made_ = std::move(made);
    running_ = false;
}

boost::json::object SnapshotMaker::status() const {
    const std::lock_guard lock(mutex_);
    if (running_) return {{"state", "running"}, {"done", done_.load()}, {"total", total_.load()}};
    if (!made_) return {{"state", "none"}};
    if (!*made_) {
        return {{"state", "failed"}, {"code", made_->error().code.name()}, {"detail", made_->error().message}};
    }
    std::error_code ignored;
    return {{"state", "done"}, {"block", **made_}, {"bytes", std::filesystem::file_size(file_, ignored)}};
}

Result<Bytes> SnapshotMaker::part(storage::BlockNumber block, std::uint64_t offset) const {
    const std::lock_guard lock(mutex_);
    if (running_ || !made_ || !*made_ || **made_ != block) {
        return fail(Code::not_found, "there is no snapshot of block {}; ask for one", block);
    }
    std::ifstream in(file_, std::ios::binary);
    Bytes bytes(kPartBytes);
    in.seekg(static_cast<std::streamoff>(offset));
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (in.bad()) return fail(Code::io_error, "{} cannot be read", file_.string());
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

void SnapshotMaker::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

}  // namespace tally::node
