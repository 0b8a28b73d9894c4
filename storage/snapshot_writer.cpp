#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/files.h"
#include "storage/model/archive.h"
#include "storage/snapshot_chunks.h"
#include "storage/snapshot_file.h"

namespace tally::storage {

struct SnapshotWriter::Impl {
    std::filesystem::path path;
    std::filesystem::path unfinished;
    int descriptor = -1;
    std::uint64_t written = 0;
    Chunk kind = Chunk::head;  // of what is being gathered
    Bytes gathered;
    SnapshotEnd counts;

    [[nodiscard]] Status write(ByteView bytes) {
        while (!bytes.empty()) {
            const auto count = ::write(descriptor, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) {
                const auto code = errno == ENOSPC || errno == EDQUOT ? Code::disk_full : Code::io_error;
                return fail(code, "{}: {}", unfinished.string(), std::strerror(errno));
            }
            written += static_cast<std::uint64_t>(count);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

    [[nodiscard]] Status write_chunk(Chunk of, ByteView payload) {
        if (payload.size() > kMaxChunkBytes) {
            return fail(Code::too_large, "a part of the snapshot has {} bytes where {} are allowed", payload.size(),
                        kMaxChunkBytes);
        }
        Encoder head;
        head(static_cast<std::uint8_t>(of), static_cast<std::uint32_t>(payload.size()));
        const auto lead = head.take();
        TRY(write(lead));
        TRY(write(payload));
        Encoder tail;
        tail(crypto::crc32c(payload, crypto::crc32c(lead)));
        return write(tail.take());
    }

    [[nodiscard]] Status write_gathered() {
        if (gathered.empty()) return {};
        TRY(write_chunk(kind, gathered));
        gathered.clear();
        return {};
    }

    template <class T>
    [[nodiscard]] Status gather(Chunk of, const T& value) {
        const auto bytes = encode(value);
        if (of != kind || gathered.size() + bytes.size() > kChunkBytes) TRY(write_gathered());
        kind = of;
        append(gathered, bytes);
        return {};
    }
};

SnapshotWriter::SnapshotWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SnapshotWriter::~SnapshotWriter() {
    if (impl_->descriptor < 0) return;
    ::close(impl_->descriptor);
    std::error_code ignored;
    std::filesystem::remove(impl_->unfinished, ignored);
}

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(const std::filesystem::path& path,
                                                               const SnapshotHead& head) {
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->unfinished = path;
    impl->unfinished += ".new";
    impl->descriptor = ::open(impl->unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (impl->descriptor < 0) return fail(Code::io_error, "{}: {}", impl->unfinished.string(), std::strerror(errno));
    std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(std::move(impl)));
    TRY(writer->impl_->write(as_bytes(kSnapshotMagic)));
    TRY(writer->impl_->write_chunk(Chunk::head, encode(head)));
    return writer;
}

Status SnapshotWriter::block(const Block& block) {
    ++impl_->counts.blocks;
    return impl_->write_chunk(Chunk::block, encode(block));
}

Status SnapshotWriter::entry(const StateEntry& entry) {
    ++impl_->counts.entries;
    return impl_->gather(Chunk::state, entry);
}

Status SnapshotWriter::leaf(const LogLeaf& leaf) {
    ++impl_->counts.leaves;
    return impl_->gather(Chunk::log, leaf);
}

Status SnapshotWriter::end(const BlockMetadata& tip) {
    auto& self = *impl_;
    TRY(self.write_gathered());
    self.counts.tip = tip;
    TRY(self.write_chunk(Chunk::end, encode(self.counts)));
    const bool synced = ::fsync(self.descriptor) == 0;
    if (!synced) return fail(Code::io_error, "{}: {}", self.unfinished.string(), std::strerror(errno));
    ::close(std::exchange(self.descriptor, -1));
    std::error_code error;
    std::filesystem::rename(self.unfinished, self.path, error);
    if (error) return fail(Code::io_error, "{}: {}", self.path.string(), error.message());
    return sync_directory(std::filesystem::absolute(self.path).parent_path());
}

std::uint64_t SnapshotWriter::bytes() const { return impl_->written; }

}  // namespace tally::storage
