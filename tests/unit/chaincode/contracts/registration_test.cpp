// Nobody registers another's meter: keys that can be proven are proven, for the others a second organization consents,
// and what an organization registers counts for it alone.

#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/key_rotation.h"
#include "chaincode/records/possession.h"
#include "chaincode/records/vitro_block.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

// A channel of three organizations. The meters of the fixture are GridCo's.
class Registration : public Metering {
  public:
    static constexpr std::string_view kNode = "070707070707070707";
    crypto::PrivateKey vitro_key = numbered_key(7);

    void SetUp() override {
        ledger.organizations = {"Bank", "GridCo", "Utility"};
        Metering::SetUp();
    }
    void as(std::string organization, std::string role = "admin") {
        ledger.caller.organization = std::move(organization);
        ledger.caller.role = std::move(role);
    }
    [[nodiscard]] Result<json::value> enrol(const json::object& arguments) {
        return ledger.submit("registry", "register_device", arguments);
    }
    [[nodiscard]] json::object vitro_arguments(const crypto::PrivateKey& device_key,
                                               std::string_view id = kNode) const {
        return {{"id", id},
                {"shard", "north"},
                {"profile", "vitro-1"},
                {"public_key", device_key.public_key().pem()},
                {"polling_interval_s", 60},
                {"keepalive_interval_s", 3600}};
    }
    [[nodiscard]] Result<json::value> confirm(std::string_view organization, const crypto::PrivateKey& device_key,
                                              std::string_view id = kNode) {
        return ledger.submit("registry", "confirm_device",
                             json::object{{"organization", organization},
                                          {"id", id},
                                          {"fingerprint", device_key.public_key().fingerprint().hex()}});
    }
    [[nodiscard]] Result<json::value> retire(std::string_view id) {
        return ledger.submit("registry", "set_status",
                             json::object{{"device", id}, {"status", "RETIRED"}, {"reason", "mine"}});
    }
    [[nodiscard]] Result<json::value> device(std::string_view id) {
        return ledger.query("registry", "get_device", json::object{{"id", id}});
    }
    [[nodiscard]] Result<json::value> publish_block(std::int64_t second) {
        const Bytes blob(64, 0xab);
        VitroBlock block;
        block.node.fill(7);
        block.parameter = 7;
        block.timestamp_s = static_cast<std::uint32_t>(second);
        block.blob = blob;
        return ledger.submit("data", "publish", json::object{{"format", "vitro"}},
                             {*sign_vitro(vitro_key, VitroProfile::vitro1, block)});
    }
};

TEST_F(Registration, AnotherOrganizationCannotRegisterAMetersKey) {
    const auto meter_key = numbered_key(20);
    auto arguments = device_arguments("meter-9", meter_key);  // what GridCo will send, its proof included
    as("Bank");
    EXPECT_REFUSED(enrol(arguments), Code::bad_signature, "\"meter-9\" of GridCo");
    arguments.erase("proof");
    EXPECT_REFUSED(enrol(arguments), Code::invalid_argument, "\"meter-9\" must sign");
    arguments["proof"] = proof("meter-9", numbered_key(21));
    EXPECT_REFUSED(enrol(arguments), Code::bad_signature, "meter-9");
    arguments["proof"] = "%";
    EXPECT_REFUSED(enrol(arguments), Code::invalid_argument, "\"meter-9\" is not base64");
    arguments["proof"] = to_base64(sign(draft("meter-9", 1, kMonday, hourly()), meter_key));
    EXPECT_REFUSED(enrol(arguments), Code::malformed, "meter-9");
    as("GridCo");
    ASSERT_OK(enrol(device_arguments("meter-9", meter_key)));
}

TEST_F(Registration, AProofOfAnotherChannelOrDeviceIsRefused) {
    const auto meter_key = numbered_key(20);
    auto arguments = device_arguments("meter-9", meter_key);
    arguments["proof"] = to_base64(sign_possession(meter_key, "north", {"GridCo", "meter-9"}));
    EXPECT_REFUSED(enrol(arguments), Code::bad_signature, "channel \"main\"");
    arguments["proof"] = proof("meter-8", meter_key);
    EXPECT_REFUSED(enrol(arguments), Code::bad_signature, "\"meter-8\" of GridCo");
}

TEST_F(Registration, AnImportWithOneRowWithoutProofRegistersNothing) {
    json::array devices;
    for (std::uint8_t i = 30; i < 34; ++i)
        devices.push_back(device_arguments(fmt::format("bulk-{}", i), numbered_key(i)));
    devices[2].as_object().erase("proof");
    EXPECT_REFUSED(ledger.submit("registry", "import_devices", json::object{{"devices", devices}}),
                   Code::invalid_argument, "1 of 4 devices are refused: row 3 (bulk-32): \"proof\" is missing");
    EXPECT_REFUSED(device("bulk-30"), registry::refusals::unknown_device, "bulk-30");
    devices[2].as_object()["proof"] = proof("bulk-32", numbered_key(33));
    EXPECT_REFUSED(ledger.submit("registry", "import_devices", json::object{{"devices", devices}}), Code::bad_signature,
                   "row 3 (bulk-32)");
    devices[2].as_object()["proof"] = proof("bulk-32", numbered_key(32));
    devices.push_back(vitro_arguments(vitro_key));
    const auto imported = ledger.submit("registry", "import_devices", json::object{{"devices", devices}});
    ASSERT_OK(imported);
    EXPECT_EQ(*imported, parse(R"({"devices": 5, "pending": 1})"));
}

// Or the key of an honest meter could be made the next key of a made up one, and blocked.
TEST_F(Registration, ANewKeyIsProvenToo) {
    const auto next = numbered_key(40);
    const auto statement = sign_key_rotation(key, "main", {"meter-1", 2, next.public_key().spki()});
    const auto rotate = [&](json::object arguments) {
        arguments["device"] = "meter-1";
        return ledger.submit("registry", "rotate_key", arguments, {statement});
    };
    EXPECT_REFUSED(rotate({}), Code::invalid_argument, "\"meter-1\" must sign");
    EXPECT_REFUSED(rotate({{"proof", proof("meter-1", key)}}), Code::bad_signature, "meter-1");
    EXPECT_REFUSED(rotate({{"proof", proof("meter-9", next)}}), Code::bad_signature, "meter-9");
    const auto for_bank = to_base64(sign_possession(next, "main", {"Bank", "meter-1"}));
    EXPECT_REFUSED(rotate({{"proof", for_bank}}), Code::bad_signature, "of Bank");
    ASSERT_OK(rotate({{"proof", proof("meter-1", next)}}));
}

TEST_F(Registration, AVitroMeterCannotBeTakenAndRetired) {
    as("Bank");
    const auto claimed = enrol(vitro_arguments(vitro_key));
    ASSERT_OK(claimed);
    EXPECT_EQ(claimed->at("pending"), true);
    EXPECT_REFUSED(device(kNode), registry::refusals::unknown_device, kNode);
    EXPECT_REFUSED(retire(kNode), registry::refusals::unknown_device, kNode);
    EXPECT_REFUSED(confirm("Bank", vitro_key), Code::permission_denied, "its own device");
    EXPECT_REFUSED(publish_block(kMonday), registry::refusals::unknown_device, kNode);

    as("GridCo");  // whose it is, is not hindered
    ASSERT_OK(enrol(vitro_arguments(vitro_key)));
    as("Utility", "auditor");
    EXPECT_REFUSED(confirm("GridCo", vitro_key), Code::permission_denied, "auditor");
    as("Utility", "client");
    ASSERT_OK(confirm("GridCo", vitro_key));
    EXPECT_EQ(device(kNode)->at("organization"), "GridCo");
    EXPECT_REFUSED(confirm("GridCo", vitro_key), Code::not_found, "GridCo");
    EXPECT_REFUSED(confirm("Bank", vitro_key), Code::already_exists, kNode);
    as("Bank");
    EXPECT_REFUSED(retire(kNode), Code::permission_denied, "operated by GridCo");
    EXPECT_REFUSED(enrol(vitro_arguments(vitro_key)), Code::already_exists, kNode);
}

TEST_F(Registration, AConsentIsForTheKeyThatWasSeen) {
    ASSERT_OK(enrol(vitro_arguments(vitro_key)));
    ASSERT_OK(enrol(vitro_arguments(numbered_key(8))));  // replaces the first
    as("Utility");
    const auto waiting = ledger.query("registry", "pending_devices", json::object{{"organization", "GridCo"}});
    ASSERT_OK(waiting);
    ASSERT_EQ(waiting->at("devices").as_array().size(), 1U);
    EXPECT_EQ(waiting->at("devices").at(0).at("fingerprint"),
              json::value(numbered_key(8).public_key().fingerprint().hex()));
    EXPECT_REFUSED(confirm("GridCo", vitro_key), Code::conflict, kNode);
    ASSERT_OK(confirm("GridCo", numbered_key(8)));
    EXPECT_TRUE(ledger.query("registry", "pending_devices", json::object{{"organization", "GridCo"}})
                    ->at("devices")
                    .as_array()
                    .empty());
    const auto timeline = ledger.query("registry", "timeline", json::object{{"id", kNode}});
    EXPECT_EQ(timeline->at("entries").at(0).at("by"), "Utility/ada");
    EXPECT_EQ(timeline->at("entries").at(0).at("details").at("requested_by"), "GridCo/ada");
}

TEST_F(Registration, PendingDevicesPage) {
    for (const std::string_view id : {"010101010101010101", "020202020202020202", "030303030303030303"})
        ASSERT_OK(enrol(vitro_arguments(vitro_key, id)));
    const auto first = ledger.query("registry", "pending_devices", parse(R"({"limit": 2})"));
    ASSERT_OK(first);
    EXPECT_EQ(first->at("next"), "020202020202020202");
    const auto second = ledger.query("registry", "pending_devices", json::object{{"cursor", first->at("next")}});
    ASSERT_OK(second);
    EXPECT_EQ(second->at("devices").at(0).at("id"), "030303030303030303");
    EXPECT_FALSE(second->as_object().contains("next"));
}

// What is signed for nobody in particular, is published by nobody else.
TEST_F(Registration, OnlyItsOrganizationPublishesForAVitroMeter) {
    ASSERT_OK(enrol(vitro_arguments(vitro_key)));
    as("Bank");
    ASSERT_OK(confirm("GridCo", vitro_key));
    EXPECT_REFUSED(publish_block(kMonday), Code::permission_denied, "only GridCo publishes");
    as("GridCo", "client");
    ASSERT_OK(publish_block(kMonday));
    as("Bank");
    EXPECT_REFUSED(publish_block(kMonday), Code::permission_denied, "only GridCo publishes");
}

TEST_F(Registration, AVitroKeyIsUniqueInItsOrganizationAndBlocksNoOther) {
    const std::string_view other = "080808080808080808", second = "090909090909090909", third = "0a0a0a0a0a0a0a0a0a";
    as("Bank");
    ASSERT_OK(enrol(vitro_arguments(vitro_key, other)));
    as("Utility");
    ASSERT_OK(confirm("Bank", vitro_key, other));
    as("GridCo");
    ASSERT_OK(enrol(vitro_arguments(vitro_key)));
    ASSERT_OK(enrol(vitro_arguments(vitro_key, second)));
    as("Utility");
    ASSERT_OK(confirm("GridCo", vitro_key));
    EXPECT_REFUSED(confirm("GridCo", vitro_key, second), Code::already_exists, second);
    as("GridCo");  // in the organization it serves no device of another kind either
    EXPECT_REFUSED(enrol(device_arguments("meter-7", vitro_key)), Code::already_exists, "meter-7");
    as("Bank");  // and a proven key is nobody else's
    ASSERT_OK(enrol(vitro_arguments(second_key, third)));
    as("Utility");
    EXPECT_REFUSED(confirm("Bank", second_key, third), Code::already_exists, third);
}

TEST_F(Registration, AVitroMeterHasNoProof) {
    auto arguments = vitro_arguments(vitro_key);
    arguments["proof"] = proof(kNode, vitro_key);
    EXPECT_REFUSED(enrol(arguments), Code::invalid_argument, "signs IoT blocks");
}

TEST_F(Registration, WithoutASecondOrganizationNobodyNeedsToConsent) {
    ledger.organizations = {"GridCo"};
    const auto registered = enrol(vitro_arguments(vitro_key));
    ASSERT_OK(registered);
    EXPECT_EQ(registered->at("pending"), false);
    ASSERT_OK(device(kNode));
}

// The manufacturer says for whom the meter is, and another organization trusts the manufacturer too.
TEST_F(Registration, AManufacturersCertificateStandsForAConsent) {
    constexpr std::int64_t kStart = (kMonday - 100 * kDay) * 1000, kEnd = (kMonday + 1000 * kDay) * 1000;
    const auto root_key = numbered_key(100);
    const auto root = crypto::issue_root(root_key, {"Root", "Maker", ""}, kStart, kEnd);
    const auto trust = [&](std::string organization) {
        as(std::move(organization));
        ASSERT_OK(ledger.submit("registry", "add_trust_anchor", json::object{{"pem", root.pem()}}));
    };
    const auto pending = [&](std::string organization, const std::string& named) {
        as(std::move(organization));
        const auto leaf = *crypto::issue(root_key, root,
                                         {.subject = {std::string(kNode), named, "device"},
                                          .key = vitro_key.public_key(),
                                          .not_before_ms = kStart,
                                          .not_after_ms = kEnd});
        auto arguments = vitro_arguments(vitro_key);
        arguments.erase("public_key");
        arguments["certificate_chain"] = json::array{leaf.pem()};
        const auto registered = enrol(arguments);
        EXPECT_TRUE(registered) << message_of(registered);
        return registered && registered->at("pending").as_bool();
    };
    trust("GridCo");
    EXPECT_TRUE(pending("GridCo", "GridCo")) << "nobody else trusts the manufacturer";
    trust("Bank");
    EXPECT_TRUE(pending("GridCo", "Maker")) << "the certificate does not say for whom the meter is";
    EXPECT_TRUE(pending("Bank", "GridCo")) << "it is for another organization";
    EXPECT_FALSE(pending("GridCo", "GridCo"));
    EXPECT_EQ(device(kNode)->at("organization"), "GridCo");
}

TEST_F(Registration, ForeignDevicesAreInNoneOfAnOrganizationsShards) {
    publish_days(1);
    const auto totals = [&](const json::object& arguments) { return ledger.query("data", "totals", arguments); };
    const auto before = totals({{"shard", "north"}});
    ASSERT_OK(before);
    EXPECT_EQ(before->at("rows"), 24);
    as("Bank");
    const auto foreign_key = numbered_key(50);
    ASSERT_OK(enrol(device_arguments("foreign", foreign_key)));  // in a shard "north" of its own
    ASSERT_OK(publish(sign(draft("foreign", 1, kMonday, hourly()), foreign_key)));
    as("GridCo");
    EXPECT_EQ(*totals({{"shard", "north"}}), *before);
    EXPECT_EQ(totals({{"shard", "north"}, {"organization", "Bank"}})->at("rows"), 24);
    EXPECT_EQ(totals({{"shard", "north"}, {"organization", "Utility"}})->at("rows"), 0);
    const auto names = [&](std::string_view contract, std::string_view function, std::string_view list,
                           std::string_view member, json::object arguments) {
        arguments["shard"] = "north";
        const auto answer = ledger.query(contract, function, arguments);
        EXPECT_TRUE(answer) << message_of(answer);
        std::string out;
        for (const auto& each : answer->at(list).as_array())
            out += std::string_view(each.at(member).as_string()), out += ' ';
        return out;
    };
    const json::object of_bank{{"organization", "Bank"}};
    EXPECT_EQ(names("data", "days", "days", "device", {}), "meter-1 ");
    EXPECT_EQ(names("data", "days", "days", "device", of_bank), "foreign ");
    EXPECT_EQ(names("data", "shard_liveness", "devices", "device", {}), "meter-1 meter-2 ");
    EXPECT_EQ(names("data", "shard_liveness", "devices", "device", of_bank), "foreign ");
    EXPECT_EQ(names("registry", "list_devices", "devices", "id", {}), "meter-1 meter-2 ");
    EXPECT_EQ(names("registry", "list_devices", "devices", "id", of_bank), "foreign ");
    EXPECT_REFUSED(totals({{"device", "meter-1"}, {"organization", "GridCo"}}), Code::invalid_argument, "shard");
    EXPECT_REFUSED(totals({{"shard", "north"}, {"organization", ""}}), Code::invalid_argument, "organization");
}

}  // namespace
}  // namespace tally::chaincode::test
