#include "storage/rocks/manifest.h"

#include <bit>

#include "crypto/hash.h"
#include "storage/files.h"

namespace tally::storage::rocks {
namespace {

constexpr std::size_t kBlock = 32768;       // no record crosses from one block to the next
constexpr std::size_t kHeader = 4 + 2 + 1;  // checksum over type and payload, payload's length, type
constexpr std::size_t kTypeAt = 6;

std::uint32_t little_endian(ByteView bytes) {
    std::uint32_t number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | bytes[i];
    return number;
}

// RocksDB stores its checksums rotated and shifted.
std::uint32_t unmasked(std::uint32_t stored) { return std::rotl(stored - 0xa282ead8U, 15); }

// Where the record of the last block begins that says it is longer than the file; the file's size when there is none.
std::size_t torn_record(ByteView file) {
    std::size_t at = (file.size() - 1) / kBlock * kBlock;
    while (at + kHeader <= file.size()) {
        const std::size_t end = at + kHeader + little_endian(file.subspan(at + 4, 2));
        if (end > file.size()) return at;
        at = end;
    }
    return file.size();
}

}  // namespace

Status check_manifest(const std::filesystem::path& directory) {
    auto name = read_file(directory / "CURRENT");
    if (!name) return {};
    while (name->ends_with('\n')) name->pop_back();
    const auto path = directory / *name;
    const auto mapped = MappedFile::open(path);
    if (!mapped || mapped->bytes().empty()) return {};
    const auto file = mapped->bytes();
    const auto at = torn_record(file);
    if (at == file.size()) return {};
    const auto checksum = unmasked(little_endian(file.subspan(at, 4)));
    auto sum = crypto::crc32c({});
    for (const auto byte : file.subspan(at + kTypeAt)) {
        sum = crypto::crc32c({&byte, 1}, sum);
        if (sum == checksum) {
            return fail(Code::corrupt, "{} is damaged on disk: the length of its record at byte {}", path.string(), at);
        }
    }
    return {};
}

}  // namespace tally::storage::rocks
