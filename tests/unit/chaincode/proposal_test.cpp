#include "chaincode/proposal.h"

#include "crypto/cbor.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

struct Parts {
    std::uint64_t items = 8, format = 1, attachments = 1;
    std::size_t nonce = 16;
    std::uint64_t created = 1000;
};

Bytes payload_of(const Parts& parts) {
    crypto::CborWriter writer;
    writer.array(parts.items)
        .uint(parts.format)
        .text("main")
        .text("data")
        .text("publish")
        .text("{}")
        .array(parts.attachments);
    for (std::uint64_t i = 0; i < parts.attachments; ++i) writer.bytes(as_bytes("x"));
    return writer.bytes(Bytes(parts.nonce, 7)).uint(parts.created).take();
}

class Proposals : public testing::Test {
  public:
    crypto::PrivateKey key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));
    crypto::Certificate certificate = crypto::issue_root(key, {"ada", "GridCo", "client"}, 0, 1'000'000);

    Bytes message_of(ByteView payload, std::string_view type = kProposalContentType, bool chain = true) {
        crypto::Sign1Options options;
        options.headers.content_type = type;
        if (chain) options.headers.x5chain = {certificate.der()};
        return crypto::sign1(key, payload, options);
    }
    Result<SignedProposal> decode(const Bytes& message) {
        kept_ = message;
        return SignedProposal::decode(kept_, 1 << 16);
    }

  private:
    Bytes kept_;
};

TEST_F(Proposals, WhatWasSignedIsWhatIsRead) {
    const Bytes attachment = {1, 2, 3};
    const Proposal proposal{"main", "data", "publish", R"({"format": "record"})", {attachment}, {}, 123'456};
    const auto message = sign_proposal(key, {certificate}, proposal);
    const auto read = SignedProposal::decode(message, 1 << 16);
    ASSERT_OK(read);
    EXPECT_EQ(read->proposal.channel, "main");
    EXPECT_EQ(read->proposal.arguments, proposal.arguments);
    EXPECT_EQ(to_bytes(read->proposal.attachments[0]), attachment);
    EXPECT_EQ(read->proposal.created_ms, 123'456);
    EXPECT_TRUE(read->cose.verify(key.public_key(), {}));
    EXPECT_EQ(read->id, crypto::sha256(crypto::sig_structure(read->cose.protected_bytes, {}, read->cose.payload)));
    const auto another = sign_proposal(key, {certificate}, proposal);
    EXPECT_NE(SignedProposal::decode(another, 1 << 16)->id, read->id) << "the nonce is fresh";
}

TEST_F(Proposals, ASignatureThatWasChangedIsTheSameTransaction) {
    auto message = message_of(payload_of({}));
    const auto id = decode(message)->id;
    message.back() ^= 1;
    EXPECT_EQ(decode(message)->id, id);
}

TEST_F(Proposals, EveryPartIsChecked) {
    ASSERT_OK(decode(message_of(payload_of({}))));
    EXPECT_REFUSED(decode(message_of(payload_of({.items = 7}))), Code::malformed, "array of 8");
    EXPECT_REFUSED(decode(message_of(payload_of({.format = 2}))), Code::unsupported, "version 1");
    EXPECT_REFUSED(decode(message_of(payload_of({.attachments = 65}))), Code::too_large, "65 attachments");
    EXPECT_REFUSED(decode(message_of(payload_of({.nonce = 15}))), Code::malformed, "15 bytes where 16");
    EXPECT_REFUSED(decode(message_of(payload_of({.nonce = 17}))), Code::malformed, "17 bytes where 16");
    EXPECT_REFUSED(decode(message_of(payload_of({}), "text/plain")), Code::malformed, "content type");
    EXPECT_REFUSED(decode(message_of(payload_of({}), kProposalContentType, false)), Code::malformed, "x5chain");
    EXPECT_REFUSED(SignedProposal::decode(message_of(payload_of({})), 10), Code::too_large, "10");
    auto longer = payload_of({});
    longer.push_back(0);
    EXPECT_REFUSED(decode(message_of(longer)), Code::malformed, "left over");
    EXPECT_EQ(decode(message_of(payload_of({.created = UINT64_MAX})))->proposal.created_ms, INT64_MAX);
}

TEST_F(Proposals, CutShortTheyAreMalformed) {
    const auto message = message_of(payload_of({}));
    for (std::size_t size = 0; size < message.size(); ++size) {
        EXPECT_EQ(code_of(SignedProposal::decode(ByteView(message).first(size), 1 << 16)), Code::malformed) << size;
    }
}

}  // namespace
}  // namespace tally::chaincode::test
