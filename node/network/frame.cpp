#include "node/network/frame.h"

#include <zstd.h>

#include <memory>

#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kPackedBit = 0x80;
constexpr std::uint8_t kLeftOutBit = 0x40;

// Of a large body a sample is packed first: 256 bytes of every 2 kB. The body is packed only if the sample shrinks, so
// what does not shrink costs an eighth. Transactions have readings that do not shrink between what does.
constexpr std::size_t kSmallest = 1024;
constexpr std::size_t kLarge = 8192;
constexpr std::size_t kPiece = 256;
constexpr std::size_t kPieceEvery = 2048;
constexpr std::size_t kLeastSaved = 16;  // the part of its size that a packed body must save
constexpr int kFrameLevel = 1;

struct Head {
    std::uint8_t version = kVersion;
    std::uint8_t kind = 0;
    std::uint64_t correlation = 0;
    std::string channel;

    template <class A>
    void serialize(A& a) {
        a(version, kind, correlation, channel);
    }
};

// Of a body. What the kinds that are not here carry is bounded by the network (NetworkOptions::max_message_bytes).
std::size_t largest_body(FrameKind kind) {
    constexpr std::size_t kCertificateAndSignature = 64U << 10;
    switch (kind) {
        case FrameKind::hello: return 32U << 10;  // network.h, Standing
        case FrameKind::sign: return 64;
        case FrameKind::checkpoint:
        case FrameKind::submitted:
        case FrameKind::signature:
        case FrameKind::attested: return kCertificateAndSignature;
        default: return SIZE_MAX;
    }
}

bool may_be_packed(FrameKind kind) {
    switch (kind) {
        case FrameKind::consensus:
        case FrameKind::endorse:
        case FrameKind::endorsed:
        case FrameKind::submit:
        case FrameKind::attest: return true;
        default: return false;
    }
}

// Contexts are large, so each thread keeps its own.
ZSTD_CCtx* compressor() {
    thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    return context.get();
}

ZSTD_DCtx* decompressor() {
    thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    return context.get();
}

// Empty when the body does not shrink by a sixteenth.
Bytes shrunk(ByteView body) {
    Bytes packed(ZSTD_compressBound(body.size()));
    const auto size =
        ZSTD_compressCCtx(compressor(), packed.data(), packed.size(), body.data(), body.size(), kFrameLevel);
    if (ZSTD_isError(size) || size > body.size() - body.size() / kLeastSaved) return {};
    packed.resize(size);
    return packed;
}

Bytes sample_of(ByteView body) {
    Bytes sample;
    sample.reserve(body.size() / kPieceEvery * kPiece + kPiece);
    for (std::size_t at = 0; at + kPiece <= body.size(); at += kPieceEvery) {
        const auto piece = body.subspan(at, kPiece);
        sample.insert(sample.end(), piece.begin(), piece.end());
    }
    return sample;
}

Bytes packed_form(FrameKind kind, ByteView body) {
    if (!may_be_packed(kind) || body.size() < kSmallest) return {};
    if (body.size() > kLarge && shrunk(sample_of(body)).empty()) return {};
    auto packed = shrunk(body);
    return packed.size() * kMostFold < body.size() ? Bytes() : packed;
}

Bytes without(ByteView body, std::span<const LeftOut> left_out) {
    Bytes rest;
    rest.reserve(body.size());
    std::size_t done = 0;
    const auto keep_until = [&](std::size_t at) {
        const auto kept = body.subspan(done, at - done);
        rest.insert(rest.end(), kept.begin(), kept.end());
    };
    for (const auto& part : left_out) {
        keep_until(part.at);
        done = part.at + part.size;
    }
    keep_until(body.size());
    return rest;
}

Result<Bytes> unpack(ByteView packed) {
    const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
        return fail(Code::malformed, "a packed body that is no Zstandard frame with its size");
    if (size > kMaxBodyBytes || size / kMostFold > packed.size())
        return fail(Code::malformed, "a packed body of {} bytes that opens to {}", packed.size(), size);
    Bytes out(size);
    const auto opened = ZSTD_decompressDCtx(decompressor(), out.data(), out.size(), packed.data(), packed.size());
    if (ZSTD_isError(opened) || opened != size)
        return fail(Code::malformed, "a packed body that does not open: {}",
                    ZSTD_isError(opened) ? ZSTD_getErrorName(opened) : "it is shorter than it says");
    return out;
}

}  // namespace

FramePtr make_frame(FrameKind kind, std::uint64_t correlation, std::string_view channel, ByteView body,
                    std::span<const LeftOut> left_out) {
    Bytes rest;
    if (!left_out.empty()) body = rest = without(body, left_out);
    const auto packed = packed_form(kind, body);
    if (!packed.empty()) body = packed;
    storage::Encoder encoder;
    encoder.reserve(body.size() + channel.size() + 18 + left_out.size() * sizeof(LeftOut));
    const auto flags = (packed.empty() ? 0 : kPackedBit) | (left_out.empty() ? 0 : kLeftOutBit);
    const auto kind_byte = static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) | flags);
    encoder(Head{kVersion, kind_byte, correlation, std::string(channel)});
    if (!left_out.empty()) encoder(std::vector<LeftOut>(left_out.begin(), left_out.end()));
    encoder.write(body.data(), body.size());
    return std::make_shared<const Bytes>(encoder.take());
}

Result<Frame> read_frame(ByteView bytes) {
    storage::Decoder decoder(bytes, kMostLeftOut);
    Head head;
    std::vector<LeftOut> left_out;
    try {
        decoder(head);
        if ((head.kind & kLeftOutBit) != 0) decoder(left_out);
    } catch (const storage::ArchiveFault& fault) {
        return fail(Code::malformed, "a frame: {}", fault.sentence);
    }
    if (head.version != kVersion)
        return fail(Code::malformed, "a frame of version {}, this node speaks {}", head.version, kVersion);
    const bool packed = (head.kind & kPackedBit) != 0;
    const bool leaves_out = (head.kind & kLeftOutBit) != 0;
    head.kind &= static_cast<std::uint8_t>(~(kPackedBit | kLeftOutBit));
    if (head.kind == 0 || head.kind > kLastFrameKind)
        return fail(Code::malformed, "a frame of the unknown kind {}", head.kind);
    if (leaves_out && (static_cast<FrameKind>(head.kind) != FrameKind::consensus || left_out.empty()))
        return fail(Code::malformed, "a frame of the kind {} that leaves out {} parts", head.kind, left_out.size());
    if (packed && !may_be_packed(static_cast<FrameKind>(head.kind)))
        return fail(Code::malformed, "a packed frame of the kind {}, which is never packed", head.kind);
    if (head.channel.size() > kMaxChannelName) return fail(Code::malformed, "a frame with an overlong channel name");
    const auto kind = static_cast<FrameKind>(head.kind);
    if (decoder.remaining() > largest_body(kind)) {
        return fail(Code::malformed, "a frame of the kind {} with {} bytes where {} are allowed", head.kind,
                    decoder.remaining(), largest_body(kind));
    }
    return Frame{
        kind, head.correlation, std::move(head.channel), packed, bytes.last(decoder.remaining()), std::move(left_out)};
}

std::size_t FrameBody::size() const {
    auto size = bytes_.size();
    for (const auto& part : parts_) size += part.question->size();
    return size;
}

Result<Bytes> FrameBody::open() && {
    auto rest = packed_ ? TRY(unpack(bytes_)) : std::move(bytes_);
    if (parts_.empty()) return rest;
    Bytes whole;
    std::size_t taken = 0;  // of the rest
    for (const auto& [where, question] : parts_) {
        const auto asked = TRY(FrameBody(*question).open());
        const auto gap = where.at - whole.size();
        if (where.at < whole.size() || gap > rest.size() - taken || where.from > asked.size() ||
            where.size > asked.size() - where.from || where.at + std::size_t{where.size} > kMaxBodyBytes)
            return fail(Code::malformed, "a body whose part at byte {} does not fit", where.at);
        whole.insert(whole.end(), rest.begin() + static_cast<std::ptrdiff_t>(taken),
                     rest.begin() + static_cast<std::ptrdiff_t>(taken + gap));
        taken += gap;
        const auto part = ByteView(asked).subspan(where.from, where.size);
        whole.insert(whole.end(), part.begin(), part.end());
    }
    whole.insert(whole.end(), rest.begin() + static_cast<std::ptrdiff_t>(taken), rest.end());
    return whole;
}

}  // namespace tally::node
