#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/totals.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;

// [start, end) of the index keys, behind the cursor: the last entry's key without what the range has in common.
struct Scan {
    std::string prefix;
    std::string start;
    std::string end;
};

Result<Scan> scan_of(const Subject& subject, const Days& arguments) {
    const auto from = std::max<std::int64_t>(arguments.from.value_or(0), 0);
    const auto to = std::min(arguments.to.value_or(kLastSecond), kLastSecond);
    if (to < from) return fail(Code::invalid_argument, "\"to\" is {}, before \"from\", {}", to, from);
    const auto prefix = subject.is_device ? children_of({"day", subject.name}).first
                                          : children_of({"shardday", subject.organization, subject.name}).first;
    Scan scan{prefix, prefix + padded(from), prefix + padded(to)};
    if (arguments.cursor) {
        const auto dot = arguments.cursor->find('.');
        const auto start = unpadded(arguments.cursor->substr(0, dot));
        if (!start)
            return fail(Code::invalid_argument, "\"cursor\" is \"{}\", which no page ended with",
                        arguments.cursor->substr(0, 64));
        auto key = prefix + padded(*start);
        if (!subject.is_device && dot != std::string::npos) key += '\0' + arguments.cursor->substr(dot + 1);
        scan.start = std::max(scan.start, just_behind(key));
    }
    return scan;
}

}  // namespace

Result<json::value> find(Stub& stub, const Find& arguments) {
    const auto id = TRY(crypto::Hash::from_hex(arguments.content_id)).hex();
    if (arguments.device) TRY(check_identifier(*arguments.device, "\"device\""));
    const auto [start, end] = children_of({"content", id});
    const auto page = TRY(arguments.device ? stub.range(content_key(id, *arguments.device),
                                                        content_key(id, *arguments.device) + '\0', {.limit = 1})
                                           : stub.range(start, end, {.limit = 1}));
    if (page.entries.empty()) return json::value(nullptr);
    const std::string device(last_part(page.entries[0].key));
    const auto here = TRY(read_document<ContentEntry>(page.entries[0].value, "a content entry"));
    const auto record = TRY(read_record(stub, device, here.sequence));
    return json::object{{"transaction", record.transaction},
                        {"device", device},
                        {"kind", to_json(record.kind)},
                        {"sequence", record.sequence},
                        {"from", record.from},
                        {"to", record.to},
                        {"content_id", id},
                        {"received_ms", record.received_ms}};
}

Result<json::value> days(Stub& stub, const Days& arguments) {
    const auto subject = TRY(subject_of(stub, arguments.device, arguments.shard, arguments.organization));
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    const auto scan = TRY(scan_of(subject, arguments));
    if (scan.start >= scan.end) return json::object{{"days", json::array()}};
    const auto page = TRY(stub.range(scan.start, scan.end, {.limit = limit}));
    json::array list;
    std::string next;
    for (const auto& entry : page.entries) {
        const auto device = arguments.device ? *arguments.device : std::string(last_part(entry.key));
        const auto record = TRY(record_at(stub, device, entry));
        auto told = record_json(record, arguments.fields);
        if (const auto by = TRY(correction_of(stub, record))) {
            told.emplace("corrected_by", json::object{{"sequence", by->sequence}, {"content_id", by->content_id}});
        }
        list.push_back(std::move(told));
        next = arguments.device ? fmt::format("{}", record.from) : fmt::format("{}.{}", record.from, device);
    }
    json::object out{{"days", std::move(list)}};
    if (page.more) out.emplace("next", next);
    return out;
}

Result<json::value> proofs(Stub& stub, const Proofs& arguments) {
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    TRY(check_identifier(arguments.device, "\"device\""));
    const Days range{arguments.device, {}, {}, arguments.from, arguments.to, {}, {}, arguments.cursor};
    const auto scan = TRY(scan_of({true, arguments.device, {}}, range));
    if (scan.start >= scan.end) return json::object{{"device", arguments.device}, {"proofs", json::array()}};
    const auto page = TRY(stub.range(scan.start, scan.end, {.limit = limit}));
    json::array list;
    std::int64_t last = 0;
    for (const auto& entry : page.entries) {
        const auto record = TRY(record_at(stub, arguments.device, entry));
        last = record.from;
        list.push_back(json::object{{"from", record.from},
                                    {"to", record.to},
                                    {"sequence", record.sequence},
                                    {"content_id", record.content_id},
                                    {"previous", to_json(record.previous)},
                                    {"previous_daily", to_json(record.previous_daily)},
                                    {"root", record.root},
                                    {"rows_per_leaf", record.rows_per_leaf},
                                    {"rows", record.rows},
                                    {"series", record.series},
                                    {"series_transaction", to_json(TRY(series_transaction(stub, record)))},
                                    {"signature", record.signature},
                                    {"epoch", record.epoch},
                                    {"transaction", record.transaction},
                                    {"received_ms", record.received_ms}});
    }
    json::object out{{"device", arguments.device}, {"proofs", std::move(list)}};
    if (page.more) out.emplace("next", fmt::format("{}", last));
    return out;
}

}  // namespace tally::chaincode::data
