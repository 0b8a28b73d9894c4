// Devices that are known by certificates: judged at the transaction's time, with what the ledger knows of trust.

#include "chaincode/records/key_rotation.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

constexpr std::int64_t kIssued_ms = (kMonday - 100 * kDay) * 1000;
constexpr std::int64_t kExpires_ms = (kMonday + 1000 * kDay) * 1000;

class Certified : public Metering {
  public:
    crypto::PrivateKey root_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 100));
    crypto::PrivateKey maker_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 101));
    crypto::PrivateKey device_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 102));
    crypto::Certificate root = crypto::issue_root(root_key, {"Root", "Maker", ""}, kIssued_ms, kExpires_ms);
    crypto::Certificate maker = *crypto::issue(root_key, root,
                                               {.subject = {"Devices", "Maker", ""},
                                                .key = maker_key.public_key(),
                                                .not_before_ms = kIssued_ms,
                                                .not_after_ms = kExpires_ms,
                                                .ca = true});

    crypto::Certificate certify(const std::string& name, const crypto::PrivateKey& subject_key,
                                std::int64_t until_ms = kExpires_ms) {
        return *crypto::issue(maker_key, maker,
                              {.subject = {name, "Maker", "device"},
                               .key = subject_key.public_key(),
                               .not_before_ms = kIssued_ms,
                               .not_after_ms = until_ms});
    }
    json::object with_chain(const crypto::Certificate& leaf) {
        auto arguments = device_arguments("cert-1", device_key);
        arguments.erase("public_key");
        arguments["certificate_chain"] = json::array{leaf.pem() + maker.pem()};
        return arguments;
    }
    Result<json::value> trust_root() {
        return ledger.submit("registry", "add_trust_anchor", json::object{{"pem", root.pem()}});
    }
    Bytes record() { return sign(draft("cert-1", 1, kMonday, hourly()), device_key); }
};

TEST_F(Certified, AChainMustLeadToAnAnchorOfTheOperator) {
    const auto arguments = with_chain(certify("cert-1", device_key));
    EXPECT_REFUSED(ledger.submit("registry", "register_device", arguments), Code::certificate_untrusted, "");
    EXPECT_REFUSED(ledger.submit("registry", "add_trust_anchor", json::object{{"pem", maker.pem()}}),
                   Code::certificate_wrong_purpose, "Devices");
    ledger.caller.organization = "Bank";
    ASSERT_OK(trust_root());
    ledger.caller.organization = "GridCo";
    EXPECT_REFUSED(ledger.submit("registry", "register_device", arguments), Code::certificate_untrusted, "");
    ASSERT_OK(trust_root());
    EXPECT_REFUSED(trust_root(), Code::already_exists, "anchor");
    EXPECT_REFUSED(ledger.submit("registry", "register_device", with_chain(certify("someone", device_key))),
                   Code::invalid_argument, "someone");
    ASSERT_OK(ledger.submit("registry", "register_device", arguments));
    ASSERT_OK(publish(record()));
    EXPECT_EQ(ledger.query("registry", "list_trust", json::object{{"organization", "GridCo"}})
                  ->at("anchors")
                  .as_array()
                  .size(),
              1U);
}

TEST_F(Certified, AnExpiredCertificateIsJudgedAtTheTransactionsTime) {
    ASSERT_OK(trust_root());
    const auto until = (kMonday + 40 * kDay) * 1000;
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(certify("cert-1", device_key, until))));
    ledger.time_ms = until;
    EXPECT_REFUSED(publish(record()), Code::certificate_expired, "cert-1");
    ledger.time_ms = kIssued_ms - 1;
    EXPECT_REFUSED(ledger.submit("registry", "recertify",
                                 json::object{{"device", "cert-1"},
                                              {"certificate_chain",
                                               json::array{certify("cert-1", device_key).pem() + maker.pem()}}}),
                   Code::certificate_not_yet_valid, "");
    ledger.time_ms = until + 1;
    ASSERT_OK(ledger.submit(
        "registry", "recertify",
        json::object{{"device", "cert-1"},
                     {"certificate_chain", json::array{certify("cert-1", device_key).pem(), maker.pem()}}}));
    ASSERT_OK(publish(record()));
    EXPECT_EQ(ledger.query("registry", "get_device", json::object{{"id", "cert-1"}})->at("epoch"), 1)
        << "the same key, a younger certificate";
}

TEST_F(Certified, ANewCertificateOfAnotherKeyNeedsThatKeysProof) {
    ASSERT_OK(trust_root());
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(certify("cert-1", device_key))));
    const auto next = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 103));
    json::object arguments{{"device", "cert-1"},
                           {"certificate_chain", json::array{certify("cert-1", next).pem() + maker.pem()}}};
    EXPECT_REFUSED(ledger.submit("registry", "recertify", arguments), Code::invalid_argument, "\"cert-1\" must sign");
    arguments["proof"] = proof("cert-1", device_key);
    EXPECT_REFUSED(ledger.submit("registry", "recertify", arguments), Code::bad_signature, "cert-1");
    arguments["proof"] = proof("cert-1", next);
    ASSERT_OK(ledger.submit("registry", "recertify", arguments));
}

TEST_F(Certified, ARevokedCertificateStopsTheDeviceAtOnce) {
    ASSERT_OK(trust_root());
    const auto leaf = certify("cert-1", device_key);
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(leaf)));
    const auto under_way = simulate_publish(record());
    ASSERT_OK(under_way);
    const auto revocation =
        ledger.simulate("registry", "revoke_certificate",
                        json::object{{"certificate", leaf.fingerprint().hex()}, {"reason", "stolen"}});
    ASSERT_OK(revocation);
    EXPECT_EQ(ledger.commit({*revocation, *under_way}),
              (std::vector{storage::ValidationCode::VALID, storage::ValidationCode::MVCC_READ_CONFLICT}));
    EXPECT_REFUSED(publish(record()), Code::certificate_revoked, "cert-1");
    EXPECT_REFUSED(
        ledger.submit("registry", "revoke_certificate", json::object{{"certificate", leaf.pem()}, {"reason", "again"}}),
        Code::already_exists, "revoked");
}

TEST_F(Certified, ARevocationListOnTheLedgerCounts) {
    ASSERT_OK(trust_root());
    const auto leaf = certify("cert-1", device_key);
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(leaf)));
    const auto list = [&](std::vector<std::string> serials, std::uint64_t number, std::int64_t next_ms) {
        const auto crl = *crypto::issue_crl(maker_key, maker, serials, number, ledger.time_ms, next_ms);
        return ledger.submit("registry", "publish_crl",
                             json::object{{"pem", crl.pem()}, {"issuer_chain", json::array{maker.pem()}}});
    };
    ASSERT_OK(list({}, 1, ledger.time_ms + 1000));
    ASSERT_OK(simulate_publish(record()));
    ledger.time_ms += 2000;
    EXPECT_REFUSED(publish(record()), Code::crl_expired, "");
    EXPECT_REFUSED(list({}, 1, kExpires_ms), Code::conflict, "number 1");
    ASSERT_OK(list({leaf.serial_hex()}, 2, kExpires_ms));
    EXPECT_REFUSED(publish(record()), Code::certificate_revoked, "");
}

// Or anybody could stop an authority's devices, or hide that they were revoked.
TEST_F(Certified, ARevocationListMustBeSignedByItsIssuer) {
    ASSERT_OK(trust_root());
    const auto publish_list = [&](const crypto::RevocationList& list, std::string_view chain = {}) {
        json::object arguments{{"pem", list.pem()}};
        if (!chain.empty()) arguments.emplace("issuer_chain", json::array{chain});
        return ledger.submit("registry", "publish_crl", arguments);
    };
    const auto list_of = [&](const crypto::PrivateKey& signer, const crypto::Certificate& issuer,
                             std::uint64_t number) {
        return *crypto::issue_crl(signer, issuer, {}, number, ledger.time_ms, kExpires_ms);
    };
    const auto of_maker = list_of(maker_key, maker, 1);
    EXPECT_REFUSED(publish_list(of_maker), Code::certificate_untrusted, "issuer_chain");
    EXPECT_REFUSED(publish_list(of_maker, root.pem()), Code::bad_signature, "Devices");
    EXPECT_REFUSED(publish_list(of_maker, certify("cert-1", device_key).pem() + maker.pem()),
                   Code::certificate_wrong_purpose, "may not sign revocation lists");
    const auto namesake = crypto::issue_root(device_key, {"Devices", "Maker", ""}, kIssued_ms, kExpires_ms);
    EXPECT_REFUSED(publish_list(list_of(device_key, namesake, 2), namesake.pem()), Code::certificate_untrusted, "");
    EXPECT_REFUSED(publish_list(list_of(device_key, namesake, 2), maker.pem()), Code::bad_signature, "Devices");
    const auto impostor = crypto::issue_root(device_key, {"Root", "Maker", ""}, kIssued_ms, kExpires_ms);
    EXPECT_REFUSED(publish_list(list_of(device_key, impostor, 2)), Code::bad_signature, "Root");
    ASSERT_OK(publish_list(of_maker, maker.pem()));
    ASSERT_OK(publish_list(list_of(root_key, root, 1)));
}

// By name and key: one of the same name takes nothing back.
TEST_F(Certified, EveryAuthorityHasItsOwnList) {
    ASSERT_OK(trust_root());
    const auto leaf = certify("cert-1", device_key);
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(leaf)));
    const auto publish_list = [&](const crypto::PrivateKey& signer, const crypto::Certificate& issuer,
                                  std::vector<std::string> serials, std::uint64_t number) {
        const auto list = *crypto::issue_crl(signer, issuer, serials, number, ledger.time_ms, kExpires_ms);
        return ledger.submit("registry", "publish_crl",
                             json::object{{"pem", list.pem()}, {"issuer_chain", json::array{issuer.pem()}}});
    };
    const auto authority = [&](std::uint8_t secret) {
        const auto signer = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, secret));
        return std::pair{signer, *crypto::issue(root_key, root,
                                                {.subject = maker.subject(),
                                                 .key = signer.public_key(),
                                                 .not_before_ms = kIssued_ms,
                                                 .not_after_ms = kExpires_ms,
                                                 .ca = true})};
    };
    for (int i = 1; i <= 255; ++i) {
        const auto [signer, certificate] = authority(static_cast<std::uint8_t>(i));
        ASSERT_OK(publish_list(signer, certificate, {}, 9));
    }
    ASSERT_OK(publish_list(maker_key, maker, {leaf.serial_hex()}, 1));  // the last of the 256
    EXPECT_REFUSED(publish(record()), Code::certificate_revoked, "cert-1");
    const auto root_list = *crypto::issue_crl(root_key, root, {}, 1, ledger.time_ms, kExpires_ms);
    EXPECT_REFUSED(ledger.submit("registry", "publish_crl", json::object{{"pem", root_list.pem()}}), Code::too_large,
                   "256 authorities");
    ASSERT_OK(publish_list(maker_key, maker, {}, 2));
    ASSERT_OK(publish(record()));
}

// An anchor that was renewed under its key, and the old one revoked: the new one's paths go on.
TEST_F(Certified, ARevokedAnchorEndsItsOwnPathsAlone) {
    ASSERT_OK(trust_root());
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(certify("cert-1", device_key))));
    const auto renewed = crypto::issue_root(root_key, root.subject(), kIssued_ms, kExpires_ms);
    const auto revoke_root = [&] {
        return ledger.submit("registry", "revoke_certificate",
                             json::object{{"certificate", root.fingerprint().hex()}, {"reason", "renewed"}});
    };
    ASSERT_OK(ledger.submit("registry", "add_trust_anchor", json::object{{"pem", renewed.pem()}}));
    ASSERT_OK(revoke_root());
    ASSERT_OK(publish(record()));
    ASSERT_OK(ledger.submit("registry", "revoke_certificate",
                            json::object{{"certificate", renewed.fingerprint().hex()}, {"reason", "stolen"}}));
    EXPECT_REFUSED(publish(sign(draft("cert-1", 2, kMonday + kDay, hourly()), device_key)), Code::certificate_untrusted,
                   "");
}

TEST_F(Certified, ANewKeyOfACertifiedDeviceIsCertifiedToo) {
    ASSERT_OK(trust_root());
    ASSERT_OK(ledger.submit("registry", "register_device", with_chain(certify("cert-1", device_key))));
    const auto next = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 103));
    const auto statement = sign_key_rotation(device_key, "main", {"cert-1", 2, next.public_key().spki()});
    EXPECT_REFUSED(ledger.submit("registry", "rotate_key", json::object{{"device", "cert-1"}}, {statement}),
                   Code::certificate_malformed, "empty");
    const json::array wrong{certify("cert-1", second_key).pem() + maker.pem()};
    EXPECT_REFUSED(ledger.submit("registry", "rotate_key",
                                 json::object{{"device", "cert-1"}, {"certificate_chain", wrong}}, {statement}),
                   Code::bad_key, "new key");
    const json::array chain{certify("cert-1", next).pem() + maker.pem()};
    json::object arguments{{"device", "cert-1"}, {"certificate_chain", chain}};
    EXPECT_REFUSED(ledger.submit("registry", "rotate_key", arguments, {statement}), Code::invalid_argument,
                   "\"cert-1\" must sign");
    arguments["proof"] = proof("cert-1", next);
    ASSERT_OK(ledger.submit("registry", "rotate_key", arguments, {statement}));
    EXPECT_REFUSED(publish(sign(draft("cert-1", 1, kMonday + 29 * kDay + 60, hourly()), device_key)),
                   Code::bad_signature, "cert-1");
    ASSERT_OK(publish(sign(draft("cert-1", 1, kMonday, hourly()), next)));
}

}  // namespace
}  // namespace tally::chaincode::test
