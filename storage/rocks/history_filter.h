#pragma once
// What compaction drops from the history: changes of blocks that were pruned. The history is sorted by key, so the
// changes of old blocks lie scattered in it, and only a compaction passes by all of them. Private to storage/.

#include <rocksdb/compaction_filter.h>

#include <atomic>
#include <set>
#include <string>

namespace tally::storage::rocks {

class HistoryFilter : public rocksdb::CompactionFilter {
  public:
    // The history of these namespaces is never dropped.
    explicit HistoryFilter(std::set<std::string, std::less<>> kept_spaces) : kept_spaces_(std::move(kept_spaces)) {}

    // Nothing before `block` is read any more, not even after a power loss.
    void drop_before(std::uint64_t block) { first_ = block; }
    [[nodiscard]] bool keeps(std::string_view space) const { return kept_spaces_.contains(space); }

    bool Filter(int level, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string* new_value,
                bool* value_changed) const override;
    [[nodiscard]] const char* Name() const override { return "tally.history"; }

  private:
    const std::set<std::string, std::less<>> kept_spaces_;
    std::atomic<std::uint64_t> first_{0};
};

}  // namespace tally::storage::rocks
