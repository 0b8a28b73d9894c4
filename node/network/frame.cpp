#include "node/network/frame.h"

#include "storage/model/archive.h"

namespace tally::node {
namespace {

constexpr std::uint8_t kVersion = 1;

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
        case FrameKind::signature: return kCertificateAndSignature;
        default: return SIZE_MAX;
    }
}

}  // namespace

FramePtr make_frame(FrameKind kind, std::uint64_t correlation, std::string_view channel, ByteView body) {
    storage::Encoder encoder;
    encoder.reserve(body.size() + channel.size() + 14);
    encoder(Head{kVersion, static_cast<std::uint8_t>(kind), correlation, std::string(channel)});
    encoder.write(body.data(), body.size());
    return std::make_shared<const Bytes>(encoder.take());
}

Result<Frame> read_frame(ByteView bytes) {
    storage::Decoder decoder(bytes);
    Head head;
    try {
        decoder(head);
    } catch (const storage::ArchiveFault& fault) {
        return fail(Code::malformed, "a frame: {}", fault.sentence);
    }
    if (head.version != kVersion)
        return fail(Code::malformed, "a frame of version {}, this node speaks {}", head.version, kVersion);
    if (head.kind == 0 || head.kind > kLastFrameKind)
        return fail(Code::malformed, "a frame of the unknown kind {}", head.kind);
    if (head.channel.size() > kMaxChannelName) return fail(Code::malformed, "a frame with an overlong channel name");
    const auto kind = static_cast<FrameKind>(head.kind);
    if (decoder.remaining() > largest_body(kind)) {
        return fail(Code::malformed, "a frame of the kind {} with {} bytes where {} are allowed", head.kind,
                    decoder.remaining(), largest_body(kind));
    }
    return Frame{kind, head.correlation, std::move(head.channel), bytes.last(decoder.remaining())};
}

}  // namespace tally::node
