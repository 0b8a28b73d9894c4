#pragma once
// Writes into the world state of a stopped node behind the committer's back; RocksDB's checksums and the seal hold
// afterwards.

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>

#include "node/ledgers/channel_ledger.h"
#include "storage/seal.h"

namespace tally::node {

inline void tamper_with_state(const std::filesystem::path& data, const std::string& key, const std::string& value) {
    const auto directory = ledger_path(data).string();
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, directory, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, directory, families, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == "state") {
            EXPECT_TRUE(database->Put({}, handles[i], key, value).ok());
        }
    }
    EXPECT_TRUE(database->Flush({}, handles).ok());
    for (auto* handle : handles) EXPECT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
    EXPECT_TRUE(database->Close().ok());
    ASSERT_TRUE(storage::write_seal(data).has_value());
}

}  // namespace tally::node
