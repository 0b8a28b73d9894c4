// Signatures of other committers on one checkpoint: what is kept, and who is blamed.

#include "node/committing/signature_request.h"

#include <gtest/gtest.h>

#include "node/committing/committer.h"
#include "node/network/transport_key.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

// A node of A asks those of B, C and D, which the test speaks for.
class SignatureRequests : public testing::Test {
  protected:
    SignatureRequests() : channel(4) {
        for (std::size_t i = 0; i < 4; ++i) {
            channel.config.nodes.push_back({fmt::format("n{}", i),
                                            channel.organizations[i].id,
                                            fmt::format("127.0.0.1:{}", 9000 + i),
                                            generate_transport_key().public_key,
                                            {"committer"}});
        }
        EXPECT_TRUE(node.start().has_value());
        EXPECT_TRUE(node.submit(channel.put("k")).has_value());
        node.wait_for(1);
    }
    [[nodiscard]] storage::Checkpoint checkpoint() { return node.ledger().block_header(1)->metadata.checkpoint; }
    [[nodiscard]] Bytes signature_of(std::size_t peer) {
        return storage::encode(sign_checkpoint(channel.peers[peer], checkpoint()));
    }
    void gather() {
        gather_signatures(
            node.ledger(), *channel.membership(), "n0", 1,
            [this](const std::string& asked, ByteView) -> Result<Bytes> {
                const auto found = answers.find(asked);
                if (found == answers.end()) return fail(Code::unavailable, "{} says nothing", asked);
                return found->second;
            },
            [this](const std::string& guilty, const Error& why) { blamed.insert_or_assign(guilty, why.code); });
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    std::map<std::string, Bytes> answers;
    std::map<std::string, Code> blamed;
};

TEST_F(SignatureRequests, WhoAnswersWhatCannotBeReadIsBlamed) {
    auto longer = signature_of(3);
    longer.push_back(0);
    answers = {{"n1", to_bytes("no signature at all")}, {"n2", signature_of(2)}, {"n3", longer}};
    gather();
    EXPECT_EQ(blamed, (std::map<std::string, Code>{{"n1", Code::malformed}, {"n3", Code::malformed}}));
    EXPECT_EQ(checkpoint().signatures.size(), 2U) << "this node's and that of n2";
}

TEST_F(SignatureRequests, ASignatureThatDoesNotHoldIsNotKeptAndNobodyIsBlamed) {
    answers = {{"n1", signature_of(2)}};  // n3 and n2 say nothing
    gather();
    EXPECT_TRUE(blamed.empty());
    EXPECT_EQ(checkpoint().signatures.size(), 1U);
}

}  // namespace
}  // namespace tally::node
