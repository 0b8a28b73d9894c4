#include "gateway/device_sdk/csv_profile.h"

#include <algorithm>

namespace tally::gateway::device_sdk {

Status check_profile(const CsvProfile& profile) {
    const auto refuse = [](std::string_view what) { return fail(Code::invalid_argument, "{}", what); };
    if (profile.decimal && *profile.decimal != '.' && *profile.decimal != ',')
        return refuse("the decimal sign is \".\" or \",\"");
    if (profile.grouping.size() > 1 || std::string_view(".,' ").find(profile.grouping) == std::string_view::npos)
        return refuse("thousands are grouped with \".\", \",\", \"'\" or a space");
    if (!profile.grouping.empty() && !profile.decimal)
        return refuse("a sign that groups thousands needs the decimal sign beside it (--decimal)");
    if (profile.decimal && profile.grouping.find(*profile.decimal) != std::string::npos)
        return refuse("the decimal sign and the sign that groups thousands are the same");
    if (profile.delimiter && std::string_view("\"\r\n").find(*profile.delimiter) != std::string_view::npos)
        return refuse("columns cannot be separated by a quote or a line's end");
    if (profile.time_columns.size() > 2)
        return refuse("the time is one column, or a date and a time of day: at most two columns");
    if (profile.times.assume_utc && profile.times.zone) return refuse("times are of UTC or of a zone, not of both");
    if (profile.hours_from && (*profile.hours_from < 0 || *profile.hours_from > 1))
        return refuse("hours of a day are counted from 0 or from 1");
    if (profile.hours_from && profile.time_columns.size() != 2)
        return refuse("numbers of hours need two time columns: the date's and the hour's");
    if (!profile.wide.empty() && (profile.pivot || !profile.columns.empty()))
        return refuse("a day in each row excludes columns and series: the columns are its times");
    if (profile.interval_s < 0) return refuse("the interval is a positive number of seconds");
    if (profile.pivot && !profile.columns.empty())
        return refuse("columns and series exclude each other: a file has a column for each field, or one for all");
    if (profile.pivot && profile.pivot->series.empty()) return refuse("series without names: none would be read");
    return {};
}

}  // namespace tally::gateway::device_sdk
