#pragma once
// CSV profiles as TOML: a file of the user's, or one of those that are shipped in the program (csv_profiles/*.toml,
// which CMake embeds). docs/meter_files.md explains the keys. Failures: bad_configuration, naming file and key;
// not_found.

#include <span>
#include <string>
#include <string_view>

#include "gateway/device_sdk/csv_profile.h"

namespace tally::node::cli {

struct ShippedProfile {
    std::string_view name;
    std::string_view text;
};
[[nodiscard]] std::span<const ShippedProfile> shipped_profiles();

// Keys that are not known are refused.
[[nodiscard]] Result<gateway::device_sdk::CsvProfile> parse_csv_profile(std::string_view text, const std::string& name);

// A shipped profile by its name, or else a file.
[[nodiscard]] Result<gateway::device_sdk::CsvProfile> find_csv_profile(const std::string& name_or_file);

// "comma", "semicolon", "tab", or the sign itself; "auto", "utf-8", "utf-16le", "utf-16be", "cp1252"; "auto", "dmy" and
// the others of TimeFormat. invalid_argument names those that there are.
[[nodiscard]] Result<char> delimiter_named(std::string_view text);
[[nodiscard]] Result<gateway::device_sdk::CsvEncoding> encoding_named(std::string_view text);
[[nodiscard]] Result<gateway::device_sdk::TimeFormat> time_format_named(std::string_view text);

}  // namespace tally::node::cli
