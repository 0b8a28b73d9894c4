#include "consensus/messages.h"

#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

// Of all lists of one message, by its kind: no correct member comes near. Elements take more room in memory than in the
// message, so the bound is asked before anything is allocated.
constexpr std::size_t kMaxAcks = 1024;  // one for each lane
constexpr std::size_t kMaxVotes = 256;
constexpr std::size_t kMaxCertificates = 100'000;  // with their signers and signatures, one for each view
constexpr std::size_t kMaxFetched = 1'000'000;     // blocks, batches and transactions (node/ordering/block_server.cpp)
constexpr std::size_t kFew = 1024;                 // one certificate, or lanes

template <class T>
Result<Message> decode_as(ByteView body, std::string_view what, std::size_t max_elements) {
    return Message(TRY(storage::decode<T>(body, what, max_elements)));
}

Result<Message> decode_batch(ByteView body, std::string_view what) {
    return Message(BatchMessage{
        std::make_shared<const LaneBatch>(TRY(storage::decode<LaneBatch>(body, what, kMaxBlockMessages)))});
}

std::uint64_t bytes_of(const LaneBatch& batch) {
    std::uint64_t bytes = batch.signature.size() + 256;
    for (const auto& transaction : batch.transactions) bytes += transaction.size() + 4;
    return bytes;
}

constexpr std::string_view kNames[] = {
    "batch",           "ack",         "proposal",       "vote",     "certificate",
    "status",          "fetch batch", "fetch proposal", "proposal", "fetch of blocks",
    "answer of blocks"};
static_assert(std::size(kNames) == std::variant_size_v<Message>);
constexpr std::uint8_t kFetchBlocks = 9;
static_assert(std::is_same_v<std::variant_alternative_t<kFetchBlocks, Message>, FetchBlocks>);

}  // namespace

crypto::Hash BatchHeader::hash() const { return crypto::sha256(storage::encode(*this)); }

crypto::Hash BlockProposal::payload_hash() const {
    storage::Encoder encoder;
    encoder(parent_view, payload);
    return crypto::sha256(encoder.take());
}

crypto::Hash BlockProposal::data_root() const {
    std::vector<crypto::Hash> digests;
    digests.reserve(payload.size());
    for (const auto& reference : payload) digests.push_back(reference.digest);
    return storage::data_root(digests);
}

bool BlockProposal::is_consistent() const {
    return header.payload == payload_hash() && header.data_root == data_root();
}

std::string_view message_name(const Message& message) { return kNames[message.index()]; }

// One byte for the kind, then the message.
Bytes encode_message(const Message& message) {
    storage::Encoder encoder;
    encoder(static_cast<std::uint8_t>(message.index()));
    std::visit(
        [&](const auto& body) {
            if constexpr (std::is_same_v<std::decay_t<decltype(body)>, BatchMessage>) {
                encoder.reserve(bytes_of(*body.batch));
                encoder(*body.batch);
            } else {
                encoder(body);
            }
        },
        message);
    return encoder.take();
}

bool asks_for_blocks(ByteView bytes) { return !bytes.empty() && bytes[0] == kFetchBlocks; }

Result<Message> decode_message(ByteView bytes) {
    if (bytes.empty()) return fail(Code::malformed, "an empty message");
    const auto body = bytes.subspan(1);
    if (bytes[0] >= std::size(kNames)) return fail(Code::malformed, "a message of the unknown kind {}", bytes[0]);
    const auto name = kNames[bytes[0]];
    switch (bytes[0]) {
        case 0: return decode_batch(body, name);
        case 1: return decode_as<AckMessage>(body, name, kMaxAcks);
        case 2: return decode_as<ProposalMessage>(body, name, kMaxReferences + kMaxCertificates);
        case 3: return decode_as<VoteMessage>(body, name, kMaxVotes);
        case 4: return decode_as<CertificateMessage>(body, name, kMaxCertificates);
        case 5: return decode_as<StatusMessage>(body, name, kFew);
        case 6: return decode_as<FetchBatch>(body, name, 0);
        case 7: return decode_as<FetchProposal>(body, name, 0);
        case 8: return decode_as<FetchedProposal>(body, name, kMaxReferences + kFew);
        case kFetchBlocks: return decode_as<FetchBlocks>(body, name, 0);
        default: return decode_as<FetchedBlocks>(body, name, kMaxFetched);
    }
}

Bytes vote_statement(std::string_view channel, VoteKind kind, Epoch epoch, View view, const Hash& id) {
    storage::Encoder encoder;
    encoder(std::string("tally/vote/v1"), std::string(channel), kind, epoch, view, id);
    return encoder.take();
}

Bytes batch_statement(std::string_view channel, const BatchHeader& header) {
    storage::Encoder encoder;
    encoder(std::string("tally/batch/v1"), std::string(channel), header);
    return encoder.take();
}

}  // namespace tally::consensus
