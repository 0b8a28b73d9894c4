#include "crypto/x509.h"

#include <chrono>
#include <thread>

#include "tests/unit/crypto/unhex.h"
#include "tests/unit/crypto/x509_vectors.h"

namespace tally::crypto {
namespace {

using namespace vectors;

constexpr std::int64_t at(int year, unsigned month, unsigned day) {
    const std::chrono::sys_days days = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return std::int64_t{days.time_since_epoch().count()} * 86'400'000;
}

constexpr std::int64_t kNow = at(2026, 3, 1);

Certificate read(std::string_view pem) {
    Result<Certificate> certificate = Certificate::from_pem(pem);
    EXPECT_TRUE(certificate) << certificate.error().message;
    return *certificate;
}
RevocationList read_list(std::string_view pem) {
    Result<RevocationList> list = RevocationList::from_pem(pem);
    EXPECT_TRUE(list) << list.error().message;
    return *list;
}

TrustStore third_party() { return {.roots = {read(kRoot)}, .intermediates = {read(kIssuing)}, .crls = {}}; }

Result<std::vector<Certificate>> judge(std::string_view leaf, const TrustStore& trust = third_party(),
                                       std::int64_t time_ms = kNow, Purpose purpose = Purpose::signing) {
    return verify_path(read(leaf), {}, trust, time_ms, purpose);
}

TEST(Certificate, IsReadAsAnotherImplementationWroteIt) {
    const Certificate leaf = read(kLeaf);
    EXPECT_EQ(leaf.subject(), (Name{"meter-7", "Example Utility", "client"}));
    EXPECT_EQ(leaf.issuer(), (Name{"Third Party Issuing", "Third Party", ""}));
    EXPECT_EQ(leaf.subject_text(), "CN=meter-7,OU=client,O=Example Utility");
    EXPECT_EQ(leaf.serial_hex(), kLeafSerialHex);
    EXPECT_EQ(leaf.fingerprint().hex(), kLeafFingerprintHex);
    EXPECT_EQ(leaf.not_before_ms(), at(2024, 1, 1));
    EXPECT_EQ(leaf.not_after_ms(), at(2034, 1, 1));
    EXPECT_EQ(leaf.public_key().algorithm(), Algorithm::p256);
    EXPECT_EQ(to_hex(leaf.public_key().spki()), kLeafSpkiHex);
    EXPECT_FALSE(leaf.is_ca());
    EXPECT_EQ(leaf.dns_names(), std::vector<std::string>{"meter-7.example"});
    EXPECT_EQ(leaf.ip_addresses(), (std::vector<std::string>{"192.0.2.7", "2001:db8::7"}));
    EXPECT_EQ(leaf.pem(), kLeaf);
    EXPECT_EQ(*Certificate::from_der(leaf.der()), leaf);
    EXPECT_TRUE(read(kIssuing).is_ca());
}

TEST(Certificate, ARootWithAP384KeyOnlyCertifies) {
    for (const std::string_view pem : {kRoot, kDigiCertRoot}) {
        const Certificate root = read(pem);
        EXPECT_TRUE(root.is_ca());
        EXPECT_TRUE(root.public_key().only_certifies());
        EXPECT_EQ(code_of(root.public_key().verify(as_bytes("m"), Bytes(64))), Code::bad_key);
    }
    EXPECT_EQ(read(kDigiCertRoot).subject().common_name, "DigiCert Global Root G3");
    EXPECT_EQ(code_of(Certificate::from_pem(kP384Leaf)), Code::bad_key);
    EXPECT_EQ(code_of(Certificate::from_pem(kRsaLeaf)), Code::bad_key);
}

TEST(Certificate, TruncatedLengthenedOrOtherBytesAreRefused) {
    Bytes der = read(kLeaf).der();
    for (std::size_t size = 0; size < der.size(); ++size) {
        ASSERT_EQ(code_of(Certificate::from_der(ByteView(der).first(size))), Code::certificate_malformed) << size;
    }
    der.push_back(0);
    EXPECT_EQ(code_of(Certificate::from_der(der)), Code::certificate_malformed);
    EXPECT_EQ(code_of(Certificate::from_der(Bytes(1 << 17))), Code::certificate_malformed);
    EXPECT_EQ(code_of(Certificate::from_pem(kRequest)), Code::certificate_malformed);
    EXPECT_EQ(code_of(Certificate::from_pem("")), Code::certificate_malformed);
}

TEST(Certificate, NoFlippedByteSurvivesThePath) {
    const TrustStore trust = third_party();
    Bytes der = read(kLeaf).der();
    for (std::size_t i = 0; i < der.size(); ++i) {
        der[i] ^= 0x01;
        const Result<Certificate> certificate = Certificate::from_der(der);
        ASSERT_FALSE(certificate && verify_path(*certificate, {}, trust, kNow, Purpose::signing)) << i;
        der[i] ^= 0x01;
    }
}

TEST(Certificate, ChainsAreReadInOrder) {
    const std::string pem = std::string(kLeaf) + "text\n" + std::string(kIssuing);
    const auto chain = Certificate::chain_from_pem(pem);
    ASSERT_TRUE(chain);
    EXPECT_EQ(*chain, (std::vector<Certificate>{read(kLeaf), read(kIssuing)}));
    EXPECT_FALSE(Certificate::from_pem(pem)) << "exactly one";
    EXPECT_FALSE(Certificate::chain_from_pem(kRequest));
    std::string many;
    for (int i = 0; i < 20; ++i) many += kLeaf;
    EXPECT_EQ(code_of(Certificate::chain_from_pem(many)), Code::too_large);
}

TEST(Path, ThreeLevelsLeadToAThirdPartysRoot) {
    const auto path = judge(kLeaf);
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(*path, (std::vector<Certificate>{read(kLeaf), read(kIssuing), read(kRoot)}));
}

TEST(Path, IntermediatesMayBePresented) {
    const TrustStore only_root{.roots = {read(kRoot)}, .intermediates = {}, .crls = {}};
    const Certificate leaf = read(kLeaf);
    const Certificate presented[] = {read(kIssuing)};
    EXPECT_EQ(code_of(verify_path(leaf, {}, only_root, kNow, Purpose::signing)), Code::certificate_untrusted);
    EXPECT_TRUE(verify_path(leaf, presented, only_root, kNow, Purpose::signing));
    const Certificate with_root[] = {read(kIssuing), read(kRoot)};
    EXPECT_TRUE(verify_path(leaf, with_root, only_root, kNow, Purpose::signing));
    const std::vector<Certificate> too_many(9, read(kIssuing));
    EXPECT_EQ(code_of(verify_path(leaf, too_many, only_root, kNow, Purpose::signing)), Code::too_large);
}

TEST(Path, ThePresentedOrderIsThePath) {
    const TrustStore trust = third_party();
    const auto refused = [&](std::vector<Certificate> presented) {
        return code_of(verify_path(read(kLeaf), presented, trust, kNow, Purpose::signing));
    };
    EXPECT_EQ(refused({read(kTooDeepIssuing), read(kIssuing)}), Code::certificate_untrusted) << "surplus";
    EXPECT_EQ(refused({read(kRoot), read(kIssuing)}), Code::certificate_untrusted) << "out of order";
    EXPECT_EQ(refused({read(kIssuing), read(kIssuing)}), Code::certificate_untrusted) << "twice";
    EXPECT_EQ(refused({read(kIssuing), read(kRoot), read(kRoot)}), Code::certificate_untrusted) << "behind the root";
    EXPECT_EQ(refused({read(kIssuing), read(kRoot), read(kEdRoot)}), Code::certificate_untrusted) << "behind the root";
    EXPECT_EQ(refused({read(kLeaf)}), Code::certificate_untrusted);
}

TEST(Path, NothingPresentedIsTrustedByItself) {
    const Certificate leaf = read(kLeaf);
    const Certificate presented[] = {read(kIssuing), read(kRoot)};
    EXPECT_EQ(code_of(verify_path(leaf, presented, {}, kNow, Purpose::signing)), Code::certificate_untrusted);
    const TrustStore other{.roots = {read(kEdRoot)}, .intermediates = {}, .crls = {}};
    EXPECT_EQ(code_of(verify_path(leaf, presented, other, kNow, Purpose::signing)), Code::certificate_untrusted);
}

TEST(Path, DatesAreJudgedAtTheGivenTime) {
    EXPECT_TRUE(judge(kLeaf, third_party(), at(2024, 1, 1)));
    EXPECT_EQ(code_of(judge(kLeaf, third_party(), at(2024, 1, 1) - 1)), Code::certificate_not_yet_valid);
    EXPECT_TRUE(judge(kLeaf, third_party(), at(2034, 1, 1) - 1));
    EXPECT_EQ(code_of(judge(kLeaf, third_party(), at(2034, 1, 1))), Code::certificate_expired);
    EXPECT_EQ(code_of(judge(kLeaf, third_party(), 0)), Code::certificate_not_yet_valid);
    const auto late = judge(kLeaf, third_party(), at(2050, 1, 1));
    ASSERT_FALSE(late);
    EXPECT_NE(late.error().message.find("Third Party Root"), std::string::npos) << late.error().message;
}

TEST(Path, AnExpiredAuthorityEndsItsLeafs) {
    TrustStore trust{.roots = {read(kRoot)}, .intermediates = {read(kExpiredIssuing)}, .crls = {}};
    EXPECT_TRUE(judge(kExpiredIssuingLeaf, trust, at(2024, 6, 1)));
    const auto late = judge(kExpiredIssuingLeaf, trust);
    EXPECT_EQ(code_of(late), Code::certificate_expired);
    EXPECT_NE(late.error().message.find("Expired Issuing"), std::string::npos) << late.error().message;
}

TEST(Path, AuthoritiesKeepToTheirConstraints) {
    TrustStore trust = third_party();
    trust.intermediates.push_back(read(kTooDeepIssuing));
    EXPECT_EQ(code_of(judge(kTooDeepLeaf, trust)), Code::certificate_untrusted) << "path length 0";
    trust.intermediates.push_back(read(kLeaf));
    EXPECT_FALSE(judge(kLeafOfLeaf, trust)) << "a leaf certifies nobody";
    trust.intermediates.push_back(read(kNoConstraintsIssuing));
    EXPECT_FALSE(judge(kNoConstraintsLeaf, trust)) << "no basic constraints";
}

TEST(Path, AnotherKeyUnderTheIssuersNameIsNoticed) {
    EXPECT_EQ(code_of(judge(kFakeIssuedLeaf)), Code::certificate_untrusted);
}

TEST(Path, PurposesAreKept) {
    const TrustStore trust = third_party();
    EXPECT_EQ(code_of(judge(kNoSignatureLeaf)), Code::certificate_wrong_purpose);
    EXPECT_EQ(code_of(judge(kIssuing)), Code::certificate_wrong_purpose);
    EXPECT_EQ(code_of(judge(kSigningIssuing)), Code::certificate_wrong_purpose)
        << "an authority, whatever its key usage";
    EXPECT_EQ(code_of(judge(kRoot)), Code::bad_key);
    EXPECT_TRUE(judge(kServerLeaf, trust, kNow, Purpose::tls_server));
    EXPECT_EQ(code_of(judge(kServerLeaf, trust, kNow, Purpose::tls_client)), Code::certificate_wrong_purpose);
    EXPECT_TRUE(judge(kLeaf, trust, kNow, Purpose::tls_client)) << "no extended key usage: any";
}

TEST(Path, Ed25519Organizations) {
    const TrustStore trust{.roots = {read(kEdRoot)}, .intermediates = {}, .crls = {}};
    const auto path = judge(kEdLeaf, trust);
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(path->front().public_key().algorithm(), Algorithm::ed25519);
    EXPECT_EQ(path->front().subject().organizational_unit, "admin");
}

TEST(Path, ListsRevoke) {
    TrustStore trust = third_party();
    trust.crls = {read_list(kEmptyCrl)};
    EXPECT_TRUE(judge(kLeaf, trust));
    trust.crls = {read_list(kEmptyCrl), read_list(kLeafCrl)};
    EXPECT_EQ(code_of(judge(kLeaf, trust)), Code::certificate_revoked);
    trust.crls = {read_list(kRootCrl)};
    const auto revoked_authority = judge(kLeaf, trust);
    EXPECT_EQ(code_of(revoked_authority), Code::certificate_revoked);
    EXPECT_NE(revoked_authority.error().message.find("Third Party Issuing"), std::string::npos);
}

TEST(Path, AListMustBeCurrentWhereThereIsOne) {
    TrustStore trust = third_party();
    trust.crls = {read_list(kEmptyCrl)};
    EXPECT_TRUE(judge(kLeaf, trust, at(2026, 7, 1) - 1));
    EXPECT_EQ(code_of(judge(kLeaf, trust, at(2026, 7, 1))), Code::crl_expired);
    EXPECT_EQ(code_of(judge(kLeaf, trust, at(2026, 1, 1) - 1)), Code::crl_expired);
    EXPECT_TRUE(judge(kLeaf, third_party(), at(2026, 7, 1))) << "none is asked for where there is none";
}

TEST(Path, AForgedListIsNoticed) {
    TrustStore trust = third_party();
    trust.crls = {read_list(kForgedCrl)};
    EXPECT_EQ(code_of(judge(kLeaf, trust)), Code::certificate_untrusted);
}

TEST(Path, AListOfAnotherKeyUnderTheSameNameIsNotMeant) {
    TrustStore trust = third_party();
    trust.crls = {read_list(kOtherKeyCrl)};
    EXPECT_TRUE(trust.crls[0].contains(kLeafSerialHex));
    EXPECT_TRUE(judge(kLeaf, trust));
}

TEST(RevocationList, BelongsToTheAuthorityThatSignedIt) {
    const Certificate issuing = read(kIssuing);
    EXPECT_TRUE(verify_list(read_list(kEmptyCrl), issuing));
    EXPECT_EQ(code_of(verify_list(read_list(kForgedCrl), issuing)), Code::bad_signature);
    EXPECT_EQ(code_of(verify_list(read_list(kOtherKeyCrl), issuing)), Code::bad_signature);
    EXPECT_EQ(code_of(verify_list(read_list(kRootCrl), issuing)), Code::bad_signature);
    EXPECT_TRUE(verify_path(issuing, {}, third_party(), kNow, Purpose::crl_signing));
    EXPECT_EQ(code_of(verify_path(read(kLeaf), {}, third_party(), kNow, Purpose::crl_signing)),
              Code::certificate_wrong_purpose);
}

TEST(RevocationList, IsReadAsAnotherImplementationWroteIt) {
    const RevocationList list = read_list(kLeafCrl);
    EXPECT_EQ(list.number(), 2u);
    EXPECT_EQ(list.issuer().common_name, "Third Party Issuing");
    EXPECT_EQ(list.this_update_ms(), at(2026, 1, 1));
    EXPECT_EQ(list.next_update_ms(), at(2027, 1, 1));
    EXPECT_TRUE(list.contains(kLeafSerialHex));
    EXPECT_TRUE(list.contains("4d")) << 77;
    EXPECT_FALSE(list.contains("4e"));
    EXPECT_EQ(list.pem(), kLeafCrl);
    EXPECT_EQ(code_of(RevocationList::from_pem(kDeltaCrl)), Code::unsupported);
    Bytes der = list.der();
    for (std::size_t size = 0; size < der.size(); ++size) {
        ASSERT_EQ(code_of(RevocationList::from_der(ByteView(der).first(size))), Code::certificate_malformed) << size;
    }
    der.push_back(0);
    EXPECT_EQ(code_of(RevocationList::from_der(der)), Code::certificate_malformed);
}

TEST(CertificateRequest, IsReadAndItsSignatureChecked) {
    const auto request = CertificateRequest::from_pem(kRequest);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->subject(), (Name{"meter-7", "Example Utility", "client"}));
    EXPECT_EQ(to_hex(request->public_key().spki()), kLeafSpkiHex);
    EXPECT_EQ(request->dns_or_ip(), (std::vector<std::string>{"meter-7.example", "192.0.2.7"}));
    EXPECT_EQ(request->pem(), kRequest);
    std::string forged(kRequest);
    const std::size_t last = forged.find("\n-----END") - 6;
    forged[last] = forged[last] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(CertificateRequest::from_pem(forged));
}

class Issuing : public testing::TestWithParam<Algorithm> {
  protected:
    PrivateKey root_key = PrivateKey::generate(GetParam());
    Certificate root = issue_root(root_key, {"Root", "Org1", ""}, at(2025, 1, 1), at(2035, 1, 1));
    PrivateKey member_key = PrivateKey::generate(GetParam());

    Issue member(std::string role = "peer") const {
        return {.subject = {"node-1", "Org1", std::move(role)},
                .key = member_key.public_key(),
                .not_before_ms = at(2025, 1, 1),
                .not_after_ms = at(2027, 1, 1)};
    }
    Result<std::vector<Certificate>> judge_issued(const Certificate& leaf, std::vector<RevocationList> crls = {},
                                                  Purpose purpose = Purpose::signing) const {
        return verify_path(leaf, {}, {.roots = {root}, .intermediates = {}, .crls = std::move(crls)}, kNow, purpose);
    }
};

INSTANTIATE_TEST_SUITE_P(Keys, Issuing, testing::Values(Algorithm::p256, Algorithm::ed25519),
                         [](const auto& tested) { return tested.param == Algorithm::p256 ? "P256" : "Ed25519"; });

TEST_P(Issuing, MembersVerifyUnderTheirRoot) {
    const auto certificate = issue(root_key, root, member());
    ASSERT_TRUE(certificate) << certificate.error().message;
    EXPECT_TRUE(judge_issued(*certificate));
    EXPECT_EQ(certificate->subject(), (Name{"node-1", "Org1", "peer"}));
    EXPECT_EQ(certificate->issuer(), root.subject());
    EXPECT_EQ(certificate->public_key(), member_key.public_key());
    EXPECT_EQ(certificate->serial_hex().size(), 32u);
    EXPECT_NE(certificate->serial_hex(), issue(root_key, root, member())->serial_hex());
    EXPECT_FALSE(certificate->is_ca());
    EXPECT_TRUE(root.is_ca());
    EXPECT_EQ(code_of(verify_path(*certificate, {}, third_party(), kNow, Purpose::signing)),
              Code::certificate_untrusted);
}

TEST_P(Issuing, IntermediatesIssueToo) {
    const PrivateKey intermediate_key = PrivateKey::generate(GetParam());
    Issue what = member("");
    what.subject.common_name = "Issuing";
    what.key = intermediate_key.public_key();
    what.ca = true;
    what.path_length = 0;
    const auto intermediate = issue(root_key, root, what);
    ASSERT_TRUE(intermediate);
    const auto leaf = issue(intermediate_key, *intermediate, member());
    ASSERT_TRUE(leaf);
    const Certificate presented[] = {*intermediate};
    const TrustStore trust{.roots = {root}, .intermediates = {}, .crls = {}};
    const auto path = verify_path(*leaf, presented, trust, kNow, Purpose::signing);
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(path->size(), 3u);
}

TEST_P(Issuing, TlsNamesAndUsages) {
    Issue what = member();
    what.dns_or_ip = {"node-1.example", "127.0.0.1", "::1"};
    what.tls_server = true;
    const auto server = issue(root_key, root, what);
    ASSERT_TRUE(server) << server.error().message;
    EXPECT_EQ(server->dns_names(), std::vector<std::string>{"node-1.example"});
    EXPECT_EQ(server->ip_addresses(), (std::vector<std::string>{"127.0.0.1", "::1"}));
    EXPECT_TRUE(judge_issued(*server, {}, Purpose::tls_server));
    EXPECT_EQ(code_of(judge_issued(*server, {}, Purpose::tls_client)), Code::certificate_wrong_purpose);
    what.tls_client = true;
    EXPECT_TRUE(judge_issued(*issue(root_key, root, what), {}, Purpose::tls_client));
}

TEST_P(Issuing, ListsRevokeWhatTheyName) {
    const Certificate kept = *issue(root_key, root, member());
    const Certificate revoked = *issue(root_key, root, member());
    const std::string serials[] = {revoked.serial_hex(), "0abc"};
    const auto list = issue_crl(root_key, root, serials, 7, at(2026, 1, 1), at(2026, 6, 1));
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ(list->number(), 7u);
    EXPECT_TRUE(list->contains(revoked.serial_hex()));
    EXPECT_TRUE(list->contains("0abc"));
    EXPECT_TRUE(judge_issued(kept, {*list}));
    EXPECT_EQ(code_of(judge_issued(revoked, {*list})), Code::certificate_revoked);
    EXPECT_EQ(RevocationList::from_pem(list->pem())->der(), list->der());
}

TEST_P(Issuing, OfSeveralListsTheNewestMustBeCurrent) {
    const Certificate kept = *issue(root_key, root, member());
    const RevocationList past = *issue_crl(root_key, root, {}, 1, at(2025, 1, 1), at(2025, 6, 1));
    const RevocationList current = *issue_crl(root_key, root, {}, 2, at(2026, 1, 1), at(2026, 6, 1));
    const RevocationList newest_and_past = *issue_crl(root_key, root, {}, 3, at(2025, 1, 1), at(2025, 6, 1));
    EXPECT_TRUE(judge_issued(kept, {past, current}));
    EXPECT_TRUE(judge_issued(kept, {current, past}));
    EXPECT_EQ(code_of(judge_issued(kept, {current, newest_and_past})), Code::crl_expired);
    EXPECT_EQ(code_of(judge_issued(kept, {newest_and_past, current})), Code::crl_expired);
}

TEST_P(Issuing, OfListsThatHaveNotBegunNoneIsTheNewest) {
    const Certificate kept = *issue(root_key, root, member());
    const RevocationList current = *issue_crl(root_key, root, {}, 1, at(2026, 1, 1), at(2026, 6, 1));
    const RevocationList next = *issue_crl(root_key, root, {}, 2, at(2026, 5, 1), at(2026, 9, 1));
    EXPECT_TRUE(judge_issued(kept, {current, next}));
    EXPECT_EQ(code_of(judge_issued(kept, {next})), Code::crl_expired);
}

// What is kept of a chain must judge each time as if it were seen for the first time.
TEST_P(Issuing, ARootRenewedUnderItsKeyGoesOnWhereTheOldOneEnds) {
    const Certificate leaf = *issue(root_key, root, member());
    const Certificate old = issue_root(root_key, {"Root", "Org1", ""}, at(2025, 1, 1), at(2025, 6, 1));
    const Certificate renewed = issue_root(root_key, {"Root", "Org1", ""}, at(2025, 5, 1), at(2035, 1, 1));
    const Certificate chain[] = {leaf};
    for (const auto& roots : {std::vector{old, renewed}, std::vector{renewed, old}}) {
        const auto paths =
            VerifiedPaths::find(chain, {.roots = roots, .intermediates = {}, .crls = {}}, Purpose::signing);
        ASSERT_TRUE(paths) << paths.error().message;
        EXPECT_EQ(paths->at(at(2025, 2, 1))->back(), old);
        EXPECT_TRUE(paths->at(at(2025, 5, 15)));
        EXPECT_EQ(paths->at(at(2026, 2, 1))->back(), renewed);
        EXPECT_EQ(code_of(paths->at(at(2024, 2, 1))), Code::certificate_not_yet_valid);
        EXPECT_EQ(code_of(paths->at(at(2028, 2, 1))), Code::certificate_expired) << "the leaf ends";
    }
}

TEST_P(Issuing, RequestsBecomeCertificates) {
    const CertificateRequest made =
        CertificateRequest::create(member_key, {"node-1", "Org1", "orderer"}, {"n1", "::1"});
    const auto request = CertificateRequest::from_pem(made.pem());
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->subject(), (Name{"node-1", "Org1", "orderer"}));
    EXPECT_EQ(request->public_key(), member_key.public_key());
    EXPECT_EQ(request->dns_or_ip(), (std::vector<std::string>{"n1", "::1"}));
}

TEST_P(Issuing, WhatCannotBeIssuedIsRefused) {
    EXPECT_EQ(code_of(issue(member_key, root, member())), Code::bad_key);
    const Certificate leaf = *issue(root_key, root, member());
    EXPECT_EQ(code_of(issue(member_key, leaf, member())), Code::invalid_argument);
    Issue backwards = member();
    backwards.not_after_ms = backwards.not_before_ms;
    EXPECT_EQ(code_of(issue(root_key, root, backwards)), Code::invalid_argument);
    Issue nameless = member();
    nameless.subject = {};
    EXPECT_EQ(code_of(issue(root_key, root, nameless)), Code::invalid_argument);
    for (const char* name : {"", "a b", "a,DNS:b", "1.2.3.4:80"}) {
        Issue odd = member();
        odd.dns_or_ip = {name};
        EXPECT_EQ(code_of(issue(root_key, root, odd)), Code::invalid_argument) << name;
    }
    Issue long_name = member();
    long_name.subject.common_name = std::string(65, 'x');
    EXPECT_EQ(code_of(issue(root_key, root, long_name)), Code::invalid_argument);
    EXPECT_FALSE(check_names({"x\ny", "", ""}));
    EXPECT_FALSE(check_names({"x", "", ""}, std::vector<std::string>{"a b"}));
    EXPECT_TRUE(check_names({"Stadtwerke K\u00f6ln", "", ""}, std::vector<std::string>{"a.example"}));
    const std::string bad[] = {"xyz"};
    EXPECT_FALSE(issue_crl(root_key, root, bad, 1, at(2026, 1, 1), at(2026, 6, 1)));
    EXPECT_FALSE(issue_crl(root_key, root, {}, 1, at(2026, 1, 1), at(2026, 1, 1)));
}

TEST(Path, MayBeJudgedByManyThreadsAtOnce) {
    TrustStore trust = third_party();
    trust.crls = {read_list(kEmptyCrl)};
    const Certificate leaf = read(kLeaf);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) EXPECT_TRUE(verify_path(leaf, {}, trust, kNow, Purpose::signing));
        });
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tally::crypto
