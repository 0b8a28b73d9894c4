#include <algorithm>

#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/queries.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;
constexpr std::size_t kMaxChanges = 10'000;

// Where an entry stands: its time, then what it is of, then its number there.
enum class Source : std::int64_t { device = 0, incidents = 1, record = 2 };
struct Place {
    std::int64_t time_ms = -1;
    Source source = Source::device;
    std::int64_t number = -1;

    friend auto operator<=>(const Place&, const Place&) = default;
};

struct Entry {
    Place place;
    json::object value;
};

std::string cursor_of(const Place& place) {
    return fmt::format("{}.{}.{}", place.time_ms, static_cast<std::int64_t>(place.source), place.number);
}

Result<Place> place_of(std::string_view cursor) {
    const auto first = cursor.find('.');
    const auto second = first == std::string_view::npos ? first : cursor.find('.', first + 1);
    if (second != std::string_view::npos) {
        const auto time = unpadded(cursor.substr(0, first));
        const auto source = unpadded(cursor.substr(first + 1, second - first - 1));
        const auto number = unpadded(cursor.substr(second + 1));
        if (time && source && *source <= 2 && number) return Place{*time, static_cast<Source>(*source), *number};
    }
    return fail(Code::invalid_argument, "\"cursor\" is \"{}\", which no page ended with", cursor.substr(0, 64));
}

// The changes that a document's history tells of.
template <class Document>
Status add_changes(Stub& stub, std::string_view key, Source source, const Place& after, std::vector<Entry>& entries) {
    const auto history = TRY(stub.history(key, {}, kMaxChanges));
    std::int64_t number = 0;
    for (const auto& entry : history) {
        if (!entry.value) continue;
        const auto change = TRY(read_document<Document>(as_text(*entry.value), "a document of the past")).change;
        const Place place{change.time_ms, source, number++};
        if (place <= after) continue;
        auto value = to_json(change).get_object();
        value.emplace("block", entry.version.block);
        entries.push_back({place, std::move(value)});
    }
    return {};
}

// True when there are more. Then nothing that is later than the last of these may be told yet.
Result<bool> add_records(Stub& stub, const std::string& device, const Place& after, std::size_t limit,
                         std::vector<Entry>& entries) {
    json::object arguments{{"device", device}, {"order", "RECEIVED"}, {"limit", limit}};
    if (after.time_ms >= 0) {
        const auto number = after.source == Source::record ? after.number : 0;
        arguments.emplace("cursor", fmt::format("{}.{}", after.time_ms, number));
    }
    auto answer = TRY(stub.call("data", "records", arguments));
    for (auto& record : answer.at("records").as_array()) {
        auto& object = record.get_object();
        const Place place{object.at("received_ms").as_int64(), Source::record, object.at("sequence").as_int64()};
        if (place <= after) continue;
        const json::value transaction = object.at("transaction"), block = object.at("block");
        const json::value by = object.at("received_from");
        entries.push_back({place, json::object{{"kind", "record_published"},
                                               {"time_ms", place.time_ms},
                                               {"transaction", transaction},
                                               {"by", by},
                                               {"details", std::move(object)},
                                               {"block", block}}});
    }
    return answer.as_object().contains("next");
}

}  // namespace

Result<json::value> timeline(Stub& stub, const Timeline& arguments) {
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    const auto device = TRY(find_device(stub, arguments.id));
    const auto after = arguments.cursor ? TRY(place_of(*arguments.cursor)) : Place{};
    std::vector<Entry> entries;
    TRY(add_changes<Device>(stub, device_key(device.id), Source::device, after, entries));
    TRY(add_changes<Incidents>(stub, composite_key({"incidents", device.id}), Source::incidents, after, entries));
    bool more = TRY(add_records(stub, device.id, after, limit, entries));
    const auto last = entries.empty() ? Place{} : entries.back().place;
    if (more) std::erase_if(entries, [&](const Entry& each) { return each.place > last; });
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    more = more || entries.size() > limit;
    if (entries.size() > limit) entries.resize(limit);
    json::array list;
    for (auto& entry : entries) list.push_back(std::move(entry.value));
    json::object out{{"device", device.id}, {"entries", std::move(list)}};
    if (more) out.emplace("next", cursor_of(entries.back().place));
    return out;
}

}  // namespace tally::chaincode::registry
