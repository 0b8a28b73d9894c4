#pragma once
// The seal of a data directory that was closed in order: a file `SEAL` that lists every file below it with its size
// and, up to 8 MiB, its SHA-256. The small files (RocksDB's MANIFEST, OPTIONS and CURRENT, the consensus log) have no
// checksum over every byte of their own; the large ones do (storage/ledger.h, check_files). A seal is broken before
// anything is written, so it exists only while the directory is exactly as it was left.

#include <filesystem>

#include "crypto/error.h"

namespace tally::storage {

[[nodiscard]] Status write_seal(const std::filesystem::path& directory);

// True when there is a seal and it holds, false when there is none; corrupt names the first file that differs.
[[nodiscard]] Result<bool> check_seal(const std::filesystem::path& directory);
[[nodiscard]] Status break_seal(const std::filesystem::path& directory);

}  // namespace tally::storage
