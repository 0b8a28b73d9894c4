#include "gateway/device_sdk/csv_header.h"

#include <algorithm>
#include <array>

#include "gateway/device_sdk/csv_numbers.h"
#include "gateway/device_sdk/csv_units.h"

namespace tally::gateway::device_sdk {
namespace {

constexpr std::size_t kMaxPreamble = 200;  // lines in which a header is looked for

struct Delimiter {
    char sign;
    std::string_view name;
};
// In the order of preference, where two would fit: beside semicolons, commas are decimal ones or text.
constexpr auto kDelimiters =
    std::to_array<Delimiter>({{';', "semicolon"}, {',', "comma"}, {'\t', "tab"}, {'|', "vertical bar"}});

std::string name_of(char delimiter) {
    const auto known = std::ranges::find(kDelimiters, delimiter, &Delimiter::sign);
    return known != kDelimiters.end() ? std::string(known->name) : std::string(1, delimiter);
}

using Cells = std::vector<std::string>;

// The cells of the line that is current; none where its quotes are wrong.
Cells cells_of(CsvLines lines, char delimiter) {
    lines.set_delimiter(delimiter);
    std::vector<std::string_view> views;
    if (!lines.split(views)) return {};
    return {views.begin(), views.end()};
}

// The delimiter of the line that is current: the first that cuts it and the next line into as many cells.
std::optional<char> delimiter_at(const CsvLines& lines) {
    auto below = lines;
    const bool has_below = below.next();
    std::optional<char> first;
    for (const auto& [sign, _] : kDelimiters) {
        const auto cells = cells_of(lines, sign).size();
        if (cells < 2) continue;
        if (!first) first = sign;
        if (has_below && cells_of(below, sign).size() == cells) return sign;
    }
    return first;
}

bool is_time(const std::string& cell) {
    return scan_time(cell, TimeFormat::automatic) || scan_time(cell, TimeFormat::dmy) ||
           scan_time(cell, TimeFormat::mdy) || is_time_of_day(cell);
}

bool is_value(const std::string& cell) { return parse_decimal(cell) || is_time(cell); }

// Whether one of the next two lines (the first may have units) has a time, and as many cells as the line that is
// current.
bool has_times_below(CsvLines lines, char delimiter, std::size_t expected) {
    for (int i = 0; i < 2 && lines.next(); ++i) {
        const auto cells = cells_of(lines, delimiter);
        if (cells.size() == expected && std::ranges::any_of(cells, is_time)) return true;
    }
    return false;
}

std::vector<std::string> needed_names(const CsvProfile& profile) {
    auto names = profile.time_columns;
    for (const auto& column : profile.columns) names.push_back(column.source);
    for (const auto& filter : profile.filters) names.push_back(filter.column);
    if (profile.pivot) names.insert(names.end(), {profile.pivot->column, profile.pivot->value});
    return names;
}

// A first line of values is no header. Where a column has a time's name, others may be called "2026-05-01" or "02:00".
bool is_value_for_name(const std::string& name, bool time_named) {
    const auto time = scan_time(name, TimeFormat::automatic);
    return parse_decimal(name) || (time && time->strict) || (!time_named && is_time(name));
}

Status check_names(const CsvHeader& header, const CsvProfile& profile) {
    const bool time_named = std::ranges::any_of(header.names, is_time_name);
    for (std::size_t i = 0; i < header.names.size(); ++i) {
        const auto& name = header.names[i];
        if (name.empty() && profile.columns.empty() && !profile.pivot)
            return fail(Code::malformed, "line {}: column {} has no name", header.line, i + 1);
        if (profile.wide.empty() && is_value_for_name(name, time_named)) {
            return fail(Code::malformed,
                        "line {}: \"{}\" is a value; the first line must name the columns (or give their names with "
                        "--header)",
                        header.line, name.substr(0, 40));
        }
    }
    if (header.names.size() < 2) {
        return fail(Code::malformed, "line {}: the names of a time and of at least one field are expected",
                    header.line);
    }
    return {};
}

// Makes the line that is current the header.
void take_header(CsvHeader& header, CsvLines lines, char delimiter) {
    lines.set_delimiter(delimiter);
    header.names = cells_of(lines, delimiter);
    header.line = lines.number();
    header.trailing = header.names.size() > 1 && header.names.back().empty();
    if (header.trailing) header.names.pop_back();
    header.rows = std::move(lines);
}

std::string listed(const Cells& names) {
    std::string out;
    for (const auto& name : names) {
        if (!out.empty()) out += ", ";
        if (out.size() > 300) return out + "...";
        out += fmt::format("\"{}\"", name.substr(0, 40));
    }
    return out;
}

Result<char> find_by_names(CsvHeader& header, CsvLines lines, const CsvProfile& profile, const Cells& needed) {
    std::string missing;
    Cells seen;
    std::size_t best = 0, line = 0;
    for (std::size_t i = 0; i < kMaxPreamble && lines.next(); ++i) {
        const auto found = profile.delimiter ? profile.delimiter : delimiter_at(lines);
        if (!found) continue;
        auto cells = cells_of(lines, *found);
        std::vector<std::string> absent;
        std::ranges::copy_if(needed, std::back_inserter(absent),
                             [&](const auto& name) { return std::ranges::find(cells, name) == cells.end(); });
        if (absent.empty()) {
            take_header(header, lines, *found);
            return *found;
        }
        if (seen.empty() || needed.size() - absent.size() > best) {
            best = needed.size() - absent.size();
            line = lines.number();
            missing = absent.front();
            seen = std::move(cells);
        }
    }
    if (seen.empty()) return fail(Code::malformed, "line 1: there is no column \"{}\"", needed.front());
    return fail(Code::malformed, "line {}: there is no column \"{}\"; the columns are {}", line, missing, listed(seen));
}

// Excel's own hint, "sep=;" in the first line.
std::optional<char> hint_of(CsvLines& lines) {
    auto first = lines;
    if (!first.next() || first.line().size() != 5 || !first.line().starts_with("sep=")) return std::nullopt;
    const char sign = first.line().back();
    lines = std::move(first);
    return sign;
}

Result<char> find_names(CsvHeader& header, CsvLines lines, const CsvProfile& profile) {
    if (!profile.header.empty()) {
        header.names = profile.header;
        auto first = lines;
        if (!first.next()) return fail(Code::malformed, "the file is empty");
        const auto delimiter = profile.delimiter ? profile.delimiter : delimiter_at(first);
        if (!delimiter) return fail(Code::malformed, "line {}: nothing separates columns", first.number());
        const auto cells = cells_of(first, *delimiter);
        header.trailing = cells.size() == header.names.size() + 1 && cells.back().empty();
        lines.set_delimiter(*delimiter);
        header.rows = std::move(lines);
        return *delimiter;
    }
    if (const auto needed = needed_names(profile); !needed.empty())
        return find_by_names(header, lines, profile, needed);
    if (!lines.next()) return fail(Code::malformed, "the file is empty");
    const auto delimiter = profile.delimiter ? *profile.delimiter : delimiter_at(lines).value_or(',');
    lines.set_delimiter(delimiter);
    std::vector<std::string_view> cells;
    if (auto status = lines.split(cells); !status)
        return std::unexpected(status.error().within(fmt::format("line {}", lines.number())));
    take_header(header, lines, delimiter);
    TRY(check_names(header, profile));
    return delimiter;
}

// A row of units has nothing but known units, in brackets or not; the time's may be a zone.
bool is_unit_row(const Cells& cells, std::size_t expected) {
    if (cells.size() != expected) return false;
    const auto units = std::ranges::count_if(cells, is_unit);
    return units > 0 && std::ranges::all_of(cells, [](const auto& cell) {
               return cell.empty() || is_unit(cell) || without_brackets(cell) == "UTC" || cell == "[]" ||
                      without_brackets(cell).size() != cell.size();
           });
}

}  // namespace

Result<std::size_t> CsvHeader::column(std::string_view name) const {
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return fail(Code::malformed, "line {}: there is no column \"{}\"; the columns are {}", std::max(line, 1UL),
                    name, listed(names));
    if (std::find(found + 1, names.end(), name) != names.end())
        return fail(Code::malformed, "line {}: there are two columns \"{}\"", std::max(line, 1UL), name);
    return static_cast<std::size_t>(found - names.begin());
}

bool is_time_name(std::string_view name) {
    static constexpr auto kTimeNames =
        std::to_array<std::string_view>({"time", "timestamp", "datetime", "date_time", "date"});
    std::string text(name);
    for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (text.ends_with("_utc")) text.resize(text.size() - 4);
    return std::ranges::find(kTimeNames, text) != kTimeNames.end();
}

std::string advice_on_preamble(std::string_view text, const CsvProfile& profile) {
    CsvLines lines(text);
    lines.skip(profile.skip_lines);
    std::size_t first = 0;
    for (std::size_t i = 0; i < kMaxPreamble && lines.next(); ++i) {
        if (first == 0) first = lines.number();
        const auto delimiter = profile.delimiter ? profile.delimiter : delimiter_at(lines);
        if (!delimiter) continue;
        const auto cells = cells_of(lines, *delimiter);
        if (std::ranges::any_of(cells, is_value) || !has_times_below(lines, *delimiter, cells.size())) continue;
        if (lines.number() == first) break;
        return fmt::format("; line {} may be the header: say --skip-lines {} if it is", lines.number(),
                           lines.number() - 1);
    }
    return "";
}

Result<CsvHeader> find_header(std::string_view text, const CsvProfile& profile, CsvFindings& findings) {
    CsvHeader header;
    CsvLines lines(text);
    lines.skip(profile.skip_lines);
    const auto hint = hint_of(lines);
    auto named = profile;
    if (!named.delimiter) named.delimiter = hint;
    const auto delimiter = TRY(find_names(header, lines, named));
    findings.decide("delimiter", name_of(delimiter),
                    profile.delimiter ? "it is given"
                    : hint            ? "the line \"sep=\" says so"
                                      : "it cuts the header and the next line into as many columns");
    if (header.line == 0)
        findings.decide("header", "none", "the columns' names are given");
    else
        findings.decide("header", fmt::format("line {}", header.line),
                        profile.skip_lines != 0 || needed_names(profile).empty()
                            ? "the first line that is not empty"
                            : "the first line with all the columns that are named");
    auto below = header.rows;
    if (!below.next()) return header;
    auto units = cells_of(below, delimiter);
    if (!profile.unit_row.value_or(is_unit_row(units, header.cells()))) return header;
    units.resize(header.names.size());
    header.units = std::move(units);
    header.rows = std::move(below);
    findings.decide("units", fmt::format("line {}", header.rows.number()),
                    profile.unit_row ? "it is given" : "every cell is a unit or empty");
    return header;
}

}  // namespace tally::gateway::device_sdk
