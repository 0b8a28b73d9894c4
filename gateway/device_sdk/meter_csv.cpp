#include "gateway/device_sdk/meter_csv.h"

#include <algorithm>
#include <map>

#include "gateway/device_sdk/csv_rows.h"
#include "gateway/device_sdk/csv_text.h"
#include "storage/files.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr std::size_t kMaxListedLines = 100;

// The integer at the field's decimals.
std::optional<std::int64_t> at_decimals(Decimal number, int decimals) {
    for (; number.decimals < decimals; ++number.decimals) {
        if (__builtin_mul_overflow(number.digits, 10, &number.digits)) return std::nullopt;
    }
    return number.digits;
}

std::string_view column_of(const CsvLayout& layout, std::size_t field) {
    return layout.header.names[layout.series ? layout.series->value : layout.columns[field]];
}

using Integers = std::vector<std::optional<std::int64_t>>;

Result<Integers> integers_of(const CsvRows& rows, const CsvLayout& layout, CsvFindings& findings) {
    Integers values(rows.cells.size());
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

std::int64_t most_frequent_distance(std::span<const std::int64_t> times_s) {
    std::map<std::int64_t, std::size_t> distances;
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        if (times_s[i] != times_s[i - 1]) ++distances[times_s[i] - times_s[i - 1]];
    }
    const auto most = std::ranges::max_element(distances, {}, [](const auto& each) { return each.second; });
    return most == distances.end() ? 0 : most->first;
}

using Moments = std::vector<std::optional<std::int64_t>>;

// From the ends of intervals to their starts. An interval of a day is a day of the zone.
Status to_starts(Moments& moments, const CsvProfile& profile, CsvFindings& findings) {
    auto interval_s = profile.interval_s;
    if (interval_s == 0) {
        std::vector<std::int64_t> times_s;
        for (const auto& moment : moments) {
            if (moment) times_s.push_back(*moment);
        }
        std::ranges::sort(times_s);
        interval_s = most_frequent_distance(times_s);
        if (interval_s == 0) {
            return fail(Code::malformed,
                        "the times are the ends of intervals, and the file does not show how long these are; say "
                        "--interval SECONDS");
        }
    }
    findings.decide("times", fmt::format("ends of intervals of {} s, moved to their starts", interval_s),
                    profile.interval_s != 0 ? "it is given" : "the most frequent distance of two rows");
    for (auto& moment : moments) {
        if (!moment) continue;
        *moment = interval_s == kDay_s && profile.times.zone ? profile.times.zone->day_of(*moment - 1).start_s
                                                             : *moment - interval_s;
        if (*moment < 0) return fail(Code::malformed, "a time is before 1970 by its interval");
    }
    return {};
}

// Puts rows in the order of time, each time once.
class Arranger {
  public:
    Arranger(const CsvRows& rows, const Moments& moments, const Integers& values, bool series, MeterCsv& out,
             CsvFindings& findings)
        : rows_(rows), moments_(moments), values_(values), series_(series), out_(out), findings_(findings) {}

    void arrange() {
        auto& [measurements, report] = out_;
        const auto fields = measurements.fields.size();
        std::vector<std::size_t> order;
        order.reserve(moments_.size());
        bool sorted = true;
        for (std::size_t i = 0; i < moments_.size(); ++i) {
            if (!moments_[i]) continue;
            if (!order.empty() && *moments_[i] < *moments_[order.back()]) {
                ++report.out_of_order;
                sorted = false;
            }
            order.push_back(i);
        }
        if (!sorted) std::ranges::stable_sort(order, {}, [&](auto index) { return *moments_[index]; });
        measurements.times_s.reserve(order.size());
        measurements.values.reserve(order.size() * fields);
        for (const auto index : order) add(index);
        report.missing.assign(fields, 0);
        for (std::size_t i = 0; i < measurements.values.size(); ++i)
            report.missing[i % fields] += measurements.values[i] ? 0 : 1;
        report.rows_read = order.size();
        report.rows_kept = measurements.rows();
    }

  private:
    void add(std::size_t index) {
        auto& [measurements, report] = out_;
        const auto fields = measurements.fields.size();
        const auto row = std::span(values_).subspan(index * fields, fields);
        if (measurements.times_s.empty() || measurements.times_s.back() != *moments_[index]) {
            measurements.times_s.push_back(*moments_[index]);
            measurements.values.insert(measurements.values.end(), row.begin(), row.end());
            return;
        }
        const auto kept = std::span(measurements.values).last(fields);
        const auto line = rows_.times[index].line;
        if (series_ && fills(row, kept)) return;
        if (series_ ? agrees(row, kept) : std::ranges::equal(row, kept)) {
            ++report.duplicates;
            findings_.doubt(line, "the same time and the same values as a row above; it is dropped");
            return;
        }
        ++report.contradictions;
        if (report.contradicting_lines.size() < kMaxListedLines) report.contradicting_lines.push_back(line);
        findings_.doubt(line, "the same time as a row above and other values; --keep-first would drop it");
    }

    // Of a file with series: a row has one field alone, and completes the others of its time.
    bool fills(std::span<const std::optional<std::int64_t>> row, std::span<std::optional<std::int64_t>> kept) {
        bool fresh = false;
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (!row[k] || kept[k]) continue;
            kept[k] = row[k];
            fresh = true;
        }
        if (fresh) ++out_.report.merged;
        return fresh;
    }
    static bool agrees(std::span<const std::optional<std::int64_t>> row,
                       std::span<const std::optional<std::int64_t>> kept) {
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (row[k] && row[k] != kept[k]) return false;
        }
        return true;
    }

    const CsvRows& rows_;
    const Moments& moments_;
    const Integers& values_;
    bool series_;
    MeterCsv& out_;
    CsvFindings& findings_;
};

void find_gaps(const std::vector<std::int64_t>& times_s, CsvReport& report) {
    report.interval_s = most_frequent_distance(times_s);
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        if (times_s[i] - times_s[i - 1] > report.interval_s) report.gaps.push_back({times_s[i - 1], times_s[i]});
    }
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
    auto moments = TRY(moments_of(rows.times, times, findings));
    if (profile.interval_end) TRY(to_starts(moments, profile, findings));
    const auto values = TRY(integers_of(rows, layout, findings));
    MeterCsv out;
    for (std::size_t k = 0; k < layout.fields.size(); ++k) {
        const auto& field = layout.fields[k];
        out.measurements.fields.push_back({field.name, field.unit, field.exponent - rows.decimals[k]});
    }
    out.report.filtered = rows.filtered;
    out.report.fractions = rows.fractions;
    Arranger(rows, moments, values, layout.series.has_value(), out, findings).arrange();
    find_gaps(out.measurements.times_s, out.report);
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
