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

constexpr std::size_t kHeaderBytes = 56;

std::uint32_t seed_of(ByteView segment) {
    std::uint32_t seed = 0;
    for (std::size_t i = 0; i < 4; ++i) seed |= std::uint32_t{segment[kHeaderBytes - 4 + i]} << (8 * i);
    return seed;
}

void put_record(Bytes& to, std::uint32_t seed, std::uint64_t synced, std::uint8_t type, ByteView payload) {
    Bytes checked;
    put(checked, static_cast<std::uint32_t>(payload.size()));
    put(checked, synced);
    put(checked, crypto::crc32c(payload, seed));
    checked.push_back(type);
    put(checked, crypto::crc32c(checked, seed));
    append(to, checked);
    append(to, payload);
}

// What a record says of the bytes before it is any number: taken from the input.
std::uint64_t synced_at(ByteView in, std::size_t at) {
    std::uint64_t synced = 0;
    for (std::size_t i = 0; i < 8; ++i) synced |= std::uint64_t{in[at + 4 + i]} << (8 * i);
    return synced;
}

// The salt and the birth of the file are any bytes.
Bytes header(std::uint64_t base, ByteView salt_and_birth) {
    Bytes bytes = to_bytes("TALLYLOG");
    put(bytes, std::uint32_t{3});
    put(bytes, std::uint64_t{1});
    put(bytes, base);
    append(bytes, salt_and_birth);
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
        put_record(records, seed_of(in), synced_at(in, kHeaderBytes + records.size()), type, payload);
        return {};
    });
    if (size >= kHeaderBytes && equal(in.first(kHeaderBytes), header(0, in.subspan(28, 24)))) {
        TALLY_FUZZ_EXPECT(status.has_value() || status.error().code == Code::corrupt);
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
    Bytes bytes = header(0, as_bytes("8 random, 16 of its file"));
    const auto seed = seed_of(bytes);
    add(bytes.data(), bytes.size());
    put_record(bytes, seed, 56, 1, as_bytes("a batch"));
    put_record(bytes, seed, 56, 2, {});
    put_record(bytes, seed, 84, 3, Bytes(300, 7));
    add(bytes.data(), bytes.size());
}
