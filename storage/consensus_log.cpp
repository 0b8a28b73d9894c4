#include "storage/consensus_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "crypto/hash.h"
#include "storage/files.h"

namespace tally::storage {
namespace {

constexpr std::string_view kMagic = "TALLYLOG";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kHeaderBytes = 8 + 4 + 8 + 8 + 8 + 4;
constexpr std::size_t kRecordHeaderBytes = 4 + 4 + 1;

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

std::filesystem::path segment_path(const std::filesystem::path& directory, std::uint64_t number) {
    return directory / fmt::format("{:010}.log", number);
}

std::filesystem::path spare_path(const std::filesystem::path& directory) { return directory / "spare"; }

Bytes segment_header(std::uint64_t number, std::uint64_t base_height, std::uint64_t salt) {
    Bytes header = to_bytes(kMagic);
    put(header, kVersion);
    put(header, number);
    put(header, base_height);
    put(header, salt);
    put(header, crypto::crc32c(header));
    return header;
}

Result<std::vector<std::uint64_t>> segments_in(const std::filesystem::path& directory) {
    std::vector<std::uint64_t> numbers;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (entry.path().extension() != ".log") continue;
        numbers.push_back(std::strtoull(entry.path().stem().c_str(), nullptr, 10));
    }
    if (error) return fail(Code::io_error, "{}: {}", directory.string(), error.message());
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] != numbers[i - 1] + 1) {
            return fail(Code::corrupt, "segment {} of the consensus log in {} is missing", numbers[i - 1] + 1,
                        directory.string());
        }
    }
    return numbers;
}

// With which the checksums of a segment's records begin.
std::uint32_t seed_of(ByteView header) { return get<std::uint32_t>(header, kHeaderBytes - 4); }

std::unexpected<Error> system_error(const std::filesystem::path& path, int reason) {
    return fail(reason == ENOSPC || reason == EDQUOT ? Code::disk_full : Code::io_error, "{}: {}", path.string(),
                std::strerror(reason));
}

struct SegmentEnd {
    std::uint64_t base_height = 0;
    std::uint32_t seed = 0;
    std::uint64_t valid_bytes = 0;  // up to the end of the last whole record
    std::uint64_t records = 0;
    bool torn = false;
};

Result<SegmentEnd> read_segment(const std::filesystem::path& path, std::uint64_t number,
                                const ConsensusLog::Replay& replay) {
    const auto file = TRY(MappedFile::open(path));
    const auto bytes = file.bytes();
    SegmentEnd end;
    const bool all_zero = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
    if (bytes.size() < kHeaderBytes || all_zero) {  // the header never reached the disk
        end.torn = true;
        return end;
    }
    end.base_height = get<std::uint64_t>(bytes, 20);
    if (!equal(bytes.first(kHeaderBytes), segment_header(number, end.base_height, get<std::uint64_t>(bytes, 28)))) {
        return fail(Code::corrupt, "{}: the segment's header is damaged or not of version {}", path.string(), kVersion);
    }
    end.seed = seed_of(bytes);
    std::size_t at = kHeaderBytes;
    while (at < bytes.size()) {
        const auto left = bytes.size() - at;
        const auto length = left < kRecordHeaderBytes ? 0 : get<std::uint32_t>(bytes, at);
        if (left < kRecordHeaderBytes || length > left - kRecordHeaderBytes ||
            crypto::crc32c(bytes.subspan(at + 8, length + 1), end.seed) != get<std::uint32_t>(bytes, at + 4)) {
            end.torn = true;
            break;
        }
        if (auto status = replay(bytes[at + 8], bytes.subspan(at + kRecordHeaderBytes, length)); !status) {
            return std::unexpected(status.error().within(fmt::format("{} at byte {}", path.string(), at)));
        }
        ++end.records;
        at += kRecordHeaderBytes + length;
    }
    end.valid_bytes = at;
    return end;
}

std::unexpected<Error> torn(const std::filesystem::path& path, const SegmentEnd& end) {
    return fail(Code::corrupt, "{}: the record at byte {} is damaged", path.string(), end.valid_bytes);
}

}  // namespace

Status ConsensusLog::inspect(const std::filesystem::path& directory, bool strict, const Replay& replay) {
    const auto numbers = TRY(segments_in(directory));
    for (const auto number : numbers) {
        const auto end = TRY(read_segment(segment_path(directory, number), number, replay));
        if (end.torn && (strict || number != numbers.back())) return torn(segment_path(directory, number), end);
    }
    return {};
}

Result<std::unique_ptr<ConsensusLog>> ConsensusLog::open(ConsensusLogOptions options, const Replay& replay) {
    std::unique_ptr<ConsensusLog> log(new ConsensusLog());
    log->options_ = std::move(options);
    const auto& directory = log->options_.directory;
    TRY(make_directory(directory));
    std::error_code ignored;
    std::filesystem::remove(spare_path(directory), ignored);  // of a process that was killed
    const auto numbers = TRY(segments_in(directory));
    SegmentEnd last;
    for (const auto number : numbers) {
        const auto end = TRY(read_segment(segment_path(directory, number), number, replay));
        if (end.torn && number != numbers.back()) return torn(segment_path(directory, number), end);
        if (end.valid_bytes ==
            0) {  // it holds nothing, and what its base was to be is not known: the one before goes on
            ::unlink(segment_path(directory, number).c_str());
            break;
        }
        log->bases_.emplace_back(number, end.base_height);
        log->appended_ += end.records;
        last = end;
    }
    if (log->bases_.empty()) {
        TRY(log->start_segment(numbers.empty() ? 1 : numbers.back(), 0));
    } else {
        const auto path = segment_path(directory, log->bases_.back().first);
        log->descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (log->descriptor_ < 0 || ::ftruncate(log->descriptor_, static_cast<off_t>(last.valid_bytes)) != 0 ||
            ::fsync(log->descriptor_) != 0) {
            return system_error(path, errno);
        }
        log->seed_ = last.seed;
        log->file_bytes_ = log->durable_bytes_ = last.valid_bytes;
    }
    log->synced_ = log->appended_;
    return log;
}

ConsensusLog::~ConsensusLog() {
    if (descriptor_ < 0) return;
    (void)cut_behind_records();
    ::close(descriptor_);
    if (has_spare_) ::unlink(spare_path(options_.directory).c_str());
    (void)sync_directory(options_.directory);  // what was removed must not be there again when the directory is sealed
}

// What lies behind the records is of a segment that was here before.
Status ConsensusLog::cut_behind_records() {
    const auto end = durable_bytes_ + written_;
    if (file_bytes_ <= end) return {};
    if (::ftruncate(descriptor_, static_cast<off_t>(end)) != 0 || ::fsync(descriptor_) != 0)
        return system_error(segment_path(options_.directory, bases_.back().first), errno);
    file_bytes_ = end;
    return {};
}

// Whole and durable before it has its name.
Status ConsensusLog::start_segment(std::uint64_t number, std::uint64_t base_height) {
    const auto spare = spare_path(options_.directory);
    const int descriptor = ::open(spare.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_error(spare, errno);
    std::random_device chance;
    const auto header = segment_header(number, base_height, std::uint64_t{chance()} << 32 | chance());
    struct stat file{};
    if (::pwrite(descriptor, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()) ||
        ::fsync(descriptor) != 0 || ::fstat(descriptor, &file) != 0 ||
        ::rename(spare.c_str(), segment_path(options_.directory, number).c_str()) != 0) {
        const int reason = errno;
        ::close(descriptor);
        ::unlink(spare.c_str());
        has_spare_ = false;
        return system_error(spare, reason);
    }
    has_spare_ = false;
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = descriptor;
    bases_.emplace_back(number, base_height);
    seed_ = seed_of(header);
    file_bytes_ = static_cast<std::uint64_t>(file.st_size);
    durable_bytes_ = header.size();
    return sync_directory(options_.directory);
}

std::uint64_t ConsensusLog::append(std::uint8_t type, std::initializer_list<ByteView> parts) {
    std::size_t length = 0;
    for (const auto part : parts) length += part.size();
    const auto start = buffer_.size();
    buffer_.reserve(start + kRecordHeaderBytes + length);
    put(buffer_, static_cast<std::uint32_t>(length));
    put(buffer_, std::uint32_t{0});
    buffer_.push_back(type);
    for (const auto part : parts) tally::append(buffer_, part);
    const auto checksum = crypto::crc32c(ByteView(buffer_).subspan(start + 8), seed_);
    std::memcpy(buffer_.data() + start + 4, &checksum, sizeof checksum);
    return ++appended_;
}

bool ConsensusLog::segment_is_full() const { return durable_bytes_ + buffer_.size() >= options_.segment_bytes; }

Status ConsensusLog::give_to_kernel() {
    while (written_ < buffer_.size()) {
        const auto written = ::pwrite(descriptor_, buffer_.data() + written_, buffer_.size() - written_,
                                      static_cast<off_t>(durable_bytes_ + written_));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            const int reason = written < 0 ? errno : ENOSPC;
            if (reason == ENOSPC || reason == EDQUOT)
                return fail(Code::disk_full, "the consensus log: no space left on the device");
            return fail(Code::io_error, "the consensus log: {}", std::strerror(reason));
        }
        written_ += static_cast<std::size_t>(written);
        file_bytes_ = std::max(file_bytes_, durable_bytes_ + written_);
    }
    return {};
}

Status ConsensusLog::make_durable() {
    TRY(give_to_kernel());
    if (::fdatasync(descriptor_) != 0) {
        if (errno == ENOSPC) return fail(Code::disk_full, "the consensus log: no space left on the device");
        return fail(Code::io_error, "the consensus log cannot be synced: {}", std::strerror(errno));
    }
    durable_bytes_ += buffer_.size();
    synced_ = appended_;
    buffer_.clear();
    written_ = 0;
    return {};
}

// After a failure the file ends at the last sync, or the log is broken.
Status ConsensusLog::judged(Status status) {
    if (status) return status;
    written_ = 0;
    const bool restored = ::ftruncate(descriptor_, static_cast<off_t>(durable_bytes_)) == 0;
    file_bytes_ = durable_bytes_;
    broken_ = status.error().code != Code::disk_full || !restored;
    return status;
}

Status ConsensusLog::write() {
    if (broken_) return fail(Code::io_error, "the consensus log failed before and takes nothing more");
    return judged(give_to_kernel());
}

Status ConsensusLog::sync() {
    if (broken_) return fail(Code::io_error, "the consensus log failed before and takes nothing more");
    return buffer_.empty() ? Status{} : judged(make_durable());
}

Status ConsensusLog::roll(std::uint64_t height) {
    TRY(sync());
    TRY(cut_behind_records());
    return start_segment(bases_.back().first + 1, height);
}

Status ConsensusLog::release(std::uint64_t durable_height) {
    while (may_release(durable_height)) {
        const auto path = segment_path(options_.directory, bases_.front().first);
        const auto spare = spare_path(options_.directory);
        if ((has_spare_ ? ::unlink(path.c_str()) : ::rename(path.c_str(), spare.c_str())) != 0)
            return system_error(path, errno);
        bases_.erase(bases_.begin());
        if (has_spare_) continue;
        has_spare_ = true;
        TRY(sync_directory(options_.directory));  // before it is overwritten
    }
    return {};
}

}  // namespace tally::storage
