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
    bool generated = false;
    gateway::device_sdk::GeneratorOptions generator;
    std::string start;  // of generated days
};

struct Loaded {
    gateway::device_sdk::Measurements measurements;
    gateway::device_sdk::CsvReport report;
};

void add_source(CLI::App& command, Source& source);
[[nodiscard]] Result<Loaded> load(const Source& source);
// What was read and what was lost, for programs and for people.
[[nodiscard]] boost::json::object report_json(const Loaded& loaded);
void say_report(const Loaded& loaded);

}  // namespace tally::node::cli
