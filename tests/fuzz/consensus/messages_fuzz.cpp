// What other orderers send. Whatever is read is written again with the same bytes; nothing else comes of a message.

#include "consensus/messages.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::consensus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const auto message = decode_message(bytes);
    if (!message) {
        TALLY_FUZZ_EXPECT(message.error().code == Code::malformed);
        return 0;
    }
    const auto again = encode_message(*message);
    TALLY_FUZZ_EXPECT(again.size() == size && std::equal(again.begin(), again.end(), data));
    if (const auto* batch = std::get_if<BatchMessage>(&*message)) (void)batch->batch->header.hash();
    if (const auto* proposal = std::get_if<ProposalMessage>(&*message)) (void)proposal->proposal.is_consistent();
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const auto hash = crypto::sha256(as_bytes("x"));
    const Vote vote{VoteKind::notarize, 1, 2, hash, 3, to_bytes("signature")};
    const QuorumCertificate certificate{
        VoteKind::finalize, 1, 2, hash, {0, 1, 3}, {to_bytes("a"), to_bytes("b"), to_bytes("c")}};
    BlockProposal proposal;
    proposal.header.channel = "main";
    proposal.header.lanes = {{7, {1, 2}}};
    proposal.payload = {{0, {1, 2}, hash, 3, 4}};
    auto batch = std::make_shared<LaneBatch>();
    batch->transactions = {to_bytes("one"), to_bytes("two")};
    batch->signature = to_bytes("signature");
    const Message messages[] = {
        BatchMessage{batch},
        AckMessage{1, 2, {{0, {1, 2}, hash}}},
        ProposalMessage{proposal, vote, {certificate}},
        VoteMessage{{vote}},
        CertificateMessage{{certificate}},
        StatusMessage{1, 2, 3, 2, true, 4, {5, 6}, certificate},
        FetchBatch{1, proposal.payload[0]},
        FetchProposal{1, hash},
        FetchedProposal{proposal},
        FetchBlocks{9},
        FetchedBlocks{{{proposal.header, {batch->transactions}}}, {certificate, {proposal.header}}}};
    for (const auto& message : messages) {
        const auto bytes = encode_message(message);
        add(bytes.data(), bytes.size());
    }
}
