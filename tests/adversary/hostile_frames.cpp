#include "tests/adversary/hostile_frames.h"

#include "consensus/messages.h"
#include "node/channel/channel_config.h"
#include "node/committing/checkpoint_exchange.h"
#include "node/network/network.h"
#include "node/network/node_network.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

// Of a frame that a node takes, its head and what CURVE adds left out (node_network.cpp).
constexpr std::size_t kLargestBody = 2 * kMaxTransactionBytes + (1U << 20) - 256;

// Kinds of consensus messages that begin with a list (consensus/messages.h).
constexpr std::uint8_t kVotes = 3;
constexpr std::uint8_t kCertificates = 4;
constexpr std::uint8_t kFetchedBlocks = 10;
constexpr std::uint32_t kManyBlocks = 127U << 20;
constexpr std::uint32_t kEmptyBlock = 145;  // bytes of one

using consensus::encode_message;

template <class... Parts>
Bytes encoded(const Parts&... parts) {
    storage::Encoder encoder;
    (encoder(parts), ...);
    return encoder.take();
}

// A consensus message of this kind whose body begins with the number of a list's elements; zeros follow: empty
// elements, as many as fit.
Bytes list_of(std::uint8_t kind, std::uint32_t count, std::size_t size) {
    auto body = encoded(kind, count);
    body.resize(std::max(size, body.size()));
    return body;
}

Bytes with_a_byte_more(Bytes body) {
    body.push_back(0);
    return body;
}

Bytes cut_by_one(Bytes body) {
    body.pop_back();
    return body;
}

Bytes empty_transactions(std::size_t size) {
    const auto count = static_cast<std::uint32_t>((size - 6) / 4);
    auto body = encoded(false, false, count);
    body.resize(size);
    return body;
}

Bytes checkpoint_of(std::size_t signatures) {
    CheckpointMessage message;
    message.checkpoint.signatures.resize(signatures);
    return storage::encode(message);
}

}  // namespace

std::vector<HostileFrame> hostile_frames(const std::string& channel) {
    std::vector<HostileFrame> all;
    const auto raw = [&](std::string name, Bytes bytes) {
        all.push_back({std::move(name), [bytes = std::move(bytes)] { return std::make_shared<const Bytes>(bytes); }});
    };
    const auto made = [&](std::string name, FrameKind kind, std::function<Bytes()> body) {
        all.push_back({std::move(name),
                       [channel, kind, body = std::move(body)] { return make_frame(kind, 1, channel, body()); }});
    };
    const auto small = [&](std::string name, FrameKind kind, Bytes body) {
        made(std::move(name), kind, [body = std::move(body)] { return body; });
    };
    constexpr auto kConsensus = FrameKind::consensus;

    raw("an empty frame", {});
    raw("half a head", {1, 1, 0, 0});
    raw("another version", encoded(std::uint8_t{2}, std::uint8_t{1}, std::uint64_t{1}, channel));
    raw("an unknown kind", encoded(std::uint8_t{1}, std::uint8_t{kLastFrameKind + 1}, std::uint64_t{1}, channel));
    raw("a channel's name that claims 4 GiB", encoded(std::uint8_t{1}, std::uint8_t{1}, std::uint64_t{1}, ~0U));
    raw("an overlong channel's name", *make_frame(kConsensus, 1, std::string(kMaxChannelName + 1, 'c'), {}));
    raw("another channel", *make_frame(kConsensus, 1, channel + "2", {}));

    // Zstandard frames of one segment: their size in four bytes, then no block.
    const auto packed = [&](FrameKind kind, Bytes body) {
        auto head = encoded(std::uint8_t{1}, static_cast<std::uint8_t>(0x80 | static_cast<int>(kind)), std::uint64_t{1},
                            channel);
        head.insert(head.end(), body.begin(), body.end());
        return head;
    };
    raw("a packed message that opens to a gigabyte",
        packed(kConsensus, {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, 1, 0, 0}));
    raw("a packed submission that is no Zstandard frame", packed(FrameKind::submit, Bytes(100, 7)));
    raw("a packed hello", packed(FrameKind::hello, Bytes(100, 7)));

    small("a hello with a byte more", FrameKind::hello, with_a_byte_more(storage::encode(Standing{})));
    small("a hello that is too large", FrameKind::hello, Bytes((32U << 10) + 1));
    small("a hello that knows too much", FrameKind::hello,
          storage::encode(Standing{1, 1, std::string(Standing::kMaxKnows + 1, 'k')}));
    small("a question for a signature that is too large", FrameKind::sign, Bytes(65));
    small("a checkpoint with two signatures", FrameKind::checkpoint, checkpoint_of(2));
    small("a checkpoint that is cut off", FrameKind::checkpoint, cut_by_one(checkpoint_of(1)));
    small("a question for an endorsement of one byte", FrameKind::endorse, Bytes(1));

    small("no message", kConsensus, {});
    small("a message of an unknown kind", kConsensus, Bytes(20, kFetchedBlocks + 1));
    made("a batch of empty transactions, one too many", kConsensus, [] {
        auto body = encoded(std::uint8_t{0}, consensus::BatchHeader{}, Bytes(64), consensus::kMaxBlockMessages + 1);
        body.resize(body.size() + 4 * (consensus::kMaxBlockMessages + 1));
        return body;
    });
    made("votes, 16 MiB of nothing", kConsensus, [] { return list_of(kVotes, 1U << 18, 16U << 20); });
    small("votes that claim what is not there", kConsensus, list_of(kVotes, ~0U, 5));
    made("votes, one too many", kConsensus,
         [] { return encode_message(consensus::VoteMessage{std::vector<consensus::Vote>(257)}); });
    made("certificates, just below the largest frame", kConsensus,
         [] { return list_of(kCertificates, 100'000, kLargestBody); });
    small("a status with a byte more", kConsensus, with_a_byte_more(encode_message(consensus::StatusMessage{})));
    small("a question for a batch that is cut off", kConsensus, cut_by_one(encode_message(consensus::FetchBatch{})));
    made("a proposal of too many batches", kConsensus, [] {
        consensus::ProposalMessage message;
        message.proposal.payload.resize(consensus::kMaxReferences + 200'000);
        return encode_message(message);
    });
    made("blocks of nothing, just above 127 MiB", kConsensus,
         [] { return list_of(kFetchedBlocks, kManyBlocks / kEmptyBlock, kManyBlocks + 1'000); });
    made("transactions, just below the largest frame", FrameKind::submit,
         [] { return empty_transactions(kLargestBody); });
    made("transactions, one too many", FrameKind::submit,
         [] { return empty_transactions(6 + 4 * (consensus::kMaxBlockMessages + 1)); });
    return all;
}

}  // namespace tally::node
