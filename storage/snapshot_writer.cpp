#include "storage/files.h"
#include "storage/model/archive.h"
#include "storage/snapshot_chunks.h"
#include "storage/snapshot_file.h"

namespace tally::storage {

struct SnapshotWriter::Impl {
    explicit Impl(NewFile to) : file(std::move(to)) {}

    NewFile file;
    Chunk kind = Chunk::head;  // of what is being gathered
    Bytes gathered;
    SnapshotEnd counts;

    [[nodiscard]] Status write_chunk(Chunk of, ByteView payload) {
        if (payload.size() > kMaxChunkBytes) {
            return fail(Code::too_large, "a part of the snapshot has {} bytes where {} are allowed", payload.size(),
                        kMaxChunkBytes);
        }
        Encoder head;
        head(static_cast<std::uint8_t>(of), static_cast<std::uint32_t>(payload.size()));
        const auto lead = head.take();
        TRY(file.append(lead));
        TRY(file.append(payload));
        Encoder tail;
        tail(crypto::crc32c(payload, crypto::crc32c(lead)));
        return file.append(tail.take());
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

SnapshotWriter::~SnapshotWriter() = default;

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(const std::filesystem::path& path,
                                                               const SnapshotHead& head) {
    auto impl = std::make_unique<Impl>(TRY(NewFile::create(path)));
    std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(std::move(impl)));
    TRY(writer->impl_->file.append(as_bytes(kSnapshotMagic)));
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
    return self.file.finish();
}

}  // namespace tally::storage
