#pragma once
// A check of RocksDB's MANIFEST that RocksDB does not make: it takes a last record that says it is longer than the rest
// of the file for one that a crash has torn, and opens the database without the tables that the record names. Where
// only the length is damaged, that is an older state of some column families, served without an error.
// The format: "Log file format" in RocksDB's wiki, db/log_format.h in its source.

#include <filesystem>

#include "crypto/error.h"

namespace tally::storage::rocks {

// corrupt where the last record of the MANIFEST that CURRENT names is whole and its length is not. A record that is
// really torn, and all that RocksDB finds itself, a missing file for one, is left to RocksDB.
[[nodiscard]] Status check_manifest(const std::filesystem::path& directory);

}  // namespace tally::storage::rocks
