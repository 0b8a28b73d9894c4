#include "gateway/device_sdk/meter_csv.h"

#include <algorithm>
#include <array>
#include <map>

#include "gateway/device_sdk/csv_cells.h"
#include "storage/files.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr std::size_t kMaxListedLines = 100;

struct Columns {
    std::vector<std::string> names;
    std::size_t time = 0;
    bool trailing = false;  // lines end with a separator: the last cell is none

    [[nodiscard]] std::size_t cells() const { return names.size() + (trailing ? 1 : 0); }
};

// The rows as the file has them: numbers with the decimals that they were written with.
struct RawRows {
    std::vector<WrittenTime> written;
    std::vector<std::int64_t> times_s;
    std::vector<std::size_t> lines;
    std::vector<std::optional<Decimal>> cells;  // row by row
    std::vector<int> decimals;                  // the most in each field
};

Status check_text(std::string_view text) {
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") || text.find('\0') != std::string_view::npos)
        return fail(Code::malformed, "the file is no UTF-8 text (it may be UTF-16): save it as UTF-8");
    return {};
}

bool is_date(const std::string& cell) {
    const auto time = read_time(cell);
    return time && time->form != WrittenTime::Form::epoch;
}

Result<Columns> read_header(CsvLines& lines) {
    if (!lines.next()) return fail(Code::malformed, "the file is empty");
    Columns columns;
    auto& names = columns.names;
    TRY(lines.split(names));
    if (names.size() > 1 && names.back().empty()) {
        columns.trailing = true;
        names.pop_back();
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty()) return fail(Code::malformed, "line {}: column {} has no name", lines.number(), i + 1);
        if (parse_decimal(names[i]) || is_date(names[i])) {
            return fail(Code::malformed, "line {}: \"{}\" is a value; the first line must name the columns",
                        lines.number(), names[i].substr(0, 40));
        }
    }
    if (names.size() < 2) {
        return fail(Code::malformed, "line {}: the names of a time and of at least one field are expected",
                    lines.number());
    }
    if (names.size() > chaincode::kMaxFields + 1) {
        return fail(Code::too_large, "line {}: {} columns; a time and {} fields are allowed", lines.number(),
                    names.size(), chaincode::kMaxFields);
    }
    return columns;
}

bool is_time_name(std::string_view name) {
    static constexpr auto kTimeNames =
        std::to_array<std::string_view>({"time", "timestamp", "datetime", "date_time", "date"});
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (lower.ends_with("_utc")) lower.resize(lower.size() - 4);
    return std::find(kTimeNames.begin(), kTimeNames.end(), lower) != kTimeNames.end();
}

// Which column is the time; `first`: the cells of the first row.
Result<std::size_t> find_time(const Columns& columns, const std::vector<std::string>& first,
                              const CsvOptions& options) {
    const auto& names = columns.names;
    if (!options.time_column.empty()) {
        const auto found = std::find(names.begin(), names.end(), options.time_column);
        if (found == names.end())
            return fail(Code::malformed, "line 1: there is no column \"{}\"", options.time_column);
        return static_cast<std::size_t>(found - names.begin());
    }
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (is_time_name(names[i])) candidates.push_back(i);
    }
    const bool named = !candidates.empty();
    for (std::size_t i = 0; !named && i < names.size(); ++i) {
        if (is_date(first[i])) candidates.push_back(i);
    }
    if (candidates.size() == 1) return candidates[0];
    if (candidates.empty()) {
        return fail(
            Code::malformed,
            "line 1: no column is named as the time is (time, timestamp, datetime); name it with --time-column");
    }
    return fail(
        Code::malformed,
        "line 1: \"{}\" and \"{}\" could both be the time; name it with --time-column (a date and a time of day "
        "in two columns are not read)",
        names[candidates[0]], names[candidates[1]]);
}

Result<std::vector<ColumnMeaning>> meanings_of(const Columns& columns) {
    std::vector<ColumnMeaning> meanings;
    std::map<std::string, std::string> seen;
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
        if (i == columns.time) continue;
        auto meaning = meaning_of(columns.names[i]);
        if (!meaning) return std::unexpected(meaning.error().within("line 1"));
        const auto [earlier, is_new] = seen.emplace(meaning->name, columns.names[i]);
        if (!is_new) {
            return fail(Code::malformed,
                        "line 1: the columns \"{}\" and \"{}\" are both the field \"{}\"; the field is there twice",
                        earlier->second, columns.names[i], meaning->name);
        }
        meanings.push_back(std::move(*meaning));
    }
    return meanings;
}

Result<std::optional<Decimal>> read_cell(const std::string& cell, const CsvOptions& options) {
    if (is_missing(cell) || std::find(options.missing.begin(), options.missing.end(), cell) != options.missing.end())
        return std::optional<Decimal>();
    if (options.missing.empty() && may_mean_missing(cell)) {
        return fail(
            Code::malformed,
            "\"{}\" may stand for a missing value; say --missing {} if it does, or --missing none if it is a reading",
            cell, cell);
    }
    if (is_date(cell)) return fail(Code::malformed, "\"{}\" is a time, and the time is another column", cell);
    return TRY(parse_decimal(cell));
}

Status read_row(const Columns& columns, const std::vector<std::string>& cells, std::size_t line,
                const CsvOptions& options, RawRows& rows) {
    if (cells.size() != columns.cells()) {
        return fail(Code::malformed, "line {}: {} columns where the header has {}", line, cells.size(),
                    columns.cells());
    }
    if (columns.trailing && !cells.back().empty())
        return fail(Code::malformed, "line {}: the last column has a value and no name", line);
    const auto where = [&](std::size_t column) {
        return fmt::format("line {}, column \"{}\"", line, columns.names[column]);
    };
    const auto time = read_time(cells[columns.time]);
    if (!time) return std::unexpected(time.error().within(where(columns.time)));
    rows.written.push_back(*time);
    rows.lines.push_back(line);
    std::size_t field = 0;
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
        if (i == columns.time) continue;
        auto& most = rows.decimals[field++];
        const auto cell = read_cell(cells[i], options);
        if (!cell) return std::unexpected(cell.error().within(where(i)));
        if (*cell) most = std::max(most, (*cell)->decimals);
        rows.cells.push_back(*cell);
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
    TRY(check_text(text));
    CsvLines lines(text);
    auto columns = TRY(read_header(lines));
    if (!lines.next()) return fail(Code::malformed, "the file has no rows");
    std::vector<std::string> cells;
    TRY(lines.split(cells));
    cells.resize(std::max(cells.size(), columns.names.size()));
    columns.time = TRY(find_time(columns, cells, options));
    const auto meanings = TRY(meanings_of(columns));
    RawRows rows;
    rows.decimals.assign(meanings.size(), 0);
    do {
        TRY(lines.split(cells));
        TRY(read_row(columns, cells, lines.number(), options, rows));
    } while (lines.next());
    auto times = options.times;
    times.assume_utc = times.assume_utc || columns.names[columns.time].ends_with("_utc");
    rows.times_s = TRY(moments_of(rows.written, rows.lines, times));
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
