#include "storage/log_segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "crypto/hash.h"
#include "storage/files.h"

namespace tally::storage::log_segment {
namespace {

constexpr std::string_view kMagic = "TALLYLOG";
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kCheckedBytes = kRecordHeaderBytes - 4;

template <class T>
void put(Bytes& to, T value) {
    const auto at = to.size();
    to.resize(at + sizeof value);
    std::memcpy(to.data() + at, &value, sizeof value);
}

template <class T>
T get(ByteView from, std::size_t at) {
    T value{};
    std::memcpy(&value, from.data() + at, sizeof value);
    return value;
}

struct RecordHeader {
    std::uint32_t length = 0;
    std::uint64_t synced = 0;
    std::uint32_t payload_checksum = 0;
    std::uint8_t type = 0;
};

std::optional<RecordHeader> record_at(ByteView bytes, std::size_t at, std::uint32_t seed) {
    if (bytes.size() - at < kRecordHeaderBytes) return std::nullopt;
    if (crypto::crc32c(bytes.subspan(at, kCheckedBytes), seed) != get<std::uint32_t>(bytes, at + kCheckedBytes))
        return std::nullopt;
    return RecordHeader{get<std::uint32_t>(bytes, at), get<std::uint64_t>(bytes, at + 4),
                        get<std::uint32_t>(bytes, at + 12), bytes[at + 16]};
}

// A crash may leave any part of what was not synced, in any order. So a record behind the damage proves nothing by
// being there, but by what had been synced before it.
std::uint64_t synced_behind(ByteView bytes, std::size_t damage, std::uint32_t seed) {
    std::uint64_t synced = 0;
    for (auto at = damage + 1; at + kRecordHeaderBytes <= bytes.size(); ++at) {
        const auto claim = get<std::uint64_t>(bytes, at + 4);
        if (claim > synced && claim <= at && record_at(bytes, at, seed)) synced = claim;
    }
    return synced;
}

}  // namespace

Result<Birth> birth_of(int descriptor) {
    struct statx info{};
    if (::statx(descriptor, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &info) != 0)
        return fail(Code::io_error, "a segment of the consensus log: {}", std::strerror(errno));
    Birth birth{info.stx_ino, 0};
    if ((info.stx_mask & STATX_BTIME) != 0)
        birth.created_ns = static_cast<std::uint64_t>(info.stx_btime.tv_sec) * 1'000'000'000 + info.stx_btime.tv_nsec;
    return birth;
}

Bytes make_header(std::uint64_t number, std::uint64_t base_height, std::uint64_t salt, Birth birth) {
    Bytes header = to_bytes(kMagic);
    put(header, kVersion);
    put(header, number);
    put(header, base_height);
    put(header, salt);
    put(header, birth.inode);
    put(header, birth.created_ns);
    put(header, crypto::crc32c(header));
    return header;
}

std::uint32_t seed_of(ByteView header) { return get<std::uint32_t>(header, kHeaderBytes - 4); }

void put_record(Bytes& to, std::uint32_t seed, std::uint64_t synced, std::uint8_t type,
                std::initializer_list<ByteView> parts) {
    std::size_t length = 0;
    auto payload_checksum = seed;
    for (const auto part : parts) {
        length += part.size();
        payload_checksum = crypto::crc32c(part, payload_checksum);
    }
    const auto start = to.size();
    to.reserve(start + kRecordHeaderBytes + length);
    put(to, static_cast<std::uint32_t>(length));
    put(to, synced);
    put(to, payload_checksum);
    to.push_back(type);
    put(to, crypto::crc32c(ByteView(to).subspan(start), seed));
    for (const auto part : parts) append(to, part);
}

Result<Contents> read(const std::filesystem::path& path, std::uint64_t number,
                      const std::function<Status(std::uint8_t type, ByteView payload)>& replay) {
    const int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (descriptor < 0) return fail(Code::io_error, "{}: {}", path.string(), std::strerror(errno));
    const auto own = birth_of(descriptor);
    ::close(descriptor);
    TRY(own);
    const auto file = TRY(MappedFile::open(path));
    const auto bytes = file.bytes();
    Contents found;
    Birth birth;
    std::uint64_t salt = 0;
    if (bytes.size() >= kHeaderBytes) {
        found.base_height = get<std::uint64_t>(bytes, 20);
        salt = get<std::uint64_t>(bytes, 28);
        birth = {get<std::uint64_t>(bytes, 36), get<std::uint64_t>(bytes, 44)};
    }
    if (bytes.size() < kHeaderBytes ||
        !equal(bytes.first(kHeaderBytes), make_header(number, found.base_height, salt, birth))) {
        return fail(Code::corrupt, "{}: the segment's header is damaged or not of version {}", path.string(), kVersion);
    }
    found.copied = *own != birth;
    found.seed = seed_of(bytes);
    std::size_t at = kHeaderBytes;
    while (at < bytes.size()) {
        const auto header = record_at(bytes, at, found.seed);
        if (!header || header->length > bytes.size() - at - kRecordHeaderBytes) break;
        const auto payload = bytes.subspan(at + kRecordHeaderBytes, header->length);
        if (crypto::crc32c(payload, found.seed) != header->payload_checksum) break;
        if (auto status = replay(header->type, payload); !status)
            return std::unexpected(status.error().within(fmt::format("{} at byte {}", path.string(), at)));
        ++found.records;
        at += kRecordHeaderBytes + header->length;
    }
    found.valid_bytes = at;
    found.torn = at < bytes.size();
    if (found.torn) found.synced = synced_behind(bytes, at, found.seed);
    return found;
}

}  // namespace tally::storage::log_segment
