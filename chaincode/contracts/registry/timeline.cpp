#include <algorithm>
#include <array>
#include <deque>
#include <functional>

#include "chaincode/contracts/registry/queries.h"

namespace tally::chaincode::registry {
namespace {

// Where the next page goes on: of each document the first version that was not told, and the last record that was.
struct Position {
    storage::Version device, incidents;
    std::string record;  // a cursor of data.records; empty: none was told
};

std::string cursor_of(const Position& at) {
    return fmt::format("{}.{}.{}.{}{}{}", at.device.block, at.device.transaction, at.incidents.block,
                       at.incidents.transaction, at.record.empty() ? "" : ".", at.record);
}

Result<Position> position_of(std::string_view cursor) {
    std::array<std::int64_t, 4> numbers{};
    auto rest = std::optional(cursor);
    for (auto& number : numbers) {
        const auto part = unpadded(rest ? rest->substr(0, rest->find('.')) : "");
        if (!part)
            return fail(Code::invalid_argument, "\"cursor\" is \"{}\", which no page ended with", cursor.substr(0, 64));
        number = *part;
        const auto dot = rest->find('.');
        rest = dot == std::string_view::npos ? std::nullopt : std::optional(rest->substr(dot + 1));
    }
    const auto version = [](std::int64_t block, std::int64_t transaction) {
        return storage::Version{static_cast<std::uint64_t>(block), static_cast<std::uint32_t>(transaction)};
    };
    return Position{version(numbers[0], numbers[1]), version(numbers[2], numbers[3]), std::string(rest.value_or(""))};
}

std::int64_t block_number(const storage::Version& version) { return static_cast<std::int64_t>(version.block); }

struct Entry {
    std::int64_t time_ms = 0;
    std::optional<TimelineEntry> value;     // none: nothing to show
    std::function<void(Position&)> passed;  // the page goes beyond this entry
};

// What is read of one document, or of the records: in the order in which the ledger has it, never more than a page
// takes.
struct Source {
    std::deque<Entry> entries;
    bool more = false;  // the ledger has entries after the last of these
};

// The changes that a document's history tells of.
template <class Document>
Result<Source> changes(Stub& stub, std::string_view key, storage::Version Position::* at, const Position& from,
                       std::size_t limit) {
    Source source;
    const auto history = TRY(stub.history(key, from.*at, limit));
    source.more = history.size() == limit;
    for (const auto& version : history) {
        auto& entry = source.entries.emplace_back();
        entry.passed = [at, next = storage::Version{version.version.block, version.version.transaction + 1}](
                           Position& position) { position.*at = next; };
        if (!version.value) continue;
        auto change = TRY(read_document<Document>(as_text(*version.value), "a document of the past")).change;
        entry.time_ms = change.time_ms;
        entry.value = TimelineEntry{std::move(change.kind),        change.time_ms,
                                    std::move(change.transaction), std::move(change.by),
                                    std::move(change.details),     block_number(version.version)};
    }
    return source;
}

Result<Source> records(Stub& stub, const std::string& device, const Position& from, std::size_t limit) {
    json::object arguments{{"device", device}, {"order", "RECEIVED"}, {"limit", limit}};
    if (!from.record.empty()) arguments.emplace("cursor", from.record);
    auto answer = TRY(stub.call("data", "records", arguments));
    Source source;
    source.more = answer.as_object().contains("next");
    for (auto& record : answer.at("records").as_array()) {
        auto& object = record.get_object();
        auto& entry = source.entries.emplace_back();
        entry.time_ms = object.at("received_ms").as_int64();
        entry.passed = [next = fmt::format("{}/{}", padded(entry.time_ms), padded(object.at("sequence").as_int64()))](
                           Position& position) { position.record = next; };
        const auto transaction = std::string(object.at("transaction").as_string());
        const auto by = std::string(object.at("received_from").as_string());
        const auto block = object.at("block").to_number<std::int64_t>();
        entry.value = TimelineEntry{"record_published", entry.time_ms, transaction, by, std::move(object), block};
    }
    return source;
}

// The source whose next entry is the earliest. None: all are told, or what comes next of one of them was not read.
Source* earliest(std::span<Source> sources) {
    Source* first = nullptr;
    for (auto& source : sources) {
        if (source.entries.empty() && source.more) return nullptr;
        if (source.entries.empty()) continue;
        if (first == nullptr || source.entries.front().time_ms < first->entries.front().time_ms) first = &source;
    }
    return first;
}

}  // namespace

// A merge by time of what each source has in its own order. A page reads at most one entry more of each source than it
// may tell.
Result<TimelinePage> timeline(Stub& stub, const Timeline& in) {
    const auto limit = static_cast<std::size_t>(in.limit.value_or(kUsualPage));
    const auto device = TRY(find_device(stub, in.id));
    auto position = in.cursor ? TRY(position_of(*in.cursor)) : Position{};
    std::array sources{TRY(changes<Device>(stub, device_key(device.id), &Position::device, position, limit + 1)),
                       TRY(changes<Incidents>(stub, composite_key({"incidents", device.id}), &Position::incidents,
                                              position, limit + 1)),
                       TRY(records(stub, device.id, position, limit))};
    TimelinePage page{device.id, {}, {}};
    while (page.entries.size() < limit) {
        auto* const source = earliest(sources);
        if (source == nullptr) break;
        auto& entry = source->entries.front();
        entry.passed(position);
        if (entry.value) page.entries.push_back(std::move(*entry.value));
        source->entries.pop_front();
    }
    const bool more = std::ranges::any_of(sources, [](const auto& each) { return each.more || !each.entries.empty(); });
    if (more) page.next = cursor_of(position);
    return page;
}

}  // namespace tally::chaincode::registry
