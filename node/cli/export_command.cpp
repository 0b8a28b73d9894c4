// tally export: a device's readings in a range, as a file that others read, with what proves them.

#include <fstream>

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/contracts/paging.h"
#include "gateway/device_sdk/parse_time.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/encrypted_series.h"
#include "node/cli/export_formats.h"
#include "node/cli/member_client.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace billing = chaincode::billing;
namespace data = chaincode::data;
namespace exports = gateway::exports;
namespace json = boost::json;
using chaincode::Date;

namespace {

struct ExportOptions {
    std::filesystem::path profile;
    std::string device;
    std::string from;
    std::string until;
    std::string format = "csv";
    std::string agreement;
    std::vector<std::string> fields;
    std::filesystem::path out;
    std::filesystem::path reading_key;
    bool again = false;
};

// How far an export is, beside the file while it is not whole: a later call with the same question goes on there.
struct ExportProgress {
    std::string question;
    std::optional<std::string> cursor;
    std::int64_t bytes = 0;
    std::int64_t records = 0;
    std::int64_t withheld = 0;
    std::vector<exports::ExportedField> fields;
};

struct Exported {
    std::string device;
    std::string file;
    std::int64_t records = 0;
    std::int64_t withheld = 0;
    std::int64_t bytes = 0;
};

std::filesystem::path progress_file(const std::filesystem::path& out) {
    auto file = out;
    return file += ".progress";
}

json::object json_of(const ExportProgress& in) {
    json::array fields;
    for (const auto& each : in.fields)
        fields.push_back(json::object{{"name", each.name}, {"unit", each.unit}, {"scale", each.scale}});
    json::object out{{"question", in.question},
                     {"bytes", in.bytes},
                     {"records", in.records},
                     {"withheld", in.withheld},
                     {"fields", fields}};
    if (in.cursor) out["cursor"] = *in.cursor;
    return out;
}

// None when there is nothing to go on with. Another question's is refused.
Result<std::optional<ExportProgress>> earlier_progress(const ExportOptions& options, const std::string& question) {
    const auto file = progress_file(options.out);
    if (!std::filesystem::exists(file)) return std::nullopt;
    const auto text = TRY(storage::read_file(file, 1 << 20));
    const auto stored = TRY(chaincode::parse_json(text, file.string()));
    ExportProgress out;
    try {
        const auto& object = stored.as_object();
        out.question = object.at("question").as_string();
        out.bytes = object.at("bytes").as_int64();
        out.records = object.at("records").as_int64();
        out.withheld = object.at("withheld").as_int64();
        if (const auto* cursor = object.if_contains("cursor")) out.cursor = std::string(cursor->as_string());
        for (const auto& each : object.at("fields").as_array())
            out.fields.push_back({std::string(each.at("name").as_string()), std::string(each.at("unit").as_string()),
                                  each.at("scale").as_int64()});
    } catch (const std::exception&) {
        return fail(Code::malformed, "{}: it is no progress of an export; remove it to begin again", file.string());
    }
    if (out.question != question) {
        return fail(Code::already_exists, "{} is of another export: finish that one with its options, or remove it",
                    file.string());
    }
    std::error_code error;
    const auto size = std::filesystem::file_size(options.out, error);
    if (error || static_cast<std::int64_t>(size) < out.bytes)
        return fail(Code::malformed, "{} is shorter than {} says; remove both", options.out.string(), file.string());
    return out;
}

class Export {
  public:
    Export(const ExportOptions& options, MemberClient& member) : options_(options), member_(member) {}

    Result<Exported> run() {
        TRY(read_range());
        if (!options_.reading_key.empty())
            opener_ = TRY(SeriesOpener::open(member_, TRY(load_reading_key(options_.reading_key)), options_.device));
        const auto question = chaincode::json_text(json::object{{"device", options_.device},
                                                                {"from", from_},
                                                                {"until", until_},
                                                                {"format", options_.format},
                                                                {"agreement", options_.agreement},
                                                                {"fields", chaincode::to_json(options_.fields)}});
        if (auto earlier = TRY(earlier_progress(options_, question))) {
            progress_ = std::move(*earlier);
        } else if (std::filesystem::exists(options_.out) && !options_.again) {
            return fail(Code::already_exists, "{}: it is there; say --again to write over it", options_.out.string());
        }
        progress_.question = question;
        TRY(read_qualities());
        TRY(open());
        done_ = progress_.records + progress_.withheld > 0 && !progress_.cursor;
        TRY(write_records());
        TRY(write_summaries());
        if (!format_) return nothing_written();
        TRY(append(format_->tail()));
        TRY(flush());
        std::error_code ignored;
        std::filesystem::remove(progress_file(options_.out), ignored);
        return Exported{options_.device, options_.out.string(), progress_.records, progress_.withheld, progress_.bytes};
    }

  private:
    std::unexpected<Error> nothing_written() {
        file_.close();
        std::error_code ignored;
        std::filesystem::remove(progress_file(options_.out), ignored);
        std::filesystem::remove(options_.out, ignored);
        if (progress_.withheld > 0) {
            return fail(Code::not_found,
                        "the readings of all {} records of {} are withheld: they are not on this node's ledger, or not "
                        "for this member",
                        progress_.withheld, options_.device);
        }
        return fail(Code::not_found, "{} has no DAILY records from {} until {}", options_.device,
                    iso_time(from_ * 1000), iso_time(until_ * 1000));
    }

    Status read_range() {
        const auto time_of = [](const std::string& text) -> Result<std::int64_t> {
            if (const auto day = Date::parse(text))
                return std::chrono::duration_cast<std::chrono::seconds>(day->day().time_since_epoch()).count();
            return gateway::device_sdk::parse_time(text);
        };
        from_ = TRY(time_of(options_.from));
        until_ = TRY(time_of(options_.until));
        if (until_ > from_) return {};
        return fail(Code::invalid_argument, "--until {} is not after --from {}", options_.until, options_.from);
    }

    // Of each FINAL day under the agreement.
    Status read_qualities() {
        if (options_.agreement.empty()) return {};
        data::Settled question;
        question.agreement = options_.agreement;
        question.device = options_.device;
        question.limit = chaincode::kLargestPage;
        return ask_all<data::SettledPage>(member_, "data", "settled", question, [this](const auto& page) {
            for (const auto& day : page.days) {
                switch (day.match) {
                    case data::Match::MATCH: qualities_[day.from] = exports::Quality::final_day; break;
                    case data::Match::WITHIN_TOLERANCE:
                        qualities_[day.from] = exports::Quality::within_tolerance;
                        break;
                    default: qualities_[day.from] = exports::Quality::mismatch; break;
                }
            }
        });
    }

    // What came after the last progress may be a part of a record.
    Status open() {
        std::error_code error;
        if (progress_.bytes > 0) std::filesystem::resize_file(options_.out, progress_.bytes, error);
        if (!error)
            file_.open(options_.out,
                       progress_.bytes > 0 ? std::ios::binary | std::ios::app : std::ios::binary | std::ios::trunc);
        if (error || !file_)
            return fail(Code::io_error, "{}: it cannot be written{}", options_.out.string(),
                        error ? ": " + error.message() : "");
        if (!progress_.fields.empty()) TRY(make_format());
        return {};
    }

    Status make_format() {
        format_ = TRY(make_export_format(options_.format,
                                         {member_.profile().channel, options_.device, progress_.fields, until_}));
        return {};
    }

    // The columns are those of the first record with rows.
    Status begin(const data::SeriesPage& page) {
        for (const auto& column : page.fields) {
            if (options_.format == "green-button" && !exports::GreenButtonFeed::has_unit(column.unit)) {
                warn(fmt::format("{} in {} is left out: ESPI has no number for that unit", column.name, column.unit));
                continue;
            }
            progress_.fields.push_back({column.name, column.unit, column.scale});
        }
        if (progress_.fields.empty()) {
            return fail(Code::not_found, "the records of {} have none of the fields that {} exports", options_.device,
                        options_.fields.empty() ? options_.format : "this command");
        }
        TRY(make_format());
        return append(format_->head());
    }

    Status append(const std::string& text) {
        file_ << text;
        if (!file_) return fail(Code::disk_full, "{}: it cannot be written any more", options_.out.string());
        progress_.bytes += static_cast<std::int64_t>(text.size());
        return {};
    }

    Status flush() {
        if (file_.flush()) return {};
        return fail(Code::disk_full, "{}: it cannot be written any more", options_.out.string());
    }

    Status write_records() {
        if (done_) return {};
        Progress bar("days", static_cast<std::uint64_t>((until_ - from_ + 86'399) / 86'400));
        do {
            data::Series question;
            question.device = options_.device;
            question.from = from_;
            question.to = until_;
            question.fields = options_.fields;
            question.limit = 1;  // so that a page's rows are one record's
            question.cursor = progress_.cursor;
            auto page = TRY(ask<data::SeriesPage>(member_, "data", "series", question));
            for (const auto& source : page.records) TRY(write_record(source, page));
            progress_.cursor = page.next;
            TRY(flush());
            TRY(storage::write_file(progress_file(options_.out), as_bytes(chaincode::json_text(json_of(progress_)))));
            bar.at(static_cast<std::uint64_t>(progress_.records));
        } while (progress_.cursor);
        return {};
    }

    Status write_record(const data::SeriesSource& source, data::SeriesPage& page) {
        if (source.why == data::Withheld::ENCRYPTED && opener_) {
            page.fields = TRY(opener_->columns_of(source, options_.fields));
        } else if (source.withheld) {
            ++progress_.withheld;
            return {};
        }
        if (!format_) TRY(begin(page));
        ExportRecord record{source, std::move(page.fields), {}};
        record.source.withheld = false;
        record.source.why.reset();
        if (options_.format == "green-button")
            std::erase_if(record.fields, [](const auto& c) { return !exports::GreenButtonFeed::has_unit(c.unit); });
        if (!options_.agreement.empty()) {
            const auto found = qualities_.find(source.from);
            record.quality = found == qualities_.end() ? exports::Quality::open : found->second;
        }
        TRY(append(TRY(format_->record(record))));
        ++progress_.records;
        return {};
    }

    // The invoices of the range, with the lines of this device.
    Status write_summaries() {
        if (options_.agreement.empty() || options_.format != "green-button" || !format_) return {};
        billing::ListInvoices question;
        question.agreement = options_.agreement;
        question.limit = chaincode::kLargestPage;
        std::vector<billing::Invoice> all;
        TRY(ask_all<billing::InvoicePage>(member_, "billing", "list", question, [&](const auto& page) {
            all.insert(all.end(), page.invoices.begin(), page.invoices.end());
        }));
        for (const auto& invoice : all) TRY(write_summary(invoice));
        return {};
    }

    Status write_summary(const billing::Invoice& invoice) {
        exports::UsageSummary summary;
        const auto seconds = [](Date day) {
            return std::chrono::duration_cast<std::chrono::seconds>(day.day().time_since_epoch()).count();
        };
        summary.from_s = seconds(invoice.from);
        summary.to_s = seconds(invoice.until);
        if (summary.to_s <= from_ || summary.from_s >= until_) return {};
        summary.computed_s = invoice.timeline.front().time_ms / 1000;
        summary.currency = invoice.currency;
        billing::ItemsOf question;
        question.agreement = options_.agreement;
        question.day = invoice.from;
        question.limit = chaincode::kLargestPage;
        TRY(ask_all<billing::ItemPage>(member_, "billing", "items", question, [&](const auto& page) {
            for (const auto& item : page.items) {
                if (item.item != options_.device) continue;
                for (const auto& line : item.lines) summary.lines.push_back({line.name, line.amount});
            }
        }));
        if (summary.lines.empty()) return {};
        return append(TRY(format_->summary(summary)));
    }

    const ExportOptions& options_;
    MemberClient& member_;
    std::int64_t from_ = 0;
    std::int64_t until_ = 0;
    std::map<std::int64_t, exports::Quality> qualities_;  // by the beginning of the day
    ExportProgress progress_;
    bool done_ = false;  // all records were written by an earlier call
    std::ofstream file_;
    std::unique_ptr<ExportFormat> format_;
    std::optional<SeriesOpener> opener_;  // where there is a reading key
};

Status export_readings(const ExportOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto done = TRY(Export(options, member).run());
    if (done.withheld > 0)
        warn(fmt::format("{} records are left out: their readings are not on this node's ledger or not for this member",
                         done.withheld));
    if (style().json) {
        print_json(json::object{{"device", done.device},
                                {"file", done.file},
                                {"records", done.records},
                                {"withheld", done.withheld},
                                {"bytes", done.bytes}});
    } else {
        say_done(fmt::format("{}: {} days of {} ({} bytes)", done.file, done.records, paint(Colour::bold, done.device),
                             done.bytes));
    }
    return {};
}

}  // namespace

void add_export(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand(
        "export", "A device's readings as CSV, JSON Lines or Green Button; goes on where it was interrupted");
    auto options = std::make_shared<ExportOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("device", options->device, "Device id")->required();
    command->add_option("--from", options->from, "First day (UTC), or a time like 2026-03-01T00:00:00Z")->required();
    command->add_option("--until", options->until, "End, exclusive: a day (UTC) or a time")->required();
    command->add_option("--format", options->format, "csv, jsonl or green-button")
        ->check(CLI::IsMember({"csv", "jsonl", "green-button"}))
        ->capture_default_str();
    command->add_option("--field", options->fields, "Only this field; may be repeated");
    command->add_option("--agreement", options->agreement,
                        "Green Button: quality of each day and costs under this agreement");
    command->add_option("--out", options->out, "The file to write")->required();
    command->add_option("--reading-key", options->reading_key,
                        "Open encrypted series with this key, for which their keys were handed over");
    command->add_flag("--again", options->again, "Write over a file that is there");
    on_chosen(*command, choice, options, export_readings);
}

}  // namespace tally::node::cli
