// Kept series: they survive the process, and what is removed is in no file any more.

#include "storage/series_store.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

crypto::Hash content_id_of(std::string_view text) { return crypto::sha256(as_bytes(text)); }

KeptEntry kept_entry(std::string device, std::string_view record, std::int64_t to_s = 1000) {
    return {std::move(device), content_id_of(record), "homes", to_s - 100, to_s, 5000};
}

// Not compressible, so that it would be found as it is.
Bytes rows(unsigned seed) {
    Bytes out;
    for (unsigned i = 0; i < 64; ++i) {
        const auto hash = content_id_of(fmt::format("{} {}", seed, i));
        out.insert(out.end(), hash.bytes.begin(), hash.bytes.end());
    }
    return out;
}

bool is_in_a_file(const std::filesystem::path& folder, const Bytes& what) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        if (text.find(as_text(ByteView(what).first(64))) != std::string::npos) return true;
    }
    return false;
}

TEST(SeriesStore, WhatIsPutIsThereAfterAKill) {
    const TemporaryDirectory directory;
    {
        auto store = SeriesStore::open(directory.path() / "kept");
        ASSERT_TRUE(store) << store.error().message;
        ASSERT_TRUE((*store)->put(kept_entry("meter-1", "a"), rows(1)));
        ASSERT_TRUE((*store)->set_mark("seen", "42"));
    }
    auto store = SeriesStore::open(directory.path() / "kept");
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ(*(*store)->series("meter-1", content_id_of("a")), rows(1));
    EXPECT_TRUE(*(*store)->has("meter-1", content_id_of("a")));
    EXPECT_FALSE(*(*store)->has("meter-2", content_id_of("a")));
    EXPECT_EQ(*(*store)->series("meter-1", content_id_of("b")), std::nullopt);
    EXPECT_EQ(*(*store)->mark("seen"), "42");
    EXPECT_EQ(*(*store)->mark("other"), std::nullopt);
}

TEST(SeriesStore, WhatIsRemovedIsInNoFile) {
    const TemporaryDirectory directory;
    auto store = SeriesStore::open(directory.path());
    ASSERT_TRUE(store) << store.error().message;
    for (unsigned i = 0; i < 50; ++i)
        ASSERT_TRUE((*store)->put(kept_entry(i % 2 == 0 ? "even" : "odd", fmt::format("{}", i)), rows(i)));
    ASSERT_TRUE(is_in_a_file(directory.path(), rows(7)));
    const auto odd = (*store)->of_device("odd");
    ASSERT_TRUE(odd);
    EXPECT_EQ(odd->size(), 25U);
    ASSERT_TRUE((*store)->remove(*odd));
    for (unsigned i = 0; i < 50; ++i) EXPECT_EQ(is_in_a_file(directory.path(), rows(i)), i % 2 == 0) << i;
    EXPECT_TRUE((*store)->of_device("odd")->empty());
    EXPECT_EQ((*store)->of_device("even")->size(), 25U);
}

TEST(SeriesStore, FindsWhatEndedBeforeATimeByCollection) {
    const TemporaryDirectory directory;
    auto store = SeriesStore::open(directory.path());
    ASSERT_TRUE(store) << store.error().message;
    for (std::int64_t day = 1; day <= 5; ++day)
        ASSERT_TRUE((*store)->put(kept_entry("meter-1", fmt::format("{}", day), day * 86'400), rows(1)));
    auto other = kept_entry("meter-1", "other", 86'400);
    other.collection = "homes2";
    ASSERT_TRUE((*store)->put(other, rows(2)));
    const auto ended = (*store)->ended_before("homes", 3 * 86'400, 100);
    ASSERT_TRUE(ended);
    ASSERT_EQ(ended->size(), 2U);
    EXPECT_EQ(ended->at(0).device, "meter-1");
    EXPECT_EQ(ended->at(0).content_id, content_id_of("1"));
    EXPECT_EQ(ended->at(1).to_s, 2 * 86'400);
    EXPECT_EQ((*store)->ended_before("homes", 10 * 86'400, 3)->size(), 3U);
    ASSERT_TRUE((*store)->remove(*ended));
    EXPECT_EQ((*store)->ended_before("homes", 10 * 86'400, 100)->size(), 3U);
    EXPECT_FALSE(*(*store)->has("meter-1", content_id_of("2")));
}

TEST(SeriesStore, ADeviceWhoseIdBeginsAnotherIsNotRemovedWithIt) {
    const TemporaryDirectory directory;
    auto store = SeriesStore::open(directory.path());
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE((*store)->put(kept_entry("m", "a"), rows(1)));
    ASSERT_TRUE((*store)->put(kept_entry("m1", "a"), rows(2)));
    ASSERT_TRUE((*store)->remove(*(*store)->of_device("m")));
    EXPECT_EQ(*(*store)->series("m1", content_id_of("a")), rows(2));
}

}  // namespace
}  // namespace tally::storage
