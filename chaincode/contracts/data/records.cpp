#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;

std::unexpected<Error> bad_cursor(std::string_view cursor) {
    return fail(Code::invalid_argument, "\"cursor\" is \"{}\", which no page ended with", cursor.substr(0, 64));
}

Result<std::string> start_behind(std::string_view device, Order order, std::string_view cursor) {
    const auto dot = cursor.find('.');
    const auto first = unpadded(cursor.substr(0, dot));
    if (!first) return bad_cursor(cursor);
    if (order == Order::SEQUENCE) return just_behind(sequence_key(device, *first));
    const auto second = dot == std::string_view::npos ? std::nullopt : unpadded(cursor.substr(dot + 1));
    if (!second) return bad_cursor(cursor);
    return just_behind(log_key(device, *first, *second));
}

}  // namespace

Result<json::value> records(Stub& stub, const Records& arguments) {
    TRY(check_identifier(arguments.device, "\"device\""));
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    const auto order = arguments.order.value_or(Order::SEQUENCE);
    auto [start, end] = children_of({order == Order::SEQUENCE ? "seq" : "log", arguments.device});
    if (arguments.cursor) start = TRY(start_behind(arguments.device, order, *arguments.cursor));
    json::array list;
    std::string next;
    bool more = true;
    std::size_t looked_at = 0;
    while (more && list.size() < limit && looked_at < kMostLookedAt) {
        const auto page = TRY(stub.range(start, end, {.limit = limit}));
        looked_at += page.entries.size();
        more = page.more;
        for (const auto& entry : page.entries) {
            if (list.size() == limit) {
                more = true;
                break;
            }
            const auto record = order == Order::SEQUENCE ? TRY(read_document<StoredRecord>(entry.value, "a record"))
                                                         : TRY(record_at(stub, arguments.device, entry));
            start = just_behind(entry.key);
            next = order == Order::SEQUENCE ? fmt::format("{}", record.sequence)
                                            : fmt::format("{}.{}", record.received_ms, record.sequence);
            if (arguments.kind && record.kind != *arguments.kind) continue;
            auto told = record_json(record);
            told.emplace("block", entry.version.block);  // the record and its index entries were written together
            if (record.series == kAbsent)
                told.emplace("series_transaction", to_json(TRY(series_transaction(stub, record))));
            list.push_back(std::move(told));
        }
    }
    json::object out{{"device", arguments.device}, {"records", std::move(list)}};
    if (more) out.emplace("next", next);
    return out;
}

}  // namespace tally::chaincode::data
