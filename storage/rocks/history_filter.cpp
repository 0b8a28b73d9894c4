#include "storage/rocks/history_filter.h"

#include "storage/rocks/database.h"

namespace tally::storage::rocks {

bool HistoryFilter::Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*, bool*) const {
    constexpr std::size_t kLength = 4, kVersion = 12;  // history_key: length, namespace and key, version
    const auto text = key.ToStringView();
    if (text.size() < kLength + kVersion) return false;
    if (get_big_endian(text.substr(text.size() - kVersion, 8)) >= first_) return false;
    const auto inner = text.substr(kLength);
    return !keeps(inner.substr(0, inner.find('\0')));
}

}  // namespace tally::storage::rocks
