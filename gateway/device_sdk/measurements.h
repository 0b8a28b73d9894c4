#pragma once
// The device SDK: what a meter, or a program that stands in for one, needs to build and sign its records.
//
//   measurements.h   rows of integers with a time, from any source               <- read first
//   meter_csv.h      from CSV files as they are found in the field
//   green_button.h   from Green Button files (NAESB ESPI)
//   generator.h      made up, plausible and repeatable: for demonstrations and benchmarks
//   day_builder.h    rows of a period -> unsigned record (series, summary, root)
//   device_key.h     a device's identity folder: signs, counts, remembers, keeps what was not yet confirmed
//
//   auto csv = TRY(read_meter_csv_file("meter.csv"));
//   auto device = TRY(DeviceKey::open("dev-7"));
//   for (const auto& day : days_of(csv.measurements)) {
//       auto record = TRY(build_record(csv.measurements, {.start_s = day.start_s, .end_s = day.start_s + kDay_s,
//                                                         .polling_interval_s = csv.report.interval_s}));
//       auto signed_record = TRY(device.sign(std::move(record)));   // send signed_record.message, and then
//       TRY(device.confirm(signed_record.sequence));                // when the reply says committed
//   }
//
// Values; any thread, no sharing. An integer v of a field means v * 10^scale units; no floating point anywhere.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "chaincode/records/device_record.h"
#include "gateway/device_sdk/parse_time.h"

namespace tally::gateway::device_sdk {

struct Measurements {
    std::vector<chaincode::Field> fields;
    std::vector<std::int64_t> times_s;                // strictly rising
    std::vector<std::optional<std::int64_t>> values;  // row by row, one per field; none: missing

    [[nodiscard]] std::size_t rows() const { return times_s.size(); }
    [[nodiscard]] std::span<const std::optional<std::int64_t>> row(std::size_t index) const {
        return std::span(values).subspan(index * fields.size(), fields.size());
    }
};

// The rows [first, first + count) that fall into the day [start_s, end_s).
struct DayRows {
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    std::size_t first = 0;
    std::size_t count = 0;
};

// Days of the zone, or else of UTC. Days without any row are not in the list.
[[nodiscard]] std::vector<DayRows> days_of(const Measurements& measurements,
                                           const std::optional<TimeZone>& zone = std::nullopt);

// The fields for a schema that is to be made after these measurements: with three decimals more than these show, as
// later files may show them, or fewer where a day's sum of values a hundred times as large would not fit 64 bits.
[[nodiscard]] std::vector<chaincode::Field> with_headroom(const Measurements& measurements);

// The same measurements in the fields of a registered schema: fields are found by name, dropped when the schema does
// not have them, and brought to its scale. Fails (schema_mismatch) when a field is not there, has another unit, or a
// value has more decimals than the schema's scale can say.
[[nodiscard]] Result<Measurements> conform(const Measurements& measurements, std::span<const chaincode::Field> schema);

}  // namespace tally::gateway::device_sdk
