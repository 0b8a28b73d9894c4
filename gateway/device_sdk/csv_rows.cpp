#include "gateway/device_sdk/csv_rows.h"

#include <algorithm>

namespace tally::gateway::device_sdk {
namespace {

class RowReader {
  public:
    RowReader(const CsvLayout& layout, const CsvProfile& profile, CsvFindings& findings)
        : layout_(layout), profile_(profile), findings_(findings), row_(layout.fields.size()) {
        rows_.decimals.assign(layout.fields.size(), 0);
    }

    [[nodiscard]] Result<CsvRows> read() {
        auto lines = layout_.header.rows;
        while (lines.next()) {
            line_ = lines.number();
            auto status = lines.split(cells_);
            if (status)
                status = read_row();
            else
                status = std::unexpected(status.error().within(fmt::format("line {}", line_)));
            if (!status) TRY(findings_.refuse(std::move(status.error())));
        }
        return std::move(rows_);
    }

  private:
    [[nodiscard]] std::string where(std::size_t column) const {
        return fmt::format("line {}, column \"{}\"", line_, layout_.header.names[column]);
    }

    [[nodiscard]] Status check_width() const {
        const auto& header = layout_.header;
        if (cells_.size() != header.cells()) {
            return fail(Code::malformed, "line {}: {} columns where the header has {}", line_, cells_.size(),
                        header.cells());
        }
        if (header.trailing && !cells_.back().empty())
            return fail(Code::malformed, "line {}: the last column has a value and no name", line_);
        return {};
    }

    [[nodiscard]] bool is_left_out() const {
        return std::ranges::any_of(layout_.filters, [&](const auto& filter) {
            return std::ranges::find(filter.values, cells_[filter.column]) == filter.values.end();
        });
    }

    [[nodiscard]] Status read_row() {
        TRY(check_width());
        if (is_left_out()) {
            ++rows_.filtered;
            return {};
        }
        RowTime time{{}, line_};
        if (!layout_.wide.empty()) return read_day(time);
        std::fill(row_.begin(), row_.end(), CsvCell{});
        if (layout_.series) {
            const auto& series = *layout_.series;
            const auto name = cells_[series.column];
            const auto known = series.fields.find(name);
            if (known == series.fields.end()) {
                return fail(Code::malformed, "{}: the series \"{}\" is not named in the profile", where(series.column),
                            name.substr(0, 64));
            }
            if (!known->second) {
                ++rows_.filtered;
                return {};
            }
            time.series = static_cast<std::uint32_t>(std::distance(series.fields.begin(), known));
            TRY(read_cell(series.value, row_[*known->second]));
        } else {
            for (std::size_t k = 0; k < row_.size(); ++k) TRY(read_cell(layout_.columns[k], row_[k]));
        }
        TRY(read_time(time));
        add(time);
        return {};
    }

    void add(const RowTime& time) {
        rows_.times.push_back(time);
        rows_.cells.insert(rows_.cells.end(), row_.begin(), row_.end());
        for (std::size_t k = 0; k < row_.size(); ++k)
            rows_.decimals[k] = std::max(rows_.decimals[k], static_cast<int>(row_[k].decimals));
    }

    // A day in one row: cells without a value are times that the day may not have.
    [[nodiscard]] Status read_day(RowTime& time) {
        TRY(read_time(time));
        const auto midnight_s = time.written.seconds;
        for (const auto& [column, second] : layout_.wide) {
            row_[0] = {};
            TRY(read_cell(column, row_[0]));
            if (row_[0].decimals < 0) continue;
            time.written.seconds = midnight_s + second;
            add(time);
        }
        return {};
    }

    // The number of an hour of the day.
    [[nodiscard]] Status read_hour(RowTime& out) {
        const auto column = *layout_.time.clock;
        const auto number = parse_decimal(cells_[column]);
        const auto first = *profile_.hours_from;
        if (!number || number->decimals != 0 || number->digits < first || number->digits > first + 24) {
            return fail(Code::malformed, "{}: \"{}\" is no hour of a day from {} to {}", where(column),
                        cells_[column].substr(0, 40), first, first + 24);
        }
        out.after_s = (number->digits - first) * 3600;
        return {};
    }

    [[nodiscard]] Status read_time(RowTime& out) {
        auto text = cells_[layout_.time.time];
        const bool needs_date = profile_.hours_from.has_value() || !layout_.wide.empty();
        if (profile_.hours_from) {
            TRY(read_hour(out));
        } else if (layout_.time.clock) {
            joined_ = text;
            joined_ += ' ';
            joined_ += cells_[*layout_.time.clock];
            text = joined_;
        }
        const auto time = scan_time(text, layout_.time_format);
        if (!time) {
            return fail(Code::malformed, "{}: \"{}\" is no time: {}", where(layout_.time.time), text.substr(0, 40),
                        time.error());
        }
        if (needs_date && !time->date_only) {
            return fail(Code::malformed, "{}: \"{}\" has a time of day, and that is elsewhere",
                        where(layout_.time.time), text.substr(0, 40));
        }
        if (time->fraction && rows_.fractions++ == 0)
            findings_.doubt(line_,
                            "the time has a fraction of a second; fractions are cut off, in this row and others");
        out.written = time->time;
        return {};
    }

    [[nodiscard]] Status read_cell(std::size_t column, CsvCell& out) {
        const auto cell = cells_[column];
        if (is_missing(cell) || std::ranges::find(profile_.missing, cell) != profile_.missing.end()) return {};
        auto number = parse_decimal(cell, layout_.numbers);
        if (number && profile_.missing.empty() && may_mean_missing(cell)) {
            return fail(
                Code::malformed,
                "{}: \"{}\" may stand for a missing value; say --missing {} if it does, or --missing none if it "
                "is a reading",
                where(column), cell, cell);
        }
        if (!number) return std::unexpected(advise(cell, std::move(number.error())).within(where(column)));
        out = {number->digits, static_cast<std::int8_t>(number->decimals)};
        return {};
    }

    // What else the text may be.
    [[nodiscard]] static Error advise(std::string_view cell, Error error) {
        if (is_time_of_day(cell)) {
            error.message = fmt::format(
                "\"{}\" is a time of day; name date and time of day with --time-column twice, or leave the column out "
                "with --ignore",
                cell);
        } else if (const auto time = scan_time(cell, TimeFormat::dmy); time) {
            error.message =
                fmt::format("\"{}\" is a time, and the time is another column; leave it out with --ignore", cell);
        } else if (cell.find_first_not_of("+-0123456789., '") != std::string_view::npos) {
            error.message +=
                "; if it stands for a missing value, say --missing; if the column is none of numbers, say --ignore";
        }
        return error;
    }

    const CsvLayout& layout_;
    const CsvProfile& profile_;
    CsvFindings& findings_;
    CsvRows rows_;
    std::vector<std::string_view> cells_;
    std::vector<CsvCell> row_;
    std::string joined_;
    std::size_t line_ = 0;
};

}  // namespace

Result<CsvRows> read_rows(const CsvLayout& layout, const CsvProfile& profile, CsvFindings& findings) {
    return RowReader(layout, profile, findings).read();
}

}  // namespace tally::gateway::device_sdk
