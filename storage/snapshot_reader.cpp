#include <fstream>

#include "storage/model/archive.h"
#include "storage/snapshot_chunks.h"
#include "storage/snapshot_file.h"

namespace tally::storage {
namespace {

class Reader {
  public:
    Reader(std::istream& in, std::uint64_t size, std::string_view what, SnapshotVisitor& visitor)
        : in_(in), size_(size), what_(what), visitor_(visitor) {}

    [[nodiscard]] Status read(const ReadProgress& progress) {
        const auto magic = TRY(take(kSnapshotMagic.size()));
        if (as_text(magic) != kSnapshotMagic) return fail(Code::malformed, "{} is not a snapshot", what_);
        while (!ended_) {
            TRY(chunk());
            if (progress) progress(position_, size_);
        }
        if (position_ != size_) return bad(fmt::format("{} bytes follow the end", size_ - position_));
        return {};
    }

  private:
    [[nodiscard]] std::unexpected<Error> bad(std::string_view sentence) const {
        return fail(Code::malformed, "{}: at byte {}: {}", what_, position_, sentence);
    }

    [[nodiscard]] Result<ByteView> take(std::size_t count) {
        if (count > size_ - position_) {
            return bad(fmt::format("it is cut off: {} bytes are wanted where {} remain", count, size_ - position_));
        }
        buffer_.resize(count);
        in_.read(reinterpret_cast<char*>(buffer_.data()), static_cast<std::streamsize>(count));
        if (static_cast<std::size_t>(in_.gcount()) != count) return fail(Code::io_error, "{} cannot be read", what_);
        position_ += count;
        return ByteView(buffer_);
    }

    [[nodiscard]] Status chunk() {
        Decoder head(TRY(take(kChunkHead)));
        std::uint8_t kind = 0;
        std::uint32_t length = 0;
        head(kind, length);
        const auto sum = crypto::crc32c(buffer_);
        if (length == 0 || length > kMaxChunkBytes) {
            return bad(fmt::format("a part of {} bytes; 1 to {} are allowed", length, kMaxChunkBytes));
        }
        const auto bytes = TRY(take(length + sizeof sum));
        const auto payload = bytes.first(length);
        std::uint32_t stored = 0;
        std::memcpy(&stored, bytes.data() + length, sizeof stored);
        if (crypto::crc32c(payload, sum) != stored) return bad("the part before does not have its checksum");
        return part(kind, payload);
    }

    [[nodiscard]] Status part(std::uint8_t kind, ByteView payload) {
        const auto first = static_cast<std::uint8_t>(Chunk::head);
        const auto last = static_cast<std::uint8_t>(Chunk::end);
        const bool again = kind == kind_ && kind > first && kind < last;
        const bool no_state = kind == static_cast<std::uint8_t>(Chunk::log) && kind_ + 2 == kind;
        if (kind < first || kind > last || (!again && !no_state && kind != kind_ + 1)) {
            return bad(fmt::format("a part of kind {} where kind {} came before", kind, kind_));
        }
        kind_ = kind;
        switch (static_cast<Chunk>(kind)) {
            case Chunk::head: return visitor_.head(TRY(decode<SnapshotHead>(payload, what_)));
            case Chunk::block: ++counts_.blocks; return visitor_.block(TRY(decode<Block>(payload, what_)));
            case Chunk::state: return each<StateEntry>(payload, [&](const StateEntry& entry) { return take(entry); });
            case Chunk::log:
                return each<LogLeaf>(payload, [&](const LogLeaf& leaf) {
                    ++counts_.leaves;
                    return visitor_.leaf(leaf);
                });
            case Chunk::end: return end(TRY(decode<SnapshotEnd>(payload, what_)));
        }
        return {};
    }

    template <class T, class Visit>
    [[nodiscard]] Status each(ByteView payload, const Visit& visit) {
        Decoder decoder(payload);
        while (decoder.remaining() > 0) {
            T value;
            try {
                decoder(value);
            } catch (const ArchiveFault& fault) {
                return bad(fmt::format("in the part before: {}", fault.sentence));
            }
            TRY(visit(value));
        }
        return {};
    }

    [[nodiscard]] Status take(const StateEntry& entry) {
        if (entry.key.space.empty() || entry.key.space.find('\0') != std::string::npos) {
            return bad("a state's entry has no namespace");
        }
        if (counts_.entries > 0 && entry.key <= last_key_) return bad("the state's keys do not ascend");
        last_key_ = entry.key;
        ++counts_.entries;
        return visitor_.entry(entry);
    }

    [[nodiscard]] Status end(const SnapshotEnd& end) {
        ended_ = true;
        if (end.blocks != counts_.blocks || end.entries != counts_.entries || end.leaves != counts_.leaves) {
            return bad(fmt::format("{} blocks, {} entries and {} leaves came where {}, {} and {} are counted",
                                   counts_.blocks, counts_.entries, counts_.leaves, end.blocks, end.entries,
                                   end.leaves));
        }
        return visitor_.end(end);
    }

    std::istream& in_;
    std::uint64_t size_;
    std::string what_;
    SnapshotVisitor& visitor_;
    std::uint64_t position_ = 0;
    Bytes buffer_;
    std::uint8_t kind_ = 0;
    StateKey last_key_;
    SnapshotEnd counts_;
    bool ended_ = false;
};

}  // namespace

Status read_snapshot(const std::filesystem::path& path, SnapshotVisitor& visitor, const ReadProgress& progress) {
    std::error_code error;
    if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))
        return fail(Code::invalid_argument, "{} is not a regular file", path.string());
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        const auto code = error == std::errc::no_such_file_or_directory ? Code::not_found : Code::io_error;
        return fail(code, "{}: {}", path.string(), error.message());
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Code::io_error, "{} cannot be read", path.string());
    return read_snapshot(in, size, path.string(), visitor, progress);
}

Status read_snapshot(std::istream& in, std::uint64_t size, std::string_view what, SnapshotVisitor& visitor,
                     const ReadProgress& progress) {
    return Reader(in, size, what, visitor).read(progress);
}

}  // namespace tally::storage
