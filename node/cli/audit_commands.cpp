// tally audit: a device's days, its readings at any interval, what is missing, and the proof of every figure.
//
// Every figure is computed from records that were taken out of verified receipts, the device's signature included. The
// gateway is asked where they are, and for nothing else that is shown; what is its word alone is marked.

#include <boost/json/serialize.hpp>
#include <cmath>

#include "chaincode/contracts/paging.h"
#include "chaincode/json/strict_json.h"
#include "gateway/device_sdk/meter_csv.h"
#include "gateway/http/target.h"
#include "node/channel/device_evidence.h"
#include "node/channel/ledger_json.h"
#include "node/cli/audit_figures.h"
#include "node/cli/command.h"
#include "node/cli/interval.h"
#include "node/cli/member_client.h"
#include "node/ledgers/channel_ledger.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

struct AuditOptions {
    std::filesystem::path profile;
    std::string device;
    std::string from;
    std::string to;
    std::string interval;
    std::vector<std::string> fields;
    std::filesystem::path receipts;
    std::vector<std::filesystem::path> configurations;
    bool raw = false;
};

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return "";
    return value->is_string() ? std::string(value->get_string()) : chaincode::json_text(*value);
}

std::int64_t number_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

// A date, or a time as meters write it.
Result<std::int64_t> parse_moment(const std::string& text) {
    return gateway::device_sdk::parse_time(text.size() == 10 && text[4] == '-' ? text + "T00:00:00Z" : text);
}

std::string date_of(std::int64_t seconds) { return iso_time(seconds * 1000).substr(0, 10); }

// Follows the pages of a query; their lists are joined.
Result<json::array> all_pages(MemberClient& member, std::string_view function, json::object arguments,
                              std::string_view list) {
    json::array all;
    for (;;) {
        auto page = TRY(member.query("data", function, arguments));
        auto& object = page.as_object();
        for (auto& each : object.at(list).as_array()) all.push_back(std::move(each));
        const auto* next = object.if_contains("next");
        if (next == nullptr) return all;
        arguments.insert_or_assign("cursor", *next);
    }
}

struct Audit {
    json::object device;  // as the gateway says
    std::vector<json::object> days;
    json::object gaps;
    json::array series;
    json::array chart;  // the first field's first day, every quarter of an hour
    json::array receipts;
    std::vector<std::string> unproven;  // what the gateway says and no receipt shows
    std::size_t recomputed = 0;
    std::size_t records = 0;
};

// Those that the user names; else the one that the profile pins.
Result<std::vector<std::shared_ptr<const Membership>>> configurations_of(const MemberClient& member,
                                                                         const AuditOptions& options) {
    auto files = options.configurations;
    if (files.empty() && !member.profile().genesis.empty()) files.push_back(member.profile().genesis);
    if (files.empty())
        return fail(Code::invalid_argument,
                    "receipts are checked against a configuration of the channel: name one with --config");
    std::vector<std::shared_ptr<const Membership>> out;
    for (const auto& file : files) out.push_back(TRY(Membership::from(TRY(read_channel_file(file)))));
    return out;
}

Result<Bytes> fetch_receipt(MemberClient& member, std::string_view transaction) { return member.receipt(transaction); }

// The receipts of the transactions that gave the device its keys, oldest first.
Status prove_keys(MemberClient& member, const AuditOptions& options, DeviceEvidence& evidence, Audit& audit) {
    if (!options.receipts.empty()) TRY(storage::make_directory(options.receipts));
    json::object arguments{{"id", options.device}, {"limit", chaincode::kLargestPage}};
    for (;;) {
        const auto page = TRY(member.query("registry", "timeline", arguments));
        for (const auto& entry : page.at("entries").as_array()) {
            const auto& object = entry.as_object();
            const auto kind = text_of(object, "kind");
            if (kind != "registered" && kind != "key_rotated" && kind != "certificate_renewed") continue;
            const auto bytes = TRY(fetch_receipt(member, text_of(object, "transaction")));
            if (const auto added = evidence.add_key(bytes); !added)
                return std::unexpected(added.error().within("a key of the device"));
            if (options.receipts.empty()) continue;
            const auto path =
                options.receipts / fmt::format("{}-key-{}.receipt", options.device, evidence.keys().size());
            TRY(storage::write_file(path, bytes));
            audit.receipts.emplace_back(path.string());
        }
        const auto* next = page.as_object().if_contains("next");
        if (next == nullptr) return {};
        arguments.insert_or_assign("cursor", *next);
    }
}

Status keep_receipt(const AuditOptions& options, const DeviceEvidence::Record& record, ByteView bytes, Audit& audit) {
    if (options.receipts.empty() || record.message.record.kind != chaincode::RecordKind::DAILY) return {};
    const auto path =
        options.receipts / fmt::format("{}-{}.receipt", options.device, date_of(record.message.record.start_s));
    TRY(storage::write_file(path, bytes));
    audit.receipts.emplace_back(path.string());
    return {};
}

// The receipts of the device's records with the sequences [first, last], of every kind: only they can show a gap.
Status prove_records(MemberClient& member, const AuditOptions& options, std::int64_t first, std::int64_t last,
                     std::uint64_t expected, DeviceEvidence& evidence, Audit& audit) {
    json::object arguments{{"device", options.device}, {"limit", chaincode::kLargestPage}};
    if (first > 1) arguments.emplace("cursor", fmt::format("{}", first - 1));
    Progress bar("receipts", expected);
    for (;;) {
        const auto page = TRY(member.query("data", "records", arguments));
        for (const auto& each : page.at("records").as_array()) {
            const auto& told = each.as_object();
            const auto sequence = number_of(told, "sequence");
            if (sequence > last) return {};
            const auto name = fmt::format("record {}", sequence);
            const auto bytes = fetch_receipt(member, text_of(told, "transaction"));
            if (!bytes && bytes.error().code != Code::unavailable) return std::unexpected(bytes.error().within(name));
            if (!bytes) {
                audit.unproven.push_back(fmt::format("{}: {}", name, bytes.error().message));
                continue;
            }
            const auto record = evidence.add_record(*bytes);
            if (!record) return std::unexpected(record.error().within(name));
            if ((*record)->key_epoch == 0)
                return fail(Code::bad_signature, "{}: no proven key of the device verifies its signature", name);
            const auto& content = (*record)->message.record;
            if (const auto carrier = text_of(told, "series_transaction");
                (*record)->series.empty() && !carrier.empty()) {
                const auto series = TRY(fetch_receipt(member, carrier));
                if (const auto added = evidence.add_series(series, sequence); !added)
                    return std::unexpected(added.error().within(name));
            }
            if (!(*record)->series.empty() && !(*record)->series_holds)
                return std::unexpected((*record)->series_holds.error().within(name));
            if ((*record)->series.empty() && content.rows() > 0)
                audit.unproven.push_back(
                    fmt::format("{}: its readings are not on the ledger; its figures are as the "
                                "device signed them",
                                name));
            TRY(keep_receipt(options, **record, *bytes, audit));
            bar.at(++audit.records);
        }
        const auto* next = page.as_object().if_contains("next");
        if (next == nullptr) return {};
        arguments.insert_or_assign("cursor", *next);
    }
}

// The first and the last sequence of these days: how far to ask.
std::pair<std::int64_t, std::int64_t> sequences_of(const json::array& days) {
    std::int64_t first = INT64_MAX, last = 0;
    for (const auto& day : days) {
        first = std::min(first, number_of(day.as_object(), "sequence"));
        last = std::max(last, number_of(day.as_object(), "sequence"));
    }
    return {first, last};
}

Result<Audit> gather(MemberClient& member, const AuditOptions& options) {
    Audit audit;
    DeviceEvidence evidence(options.device, TRY(configurations_of(member, options)));
    audit.device = TRY(member.query("registry", "get_device", {{"id", options.device}})).as_object();
    json::object range{{"device", options.device}};
    if (!options.from.empty()) range.emplace("from", TRY(parse_moment(options.from)));
    if (!options.to.empty()) range.emplace("to", TRY(parse_moment(options.to)));
    const auto told = TRY(all_pages(member, "days", range, "days"));
    if (told.empty()) return fail(Code::not_found, "device {} has no days on the ledger in this range", options.device);
    TRY(prove_keys(member, options, evidence, audit));
    const bool everything = !range.contains("from");
    const auto [first, last] = sequences_of(told);
    TRY(prove_records(member, options, everything ? 1 : first, range.contains("to") ? last : INT64_MAX - 1,
                      static_cast<std::uint64_t>(last - first + 1), evidence, audit));

    const auto from = everything ? number_of(told.front().as_object(), "from") : number_of(range, "from");
    const auto to = range.contains("to") ? number_of(range, "to") : number_of(told.back().as_object(), "to");
    const auto days = days_in(evidence, {from, to});
    for (const auto* day : days) {
        audit.days.push_back(day_json(*day));
        audit.recomputed += audit.days.back().at("recomputed").as_bool() ? 1 : 0;
    }
    audit.gaps = gaps_json(evidence, {from, to}, everything);
    std::optional<std::int64_t> interval;
    if (!options.raw) interval = options.interval.empty() ? 900 : TRY(parse_interval(options.interval));
    audit.series = TRY(series_json(days, options.fields, interval));
    if (!style().json && !options.raw && !days.empty() && !audit.series.empty())
        audit.chart = TRY(series_json({days.front()}, {text_of(audit.series.front().as_object(), "name")}, 900));
    return audit;
}

void show_days(const Audit& audit, const AuditOptions& options) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& day : audit.days) {
        for (const auto& entry : day.at("fields").as_array()) {
            const auto& field = entry.as_object();
            const auto name = text_of(field, "name");
            if (!options.fields.empty() &&
                std::find(options.fields.begin(), options.fields.end(), name) == options.fields.end())
                continue;
            rows.push_back({date_of(number_of(day, "from")), name, text_of(field, "unit"), text_of(field, "count"),
                            text_of(field, "missing"), text_of(field, "sum"), text_of(field, "min"),
                            text_of(field, "max"), text_of(field, "first"), text_of(field, "last")});
        }
    }
    print_table({"day", "field", "unit", "readings", "missing", "sum", "min", "max", "first", "last"}, rows);
}

void show_chart(const Audit& audit) {
    if (audit.chart.empty()) return;
    const auto& column = audit.chart.front().as_object();
    const auto start = number_of(audit.days.front(), "from");
    constexpr std::int64_t kSlots = 96;
    std::vector<double> means(kSlots, 0);
    std::vector<bool> missing(kSlots, true);
    for (const auto& each : column.at("buckets").as_array()) {
        const auto& bucket = each.as_object();
        const auto slot = (number_of(bucket, "time") - start) / 900;
        const auto mean = text_of(bucket, "mean");
        if (slot < 0 || slot >= kSlots || mean.empty()) continue;
        means[static_cast<std::size_t>(slot)] = std::strtod(mean.c_str(), nullptr);
        missing[static_cast<std::size_t>(slot)] = false;
    }
    print_chart(fmt::format("{} of {} on {}", text_of(column, "name"), text_of(audit.device, "id"), date_of(start)),
                means, missing, text_of(column, "unit"));
}

void show_series(const Audit& audit, const AuditOptions& options) {
    if (options.raw) {  // one line per reading, for further work
        fmt::print("time,field,unit,value\n");
        for (const auto& each : audit.series) {
            const auto& column = each.as_object();
            for (const auto& sample : column.at("samples").as_array()) {
                const auto& pair = sample.as_array();
                fmt::print("{},{},{},{}\n", iso_time(pair[0].as_int64() * 1000), text_of(column, "name"),
                           text_of(column, "unit"),
                           pair[1].is_string() ? std::string_view(pair[1].get_string()) : std::string_view());
            }
        }
        return;
    }
    std::vector<std::string> head{"from"};
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : audit.series) {
        const auto& column = each.as_object();
        head.push_back(fmt::format("{} {}", text_of(column, "name"), text_of(column, "unit")));
        for (const auto& entry : column.at("buckets").as_array()) {
            const auto& bucket = entry.as_object();
            const auto time = iso_time(number_of(bucket, "time") * 1000).substr(0, 16);
            auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& known) { return known.front() == time; });
            if (row == rows.end()) row = rows.insert(rows.end(), {time});
            row->resize(head.size());
            row->back() = text_of(bucket, "mean");
        }
    }
    for (auto& row : rows) row.resize(head.size());
    print_table(head, rows);
}

void show_audit(const Audit& audit, const AuditOptions& options) {
    if (options.raw) return show_series(audit, options);
    say(paint(Colour::bold, fmt::format("Days of {}", options.device)));
    show_days(audit, options);
    say("");
    show_chart(audit);
    if (!options.interval.empty()) {
        say("\n" + paint(Colour::bold, fmt::format("Means of every {}", options.interval)));
        show_series(audit, options);
    }
    say("\n" + paint(Colour::bold, "Proof"));
    std::vector<std::vector<std::string>> rows;
    for (const auto& day : audit.days) {
        rows.push_back({date_of(number_of(day, "from")), text_of(day, "sequence"),
                        text_of(day, "content_id").substr(0, 16), text_of(day, "root").substr(0, 16),
                        text_of(day, "rows"), text_of(day, "transaction").substr(0, 16)});
    }
    print_table({"day", "sequence", "content id", "series root", "rows", "transaction"}, rows);
    say("");
    say_done(fmt::format("{} records proven: receipts, and the device's signatures", audit.records));
    say_done(fmt::format("{} of {} days recomputed from their readings", audit.recomputed, audit.days.size()));
    for (const auto& each : audit.unproven) say(fmt::format("{} {}", paint(Colour::yellow, "!"), each));
    say(fmt::format("  the gateway's word alone: that there are no later records; the device's status ({})",
                    text_of(audit.device, "status")));
    bool whole = true;
    for (const auto& [name, what] : {std::pair("missing_days", "stretches of days are missing"),
                                     std::pair("incomplete_days", "days are incomplete"),
                                     std::pair("missing_sequences", "stretches of sequence numbers are missing"),
                                     std::pair("broken_chain", "records do not name the record before them")}) {
        const auto count = audit.gaps.at(name).as_array().size();
        if (count == 0) continue;
        whole = false;
        say(fmt::format("{} {} {}", paint(Colour::yellow, "!"), count, what));
    }
    if (whole && audit.unproven.empty()) say_done("nothing is missing between these records");
    if (!audit.receipts.empty())
        say_done(fmt::format("{} receipts in {}", audit.receipts.size(), options.receipts.string()));
}

}  // namespace

void add_audit(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("audit", "A device's figures, down to the reading, with their proofs");
    auto options = std::make_shared<AuditOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("device", options->device, "The device's id")->required();
    command->add_option("--from", options->from, "First day, or time (default: the first on the ledger)");
    command->add_option("--to", options->to, "The day or time at which to end");
    command->add_option("--interval", options->interval, "Resample to this polling interval: 15m, 2h, 90s");
    command->add_option("--fields", options->fields, "These alone, separated by commas")->delimiter(',');
    command->add_flag("--raw", options->raw, "Every reading as CSV");
    command->add_option("--receipts", options->receipts, "Keep the receipts in this folder");
    command->add_option("--config", options->configurations,
                        "channel.json or genesis.block to check receipts against; repeatable where organizations have "
                        "changed (default: what the profile pins)");
    on_chosen(*command, choice, options, [](const AuditOptions& in) -> Status {
        auto member = TRY(MemberClient::open(in.profile));
        const auto audit = TRY(gather(member, in));
        if (!style().json) {
            show_audit(audit, in);
            return {};
        }
        json::array days(audit.days.begin(), audit.days.end());
        print_json(json::object{{"days", std::move(days)},
                                {"series", audit.series},
                                {"gaps", audit.gaps},
                                {"proven_records", audit.records},
                                {"recomputed_days", audit.recomputed},
                                {"receipts", audit.receipts},
                                {"unproven", json::array(audit.unproven.begin(), audit.unproven.end())},
                                {"word_of_the_gateway", json::object{{"device", audit.device}}}});
        return {};
    });
}

}  // namespace tally::node::cli
