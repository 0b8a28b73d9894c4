// The options that say how a CSV file is written.

#include <algorithm>

#include "node/cli/command.h"
#include "node/cli/csv_profiles.h"
#include "node/cli/device_source.h"

namespace tally::node::cli {

namespace sdk = gateway::device_sdk;

namespace {

// "A=B": a name may have the sign in it, so the last one counts for columns, whose fields have none.
Result<std::pair<std::string, std::string>> halves(const std::string& text, std::size_t at, std::string_view option) {
    if (at == std::string::npos || at == 0)
        return fail(Code::invalid_argument, "{} {}: NAME=VALUE is expected", option, text);
    return std::pair(text.substr(0, at), text.substr(at + 1));
}

Status take_sign(const std::string& text, std::string_view option, std::optional<char>& out) {
    if (text.empty()) return {};
    if (text.size() != 1) return fail(Code::invalid_argument, "{} {}: one sign is expected", option, text);
    out = text.front();
    return {};
}

Status take_text_form(const CsvChoices& choices, sdk::CsvProfile& profile) {
    if (!choices.encoding.empty()) profile.encoding = TRY(encoding_named(choices.encoding));
    if (!choices.delimiter.empty()) profile.delimiter = TRY(delimiter_named(choices.delimiter));
    if (!choices.decimal.empty()) profile.grouping.clear();
    TRY(take_sign(choices.decimal, "--decimal", profile.decimal));
    if (!choices.grouping.empty()) profile.grouping = choices.grouping;
    if (choices.skip_lines != 0) profile.skip_lines = choices.skip_lines;
    if (choices.unit_row) profile.unit_row = true;
    if (!choices.header.empty()) profile.header = choices.header;
    if (!choices.missing.empty()) profile.missing = choices.missing;
    return {};
}

Status take_times(const CsvChoices& choices, sdk::CsvProfile& profile) {
    if (!choices.time_columns.empty()) profile.time_columns = choices.time_columns;
    if (!choices.time_format.empty()) profile.time_format = TRY(time_format_named(choices.time_format));
    if (choices.assume_utc) {
        profile.times.zone.reset();
        profile.times.assume_utc = true;
    }
    if (!choices.time_zone.empty()) {
        profile.times.zone = TRY(sdk::TimeZone::find(choices.time_zone));
        profile.times.assume_utc = false;
    }
    if (choices.epoch) profile.times.epoch = true;
    if (choices.hours_from) profile.hours_from = choices.hours_from;
    if (choices.interval_end) profile.interval_end = true;
    if (choices.interval_s != 0) profile.interval_s = choices.interval_s;
    return {};
}

Status take_columns(const CsvChoices& choices, sdk::CsvProfile& profile) {
    if (!choices.columns.empty()) {
        profile.columns.clear();
        profile.pivot.reset();
    }
    for (const auto& each : choices.columns) {
        auto [source, field] = TRY(halves(each, each.rfind('='), "--columns"));
        profile.columns.push_back({std::move(source), std::move(field)});
    }
    if (!choices.wide.empty()) profile.wide = choices.wide;
    if (!choices.ignored.empty()) profile.ignored = choices.ignored;
    for (const auto& each : choices.filters) {
        auto [column, value] = TRY(halves(each, each.find('='), "--where"));
        const auto same = std::ranges::find(profile.filters, column, &sdk::CsvFilter::column);
        if (same == profile.filters.end())
            profile.filters.push_back({std::move(column), {std::move(value)}});
        else
            same->values = {std::move(value)};
    }
    return {};
}

}  // namespace

void add_csv_choices(CLI::App& command, CsvChoices& choices) {
    const auto several = [&](const char* name, std::vector<std::string>& values, const char* what) {
        command.add_option(name, values, what)->allow_extra_args(false);
    };
    command.add_option("--csv-profile", choices.profile,
                       "How the file is written: a shipped profile (tally device csv-profiles) or a TOML file");
    several("--time-column", choices.time_columns,
            "Column of the time, if it is not obvious; twice for a date and a time of day");
    command.add_option("--time-format", choices.time_format,
                       "dmy, mdy or ymd: the order of dates like 01/05/2026; compact, epoch or epoch_ms for numbers");
    auto* utc = command.add_flag("--utc", choices.assume_utc, "Times without a zone are UTC");
    command
        .add_option("--zone,--timezone", choices.time_zone,
                    "Times without a zone are local times of this zone, like Europe/Vienna; days are the zone's")
        ->excludes(utc);
    command.add_flag("--epoch", choices.epoch, "Numbers in the time column are seconds since 1970, not dates");
    command
        .add_option("--hours-from", choices.hours_from,
                    "0 or 1: the second time column counts hours, and a day's first is this one")
        ->check(CLI::Range(0, 1));
    command.add_flag("--interval-end", choices.interval_end,
                     "Times are the ends of intervals; they are moved back by the interval");
    command.add_option("--interval", choices.interval_s, "Of --interval-end, in seconds (default: the file's)")
        ->check(CLI::Range(1, 366 * 86'400));
    command.add_option("--encoding", choices.encoding, "utf-8, utf-16le, utf-16be or cp1252");
    command.add_option("--delimiter", choices.delimiter, "What separates columns: a sign, or tab");
    command.add_option("--decimal", choices.decimal, "What stands before decimals: . or ,");
    command.add_option("--grouping", choices.grouping, "What stands between thousands: . , ' or a space");
    command.add_option("--skip-lines", choices.skip_lines, "Lines before the header")->check(CLI::Range(0, 1'000'000));
    command.add_flag("--unit-row", choices.unit_row, "The row below the header has units");
    command.add_option("--header", choices.header, "Names of all columns, for a file without a header: A,B,C")
        ->delimiter(',')
        ->allow_extra_args(false);
    several("--columns", choices.columns,
            "SOURCE=FIELD_UNIT: read this column, and others that are named so, alone; may be repeated");
    command.add_option("--wide", choices.wide,
                       "FIELD_UNIT: a day in each row; columns called 00:15 or 00:15-00:30 are this field");
    several("--ignore", choices.ignored, "A column that is not read; may be repeated");
    several("--where", choices.filters, "COLUMN=VALUE: read only rows with this value; may be repeated");
    several("--missing", choices.missing, "A text that stands for no value, like -9999; may be repeated");
}

Result<sdk::CsvProfile> profile_of(const CsvChoices& choices) {
    sdk::CsvProfile profile;
    if (!choices.profile.empty()) profile = TRY(find_csv_profile(choices.profile));
    TRY(take_text_form(choices, profile));
    TRY(take_times(choices, profile));
    TRY(take_columns(choices, profile));
    TRY(sdk::check_profile(profile));
    return profile;
}

}  // namespace tally::node::cli
