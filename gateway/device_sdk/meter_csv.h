#pragma once
// Measurements from CSV (RFC 4180) as meters' portals write it. csv_profile.h has everything that can be said about a
// file; what it leaves open is found in the file, and what could be meant in two ways is refused, with the line and
// with the option that settles it:
//
//   encoding    UTF-8, UTF-16, Windows-1252 (csv_text.h); lines end with LF, CRLF or CR; empty ones are skipped
//   columns     separated by comma, semicolon, tab or vertical bar, with quotes; "sep=;" in the first line says it
//   header      the first line, or the first that has all the columns that the profile names; a row of units may follow
//   time        the column that the profile names; else the only one of the names "time", "timestamp", "datetime",
//               "date_time", "date" (also with "_utc"; capitals do not matter); else the only one whose first value is
//               a date. A date and a time of day may be two columns (csv_time_columns.h, time_text.h). Times without a
//               zone need options, unless the column's name ends in _utc or the unit below it is UTC
//   numbers     a decimal comma where some number can have nothing else; thousands only where the profile says so
//   no value    "", "?", "NA", "nan", "null", "none", "-", and what the profile adds
//
// Every other column is a field. The end of its name is its unit; what is before it is the field's name:
//
//   _W _kW _MW -> W         _Wh _kWh _MWh -> Wh            _var _kvar -> var   _varh _kvarh -> varh   _VA _kVA -> VA
//   _mV _V _kV -> V         _mA _A -> A                    _Hz -> Hz           _degC -> Cel           _K -> K
//   _W_per_m2 _kW_per_m2 -> W/m2    _Wh_per_m2 _kWh_per_m2 -> Wh/m2 (not in SenML's registry; it has no such unit)
//   _Pa _hPa _kPa -> Pa     _pct -> %   _m_per_s -> m/s    _m3 -> m3   _l -> l   _J _kJ _MJ -> J   anything else -> "/"
//
// "Power (kW)" and "Power [kW]" are power_kW; a unit in brackets that is not known is refused. The profile may name
// fields itself. A last column without a name and without values is a delimiter at the ends of the lines.
//
// Prefixes go into the scale, so that integers stay exact: 0.326 under power_kW is the field "power", unit W, the
// integer 326 at scale 0. A field's decimals are the most that its column shows, at most 9.
//
// Refused, each naming line and column: too many or too few columns, text where a number should be, a number that does
// not fit, a first line of values, a file without rows, -9999 and its like unless options say what it means. Pure but
// for reading the file. Failures: malformed, too_large, io_error, not_found, invalid_argument (no such zone).

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/device_sdk/csv_findings.h"
#include "gateway/device_sdk/csv_profile.h"
#include "gateway/device_sdk/measurements.h"

namespace tally::gateway::device_sdk {

// Nothing is dropped silently.
struct CsvReport {
    std::size_t rows_read = 0;
    std::size_t rows_kept = 0;
    std::size_t out_of_order = 0;                  // rows whose time is before that of the row above
    std::size_t duplicates = 0;                    // dropped: the same time and the same values
    std::size_t contradictions = 0;                // dropped: the same time, other values; the first row stays
    std::vector<std::size_t> contradicting_lines;  // the first 100 of them
    std::size_t filtered = 0;                      // not in rows_read: left out by a filter of the profile
    std::size_t merged = 0;                        // rows of series that complete a row of the same time
    std::size_t fractions = 0;                     // times whose fraction of a second was cut off
    std::size_t estimated = 0;                     // values that the source marks as estimated or edited (Green Button)
    std::vector<std::string> units_unread;         // columns without a unit, although their last word is one
    std::vector<std::size_t> missing;              // per field
    std::int64_t interval_s = 0;                   // the most frequent distance of two rows; 0 with fewer than two
    struct Gap {
        std::int64_t after_s = 0;   // the last row before it
        std::int64_t before_s = 0;  // the first row after it
    };
    std::vector<Gap> gaps;  // distances of more than the interval
};

struct MeterCsv {
    Measurements measurements;
    CsvReport report;
};

[[nodiscard]] Result<MeterCsv> read_meter_csv(std::string_view bytes, const CsvProfile& profile = {});
[[nodiscard]] Result<MeterCsv> read_meter_csv_file(const std::filesystem::path& path, const CsvProfile& profile = {});

// What reading would do, with every problem instead of the first alone. Rows that are refused are not in `csv`, which
// is none where the file as a whole cannot be read.
struct CsvCheck {
    CsvFindings findings;
    std::optional<MeterCsv> csv;
};
[[nodiscard]] CsvCheck check_meter_csv(std::string_view bytes, const CsvProfile& profile = {});

}  // namespace tally::gateway::device_sdk
