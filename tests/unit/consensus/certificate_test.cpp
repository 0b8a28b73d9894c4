#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/committee.h"
#include "storage/model/archive.h"

namespace tally::consensus {
namespace {

// consensus.md: byzantine f = floor((n-1)/3), q = floor((n+f)/2)+1; crash q = floor(n/2)+1.
TEST(Quorum, IsAsTheProtocolSaysForOneToTenMembers) {
    const std::size_t byzantine[] = {1, 2, 2, 3, 4, 4, 5, 6, 6, 7};
    const std::size_t crash[] = {1, 2, 2, 3, 3, 4, 4, 5, 5, 6};
    for (std::size_t n = 1; n <= 10; ++n) {
        EXPECT_EQ(quorum(FaultModel::byzantine, n), byzantine[n - 1]) << n;
        EXPECT_EQ(quorum(FaultModel::crash, n), crash[n - 1]) << n;
    }
}

TEST(Quorum, AnyTwoShareAMemberThatKeepsTheRulesAndTheRestCannotStopIt) {
    for (std::size_t n = 1; n <= 100; ++n) {
        const auto faulty = (n - 1) / 3;
        const auto q = quorum(FaultModel::byzantine, n);
        EXPECT_GT(2 * q, n + faulty) << n;
        EXPECT_LE(q, n - faulty) << n;
        EXPECT_GT(2 * quorum(FaultModel::crash, n), n) << n;
    }
}

// Four members, so three are needed; a certificate of members 0, 1 and 3.
class FourMembers : public testing::Test {
  protected:
    FourMembers() {
        for (std::uint8_t i = 0; i < 5; ++i) {
            const auto algorithm = i % 2 == 0 ? crypto::Algorithm::ed25519 : crypto::Algorithm::p256;
            keys.push_back(*crypto::PrivateKey::from_raw(algorithm, Bytes(32, static_cast<std::uint8_t>(i + 1))));
            if (i < 4) members.push_back(keys.back().public_key());
        }
        good = signed_by({0, 1, 3});
    }
    QuorumCertificate signed_by(std::vector<std::uint32_t> signers) {
        QuorumCertificate certificate{VoteKind::finalize, 7, 12, crypto::sha256(as_bytes("block")),
                                      std::move(signers), {}};
        const auto statement =
            vote_statement("test", certificate.kind, certificate.epoch, certificate.view, certificate.id);
        for (const auto signer : certificate.signers) certificate.signatures.push_back(keys.at(signer).sign(statement));
        return certificate;
    }
    Status verify(const QuorumCertificate& certificate, FaultModel model = FaultModel::byzantine) {
        return verify_certificate(certificate, {"test", 7, model, {1, 2, 3, 4}}, verify_with(members));
    }
    void expect_refused(QuorumCertificate certificate, Code code) {
        const auto status = verify(certificate);
        ASSERT_FALSE(status.has_value());
        EXPECT_EQ(status.error().code, code) << status.error().message;
    }

    std::vector<crypto::PrivateKey> keys;
    std::vector<crypto::PublicKey> members;
    QuorumCertificate good;
};

TEST_F(FourMembers, AQuorumThatSignedThisIsACertificate) {
    EXPECT_TRUE(verify(good).has_value());
    EXPECT_TRUE(verify(signed_by({0, 1, 2, 3})).has_value()) << "more than needed is fine";
    EXPECT_TRUE(verify(storage::decode<QuorumCertificate>(storage::encode(good), "a certificate").value()).has_value());
}

TEST_F(FourMembers, TooFewSignersAreNone) {
    expect_refused(signed_by({0, 1}), Code::bad_proof);
    expect_refused(signed_by({}), Code::bad_proof);
}

TEST_F(FourMembers, ASignerCountsOnce) {
    expect_refused(signed_by({0, 1, 1}), Code::bad_proof);
    expect_refused(signed_by({0, 0, 0}), Code::bad_proof);
}

TEST_F(FourMembers, SignersStandInOrderSoThatEqualCertificatesHaveEqualBytes) {
    expect_refused(signed_by({0, 3, 1}), Code::bad_proof);
}

TEST_F(FourMembers, AStrangerIsNoMember) { expect_refused(signed_by({0, 1, 4}), Code::bad_proof); }

TEST_F(FourMembers, EachSignerHasASignature) {
    auto certificate = good;
    certificate.signatures.pop_back();
    expect_refused(certificate, Code::bad_proof);
    certificate = good;
    certificate.signatures.push_back(good.signatures[0]);
    expect_refused(certificate, Code::bad_proof);
    certificate = good;
    std::swap(certificate.signatures[0], certificate.signatures[1]);
    expect_refused(certificate, Code::bad_signature);
}

TEST_F(FourMembers, ASignatureWithAnyBitFlippedIsBad) {
    for (std::size_t signer = 0; signer < 3; ++signer) {
        for (std::size_t bit = 0; bit < 512; bit += 31) {
            auto certificate = good;
            certificate.signatures[signer][bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            expect_refused(certificate, Code::bad_signature);
        }
    }
}

TEST_F(FourMembers, SignaturesHoldForThisKindEpochViewIdAndChannelOnly) {
    auto certificate = good;
    certificate.kind = VoteKind::notarize;
    expect_refused(certificate, Code::bad_signature);
    certificate = good;
    ++certificate.epoch;
    expect_refused(certificate, Code::bad_proof);
    EXPECT_EQ(verify_certificate(certificate, {"test", 8, FaultModel::byzantine, {1, 2, 3, 4}}, verify_with(members))
                  .error()
                  .code,
              Code::bad_signature);
    certificate = good;
    --certificate.view;
    expect_refused(certificate, Code::bad_signature);
    certificate = good;
    certificate.id.bytes[0] ^= 1;
    expect_refused(certificate, Code::bad_signature);
    EXPECT_FALSE(verify_certificate(good, {"tes", 7, FaultModel::byzantine, {1, 2, 3, 4}}, verify_with(members)));
}

TEST_F(FourMembers, MembersOfAnotherSetDoNotCount) {
    std::rotate(members.begin(), members.begin() + 1, members.end());
    expect_refused(good, Code::bad_signature);
}

TEST(VoteStatement, HasTheBytesThatItsFieldsGive) {
    const crypto::Hash id = crypto::sha256(as_bytes("x"));
    // u32 length, domain, u32 length, channel, kind u8, epoch u64, view u64, id
    Bytes expected =
        to_bytes(std::string_view("\x0d\0\0\0tally/vote/v1\x02\0\0\0ab\x02\x03\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0", 40));
    append(expected, id.view());
    EXPECT_EQ(to_hex(vote_statement("ab", VoteKind::finalize, 3, 4, id)), to_hex(expected));
}

}  // namespace
}  // namespace tally::consensus
