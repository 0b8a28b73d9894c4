#pragma once
// What nodes send each other: one ZeroMQ frame with a short head in front of the body.
//
//   version u8 = 1 | kind u8, 0x80 set when the body is packed | correlation u64 | channel: u32 length, bytes | body
//
// The correlation pairs an answer with its question; 0 where there is none. Bodies have the form of their kind, which
// its handler decodes. The network's thread itself decodes only kinds with small bodies. Large bodies that shrink are
// packed: one Zstandard frame (RFC 8878) with its content size, which its handler opens.

#include <cstdint>
#include <memory>
#include <string>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace tally::node {

enum class FrameKind : std::uint8_t {
    consensus = 1,   // consensus/messages.h, between orderers and from those who follow them
    endorse = 2,     // a signed proposal (node_network.h, EndorseQuestion)
    endorsed = 3,    // an endorsement, or why there is none
    submit = 4,      // a transaction to an orderer
    submitted = 5,   // accepted, or why not
    checkpoint = 6,  // a committer's signed checkpoint
    hello = 7,       // says that the sender is there, and where it stands (network.h)
    sign = 8,        // a committer's signature on the checkpoint of one height is wanted
    signature = 9,   // it, or why not
    attest = 10,     // a signed question (node_network.h, EndorseQuestion)
    attested = 11,   // a signature for the answer, or why there is none
    series = 12,     // a series that a collection keeps: it is wanted, or it comes (collections/keeper.h)
    kept = 13,       // it, or that it is kept, or why not
};
constexpr std::uint8_t kLastFrameKind = 13;
constexpr std::size_t kMaxChannelName = 64;

struct Frame {
    FrameKind kind = FrameKind::consensus;
    std::uint64_t correlation = 0;
    std::string channel;
    bool packed = false;
    ByteView body;  // borrowed from the message
};

// What is packed smaller than this part of its size is sent as it is, so no peer must open what is: an opened body
// takes memory and time in proportion to what was sent.
constexpr std::size_t kMostFold = 16;
constexpr std::size_t kMaxBodyBytes = 34U << 20;

// The body of a frame on its way to its handler, as it came.
class FrameBody {
  public:
    FrameBody() = default;
    FrameBody(Bytes plain) : bytes_(std::move(plain)) {}
    explicit FrameBody(const Frame& frame) : bytes_(frame.body.begin(), frame.body.end()), packed_(frame.packed) {}

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool packed() const { return packed_; }
    // The body itself. malformed: it is no Zstandard frame, or opens to more than kMaxBodyBytes or than kMostFold times
    // what came.
    [[nodiscard]] Result<Bytes> open() &&;

  private:
    Bytes bytes_;
    bool packed_ = false;
};

using FramePtr = std::shared_ptr<const Bytes>;

[[nodiscard]] FramePtr make_frame(FrameKind kind, std::uint64_t correlation, std::string_view channel, ByteView body);
// malformed: another version, an unknown kind, a length that lies, a body that is too large for its kind.
[[nodiscard]] Result<Frame> read_frame(ByteView bytes);

}  // namespace tally::node
