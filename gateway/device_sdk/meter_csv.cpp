#include "gateway/device_sdk/meter_csv.h"

#include <algorithm>

#include "gateway/device_sdk/arrangement.h"
#include "gateway/device_sdk/csv_rows.h"
#include "gateway/device_sdk/csv_text.h"
#include "storage/files.h"

namespace tally::gateway::device_sdk {
namespace {

// The integer at the field's decimals.
std::optional<std::int64_t> at_decimals(Decimal number, int decimals) {
    for (; number.decimals < decimals; ++number.decimals) {
        if (__builtin_mul_overflow(number.digits, 10, &number.digits)) return std::nullopt;
    }
    return number.digits;
}

std::string_view column_of(const CsvLayout& layout, std::size_t field) {
    return layout.header.names[layout.series         ? layout.series->value
                               : layout.wide.empty() ? layout.columns[field]
                                                     : layout.wide.front().column];
}

Result<OptionalIntegers> integers_of(const CsvRows& rows, const CsvLayout& layout, CsvFindings& findings) {
    OptionalIntegers values(rows.cells.size());
    const auto fields = rows.decimals.size();
    for (std::size_t i = 0; i < rows.cells.size(); ++i) {
        const auto& cell = rows.cells[i];
        if (cell.decimals < 0) continue;
        const auto field = i % fields;
        values[i] = at_decimals({cell.digits, cell.decimals}, rows.decimals[field]);
        if (!values[i]) {
            TRY(findings.refuse(
                {Code::malformed,
                 fmt::format("line {}, column \"{}\": the number does not fit 64 bits with {} decimals",
                             rows.times[i / fields].line, column_of(layout, field), rows.decimals[field])}));
        }
    }
    return values;
}

Result<std::int64_t> interval_of(std::vector<std::int64_t> times_s, const CsvProfile& profile) {
    if (profile.interval_s != 0) return profile.interval_s;
    std::ranges::sort(times_s);
    if (const auto interval_s = most_frequent_distance(times_s); interval_s != 0) return interval_s;
    return fail(Code::malformed,
                "the times are the ends of intervals, and the file does not show how long these are; say --interval "
                "SECONDS");
}

void say_ends(std::int64_t interval_s, std::string_view how, const CsvProfile& profile, CsvFindings& findings) {
    findings.decide("times", fmt::format("ends of intervals of {} s, {}", interval_s, how),
                    profile.interval_s != 0 ? "it is given" : "the most frequent distance of two rows");
}

// From the ends of intervals to their starts. An interval of a day is a day of the zone.
Status to_starts(OptionalIntegers& moments, const CsvProfile& profile, CsvFindings& findings) {
    std::vector<std::int64_t> times_s;
    for (const auto& moment : moments) {
        if (moment) times_s.push_back(*moment);
    }
    const auto interval_s = TRY(interval_of(std::move(times_s), profile));
    say_ends(interval_s, "moved to their starts", profile, findings);
    for (auto& moment : moments) {
        if (!moment) continue;
        *moment = interval_s == kDay_s && profile.times.zone ? profile.times.zone->day_of(*moment - 1).start_s
                                                             : *moment - interval_s;
        if (*moment < 0) return fail(Code::malformed, "a time is before 1970 by its interval");
    }
    return {};
}

// Some portals write as the end what the clock showed at the start, plus the interval: when clocks are set back, 02:45
// to 03:00 comes twice. Then the times cannot be read as a clock's ends, and their starts can be: the rows with these.
Result<std::optional<std::vector<RowTime>>> starts_by_the_clock(const CsvRows& rows, const CsvProfile& profile,
                                                                const TimeOptions& times) {
    const auto none = std::optional<std::vector<RowTime>>();
    if (!times.zone || times.assume_utc || rows.times.front().written.form != WrittenTime::Form::local) return none;
    CsvFindings unheard(false);
    if (moments_of(rows.times, times, unheard)) return none;
    std::vector<std::int64_t> local_s;
    for (const auto& row : rows.times) local_s.push_back(row.written.seconds);
    const auto interval_s = TRY(interval_of(std::move(local_s), profile));
    auto starts = rows.times;
    for (auto& row : starts) row.written.seconds -= interval_s;
    if (interval_s >= kDay_s || !moments_of(starts, times, unheard)) return none;
    return std::optional(std::move(starts));
}

Result<OptionalIntegers> starts_of(const CsvRows& rows, const CsvProfile& profile, const TimeOptions& times,
                                   CsvFindings& findings) {
    if (!profile.interval_end) return moments_of(rows.times, times, findings);
    if (const auto starts = TRY(starts_by_the_clock(rows, profile, times))) {
        say_ends(rows.times.front().written.seconds - starts->front().written.seconds,
                 "which is what the clock showed at their starts, plus the interval", profile, findings);
        return moments_of(*starts, times, findings);
    }
    auto moments = TRY(moments_of(rows.times, times, findings));
    TRY(to_starts(moments, profile, findings));
    return moments;
}

void say_zone(const CsvLayout& layout, const CsvProfile& profile, const CsvRows& rows, CsvFindings& findings) {
    const auto form = rows.times.front().written.form;
    const auto& times = profile.times;
    findings.decide("zone",
                    form == WrittenTime::Form::zoned   ? "in each time"
                    : form == WrittenTime::Form::epoch ? "UTC"
                    : times.assume_utc || layout.utc   ? "UTC"
                    : times.zone                       ? times.zone->name()
                                                       : "not known",
                    form == WrittenTime::Form::epoch             ? "seconds since 1970"
                    : form == WrittenTime::Form::zoned           ? "as written"
                    : layout.utc                                 ? "the time's name or unit"
                    : times.assume_utc || times.zone.has_value() ? "it is given"
                                                                 : "nothing says it");
}

Result<MeterCsv> read(std::string_view bytes, const CsvProfile& profile, CsvFindings& findings) {
    TRY(check_profile(profile));
    if (bytes.size() > profile.max_bytes) {
        return fail(Code::too_large, "the file has {} bytes; {} are allowed", bytes.size(), profile.max_bytes);
    }
    const auto text = TRY(CsvText::decode(bytes, profile.encoding));
    findings.decide("encoding", std::string(encoding_name(text.encoding())), std::string(text.reason()));
    const auto layout = TRY(find_layout(text.text(), profile, findings));
    const auto rows = TRY(read_rows(layout, profile, findings));
    if (rows.times.empty()) {
        return fail(Code::malformed, "the file has no rows{}",
                    rows.filtered == 0 ? "" : fmt::format(" that are read: filters leave out all {}", rows.filtered));
    }
    say_zone(layout, profile, rows, findings);
    auto times = profile.times;
    times.assume_utc = times.assume_utc || layout.utc;
    const auto moments = TRY(starts_of(rows, profile, times, findings));
    const auto values = TRY(integers_of(rows, layout, findings));
    MeterCsv out;
    for (std::size_t k = 0; k < layout.fields.size(); ++k) {
        const auto& field = layout.fields[k];
        out.measurements.fields.push_back({field.name, field.unit, field.exponent - rows.decimals[k]});
    }
    out.report.filtered = rows.filtered;
    out.report.fractions = rows.fractions;
    out.report.units_unread = layout.units_unread;
    arrange(rows.times, moments, values, layout.series.has_value(), out, findings);
    return out;
}

}  // namespace

Result<MeterCsv> read_meter_csv(std::string_view bytes, const CsvProfile& profile) {
    CsvFindings findings(false);
    return read(bytes, profile, findings);
}

Result<MeterCsv> read_meter_csv_file(const std::filesystem::path& path, const CsvProfile& profile) {
    const auto bytes = TRY(storage::read_file(path, profile.max_bytes));
    auto csv = read_meter_csv(bytes, profile);
    if (!csv) return std::unexpected(csv.error().within(path.string()));
    return csv;
}

CsvCheck check_meter_csv(std::string_view bytes, const CsvProfile& profile) {
    CsvCheck out{CsvFindings(true), std::nullopt};
    auto csv = read(bytes, profile, out.findings);
    if (csv)
        out.csv = std::move(*csv);
    else
        (void)out.findings.refuse(std::move(csv.error()));
    return out;
}

}  // namespace tally::gateway::device_sdk
