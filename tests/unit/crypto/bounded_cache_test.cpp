#include "crypto/bounded_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::crypto {
namespace {

Hash key(int i) { return sha256(as_bytes(std::to_string(i))); }

TEST(BoundedCache, KeepsTheNewestHalfAndNeverMoreThanItsCapacity) {
    BoundedCache<int> cache(100);
    for (int i = 0; i < 1000; ++i) {
        cache.insert(key(i), i);
        for (int newest = std::max(0, i - 49); newest <= i; ++newest) ASSERT_EQ(cache.find(key(newest)), newest) << i;
        int kept = 0;
        for (int any = std::max(0, i - 300); any <= i; ++any) kept += cache.contains(key(any)) ? 1 : 0;
        ASSERT_LE(kept, 100) << i;
    }
    EXPECT_FALSE(cache.find(key(0)));
}

TEST(BoundedCache, WhatIsInsertedAgainIsTheNewest) {
    BoundedCache<int> cache(4);
    for (int i = 0; i < 20; ++i) {
        cache.insert(key(-1), i);
        cache.insert(key(i), i);
        EXPECT_EQ(cache.find(key(-1)), i);
    }
}

TEST(BoundedCache, FindOrInsertLeavesWhatIsThere) {
    BoundedCache<int> cache(4);
    EXPECT_EQ(cache.find_or_insert(key(1), 1), 1);
    EXPECT_EQ(cache.find_or_insert(key(1), 2), 1);
    EXPECT_EQ(cache.find(key(1)), 1);
    cache.insert(key(1), 3);
    EXPECT_EQ(cache.find(key(1)), 3);
}

TEST(ExpiringCache, AnEntryIsThereUntilItsTime) {
    ExpiringCache<int> cache(4);
    cache.insert(key(1), 1, 100);
    EXPECT_EQ(cache.find(key(1), 99), 1);
    EXPECT_FALSE(cache.find(key(1), 100));
    cache.insert(key(1), 2, 200);
    EXPECT_EQ(cache.find(key(1), 100), 2);
}

}  // namespace
}  // namespace tally::crypto
