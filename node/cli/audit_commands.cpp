// tally audit: a device's days, its readings at any interval, what is missing, and the proof of every figure.

#include <boost/json/serialize.hpp>
#include <cmath>

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/series.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/channel/receipt_file.h"
#include "node/cli/member.h"
#include "node/ledger_json.h"
#include "storage/files.h"
#include "storage/model/archive.h"

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

// "15m", "2h", "90s" or "90".
Result<std::int64_t> parse_interval(const std::string& text) {
    char* end = nullptr;
    const auto number = std::strtoll(text.c_str(), &end, 10);
    const std::string_view unit(end);
    const std::int64_t factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (number < 1 || factor == 0 || number > 86'400)
        return fail(Code::invalid_argument, "the interval \"{}\" is not like 90s, 15m or 2h", text);
    return number * factor;
}

// A date, or a time as meters write it.
Result<std::int64_t> parse_moment(const std::string& text) {
    return gateway::device_sdk::parse_time(text.size() == 10 && text[4] == '-' ? text + "T00:00:00Z" : text, true);
}

std::string date_of(std::int64_t seconds) { return iso_time(seconds * 1000).substr(0, 10); }

// Follows the pages of a query; their lists are joined.
Result<json::array> all_pages(Member& member, std::string_view function, json::object arguments,
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

// Columns of all pages of a series query, one entry per field.
Result<json::array> all_series(Member& member, json::object arguments, std::string_view entries) {
    json::array columns;
    for (;;) {
        auto page = TRY(member.query("data", "series", arguments));
        auto& object = page.as_object();
        for (auto& column : object.at("fields").as_array()) {
            const auto same = std::find_if(columns.begin(), columns.end(), [&](const json::value& each) {
                return each.at("name") == column.at("name") && each.at("unit") == column.at("unit") &&
                       each.at("scale") == column.at("scale");
            });
            if (same == columns.end()) {
                columns.push_back(std::move(column));
                continue;
            }
            auto& to = same->as_object().at(entries).as_array();
            for (auto& entry : column.as_object().at(entries).as_array()) to.push_back(std::move(entry));
        }
        const auto* next = object.if_contains("next");
        if (next == nullptr) return columns;
        arguments.insert_or_assign("cursor", *next);
    }
}

// Whether the figures of a day are what its readings give: the record is taken out of the receipt, its series is summed
// again, and the result is compared with what the ledger answered.
Status recompute(ByteView receipt_file, const json::object& day) {
    const auto transaction_bytes = TRY(transaction_of_receipt(receipt_file));
    const auto transaction = TRY(storage::decode<storage::Transaction>(transaction_bytes, "the transaction"));
    const auto proposal = TRY(chaincode::SignedProposal::decode(transaction.proposal, transaction.proposal.size()));
    const auto& attachments = proposal.proposal.attachments;
    if (attachments.empty()) return fail(Code::bad_proof, "the transaction carries no record");
    const auto record = TRY(chaincode::decode_record(attachments.front()));
    if (record.content_id.hex() != text_of(day, "content_id"))
        return fail(Code::bad_proof, "the record is another one");
    const auto series = record.record.series     ? *record.record.series
                        : attachments.size() > 1 ? attachments[1]
                                                 : ByteView();
    TRY(chaincode::check_series(record.record, series));
    const auto& fields = day.at("fields").as_array();
    if (fields.size() != record.record.fields.size())
        return fail(Code::bad_proof, "the ledger tells of {} fields, the record of {}", fields.size(),
                    record.record.fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto& told = fields[i].as_object();
        const auto& summary = record.record.summary[i];
        if (number_of(told, "count") != summary.count || number_of(told, "missing") != summary.missing) {
            return fail(Code::summary_mismatch, "field {} of the ledger's answer is not what the readings give",
                        text_of(told, "name"));
        }
    }
    return {};
}

struct Audit {
    json::object device;
    json::array days;
    json::object gaps;
    json::array proofs;
    json::array series;
    json::array chart;  // the first field's first day, every quarter of an hour
    json::array receipts;
    std::size_t recomputed = 0;
};

Status fetch_receipts(Member& member, const AuditOptions& options, Audit& audit) {
    if (!options.receipts.empty()) TRY(storage::make_directory(options.receipts));
    Progress bar("receipts", audit.days.size());
    for (const auto& each : audit.days) {
        const auto& day = each.as_object();
        const auto bytes =
            TRY(member.get_bytes("/v1/transactions/" + url_escape(text_of(day, "transaction")) + "/receipt"));
        if (auto status = recompute(bytes, day); !status) {
            return std::unexpected(status.error().within(fmt::format("day {}", date_of(number_of(day, "from")))));
        }
        bar.at(++audit.recomputed);
        if (options.receipts.empty()) continue;
        const auto path =
            options.receipts / fmt::format("{}-{}.receipt", options.device, date_of(number_of(day, "from")));
        TRY(storage::write_file(path, bytes));
        audit.receipts.emplace_back(path.string());
    }
    return {};
}

Result<Audit> gather(Member& member, const AuditOptions& options) {
    Audit audit;
    audit.device = TRY(member.query("registry", "get_device", {{"id", options.device}})).as_object();
    json::object range{{"device", options.device}};
    if (!options.from.empty()) range.emplace("from", TRY(parse_moment(options.from)));
    if (!options.to.empty()) range.emplace("to", TRY(parse_moment(options.to)));
    audit.days = TRY(all_pages(member, "days", range, "days"));
    if (audit.days.empty())
        return fail(Code::not_found, "device {} has no days on the ledger in this range", options.device);
    const auto from =
        range.contains("from") ? number_of(range, "from") : number_of(audit.days.front().as_object(), "from");
    const auto to = range.contains("to") ? number_of(range, "to") : number_of(audit.days.back().as_object(), "to");
    const json::object bounded{{"device", options.device}, {"from", from}, {"to", to}};
    audit.gaps = TRY(member.query("data", "gaps", bounded)).as_object();
    audit.proofs = TRY(all_pages(member, "proofs", bounded, "proofs"));
    auto series = bounded;
    json::array names;
    for (const auto& field : options.fields) names.emplace_back(field);
    if (!names.empty()) series.emplace("fields", names);
    if (!options.raw)
        series.emplace("interval_s", options.interval.empty() ? 900 : TRY(parse_interval(options.interval)));
    audit.series = TRY(all_series(member, series, options.raw ? "samples" : "buckets"));
    if (!style().json && !options.raw && !audit.series.empty()) {
        const auto first = number_of(audit.days.front().as_object(), "from");
        const json::array name{audit.series.front().as_object().at("name")};
        audit.chart = TRY(all_series(member,
                                     {{"device", options.device},
                                      {"from", first},
                                      {"to", first + 86'400},
                                      {"interval_s", 900},
                                      {"fields", name}},
                                     "buckets"));
    }
    TRY(fetch_receipts(member, options, audit));
    return audit;
}

void show_days(const Audit& audit, const AuditOptions& options) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : audit.days) {
        const auto& day = each.as_object();
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
    const auto start = number_of(audit.days.front().as_object(), "from");
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

void show(const Audit& audit, const AuditOptions& options) {
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
    for (const auto& each : audit.proofs) {
        const auto& proof = each.as_object();
        rows.push_back({date_of(number_of(proof, "from")), text_of(proof, "sequence"),
                        text_of(proof, "content_id").substr(0, 16), text_of(proof, "root").substr(0, 16),
                        text_of(proof, "rows"), text_of(proof, "transaction").substr(0, 16)});
    }
    print_table({"day", "sequence", "content id", "series root", "rows", "transaction"}, rows);
    say("");
    say_done(fmt::format("{} of {} days recomputed from their readings", audit.recomputed, audit.days.size()));
    bool whole = true;
    for (const auto& [name, what] : {std::pair("missing_days", "stretches of days are missing"),
                                     std::pair("incomplete_days", "days are incomplete"),
                                     std::pair("missing_sequences", "stretches of sequence numbers are missing"),
                                     std::pair("broken_chain", "records do not name the record before them")}) {
        const auto count = audit.gaps.at(name).as_array().size();
        if (count == 0) continue;
        whole = false;
        say(fmt::format("{} {} {} (tally query data gaps)", paint(Colour::yellow, "!"), count, what));
    }
    if (whole) say_done("nothing is missing");
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
    on_chosen(*command, choice, options, [](const AuditOptions& in) -> Status {
        auto member = TRY(Member::open(in.profile));
        const auto audit = TRY(gather(member, in));
        if (!style().json) {
            show(audit, in);
            return {};
        }
        print_json(json::object{{"device", audit.device},
                                {"days", audit.days},
                                {"series", audit.series},
                                {"gaps", audit.gaps},
                                {"proofs", audit.proofs},
                                {"recomputed_days", audit.recomputed},
                                {"receipts", audit.receipts}});
        return {};
    });
}

}  // namespace tally::node::cli
