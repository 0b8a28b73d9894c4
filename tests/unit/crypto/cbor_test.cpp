#include "crypto/cbor.h"

#include <limits>

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
constexpr auto kMax = std::numeric_limits<std::int64_t>::max();

bool is_item(std::string_view hex) {
    const Bytes bytes = unhex(hex);
    CborReader reader(bytes);
    const ByteView item = reader.item();
    return reader.finish().has_value() && equal(item, bytes);
}

// RFC 8949 appendix A, table 6.
TEST(Cbor, IntegersGiveTheVectorsOfTheRfc) {
    const std::pair<std::int64_t, const char*> vectors[] = {{0, "00"},
                                                            {1, "01"},
                                                            {10, "0a"},
                                                            {23, "17"},
                                                            {24, "1818"},
                                                            {25, "1819"},
                                                            {100, "1864"},
                                                            {1000, "1903e8"},
                                                            {1000000, "1a000f4240"},
                                                            {1000000000000, "1b000000e8d4a51000"},
                                                            {-1, "20"},
                                                            {-10, "29"},
                                                            {-100, "3863"},
                                                            {-1000, "3903e7"},
                                                            {kMax, "1b7fffffffffffffff"},
                                                            {kMin, "3b7fffffffffffffff"}};
    for (const auto& [value, hex] : vectors) {
        const Bytes bytes = unhex(hex);
        EXPECT_EQ(to_hex(CborWriter().integer(value).view()), hex);
        CborReader reader(bytes);
        EXPECT_EQ(reader.integer(), value);
        EXPECT_TRUE(reader.finish());
        EXPECT_TRUE(is_item(hex));
    }
    EXPECT_EQ(to_hex(CborWriter().uint(~std::uint64_t{0}).view()), "1bffffffffffffffff");
    const Bytes most = unhex("1bffffffffffffffff");
    EXPECT_EQ(CborReader(most).uint(), ~std::uint64_t{0});
    CborReader beyond(most);
    EXPECT_EQ(beyond.integer(), 0);
    EXPECT_EQ(code_of(beyond.status()), Code::malformed);
    const Bytes least = unhex("3bffffffffffffffff");
    CborReader below(least);
    (void)below.integer();
    EXPECT_FALSE(below.ok());
    EXPECT_TRUE(is_item("3bffffffffffffffff")) << "well-formed, though no 64-bit integer";
}

TEST(Cbor, StringsGiveTheVectorsOfTheRfc) {
    const std::pair<const char*, const char*> texts[] = {
        {"", "60"},           {"a", "6161"},          {"IETF", "6449455446"},      {"\"\\", "62225c"},
        {"\u00fc", "62c3bc"}, {"\u6c34", "63e6b0b4"}, {"\U00010151", "64f0908591"}};
    for (const auto& [text, hex] : texts) {
        const Bytes bytes = unhex(hex);
        EXPECT_EQ(to_hex(CborWriter().text(text).view()), hex);
        CborReader reader(bytes);
        EXPECT_EQ(reader.text(), text);
        EXPECT_TRUE(reader.finish());
    }
    EXPECT_EQ(to_hex(CborWriter().bytes({}).view()), "40");
    EXPECT_EQ(to_hex(CborWriter().bytes(unhex("01020304")).view()), "4401020304");
    const Bytes bytes = unhex("4401020304");
    EXPECT_TRUE(equal(CborReader(bytes).bytes(), unhex("01020304")));
}

TEST(Cbor, ContainersGiveTheVectorsOfTheRfc) {
    EXPECT_EQ(to_hex(CborWriter().array(0).view()), "80");
    EXPECT_EQ(to_hex(CborWriter().array(3).uint(1).array(2).uint(2).uint(3).array(2).uint(4).uint(5).view()),
              "8301820203820405");
    EXPECT_EQ(to_hex(CborWriter().map(2).text("a").uint(1).text("b").array(2).uint(2).uint(3).view()),
              "a26161016162820203");
    EXPECT_EQ(to_hex(CborWriter().tag(1).uint(1363896240).view()), "c11a514b67b0");
    EXPECT_EQ(to_hex(CborWriter().boolean(false).boolean(true).null().view()), "f4f5f6");
    for (const char* hex :
         {"80", "83010203", "8301820203820405", "98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0",
          "a201020304", "a26161016162820203", "826161a161626163", "a56161614161626142616361436164614461656145",
          "c11a514b67b0", "d74401020304", "d818456449455446", "f4", "f5", "f6",
          "c074323031332d30332d32315432303a30343a30305a"}) {
        EXPECT_TRUE(is_item(hex)) << hex;
    }
}

// The vectors of appendix A that are not in our deterministic profile: floating point, simple values, indefinite
// lengths.
TEST(Cbor, RefusesWhatTheProfileLeavesOut) {
    for (const char* hex :
         {"f90000", "f93c00", "f97e00", "fa47c35000", "fb3ff199999999999a", "fb7ff8000000000000", "f7", "f0", "f8ff",
          "f8f4", "c1fb41d452d9ec200000", "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff",
          "9f018202039f0405ffff", "83018202039f0405ff", "bf61610161629f0203ffff", "ff"}) {
        EXPECT_FALSE(is_item(hex)) << hex;
    }
}

// RFC 8949 appendix F.1, and integers or lengths that are longer than need be.
TEST(Cbor, RefusesWhatIsNotWellFormedOrNotShortest) {
    for (const char* hex : {"",
                            "18",
                            "19",
                            "1a",
                            "1b",
                            "1901",
                            "1a0102",
                            "1b01020304050607",
                            "38",
                            "58",
                            "78",
                            "98",
                            "9a01ff00",
                            "b8",
                            "d8",
                            "f8",
                            "41",
                            "61",
                            "5affffffff00",
                            "5bffffffffffffffff010203",
                            "7affffffff00",
                            "7b7fffffffffffffff010203",
                            "81",
                            "818181818181818181",
                            "8200",
                            "a1",
                            "a20102",
                            "a100",
                            "a2000000",
                            "c0",
                            "1c",
                            "1d",
                            "1e",
                            "3c",
                            "5c",
                            "7c",
                            "9c",
                            "bc",
                            "dc",
                            "fc",
                            "1f",
                            "3f",
                            "df",
                            "1800",
                            "1817",
                            "190017",
                            "1900ff",
                            "1a0000ffff",
                            "1b00000000ffffffff",
                            "3817",
                            "5801ff",
                            "7801"
                            "61",
                            "980100",
                            "b8010000",
                            "d81200"}) {
        EXPECT_FALSE(is_item(hex)) << hex;
    }
}

TEST(Cbor, RefusesTextThatIsNotUtf8) {
    for (const char* hex : {"61ff", "6180", "62c080", "62c3", "62c328", "63e08080", "63eda080", "63e28228",
                            "64f0808080", "64f4908080", "64f8888080", "63f09085"}) {
        EXPECT_FALSE(is_item(hex)) << hex;
    }
    for (const char* hex :
         {"62c280", "62dfbf", "63e0a080", "63ed9fbf", "63ee8080", "63efbfbf", "64f0908080", "64f48fbfbf"}) {
        EXPECT_TRUE(is_item(hex)) << hex;
    }
}

TEST(Cbor, MapKeysRiseStrictly) {
    // RFC 8949 section 4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false.
    EXPECT_TRUE(
        is_item("a80a0018640020006"
                "17a0062616100811864008120"
                "00f400"));
    EXPECT_FALSE(is_item("a200000000")) << "a key twice";
    EXPECT_FALSE(is_item("a201000000")) << "out of order";
    EXPECT_FALSE(is_item("a220000000")) << "negative before positive";
    EXPECT_FALSE(is_item("81a2616200616100")) << "deeper down";
    EXPECT_FALSE(is_item("a1a20000000000")) << "in a key";
    const Bytes twice = unhex(
        "a20100"
        "0100");
    CborReader reader(twice);
    CborReader::MapKeys keys;
    EXPECT_EQ(reader.map(), 2u);
    EXPECT_EQ(keys.next_integer(reader), 1);
    EXPECT_EQ(reader.uint(), 0u);
    EXPECT_EQ(keys.next_integer(reader), 0);
    EXPECT_EQ(code_of(reader.status()), Code::malformed);
    const Bytes texts = unhex("a2616100616200");
    CborReader more(texts);
    CborReader::MapKeys text_keys;
    EXPECT_EQ(more.map(), 2u);
    EXPECT_EQ(text_keys.next_text(more), "a");
    EXPECT_EQ(more.uint(), 0u);
    EXPECT_EQ(text_keys.next_text(more), "b");
    EXPECT_EQ(more.uint(), 0u);
    EXPECT_TRUE(more.finish());
}

TEST(Cbor, NestingIsBounded) {
    for (const char* level : {"81", "a100", "c1"}) {
        std::string nested;
        for (int depth = 0; depth < 16; ++depth) nested += level;
        EXPECT_TRUE(is_item(nested + "00")) << level;
        EXPECT_TRUE(is_item(nested + "61"
                                     "61"))
            << level;
        EXPECT_FALSE(is_item(nested + "80")) << level;
        for (int depth = 0; depth < 100000; ++depth) nested += level;
        EXPECT_FALSE(is_item(nested + "00")) << level;
    }
}

TEST(Cbor, ACountNeverExceedsTheBytesThatAreLeft) {
    for (const char* hex : {"9b7fffffffffffffff", "9bffffffffffffffff00", "9a0000ffff00", "8100"}) {
        const Bytes bytes = unhex(hex);
        CborReader reader(bytes);
        EXPECT_LE(reader.array(), bytes.size()) << hex;
    }
    for (const char* hex : {"bb7fffffffffffffff", "bbffffffffffffffff00", "a100", "a2000102"}) {
        const Bytes bytes = unhex(hex);
        CborReader reader(bytes);
        EXPECT_EQ(reader.map(), 0u) << hex;
        EXPECT_FALSE(reader.ok()) << hex;
    }
}

TEST(Cbor, TheFirstFaultStaysAndNothingMoreIsRead) {
    const Bytes bytes = unhex("010243aabbcc6161");
    CborReader reader(bytes, "row 7");
    EXPECT_EQ(reader.uint(), 1u);
    EXPECT_TRUE(reader.bytes().empty());
    const std::size_t offset = reader.offset();
    EXPECT_EQ(offset, 1u);
    EXPECT_EQ(reader.uint(), 0u);
    EXPECT_EQ(reader.integer(), 0);
    EXPECT_EQ(reader.text(), "");
    EXPECT_EQ(reader.array(), 0u);
    EXPECT_EQ(reader.map(), 0u);
    EXPECT_EQ(reader.tag(), 0u);
    EXPECT_FALSE(reader.boolean());
    EXPECT_FALSE(reader.skip_null());
    EXPECT_TRUE(reader.item().empty());
    EXPECT_EQ(reader.peek(), CborReader::Type::end);
    reader.fault(Code::too_large, "a later finding");
    EXPECT_EQ(reader.offset(), offset);
    const Status status = reader.finish();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::malformed);
    EXPECT_EQ(status.error().message, "row 7, byte 1: a byte string is expected");
}

TEST(Cbor, BytesLeftOverAreAFault) {
    const Bytes bytes = unhex("0100");
    CborReader reader(bytes);
    EXPECT_EQ(reader.uint(), 1u);
    EXPECT_TRUE(reader.status());
    EXPECT_FALSE(reader.finish());
}

TEST(Cbor, PeekTellsEveryType) {
    using Type = CborReader::Type;
    const std::pair<const char*, Type> types[] = {
        {"00", Type::uint},  {"20", Type::negative},  {"40", Type::bytes},   {"60", Type::text},    {"80", Type::array},
        {"a0", Type::map},   {"c100", Type::tag},     {"f4", Type::boolean}, {"f5", Type::boolean}, {"f6", Type::null},
        {"f7", Type::other}, {"f90000", Type::other}, {"", Type::end}};
    for (const auto& [hex, type] : types) {
        const Bytes bytes = unhex(hex);
        EXPECT_EQ(CborReader(bytes).peek(), type) << hex;
    }
}

}  // namespace
}  // namespace tally::crypto
