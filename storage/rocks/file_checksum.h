#pragma once
// The CRC-32C of whole files that RocksDB keeps in its manifest: the same name and bytes as RocksDB's own, computed
// with the processor's instruction, which Debian's RocksDB is built without (bench/storage_bench compares them).
// Private to storage/.

#include <rocksdb/file_checksum.h>

#include <memory>

namespace tally::storage::rocks {

[[nodiscard]] std::shared_ptr<rocksdb::FileChecksumGenFactory> file_checksums();

}  // namespace tally::storage::rocks
