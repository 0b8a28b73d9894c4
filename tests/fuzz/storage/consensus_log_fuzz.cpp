// A segment of the consensus log with any bytes in it. What is replayed, written again from the format's description,
// must be the beginning of the segment; and a log that was opened goes on from there.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "crypto/hash.h"
#include "storage/consensus_log.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::storage;

namespace {

template <class T>
void put(Bytes& to, T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
        to.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

constexpr std::size_t kHeaderBytes = 40;

std::uint32_t seed_of(ByteView segment) {
    std::uint32_t seed = 0;
    for (std::size_t i = 0; i < 4; ++i) seed |= std::uint32_t{segment[kHeaderBytes - 4 + i]} << (8 * i);
    return seed;
}

void put_record(Bytes& to, std::uint32_t seed, std::uint8_t type, ByteView payload) {
    Bytes checked{type};
    append(checked, payload);
    put(to, static_cast<std::uint32_t>(payload.size()));
    put(to, crypto::crc32c(checked, seed));
    append(to, checked);
}

Bytes header(std::uint64_t base, ByteView salt) {
    Bytes bytes = to_bytes("TALLYLOG");
    put(bytes, std::uint32_t{2});
    put(bytes, std::uint64_t{1});
    put(bytes, base);
    append(bytes, salt);
    put(bytes, crypto::crc32c(bytes));
    return bytes;
}

const std::filesystem::path& directory() {
    static const struct Kept {
        Kept() {
            const std::filesystem::path memory = "/dev/shm";  // some hundred times faster than a disk
            const auto base = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
            std::string name = (base / "tally-fuzz-XXXXXX").string();
            if (::mkdtemp(name.data()) == nullptr) std::abort();
            path = name;
        }
        ~Kept() {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        }
        std::filesystem::path path;
    } kept;
    return kept.path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    std::ofstream(directory() / "0000000001.log", std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    Bytes records;
    const auto status = ConsensusLog::inspect(directory(), false, [&](std::uint8_t type, ByteView payload) -> Status {
        put_record(records, seed_of(in), type, payload);
        return {};
    });
    if (size >= kHeaderBytes && equal(in.first(kHeaderBytes), header(0, in.subspan(28, 8)))) {
        TALLY_FUZZ_EXPECT(status.has_value());
        TALLY_FUZZ_EXPECT(equal(records, in.subspan(kHeaderBytes).first(records.size())));
        const auto strict =
            ConsensusLog::inspect(directory(), true, [](std::uint8_t, ByteView) -> Status { return {}; });
        TALLY_FUZZ_EXPECT(strict.has_value() == (records.size() + kHeaderBytes == size));
    } else if (!status) {
        TALLY_FUZZ_EXPECT(status.error().code == Code::corrupt && records.empty());
    }
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    Bytes bytes = header(0, as_bytes("8 random"));
    const auto seed = seed_of(bytes);
    add(bytes.data(), bytes.size());
    put_record(bytes, seed, 1, as_bytes("a batch"));
    put_record(bytes, seed, 2, {});
    put_record(bytes, seed, 3, Bytes(300, 7));
    add(bytes.data(), bytes.size());
}
