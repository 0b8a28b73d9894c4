#pragma once
// RocksDB's environment, with direct writes from memory that begins at a page. By itself RocksDB aligns them to the
// device's logical block, often 512 bytes; a buffer that begins inside a page is then cut at every page, and there are
// disks on which a mebibyte takes 28 ms so where it takes 0.8 (bench/storage_bench). Private to storage/.

#include <rocksdb/env.h>

namespace tally::storage::rocks {

// Of the process; it is never destroyed, so it outlives every database.
[[nodiscard]] rocksdb::Env* page_aligned_writes();

}  // namespace tally::storage::rocks
