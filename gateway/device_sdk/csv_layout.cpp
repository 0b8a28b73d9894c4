#include "gateway/device_sdk/csv_layout.h"

#include <algorithm>
#include <utility>

#include "chaincode/records/device_record.h"

namespace tally::gateway::device_sdk {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
}

// "Energy in kWh": the last word is a unit of more than one letter.
bool ends_in_unit(std::string_view name) {
    const auto word = name.substr(name.find_last_of(' ') + 1);
    return word.size() > 1 && word.size() < name.size() && is_unit(word);
}

// The fields of a file, from the names of its columns or what the profile says they are.
class Fields {
  public:
    Fields(CsvLayout& layout, const CsvProfile& profile, CsvFindings& findings)
        : layout_(layout), profile_(profile), findings_(findings) {}

    [[nodiscard]] Status find() {
        const auto before = findings_.problem_count();
        TRY(filters());
        TRY(profile_.pivot ? series() : profile_.wide.empty() ? columns() : times_of_day());
        if (findings_.problem_count() != before) return fail(Code::malformed, "the columns are not understood");
        if (layout_.fields.empty()) return fail(Code::malformed, "line {}: no column is left for a field", line());
        if (layout_.fields.size() > chaincode::kMaxFields) {
            return fail(Code::too_large, "line {}: {} columns; a time and {} fields are allowed", line(),
                        layout_.header.names.size(), chaincode::kMaxFields);
        }
        return {};
    }

  private:
    [[nodiscard]] std::size_t line() const { return std::max<std::size_t>(layout_.header.line, 1); }

    [[nodiscard]] Status filters() {
        for (const auto& filter : profile_.filters) {
            layout_.filters.push_back({TRY(layout_.header.column(filter.column)), filter.values});
            findings_.decide("filter", fmt::format("{} is {}", filter.column, fmt::join(filter.values, " or ")),
                             "it is given");
        }
        return {};
    }

    // Fields are in the order of the file.
    [[nodiscard]] Status columns() {
        const auto& names = layout_.header.names;
        TRY(check_choices());
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (layout_.time.has(i)) continue;
            if (!profile_.columns.empty()) {
                TRY(add_chosen(i));
            } else if (contains(profile_.ignored, names[i])) {
                findings_.decide("not read", names[i], "it is given");
            } else if (!is_filter(i)) {
                TRY(add_column(i, ""));
            }
        }
        return {};
    }

    [[nodiscard]] Status check_choices() {
        for (const auto& choice : profile_.columns) {
            if (const auto column = layout_.header.column(choice.source); !column) {
                TRY(findings_.refuse(column.error()));
            } else if (layout_.time.has(*column)) {
                TRY(findings_.refuse(
                    {Code::malformed,
                     fmt::format("line {}: the column \"{}\" is the time, and a field too", line(), choice.source)}));
            }
        }
        return {};
    }

    [[nodiscard]] Status add_chosen(std::size_t column) {
        bool chosen = false;
        for (const auto& [source, field] : profile_.columns) {
            if (source != layout_.header.names[column]) continue;
            chosen = true;
            TRY(add_column(column, field));
        }
        if (!chosen) findings_.decide("not read", layout_.header.names[column], "others are chosen");
        return {};
    }

    [[nodiscard]] Status times_of_day() {
        for (std::size_t i = 0; i < layout_.header.names.size(); ++i) {
            const std::string_view name = layout_.header.names[i];
            const auto second = second_of_day(name.substr(0, name.find_first_of(" -")));
            if (layout_.time.has(i)) continue;
            if (second)
                layout_.wide.push_back({i, *second});
            else
                findings_.decide("not read", std::string(name), "it is no time of day");
        }
        if (layout_.wide.empty())
            return fail(Code::malformed, "line {}: no column is called after a time of day, like 00:15", line());
        layout_.fields.push_back(TRY(meaning_of(profile_.wide)));
        say_field(fmt::format("{} columns of times of day", layout_.wide.size()), layout_.fields.back());
        return {};
    }

    [[nodiscard]] Status series() {
        const auto& pivot = *profile_.pivot;
        CsvLayout::Series out{TRY(layout_.header.column(pivot.column)), TRY(layout_.header.column(pivot.value)), {}};
        for (const auto& [source, field] : pivot.series) {
            auto& place = out.fields[source];
            if (field.empty()) continue;
            const auto meaning = TRY(meaning_of(field));
            const auto same = std::ranges::find(layout_.fields, meaning.name, &ColumnMeaning::name);
            place = static_cast<std::size_t>(same - layout_.fields.begin());
            if (same == layout_.fields.end()) {
                layout_.fields.push_back(meaning);
            } else if (same->unit != meaning.unit || same->exponent != meaning.exponent) {
                return fail(Code::invalid_argument, "the field \"{}\" has two units in the profile", meaning.name);
            }
            say_field(fmt::format("rows with {} {}", pivot.column, source), meaning);
        }
        layout_.series = std::move(out);
        return {};
    }

    [[nodiscard]] bool is_filter(std::size_t column) const {
        return std::ranges::any_of(layout_.filters, [&](const auto& filter) { return filter.column == column; });
    }

    // `name`: what the profile says that it is; empty: the column's own.
    [[nodiscard]] Status add_column(std::size_t column, const std::string& name) {
        const auto& own = layout_.header.names[column];
        auto meaning = meaning_of(name.empty() ? own : name);
        const auto unit = layout_.header.units.empty() ? "" : without_brackets(layout_.header.units[column]);
        if (meaning && meaning->unit == "/" && !unit.empty())
            meaning = meaning_of(fmt::format("{} [{}]", name.empty() ? own : name, unit));
        if (!meaning) return findings_.refuse(meaning.error().within(fmt::format("line {}", line())));
        const auto same = std::ranges::find(layout_.fields, meaning->name, &ColumnMeaning::name);
        if (same != layout_.fields.end()) {
            const auto earlier = layout_.columns[static_cast<std::size_t>(same - layout_.fields.begin())];
            return findings_.refuse(
                {Code::malformed,
                 fmt::format(
                     "line {}: the columns \"{}\" and \"{}\" are both the field \"{}\"; the field is there twice",
                     line(), layout_.header.names[earlier], own, meaning->name)});
        }
        say_field(own, *meaning);
        if (meaning->unit == "/" && ends_in_unit(own)) layout_.units_unread.push_back(own);
        if (meaning->unit == "/") {
            findings_.doubt(line(), fmt::format("the column \"{}\" names no unit that is known; it is read without one "
                                                "(--columns \"{}=NAME_UNIT\" gives it one)",
                                                own, own));
        }
        layout_.fields.push_back(std::move(*meaning));
        layout_.columns.push_back(column);
        return {};
    }

    void say_field(const std::string& source, const ColumnMeaning& meaning) {
        findings_.decide("field",
                         fmt::format("{} in {}{}", meaning.name, meaning.unit == "/" ? "no unit" : meaning.unit,
                                     meaning.exponent == 0 ? "" : fmt::format(" x 10^{}", meaning.exponent)),
                         fmt::format("of \"{}\"", source));
    }

    CsvLayout& layout_;
    const CsvProfile& profile_;
    CsvFindings& findings_;
};

// Calls `look` with the rows' cells until it has seen enough.
template <class Look>
void look_at_rows(CsvLines lines, std::size_t cells_of_row, Look look) {
    std::vector<std::string_view> cells;
    while (lines.next()) {
        if (lines.split(cells) && cells.size() == cells_of_row && look(cells, lines.number())) return;
    }
}

// Whether day or month comes first in dates like 16/12/2025: some row may show it.
void find_date_order(CsvLayout& layout, const CsvProfile& profile, CsvFindings& findings) {
    layout.time_format = profile.time_format;
    if (profile.time_format != TimeFormat::automatic) {
        findings.decide("time format", std::string(time_format_name(profile.time_format)), "it is given");
        return;
    }
    bool first = true;
    look_at_rows(layout.header.rows, layout.header.cells(), [&](const auto& cells, std::size_t line) {
        const auto cell = cells[layout.time.time];
        const auto slash = cell.find_first_of("/-");
        if (std::exchange(first, false) && (slash == 0 || slash > 2)) return true;  // the year comes first, or a dot
        const auto order = order_shown_by(cell);
        if (order == TimeFormat::automatic) return false;
        layout.time_format = order;
        findings.decide("time format", std::string(time_format_name(order)),
                        fmt::format("line {} has \"{}\"", line, cell));
        return true;
    });
}

Status find_decimal(CsvLayout& layout, const CsvProfile& profile, std::string_view text, CsvFindings& findings) {
    const auto decide = [&](std::string_view sign, std::string reason) {
        findings.decide("decimals", std::string(sign), std::move(reason));
    };
    if (profile.decimal) {
        layout.numbers = {*profile.decimal, profile.grouping.empty() ? '\0' : profile.grouping.front()};
        decide(*profile.decimal == ',' ? "comma" : "point", "it is given");
        return {};
    }
    if (text.find(',') == std::string_view::npos) {
        decide("point", "the file has no comma");
        return {};
    }
    auto columns = layout.columns;
    if (layout.series) columns = {layout.series->value};
    for (const auto& each : layout.wide) columns.push_back(each.column);
    std::size_t either_line = 0;
    std::string either;
    std::string reason = "no number has a comma";
    look_at_rows(layout.header.rows, layout.header.cells(), [&](const auto& cells, std::size_t line) {
        for (const auto column : columns) {
            const auto cell = cells[column];
            const auto meaning = meaning_of_comma(cell);
            const bool comma = meaning == CommaMeaning::decimal;
            if (meaning == CommaMeaning::either && either_line == 0) {
                either_line = line;
                either = cell;
            }
            const bool point = meaning == CommaMeaning::none && cell.find('.') != cell.npos && parse_decimal(cell);
            if (!comma && !point) continue;
            layout.numbers.decimal = comma ? ',' : '.';
            reason = fmt::format("line {} has \"{}\"", line, cell.substr(0, 40));
            either_line = 0;
            return true;
        }
        return false;
    });
    if (either_line != 0) {
        return findings.refuse(
            {Code::malformed,
             fmt::format("line {}: the comma in \"{}\" may stand before decimals or between thousands; say --decimal , "
                         "or --decimal . --grouping ,",
                         either_line, either)});
    }
    decide(layout.numbers.decimal == ',' ? "comma" : "point", reason);
    return {};
}

// Whether the name of the time, or the unit below it, says that it is UTC.
bool says_utc(const CsvHeader& header, std::size_t time) {
    if (header.names[time].ends_with("_utc")) return true;
    return !header.units.empty() && without_brackets(header.units[time]) == "UTC";
}

// A header, a first row, and the time in them: what is there of a file of measurements at all.
Result<CsvLayout> find_outline(std::string_view text, const CsvProfile& profile, CsvFindings& findings) {
    CsvLayout layout;
    layout.header = TRY(find_header(text, profile, findings));
    auto rows = layout.header.rows;
    if (!rows.next()) return fail(Code::malformed, "the file has no rows");
    std::vector<std::string_view> first;
    if (auto status = rows.split(first); !status)
        return std::unexpected(status.error().within(fmt::format("line {}", rows.number())));
    first.resize(std::max(first.size(), layout.header.names.size()));
    layout.time = TRY(find_time_columns(layout.header, first, profile, findings));
    layout.utc = says_utc(layout.header, layout.time.time);
    return layout;
}

}  // namespace

Result<CsvLayout> find_layout(std::string_view text, const CsvProfile& profile, CsvFindings& findings) {
    auto outline = find_outline(text, profile, findings);
    if (!outline) {
        outline.error().message += advice_on_preamble(text, profile);
        return outline;
    }
    auto& layout = *outline;
    TRY(Fields(layout, profile, findings).find());
    find_date_order(layout, profile, findings);
    TRY(find_decimal(layout, profile, text, findings));
    return outline;
}

}  // namespace tally::gateway::device_sdk
