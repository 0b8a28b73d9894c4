// Meter CSV. What is accepted has rising times, one value per field, a report that adds up, and its days become
// records.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "chaincode/records/series.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/meter_csv.h"

using namespace tally;
using namespace tally::gateway::device_sdk;

namespace {

void expect(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "expected: %s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    CsvProfile profile;
    profile.times.assume_utc = true;  // so that local times get further
    const auto csv = read_meter_csv(text, profile);
    const auto check = check_meter_csv(text, profile);
    expect(csv.has_value() == (check.findings.problem_count() == 0), "the check and the reader agree");
    if (!csv) {
        expect(!csv.error().message.empty(), "a refusal says why");
        expect(csv.error().message == check.findings.problems().front().message, "the first problem is the error");
        return 0;
    }
    expect(check.csv && check.csv->measurements.values == csv->measurements.values, "a check reads the same");
    const auto& [measurements, report] = *csv;
    expect(measurements.values.size() == measurements.rows() * measurements.fields.size(), "one value per field");
    expect(report.rows_read == report.rows_kept + report.duplicates + report.contradictions, "no row is lost silently");
    for (std::size_t i = 1; i < measurements.rows(); ++i)
        expect(measurements.times_s[i] > measurements.times_s[i - 1], "times rise");
    std::size_t rows = 0;
    for (const auto& day : days_of(measurements)) {
        rows += day.count;
        const auto record = build_record(measurements, {.start_s = day.start_s, .end_s = day.start_s + kDay_s});
        if (record)
            expect(chaincode::check_series(record->record, record->series).has_value(), "a built record is sound");
    }
    expect(rows == measurements.rows(), "days hold every row");
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const std::string_view text :
         {"time_utc,power_kW,voltage_V\r\n2025-06-15T00:00:00Z,0.326,243.15\r\n2025-06-15T00:01:00Z,?,\r\n",
          "\xef\xbb\xbf\"time\";\"a_Wh\"\n1700000120;3\n1700000000;-1.5\n1700000060;2\n1700000060;2\n1700000000;9\n",
          "sep=;\nVersion CSV3\n\ntime;p\n[UTC];[W]\n26.10.2025 00:00:00;1,5\n",
          "Date;Time;a_kW\n16/12/2025;17:24:00;4.216\n17/12/2025;5:24 PM;1,234.5\n",
          "Start,End,\"Use (kWh)\"\n2026-05-01T00:00:00.5+0200,2026-05-01T00:30:00+02:00,\"0,5\"\n",
          "x,timestamp\n5,1749945600\n5,1749945660\n\n7,1750032000\n"}) {
        add(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
}
