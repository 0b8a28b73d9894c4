#include "node/cli/device_source.h"

#include <charconv>

#include "chaincode/contracts/data/refusals.h"
#include "gateway/device_sdk/green_button.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/threads/stopwatch.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace sdk = gateway::device_sdk;

namespace {

// "72:-3"; none where nothing is given.
Result<std::optional<sdk::ReadingType>> reading_type_of(const std::string& text) {
    if (text.empty()) return std::optional<sdk::ReadingType>();
    sdk::ReadingType out;
    const auto colon = std::min(text.find(':'), text.size());
    const auto read = [&](std::size_t from, std::size_t until, std::int64_t& number) {
        const auto [end, error] = std::from_chars(text.data() + from, text.data() + until, number);
        return error == std::errc() && end == text.data() + until;
    };
    if (colon == text.size() || !read(0, colon, out.uom) || !read(colon + 1, text.size(), out.power_of_ten)) {
        return fail(Code::invalid_argument,
                    "--reading-type {}: UOM:POWER is expected, like 72:-3 for thousandths of Wh", text);
    }
    return std::optional(out);
}

}  // namespace

void add_source(CLI::App& command, Source& source) {
    auto* csv = command.add_option("--csv", source.csv, "Measurements: a header, a time column, one column per field");
    add_csv_choices(command, source.choices);
    auto* green = command.add_option("--green-button", source.green_button,
                                     "Measurements: a Green Button file (NAESB ESPI); its days are UTC's or --zone's");
    green->excludes(csv);
    command
        .add_option("--reading-type", source.reading_type,
                    "UOM:POWER, like 72:-3 for thousandths of Wh, where a Green Button file has no ReadingType")
        ->needs(green);
    command.add_flag("--keep-first", source.keep_first, "Of rows with one time and different values, keep the first");
    auto* generate =
        command.add_flag("--generate", source.generated, "Made up measurements instead: a household with solar cells");
    generate->excludes(csv)->excludes(green);
    command.add_option("--seed", source.generator.seed, "Of the generator")->capture_default_str();
    command.add_option("--days", source.generator.days, "Generated days")
        ->check(CLI::Range(1, 3660))
        ->capture_default_str();
    command.add_option("--fields", source.generator.fields, "Generated fields")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command.add_option("--start", source.start, "First generated day, like 2026-02-01 (default: yesterday)");
}

Result<Loaded> load(const Source& source) {
    if (source.generated) {
        auto options = source.generator;
        options.start_s = (now_ms() / 1000 / sdk::kDay_s - static_cast<std::int64_t>(options.days)) * sdk::kDay_s;
        if (!source.start.empty()) options.start_s = TRY(sdk::parse_time(source.start + "T00:00:00Z"));
        Loaded loaded{sdk::generate(options), {}, {}};
        loaded.days = sdk::days_of(loaded.measurements);
        loaded.report.rows_read = loaded.report.rows_kept = loaded.measurements.rows();
        loaded.report.interval_s = options.interval_s;
        return loaded;
    }
    if (!source.given()) {
        return fail(Code::invalid_argument,
                    "name measurements with --csv FILE or --green-button FILE, or --generate some");
    }
    const auto& file = source.file();
    const auto profile = TRY(profile_of(source.choices));
    auto csv = source.csv.empty() ? sdk::read_green_button_file(file, TRY(reading_type_of(source.reading_type)))
                                  : sdk::read_meter_csv_file(file, profile);
    if (!csv)
        return std::unexpected(csv.error().message.find(file.string()) == std::string::npos
                                   ? csv.error().within(file.string())
                                   : csv.error());
    Loaded loaded{std::move(csv->measurements), std::move(csv->report), {}};
    loaded.days = sdk::days_of(loaded.measurements, profile.times.zone);
    if (const auto last = loaded.measurements.times_s.back(); last > now_ms() / 1000 + sdk::kDay_s) {
        return fail(chaincode::data::refusals::clock_ahead,
                    "{}: the last row is of {}, which is still to come; are its times read rightly?", file.string(),
                    iso_time(last * 1000));
    }
    return loaded;
}

Status check_contradictions(const Source& source, const Loaded& loaded) {
    const auto& report = loaded.report;
    if (report.contradictions == 0 || source.keep_first) return {};
    return fail(
        Code::malformed,
        "{}: {} rows contradict an earlier row of the same time, the first of them in line {}; if these are local "
        "times, say --zone; --keep-first drops the later rows",
        source.file().string(), report.contradictions, report.contradicting_lines.front());
}

json::object report_json(const Loaded& loaded) {
    const auto& report = loaded.report;
    std::size_t missing = 0;
    for (const auto each : report.missing) missing += each;
    return {{"rows", report.rows_kept},
            {"interval_s", report.interval_s},
            {"out_of_order", report.out_of_order},
            {"duplicates", report.duplicates},
            {"contradictions", report.contradictions},
            {"contradicting_lines", json::array(report.contradicting_lines.begin(), report.contradicting_lines.end())},
            {"missing_values", missing},
            {"filtered", report.filtered},
            {"fractions", report.fractions},
            {"estimated", report.estimated},
            {"gaps", report.gaps.size()}};
}

void say_report(const Loaded& loaded) {
    const auto& report = loaded.report;
    std::string text = fmt::format("{} rows of {} fields, every {} s", report.rows_kept,
                                   loaded.measurements.fields.size(), report.interval_s);
    std::size_t missing = 0;
    for (const auto each : report.missing) missing += each;
    const auto note = [&](std::size_t count, std::string_view what) {
        if (count != 0) text += fmt::format(", {} {}", count, what);
    };
    note(missing, "missing values");
    note(report.gaps.size(), "gaps");
    note(report.out_of_order, "rows out of order (sorted)");
    note(report.filtered, "rows filtered out");
    note(report.fractions, "fractions of seconds cut off");
    note(report.estimated, "values marked as estimated or edited");
    note(report.duplicates, "duplicate rows (dropped)");
    note(report.contradictions, "contradicting rows (the first one kept)");
    say("  " + text);
    for (const auto& column : report.units_unread) {
        warn(fmt::format("the column \"{}\" is read without a unit; --columns \"{}=NAME_UNIT\" gives it one", column,
                         column));
    }
    // Readings that are lost: nobody may miss it.
    if (report.contradictions != 0 && (style().json || style().quiet)) {
        warn(fmt::format("{} rows contradict an earlier row of the same time; the first one counts",
                         report.contradictions));
    }
}

}  // namespace tally::node::cli
