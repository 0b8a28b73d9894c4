#include "tests/simulation/disk.h"

#include <algorithm>
#include <utility>

namespace tally::simulation {

Disk::Disk(World& world, Speed speed, std::function<void(std::uint64_t)> synced)
    : world_(world), speed_(speed), synced_(std::move(synced)) {}

void Disk::append(LogRecord record) {
    records_.push_back(std::move(record));
    ++appended_;
}

void Disk::begin_part(std::vector<LogRecord> first) {
    new_part_at_ = records_.size();
    new_part_size_ = first.size();
    for (auto& record : first) append(std::move(record));
    sync();
}

void Disk::sync() {
    if (durable_ == records_.size()) return;
    if (std::exchange(syncing_, true)) {
        again_ = true;
        return;
    }
    auto& random = world_.random;
    const auto takes = random.chance(speed_.slow_percent) ? random.between(speed_.slow_us / 2, speed_.slow_us)
                                                          : random.between(speed_.sync_min_us, speed_.sync_max_us);
    world_.after(takes, [this, life = life_, covered = records_.size(), count = appended_] {
        if (life == life_) finished(covered, count);
    });
}

void Disk::finished(std::size_t covered, std::uint64_t count) {
    syncing_ = false;
    const bool again = std::exchange(again_, false);
    durable_ = covered;
    if (new_part_at_ > 0 && durable_ >= new_part_at_ + new_part_size_) {
        records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(new_part_at_));
        durable_ -= new_part_at_;
        new_part_at_ = 0;
    }
    synced_(count);
    if (again) sync();
}

void Disk::crash() {
    const auto lost = records_.size() - durable_;
    const auto kept = lost > 0 ? world_.random.below(lost + 1) : 0;
    records_.resize(durable_ + kept);
    durable_ = records_.size();
    new_part_at_ = 0;
    appended_ = 0;
    syncing_ = false;
    again_ = false;
    ++life_;
}

void Disk::wipe() {
    crash();
    records_.clear();
    durable_ = 0;
}

namespace {

auto has(consensus::RecordType type, ByteView bytes) {
    return [type, text = as_text(bytes)](const LogRecord& record) {
        return record.type == type && as_text(record.bytes).find(text) != std::string_view::npos;
    };
}

}  // namespace

bool Disk::contains(consensus::RecordType type, ByteView bytes) const {
    return std::any_of(records_.rbegin(), records_.rend(), has(type, bytes));
}

bool Disk::durable_contains(consensus::RecordType type, ByteView bytes) const { return any_durable(has(type, bytes)); }

bool Disk::any_durable(const std::function<bool(const LogRecord&)>& wanted) const {
    for (auto i = durable_; i > 0; --i) {
        if (wanted(records_[i - 1])) return true;
    }
    return false;
}

}  // namespace tally::simulation
