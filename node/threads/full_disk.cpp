#include "node/threads/full_disk.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "gateway/http/log_value.h"

namespace tally::node {
namespace {

constexpr auto kTryAgainAfter = std::chrono::milliseconds(200);

}  // namespace

bool FullDisk::write(const std::function<Status()>& attempt, std::string_view what) {
    for (;;) {
        const auto status = attempt();
        if (status) break;
        if (status.error().code != Code::disk_full)
            broken_invariant(fmt::format("{}: {}", what, status.error().message), __FILE__, __LINE__);
        if (!full_.exchange(true)) spdlog::error("event=disk_full what={}", gateway::log_value(status.error().message));
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, kTryAgainAfter, [this] { return given_up_; })) return false;
    }
    if (full_.exchange(false)) spdlog::info("event=disk_has_room");
    return true;
}

void FullDisk::give_up() {
    {
        const std::lock_guard lock(mutex_);
        given_up_ = true;
    }
    wake_.notify_all();
}

}  // namespace tally::node
