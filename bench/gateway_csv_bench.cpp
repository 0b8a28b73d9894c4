// How fast a meter's CSV file is read: 75 MB in three forms. build/release/bench/gateway_csv_bench

#include <benchmark/benchmark.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "gateway/device_sdk/meter_csv.h"

using namespace tally::gateway::device_sdk;

namespace {

constexpr std::size_t kBytes = 75'000'000;
constexpr std::int64_t kStart_s = 1'577'836'800;  // 2020-01-01

// Minutes in UTC with three numbers.
std::string iso_file() {
    std::string text = "time,power_kW,voltage_V,energy_Wh\n";
    for (std::int64_t i = 0; text.size() < kBytes; ++i) {
        const auto minute = kStart_s + i * 60;
        fmt::format_to(std::back_inserter(text), "{:%Y-%m-%dT%H:%M:%S}Z,{}.{:03},23{}.{:02},{}\n", fmt::gmtime(minute),
                       i % 5, i % 1000, i % 10, i % 100, i % 17);
    }
    return text;
}

// Local quarter hours of Vienna with a decimal comma; those near changes of the clock are left out.
std::string portal_file() {
    std::string text = "Datum von;Datum bis;Energiemenge in kWh;Ersatzwert\n";
    for (std::int64_t i = 0; text.size() < kBytes; ++i) {
        const auto begin = fmt::gmtime(kStart_s + i * 900), end = fmt::gmtime(kStart_s + (i + 1) * 900);
        if (begin.tm_hour >= 1 && begin.tm_hour <= 3 && (begin.tm_mon == 2 || begin.tm_mon == 9)) continue;
        fmt::format_to(std::back_inserter(text), "{:%d.%m.%Y %H:%M};{:%d.%m.%Y %H:%M};{},{:03};\n", begin, end, i % 3,
                       i % 1000);
    }
    return text;
}

// Seconds since 1970 in quotes, with commas between thousands.
std::string quoted_file() {
    std::string text = "\"time\",\"energy_Wh\"\n";
    for (std::int64_t i = 0; text.size() < kBytes; ++i)
        fmt::format_to(std::back_inserter(text), "\"{}\",\"{},{:03}.5\"\n", kStart_s + i * 60, 1 + i % 900, i % 1000);
    return text;
}

void read(benchmark::State& state, const std::string& text, const CsvProfile& profile) {
    std::size_t rows = 0;
    for (auto _ : state) {
        const auto csv = read_meter_csv(text, profile);
        if (!csv) return state.SkipWithError(csv.error().message.c_str());
        rows = csv->measurements.rows();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * static_cast<std::int64_t>(state.iterations()));
    state.counters["rows"] = static_cast<double>(rows);
}

void iso(benchmark::State& state) { read(state, iso_file(), {}); }

void portal(benchmark::State& state) {
    CsvProfile profile;
    profile.times.zone = *TimeZone::find("Europe/Vienna");
    profile.columns = {{"Energiemenge in kWh", "energy_kWh"}};
    profile.time_columns = {"Datum von"};
    read(state, portal_file(), profile);
}

void quoted(benchmark::State& state) {
    CsvProfile profile;
    profile.decimal = '.';
    profile.grouping = ",";
    read(state, quoted_file(), profile);
}

BENCHMARK(iso)->Unit(benchmark::kMillisecond);
BENCHMARK(portal)->Unit(benchmark::kMillisecond);
BENCHMARK(quoted)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
