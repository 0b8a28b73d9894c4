#pragma once
// Measurements from Green Button files: NAESB REQ.21 ESPI 3.3 (espi.xsd) in an Atom feed (RFC 4287), as utilities
// export them. XML is read by gateway/xml, strictly.
//
// An IntervalBlock belongs to the MeterReading that its "up" link names, and that one to the ReadingType among its
// "related" links; with a single ReadingType in the file, links may be absent. The ReadingType has the unit (uom) and
// the power of ten: 72 energy in Wh, 38 power in W, 42 volume in m3 and so on (the table is in green_button.cpp). Each
// unit is a field; energy that flows back (flowDirection 19) is the field "energy_reverse". Two ReadingTypes that would
// be one field are refused.
//
// The time of a row is its interval's start; a time that is in several blocks is judged as in CSV files. Readings of
// quality 7 to 13, 15 and 16 (edited, estimated, questionable, derived, projected, mixed, other) are read and counted.
// Failures: malformed (with line and element), unsupported (a unit that is not read), too_large, io_error, not_found.

#include <filesystem>
#include <optional>
#include <string>

#include "gateway/device_sdk/meter_csv.h"

namespace tally::gateway::device_sdk {

// What a ReadingType says, for a file that has none.
struct ReadingType {
    std::int64_t uom = 0;
    std::int64_t power_of_ten = 0;
    std::int64_t flow_direction = 0;
};

[[nodiscard]] Result<MeterCsv> read_green_button(std::string text,
                                                 const std::optional<ReadingType>& type = std::nullopt);
[[nodiscard]] Result<MeterCsv> read_green_button_file(const std::filesystem::path& path,
                                                      const std::optional<ReadingType>& type = std::nullopt);

}  // namespace tally::gateway::device_sdk
