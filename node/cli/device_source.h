#pragma once
// Where a device's measurements come from, on the command line: a file, or the generator.

#include "gateway/device_sdk/generator.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/cli/commands.h"

namespace tally::node::cli {

// How a CSV file is written: a profile, and options that go before it. What neither says is found in the file.
struct CsvChoices {
    std::string profile;  // the name of one that is shipped, or a file
    std::vector<std::string> time_columns;
    std::string time_format;
    bool assume_utc = false;
    std::string time_zone;
    bool epoch = false;
    std::optional<int> hours_from;
    std::string wide;
    bool interval_end = false;
    std::int64_t interval_s = 0;
    std::string encoding, delimiter, decimal, grouping;
    std::size_t skip_lines = 0;
    bool unit_row = false;
    std::vector<std::string> header;
    std::vector<std::string> columns;  // SOURCE=FIELD_UNIT
    std::vector<std::string> ignored;
    std::vector<std::string> filters;  // COLUMN=VALUE
    std::vector<std::string> missing;
};

struct Source {
    std::filesystem::path csv;
    CsvChoices choices;
    std::filesystem::path green_button;
    std::string reading_type;  // UOM:POWER, of a Green Button file that does not say it
    bool keep_first = false;
    bool generated = false;
    gateway::device_sdk::GeneratorOptions generator;
    std::string start;  // of generated days

    [[nodiscard]] const std::filesystem::path& file() const { return csv.empty() ? green_button : csv; }
    [[nodiscard]] bool given() const { return generated || !file().empty(); }
};

struct Loaded {
    gateway::device_sdk::Measurements measurements;
    gateway::device_sdk::CsvReport report;
    std::vector<gateway::device_sdk::DayRows> days;
};

void add_csv_choices(CLI::App& command, CsvChoices& choices);
// The profile with what the options say in its place. Failures: not_found, bad_configuration, invalid_argument.
[[nodiscard]] Result<gateway::device_sdk::CsvProfile> profile_of(const CsvChoices& choices);

void add_source(CLI::App& command, Source& source);
// Refuses rows whose time is still to come: the file was misread, or the clock that wrote it is wrong.
[[nodiscard]] Result<Loaded> load(const Source& source);
// Refuses rows that contradict each other, unless the first of them is to be kept: which is right nobody can know.
[[nodiscard]] Status check_contradictions(const Source& source, const Loaded& loaded);
// What was read and what was lost, for programs and for people.
[[nodiscard]] boost::json::object report_json(const Loaded& loaded);
void say_report(const Loaded& loaded);

}  // namespace tally::node::cli
