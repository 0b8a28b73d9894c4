#pragma once
// Where a device's measurements come from, on the command line: a file, or the generator.

#include "gateway/device_sdk/generator.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/cli/command.h"

namespace tally::node::cli {

struct Source {
    std::filesystem::path csv;
    std::string time_column;
    bool assume_utc = false;
    std::string time_zone;
    bool epoch = false;
    bool keep_first = false;
    std::vector<std::string> missing;
    bool generated = false;
    gateway::device_sdk::GeneratorOptions generator;
    std::string start;  // of generated days
};

struct Loaded {
    gateway::device_sdk::Measurements measurements;
    gateway::device_sdk::CsvReport report;
    std::vector<gateway::device_sdk::DayRows> days;
};

void add_source(CLI::App& command, Source& source);
// Refuses rows whose time is still to come: the file was misread, or the clock that wrote it is wrong.
[[nodiscard]] Result<Loaded> load(const Source& source);
// Refuses rows that contradict each other, unless the first of them is to be kept: which is right nobody can know.
[[nodiscard]] Status check_contradictions(const Source& source, const Loaded& loaded);
// What was read and what was lost, for programs and for people.
[[nodiscard]] boost::json::object report_json(const Loaded& loaded);
void say_report(const Loaded& loaded);

}  // namespace tally::node::cli
