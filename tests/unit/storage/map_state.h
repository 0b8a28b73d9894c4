#pragma once
// A world state in a map.

#include <algorithm>
#include <map>

#include "storage/state_reader.h"

namespace tally::storage {

class MapState : public StateReader {
  public:
    std::map<StateKey, VersionedValue> values;
    std::optional<std::uint64_t> number = 0;

    void set(std::string_view key, std::string_view value, Version version) { set("s", key, value, version); }
    void set(std::string_view space, std::string_view key, std::string_view value, Version version) {
        values[{std::string(space), std::string(key)}] = {to_bytes(value), version};
    }

    Result<std::optional<VersionedValue>> get(const StateKey& key) const override {
        const auto found = values.find(key);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    }
    Status scan(std::string_view space, std::string_view start, std::string_view end, bool reverse,
                const Visit& visit) const override {
        std::vector<std::pair<std::string, VersionedValue>> found;
        for (const auto& [key, value] : values) {
            if (key.space == space && key.key >= start && (end.empty() || key.key < end))
                found.emplace_back(key.key, value);
        }
        if (reverse) std::reverse(found.begin(), found.end());
        for (const auto& [key, value] : found) {
            if (!visit(key, value)) break;
        }
        return {};
    }
    std::optional<std::uint64_t> height() const override { return number; }
};

}  // namespace tally::storage
