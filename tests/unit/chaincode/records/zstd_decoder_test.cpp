// The reader of Zstandard frames against the frames that libzstd writes, at every level and for data of many kinds.

#include <gtest/gtest.h>
#include <zstd.h>

#include <random>

#include "chaincode/records/zstd_frame.h"

namespace tally::chaincode::test {
namespace {

Bytes by_libzstd(ByteView content, int level) {
    Bytes out(ZSTD_compressBound(content.size()));
    const auto size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), level);
    EXPECT_EQ(ZSTD_isError(size), 0U);
    out.resize(size);
    return out;
}

// Numbers that walk, text of few words, few symbols, runs, noise, and mixtures.
Bytes sample(unsigned kind, std::size_t size, unsigned seed) {
    std::mt19937 chance(seed);
    Bytes out;
    std::uint64_t walk = 1000;
    while (out.size() < size) {
        switch (kind % 6) {
            case 0:
                walk += chance() % 7;
                out.push_back(static_cast<std::uint8_t>(walk % 128));
                break;
            case 1: {
                constexpr std::string_view kWords[] = {"voltage ", "energy ", "\"scale\":-2,", "W", "\n", "power "};
                append(out, as_bytes(kWords[chance() % std::size(kWords)]));
                break;
            }
            case 2: out.push_back(static_cast<std::uint8_t>(chance() % 3 == 0 ? 1 : chance() % 5)); break;
            case 3: out.insert(out.end(), chance() % 900, static_cast<std::uint8_t>(chance())); break;
            case 4: out.push_back(static_cast<std::uint8_t>(chance())); break;
            default: {
                const auto from = out.empty() ? 0 : chance() % out.size();
                const auto count = std::min<std::size_t>(out.size() - from, chance() % 300);
                const Bytes copied(out.begin() + static_cast<std::ptrdiff_t>(from),
                                   out.begin() + static_cast<std::ptrdiff_t>(from + count));
                append(out, copied);
                out.push_back(static_cast<std::uint8_t>(chance()));
            }
        }
    }
    out.resize(size);
    return out;
}

TEST(ZstdDecoder, ReadsWhatLibzstdWrites) {
    for (unsigned kind = 0; kind < 6; ++kind) {
        for (const std::size_t size :
             {0, 1, 2, 7, 60, 255, 256, 300, 1000, 13'000, 70'000, 131'072, 131'073, 400'000}) {
            const auto content = sample(kind, size, kind + 1);
            for (const int level : {-5, 1, 3, 6, 9, 13, 19, 22}) {
                if (size > 100'000 && level > 13) continue;
                const auto read = decompress_frame(by_libzstd(content, level), 1 << 20, "it");
                ASSERT_TRUE(read.has_value()) << read.error().message << ": " << kind << " " << size << " " << level;
                ASSERT_TRUE(*read == content) << kind << " " << size << " " << level;
            }
        }
    }
}

// A damaged frame is refused or gives other bytes; where libzstd gives bytes as well, they are the same.
TEST(ZstdDecoder, DamageIsHarmlessAndReadAsLibzstdReadsIt) {
    std::mt19937 chance(7);
    std::size_t accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        const auto content = sample(static_cast<unsigned>(round), 50 + chance() % 900, chance());
        auto frame = by_libzstd(content, 1 + static_cast<int>(chance() % 19));
        for (auto damage = 1 + chance() % 3; damage > 0; --damage)
            frame[5 + chance() % (frame.size() - 5)] ^= static_cast<std::uint8_t>(1U << chance() % 8);
        const auto ours = decompress_frame(frame, 1 << 16, "it");
        if (!ours) continue;
        ++accepted;
        Bytes theirs(1 << 16);
        const auto size = ZSTD_decompress(theirs.data(), theirs.size(), frame.data(), frame.size());
        ASSERT_EQ(ZSTD_isError(size), 0U) << to_hex(frame);
        theirs.resize(size);
        ASSERT_EQ(*ours, theirs) << to_hex(frame);
    }
    EXPECT_GT(accepted, 100U);
}

}  // namespace
}  // namespace tally::chaincode::test
