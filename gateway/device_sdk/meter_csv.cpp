#include "gateway/device_sdk/meter_csv.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "gateway/device_sdk/csv_cells.h"
#include "storage/files.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr int kMaxDecimals = 9;
constexpr std::size_t kMaxListedLines = 100;

struct Columns {
    std::vector<std::string> names;
    std::size_t time = 0;
    bool utc = false;
};

// The rows as the file has them: numbers with the decimals that they were written with.
struct RawRows {
    std::vector<std::int64_t> times_s;
    std::vector<std::size_t> lines;
    std::vector<std::optional<Decimal>> cells;  // row by row
    std::vector<int> decimals;                  // the most in each field
};

Result<Columns> read_header(CsvLines& lines, const CsvOptions& options) {
    static constexpr auto kTimeNames =
        std::to_array<std::string_view>({"time", "time_utc", "timestamp", "datetime", "date_time"});
    if (!lines.next()) return fail(Code::malformed, "the file is empty");
    Columns columns;
    TRY(lines.split(columns.names));
    const auto& names = columns.names;
    if (names.size() < 2)
        return fail(Code::malformed, "line {}: a time and at least one field are expected", lines.number());
    if (names.size() > chaincode::kMaxFields + 1) {
        return fail(Code::too_large, "line {}: {} columns; a time and {} fields are allowed", lines.number(),
                    names.size(), chaincode::kMaxFields);
    }
    const auto is_time = [&](const std::string& name) {
        if (!options.time_column.empty()) return name == options.time_column;
        return std::find(kTimeNames.begin(), kTimeNames.end(), name) != kTimeNames.end();
    };
    const auto found = std::find_if(names.begin(), names.end(), is_time);
    if (found == names.end() && !options.time_column.empty()) {
        return fail(Code::malformed, "line {}: there is no column \"{}\"", lines.number(), options.time_column);
    }
    columns.time = found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
    columns.utc = options.assume_utc || names[columns.time].ends_with("_utc");
    return columns;
}

Result<std::vector<ColumnMeaning>> meanings_of(const Columns& columns) {
    std::vector<ColumnMeaning> meanings;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
        if (i == columns.time) continue;
        if (columns.names[i].empty()) return fail(Code::malformed, "line 1: column {} has no name", i + 1);
        auto meaning = meaning_of(columns.names[i]);
        // Two columns that differ in their unit alone keep it in their name.
        if (!seen.insert(meaning.name).second)
            return fail(Code::malformed, "line 1: the field \"{}\" is there twice", meaning.name);
        meanings.push_back(std::move(meaning));
    }
    return meanings;
}

Status read_row(const Columns& columns, const std::vector<std::string>& cells, std::size_t line, RawRows& rows) {
    if (cells.size() != columns.names.size()) {
        return fail(Code::malformed, "line {}: {} columns where the header has {}", line, cells.size(),
                    columns.names.size());
    }
    const auto time = parse_time(cells[columns.time], columns.utc);
    if (!time)
        return fail(Code::malformed, "line {}, column \"{}\": {}", line, columns.names[columns.time],
                    time.error().message);
    rows.times_s.push_back(*time);
    rows.lines.push_back(line);
    std::size_t field = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i == columns.time) continue;
        auto& most = rows.decimals[field++];
        if (is_missing(cells[i])) {
            rows.cells.emplace_back();
            continue;
        }
        const auto number = parse_decimal(cells[i]);
        if (!number) {
            return fail(Code::malformed, "line {}, column \"{}\": \"{}\" is no number", line, columns.names[i],
                        cells[i].substr(0, 40));
        }
        if (number->decimals > kMaxDecimals) {
            return fail(Code::malformed, "line {}, column \"{}\": {} decimals; {} are allowed", line, columns.names[i],
                        number->decimals, kMaxDecimals);
        }
        most = std::max(most, number->decimals);
        rows.cells.push_back(number);
    }
    return {};
}

// The integer at the field's decimals.
std::optional<std::int64_t> at_decimals(Decimal number, int decimals) {
    for (; number.decimals < decimals; ++number.decimals) {
        if (__builtin_mul_overflow(number.digits, 10, &number.digits)) return std::nullopt;
    }
    return number.digits;
}

Result<std::vector<std::optional<std::int64_t>>> integers_of(const RawRows& rows, const Columns& columns) {
    std::vector<std::optional<std::int64_t>> values(rows.cells.size());
    const auto fields = rows.decimals.size();
    for (std::size_t i = 0; i < rows.cells.size(); ++i) {
        if (!rows.cells[i]) continue;
        const auto field = i % fields;
        values[i] = at_decimals(*rows.cells[i], rows.decimals[field]);
        if (!values[i]) {
            return fail(Code::malformed, "line {}, column \"{}\": the number does not fit 64 bits with {} decimals",
                        rows.lines[i / fields], columns.names[field < columns.time ? field : field + 1],
                        rows.decimals[field]);
        }
    }
    return values;
}

// Rows by time, each time once.
void arrange(const RawRows& rows, const std::vector<std::optional<std::int64_t>>& values, MeterCsv& out) {
    auto& [measurements, report] = out;
    const auto fields = measurements.fields.size();
    std::vector<std::size_t> order(rows.times_s.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        if (i > 0 && rows.times_s[i] < rows.times_s[i - 1]) ++report.out_of_order;
    }
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return rows.times_s[a] < rows.times_s[b]; });
    report.missing.assign(fields, 0);
    for (const auto index : order) {
        const auto row = std::span(values).subspan(index * fields, fields);
        if (!measurements.times_s.empty() && measurements.times_s.back() == rows.times_s[index]) {
            const auto kept = measurements.row(measurements.rows() - 1);
            if (std::equal(row.begin(), row.end(), kept.begin())) {
                ++report.duplicates;
            } else {
                ++report.contradictions;
                if (report.contradicting_lines.size() < kMaxListedLines)
                    report.contradicting_lines.push_back(rows.lines[index]);
            }
            continue;
        }
        measurements.times_s.push_back(rows.times_s[index]);
        measurements.values.insert(measurements.values.end(), row.begin(), row.end());
        for (std::size_t k = 0; k < fields; ++k) report.missing[k] += row[k] ? 0 : 1;
    }
    report.rows_read = rows.times_s.size();
    report.rows_kept = measurements.rows();
}

void find_gaps(const std::vector<std::int64_t>& times_s, CsvReport& report) {
    std::map<std::int64_t, std::size_t> distances;
    for (std::size_t i = 1; i < times_s.size(); ++i) ++distances[times_s[i] - times_s[i - 1]];
    std::size_t most = 0;
    for (const auto& [distance, count] : distances) {
        if (count > most) {
            most = count;
            report.interval_s = distance;
        }
    }
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        if (times_s[i] - times_s[i - 1] > report.interval_s) report.gaps.push_back({times_s[i - 1], times_s[i]});
    }
}

}  // namespace

Result<MeterCsv> read_meter_csv(std::string_view text, const CsvOptions& options) {
    if (text.size() > options.max_bytes) {
        return fail(Code::too_large, "the file has {} bytes; {} are allowed", text.size(), options.max_bytes);
    }
    CsvLines lines(text);
    const auto columns = TRY(read_header(lines, options));
    const auto meanings = TRY(meanings_of(columns));
    RawRows rows;
    rows.decimals.assign(meanings.size(), 0);
    std::vector<std::string> cells;
    while (lines.next()) {
        TRY(lines.split(cells));
        TRY(read_row(columns, cells, lines.number(), rows));
    }
    const auto values = TRY(integers_of(rows, columns));
    MeterCsv out;
    for (std::size_t i = 0; i < meanings.size(); ++i) {
        out.measurements.fields.push_back(
            {meanings[i].name, meanings[i].unit, meanings[i].exponent - rows.decimals[i]});
    }
    arrange(rows, values, out);
    find_gaps(out.measurements.times_s, out.report);
    return out;
}

Result<MeterCsv> read_meter_csv_file(const std::filesystem::path& path, const CsvOptions& options) {
    const auto text = TRY(storage::read_file(path, options.max_bytes));
    auto csv = read_meter_csv(text, options);
    if (!csv) return std::unexpected(csv.error().within(path.string()));
    return csv;
}

}  // namespace tally::gateway::device_sdk
