#include <algorithm>
#include <array>
#include <deque>
#include <functional>

#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/queries.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;

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

struct Entry {
    std::int64_t time_ms = 0;
    std::optional<json::object> value;      // none: nothing to tell
    std::function<void(Position&)> passed;  // the page goes beyond this entry
};

// What is read of one document, or of the records: in the order in which the ledger has it, never more than a page
// takes.
struct Source {
    std::deque<Entry> entries;
    bool more = false;  // behind the last of them
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
        const auto change = TRY(read_document<Document>(as_text(*version.value), "a document of the past")).change;
        entry.time_ms = change.time_ms;
        entry.value = to_json(change).get_object();
        entry.value->emplace("block", version.version.block);
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
        entry.passed = [next = fmt::format("{}.{}", entry.time_ms, object.at("sequence").as_int64())](
                           Position& position) { position.record = next; };
        const json::value transaction = object.at("transaction"), block = object.at("block");
        const json::value by = object.at("received_from");
        entry.value = json::object{{"kind", "record_published"},   {"time_ms", entry.time_ms},
                                   {"transaction", transaction},   {"by", by},
                                   {"details", std::move(object)}, {"block", block}};
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
Result<json::value> timeline(Stub& stub, const Timeline& arguments) {
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    const auto device = TRY(find_device(stub, arguments.id));
    auto position = arguments.cursor ? TRY(position_of(*arguments.cursor)) : Position{};
    std::array sources{TRY(changes<Device>(stub, device_key(device.id), &Position::device, position, limit + 1)),
                       TRY(changes<Incidents>(stub, composite_key({"incidents", device.id}), &Position::incidents,
                                              position, limit + 1)),
                       TRY(records(stub, device.id, position, limit))};
    json::array list;
    while (list.size() < limit) {
        auto* const source = earliest(sources);
        if (source == nullptr) break;
        auto& entry = source->entries.front();
        entry.passed(position);
        if (entry.value) list.push_back(std::move(*entry.value));
        source->entries.pop_front();
    }
    const bool more = std::ranges::any_of(sources, [](const auto& each) { return each.more || !each.entries.empty(); });
    json::object out{{"device", device.id}, {"entries", std::move(list)}};
    if (more) out.emplace("next", cursor_of(position));
    return out;
}

}  // namespace tally::chaincode::registry
