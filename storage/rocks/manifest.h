#pragma once
// RocksDB's MANIFEST, read as strictly as RocksDB does not: it takes a last record that is longer than the rest of the
// file for one that a crash has torn, drops it, and opens the database without the tables that the record names. Behind
// a damaged length field that is an older state of some column families, served without an error.
// Format: "Log file format" in RocksDB's wiki; db/log_format.h.

#include <filesystem>

#include "crypto/error.h"

namespace tally::storage::rocks {

// corrupt where the last record of the MANIFEST in `directory` is whole and its length field is not. A record that is
// really torn, and every damage that RocksDB itself finds, is left to RocksDB.
[[nodiscard]] Status check_manifest(const std::filesystem::path& directory);

}  // namespace tally::storage::rocks
