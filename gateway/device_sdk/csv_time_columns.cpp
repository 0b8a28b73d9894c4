#include "gateway/device_sdk/csv_time_columns.h"

#include <algorithm>
#include <array>

namespace tally::gateway::device_sdk {
namespace {

enum class Kind { other, moment, date, clock };

Kind kind_of(std::string_view cell, TimeFormat format) {
    for (const auto each : {format, TimeFormat::dmy, TimeFormat::mdy}) {
        if (const auto time = scan_time(cell, each)) {
            if (time->time.form == WrittenTime::Form::epoch && format == TimeFormat::automatic) return Kind::other;
            return time->date_only ? Kind::date : Kind::moment;
        }
    }
    return is_time_of_day(cell) ? Kind::clock : Kind::other;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

bool has_word(std::string_view name, std::span<const std::string_view> words) {
    const auto text = lower(name);
    const auto letter = [&](std::size_t at) {
        return at < text.size() && ((text[at] >= 'a' && text[at] <= 'z') || static_cast<unsigned char>(text[at]) > 127);
    };
    return std::ranges::any_of(words, [&](std::string_view word) {
        const auto at = text.find(word);
        return at != std::string::npos && (at == 0 || !letter(at - 1)) && !letter(at + word.size());
    });
}

// Whether the names say that one column is the start and the other the end of an interval.
bool is_interval(std::string_view start, std::string_view end) {
    static constexpr auto kStarts = std::to_array<std::string_view>({"start", "from", "begin", "von", "van", "de",
                                                                     "d\xc3\xa9"
                                                                     "but",
                                                                     "debut", "inicio", "inizio", "da", "fra", "od"});
    static constexpr auto kEnds = std::to_array<std::string_view>(
        {"end", "to", "until", "bis", "ende", "tot", "fin", "fine", "hasta", "a", "til", "do"});
    return has_word(start, kStarts) && has_word(end, kEnds);
}

class Finder {
  public:
    Finder(const CsvHeader& header, const std::vector<std::string_view>& first, const CsvProfile& profile)
        : header_(header) {
        for (std::size_t i = 0; i < header.names.size(); ++i) {
            const bool ignored = std::ranges::find(profile.ignored, header.names[i]) != profile.ignored.end();
            const bool selected = std::ranges::any_of(
                profile.columns, [&](const auto& column) { return column.source == header.names[i]; });
            kinds_.push_back(ignored || selected ? Kind::other : kind_of(first[i], profile.time_format));
            if (!ignored && !selected && is_time_name(header.names[i])) named_.push_back(i);
        }
    }

    [[nodiscard]] Result<TimeColumns> find() const {
        auto candidates = named_;
        if (candidates.empty()) {
            for (std::size_t i = 0; i < kinds_.size(); ++i) {
                if (kinds_[i] == Kind::moment || kinds_[i] == Kind::date) candidates.push_back(i);
            }
        }
        if (candidates.empty()) {
            return fail(Code::malformed,
                        "line {}: no column is named as the time is (time, timestamp, datetime); name it with "
                        "--time-column",
                        line());
        }
        if (candidates.size() > 1 && !named_.empty()) {
            std::erase_if(candidates, [&](auto i) { return kinds_[i] == Kind::clock; });
            if (candidates.empty()) candidates = named_;
        }
        TimeColumns out{candidates[0]};
        if (candidates.size() == 2 && is_interval(name(candidates[0]), name(candidates[1]))) {
            out.ends.push_back(candidates[1]);
        } else if (candidates.size() == 2 && is_interval(name(candidates[1]), name(candidates[0]))) {
            out = {candidates[1], std::nullopt, {candidates[0]}};
        } else if (candidates.size() > 1) {
            return two(candidates[0], candidates[1]);
        }
        if (kinds_[out.time] == Kind::date) TRY(add_clock(out));
        return out;
    }

  private:
    // A date and times of day: the only one, or the start's.
    [[nodiscard]] Status add_clock(TimeColumns& out) const {
        std::vector<std::size_t> clocks;
        for (std::size_t i = 0; i < kinds_.size(); ++i) {
            if (kinds_[i] == Kind::clock) clocks.push_back(i);
        }
        if (clocks.empty()) return {};
        if (clocks.size() == 2 && is_interval(name(clocks[1]), name(clocks[0]))) std::swap(clocks[0], clocks[1]);
        if (clocks.size() == 2 && is_interval(name(clocks[0]), name(clocks[1]))) {
            out.ends.push_back(clocks[1]);
        } else if (clocks.size() != 1) {
            return two(clocks[0], clocks[1]);
        }
        out.clock = clocks[0];
        return {};
    }
    [[nodiscard]] std::unexpected<Error> two(std::size_t a, std::size_t b) const {
        return fail(
            Code::malformed,
            "line {}: \"{}\" and \"{}\" could both be the time; name it with --time-column (twice for a date and "
            "a time of day)",
            line(), name(a), name(b));
    }
    [[nodiscard]] const std::string& name(std::size_t column) const { return header_.names[column]; }
    [[nodiscard]] std::size_t line() const { return std::max<std::size_t>(header_.line, 1); }

    const CsvHeader& header_;
    std::vector<Kind> kinds_;
    std::vector<std::size_t> named_;
};

}  // namespace

bool TimeColumns::has(std::size_t column) const {
    return column == time || column == clock || std::ranges::find(ends, column) != ends.end();
}

Result<TimeColumns> find_time_columns(const CsvHeader& header, const std::vector<std::string_view>& first,
                                      const CsvProfile& profile, CsvFindings& findings) {
    TimeColumns out;
    if (profile.time_columns.empty()) {
        out = TRY(Finder(header, first, profile).find());
    } else {
        out.time = TRY(header.column(profile.time_columns[0]));
        if (profile.time_columns.size() > 1) out.clock = TRY(header.column(profile.time_columns[1]));
    }
    const auto& name = header.names[out.time];
    findings.decide("time", out.clock ? fmt::format("{} and {}", name, header.names[*out.clock]) : name,
                    !profile.time_columns.empty() ? "it is given"
                    : is_time_name(name)          ? "its name"
                                                  : "it has the file's only dates");
    for (const auto end : out.ends)
        findings.decide("not read", header.names[end], "the end of the interval that the time begins");
    return out;
}

}  // namespace tally::gateway::device_sdk
