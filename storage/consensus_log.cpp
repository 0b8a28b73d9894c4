#include "storage/consensus_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "storage/files.h"
#include "storage/log_segment.h"

namespace tally::storage {
namespace {

std::filesystem::path segment_path(const std::filesystem::path& directory, std::uint64_t number) {
    return directory / fmt::format("{:010}.log", number);
}

std::filesystem::path spare_path(const std::filesystem::path& directory) { return directory / "spare"; }

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

std::filesystem::path trust_path(const std::filesystem::path& directory) { return directory / "TRUSTED"; }

Result<log_segment::Birth> birth_of(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (descriptor < 0) return fail(code_of_errno(errno), "{}: {}", path.string(), std::strerror(errno));
    const auto birth = log_segment::birth_of(descriptor);
    ::close(descriptor);
    return birth;
}

std::string trust_text(std::uint64_t segment, const log_segment::Birth& birth) {
    return fmt::format("{} {} {}\n", segment, birth.inode, birth.created_ns);
}

// Whether an operator has stated that this file, which no copy of it is, is the newest segment.
Result<bool> is_trusted(const std::filesystem::path& directory, std::uint64_t segment) {
    const auto said = read_file(trust_path(directory), 256);
    if (!said) return false;
    return *said == trust_text(segment, TRY(birth_of(segment_path(directory, segment))));
}

std::unexpected<Error> system_error(const std::filesystem::path& path, int reason) {
    return fail(code_of_errno(reason), "{}: {}", path.string(), std::strerror(reason));
}

// All segments in order. What follows the last whole record of the last one was never synced: what was, is not torn
// but damaged, and a node that cut it away could vote twice.
using Found = std::vector<std::pair<std::uint64_t, log_segment::Contents>>;
Result<Found> read_all(const std::filesystem::path& directory, bool strict, const ConsensusLog::Replay& replay) {
    const auto mark = SyncedMark::read(directory);
    const auto numbers = TRY(segments_in(directory));
    Found found;
    for (const auto number : numbers) {
        const auto path = segment_path(directory, number);
        const auto contents = TRY(log_segment::read(path, number, replay));
        const auto marked = mark && mark->segment == number ? mark->bytes : 0;
        if (contents.valid_bytes < std::max(marked, contents.synced)) {
            return fail(Code::corrupt, "{}: the record at byte {} is damaged, though it was synced to disk",
                        path.string(), contents.valid_bytes);
        }
        if (contents.torn && (strict || number != numbers.back()))
            return fail(Code::corrupt, "{}: the record at byte {} is damaged", path.string(), contents.valid_bytes);
        found.emplace_back(number, contents);
    }
    if (mark && !numbers.empty() && numbers.back() < mark->segment) {
        return fail(Code::corrupt, "segment {} of the consensus log in {} is missing", mark->segment,
                    directory.string());
    }
    return found;
}

}  // namespace

Status ConsensusLog::inspect(const std::filesystem::path& directory, bool strict, const Replay& replay) {
    TRY(read_all(directory, strict, replay));
    return {};
}

Result<std::unique_ptr<ConsensusLog>> ConsensusLog::open(ConsensusLogOptions options, const Replay& replay) {
    std::unique_ptr<ConsensusLog> log(new ConsensusLog());
    log->options_ = std::move(options);
    const auto& directory = log->options_.directory;
    TRY(make_directory(directory));
    std::error_code ignored;
    std::filesystem::remove(spare_path(directory), ignored);  // of a process that was killed
    const auto found = TRY(read_all(directory, false, replay));
    TRY(log->mark_.open(directory));
    for (const auto& [number, contents] : found) {
        log->bases_.emplace_back(number, contents.base_height);
        log->appended_ += contents.records;
    }
    if (found.empty()) {
        TRY(log->start_segment(1, 0));
    } else {
        const auto& [number, last] = found.back();
        const auto path = segment_path(directory, number);
        log->descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (log->descriptor_ < 0 || ::ftruncate(log->descriptor_, static_cast<off_t>(last.valid_bytes)) != 0 ||
            ::fsync(log->descriptor_) != 0) {
            return system_error(path, errno);
        }
        log->trusted_ = TRY(is_trusted(directory, number));
        log->copied_ = last.copied && !log->trusted_;
        log->seed_ = last.seed;
        log->file_bytes_ = log->durable_bytes_ = last.valid_bytes;
        log->mark_.put({number, last.valid_bytes});
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

// Whole and durable before it has its name. All that takes a descriptor comes first: once the segment has its name,
// nothing may fail that could be tried again.
Status ConsensusLog::start_segment(std::uint64_t number, std::uint64_t base_height) {
    const auto spare = spare_path(options_.directory);
    const int folder = ::open(options_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return system_error(options_.directory, errno);
    const int descriptor = ::open(spare.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        const int reason = errno;
        ::close(folder);
        return system_error(spare, reason);
    }
    std::random_device chance;
    const auto birth = log_segment::birth_of(descriptor);
    if (!birth) {
        ::close(descriptor);
        ::close(folder);
    }
    const auto header =
        log_segment::make_header(number, base_height, std::uint64_t{chance()} << 32 | chance(), TRY(birth));
    struct stat file{};
    if (::pwrite(descriptor, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()) ||
        ::fsync(descriptor) != 0 || ::fstat(descriptor, &file) != 0 ||
        ::rename(spare.c_str(), segment_path(options_.directory, number).c_str()) != 0) {
        const int reason = errno;
        ::close(descriptor);
        ::close(folder);
        ::unlink(spare.c_str());
        has_spare_ = false;
        return system_error(spare, reason);
    }
    has_spare_ = false;
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = descriptor;
    bases_.emplace_back(number, base_height);
    seed_ = log_segment::seed_of(header);
    file_bytes_ = static_cast<std::uint64_t>(file.st_size);
    durable_bytes_ = header.size();
    const int reason = ::fsync(folder) == 0 ? 0 : errno;
    ::close(folder);
    if (reason != 0) return fail(Code::io_error, "{}: {}", options_.directory.string(), std::strerror(reason));
    mark_.put({number, durable_bytes_});
    return {};
}

std::uint64_t ConsensusLog::append(std::uint8_t type, std::initializer_list<ByteView> parts) {
    log_segment::put_record(buffer_, seed_, durable_bytes_, type, parts);
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
            return fail(code_of_errno(reason), "the consensus log: {}", std::strerror(reason));
        }
        written_ += static_cast<std::size_t>(written);
        file_bytes_ = std::max(file_bytes_, durable_bytes_ + written_);
    }
    return {};
}

Status ConsensusLog::make_durable() {
    TRY(give_to_kernel());
    if (::fdatasync(descriptor_) != 0) {
        return fail(code_of_errno(errno), "the consensus log cannot be synced: {}", std::strerror(errno));
    }
    durable_bytes_ += buffer_.size();
    mark_.put({bases_.back().first, durable_bytes_});
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
    TRY(start_segment(bases_.back().first + 1, height));
    copied_ = trusted_ = false;
    return {};
}

Status ConsensusLog::trust(const std::filesystem::path& directory) {
    const auto numbers =
        std::filesystem::exists(directory) ? TRY(segments_in(directory)) : std::vector<std::uint64_t>();
    if (numbers.empty()) return fail(Code::not_found, "{} holds no consensus log", directory.string());
    const auto text = trust_text(numbers.back(), TRY(birth_of(segment_path(directory, numbers.back()))));
    return write_file(trust_path(directory), as_bytes(text));
}

Status ConsensusLog::release(std::uint64_t durable_height) {
    while (may_release(durable_height)) {
        const auto path = segment_path(options_.directory, bases_.front().first);
        const auto spare = spare_path(options_.directory);
        if ((has_spare_ ? ::unlink(path.c_str()) : ::rename(path.c_str(), spare.c_str())) != 0)
            return system_error(path, errno);
        bases_.erase(bases_.begin());
        if (has_spare_) continue;
        if (const auto status = sync_directory(options_.directory); !status) {  // before it is overwritten
            ::unlink(spare.c_str());
            return status;
        }
        has_spare_ = true;
    }
    return {};
}

}  // namespace tally::storage
