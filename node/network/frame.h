#pragma once
// What nodes send each other: one ZeroMQ frame with a short head in front of the body.
//
//   version u8 = 1 | kind u8 | correlation u64 | channel: u32 length, bytes | [left out] | body
//
// The correlation pairs an answer with its question; 0 where there is none. Bodies have the form of their kind, which
// its handler decodes. The network's thread itself decodes only kinds with small bodies.
//
// The kind has two flags. 0x80, packed: the body is one Zstandard frame (RFC 8878) with its content size, which its
// handler opens; large bodies that shrink are sent so. 0x40, left out: parts of the body are not sent, because the
// receiver has them from questions of the same sender; a list says where they belong. Only consensus messages leave
// out.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

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

// Bytes of a body that are not sent: they are also in the body of a question that the sender has asked.
struct LeftOut {
    std::uint32_t at = 0;        // in the whole body; ascending in a list
    std::uint64_t question = 0;  // its correlation
    std::uint32_t from = 0;      // in the question's body
    std::uint32_t size = 0;

    template <class A>
    void serialize(A& a) {
        a(at, question, from, size);
    }
    friend bool operator==(const LeftOut&, const LeftOut&) = default;
};
constexpr std::size_t kMostLeftOut = 4096;

struct Frame {
    FrameKind kind = FrameKind::consensus;
    std::uint64_t correlation = 0;
    std::string channel;
    bool packed = false;
    ByteView body;  // borrowed from the message
    std::vector<LeftOut> left_out{};
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

    // Puts the part back that was left out. In the order of the frame's list.
    void put_back(const LeftOut& part, std::shared_ptr<const FrameBody> question) {
        parts_.push_back({part, std::move(question)});
    }

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size() const;  // of what came, questions included
    [[nodiscard]] bool packed() const { return packed_; }
    // The body itself. malformed: it is no Zstandard frame, opens to more than kMaxBodyBytes or than kMostFold times
    // what came, or parts do not fit.
    [[nodiscard]] Result<Bytes> open() &&;

  private:
    struct Part {
        LeftOut where;
        std::shared_ptr<const FrameBody> question;
    };
    Bytes bytes_;
    bool packed_ = false;
    std::vector<Part> parts_;
};

using FramePtr = std::shared_ptr<const Bytes>;

// `left_out`: of the body; not of other kinds than consensus.
[[nodiscard]] FramePtr make_frame(FrameKind kind, std::uint64_t correlation, std::string_view channel, ByteView body,
                                  std::span<const LeftOut> left_out = {});
// malformed: another version, an unknown kind, a length that lies, a body that is too large for its kind.
[[nodiscard]] Result<Frame> read_frame(ByteView bytes);

}  // namespace tally::node
