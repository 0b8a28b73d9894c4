#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/key_rotation.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

TEST_F(Metering, ADeviceIsTheOperatorsThatRegisteredIt) {
    const auto device = ledger.query("registry", "get_device", json::object{{"id", "meter-1"}});
    ASSERT_OK(device);
    EXPECT_EQ(device->at("organization"), "GridCo");
    EXPECT_EQ(device->at("status"), "ACTIVE");
    EXPECT_EQ(device->at("grace_s"), 900);
    ledger.caller.organization = "Bank";
    const json::object suspend{{"device", "meter-1"}, {"status", "SUSPENDED"}, {"reason", "unpaid"}};
    EXPECT_REFUSED(ledger.submit("registry", "set_status", suspend), Code::permission_denied, "operated by GridCo");
    ledger.caller = {"GridCo", "auditor", "eve", {}};
    EXPECT_REFUSED(ledger.submit("registry", "set_status", suspend), Code::permission_denied, "auditor");
    EXPECT_REFUSED(ledger.query("registry", "get_device", json::object{{"id", "nobody"}}),
                   registry::refusals::unknown_device, "nobody");
}

TEST_F(Metering, WhatIsWrongWithADeviceIsNamed) {
    const auto refuse = [&](std::string_view name, const json::value& value, Code code, std::string_view part) {
        auto arguments = device_arguments("meter-3", numbered_key(33));
        arguments[name] = value;
        EXPECT_REFUSED(ledger.submit("registry", "register_device", arguments), code, part);
    };
    refuse("id", "a b", Code::malformed, "\"id\"");
    refuse("shard", "", Code::malformed, "\"shard\"");
    refuse("polling_interval_s", 0, Code::invalid_argument, "polling_interval_s");
    refuse("polling_interval_s", "60", Code::invalid_argument, "must be an integer");
    refuse("schemas", json::array{"site@2"}, Code::not_found, "site@2");
    refuse("schemas", json::array{"site"}, Code::invalid_argument, "id@version");
    refuse("schemas", json::array{}, Code::invalid_argument, "schemas");
    refuse("public_key", "zz", Code::bad_key, "neither PEM");
    refuse("public_key", json::value(key.public_key().pem()), Code::bad_signature, "meter-3");
    refuse("public_key", nullptr, Code::invalid_argument, "either");
    refuse("profile", "vitro-3", Code::invalid_argument, "vitro-3");
    refuse("profile", "vitro-1", Code::invalid_argument, "node id");
    refuse("colour", "red", Code::invalid_argument, "\"colour\" is not known");
    refuse("id", "meter-1", Code::already_exists, "meter-1");
    refuse("id", "0123a1b2c3d4e5f6ee", Code::invalid_argument, "Vitro device's node id");
    EXPECT_REFUSED(ledger.submit("registry", "register_device", device_arguments("meter-3", key)), Code::already_exists,
                   "a device's");
}

TEST_F(Metering, KeysAreTakenInEveryUsualForm) {
    int number = 0;
    const auto ed25519 = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 43));
    for (const auto& [signer, text] : {std::pair(numbered_key(40), to_hex(numbered_key(40).public_key().raw())),
                                       std::pair(numbered_key(41), to_base64(numbered_key(41).public_key().spki())),
                                       std::pair(numbered_key(42), numbered_key(42).public_key().pem()),
                                       std::pair(ed25519, to_hex(ed25519.public_key().raw()))}) {
        auto arguments = device_arguments(fmt::format("key-{}", ++number), signer);
        arguments["public_key"] = text;
        ASSERT_OK(ledger.submit("registry", "register_device", arguments));
    }
}

TEST_F(Metering, ASchemaVersionIsForGood) {
    auto schema = parse(R"({"id": "site", "version": 1, "fields": [{"name": "x", "unit": "W", "scale": 0}]})");
    EXPECT_REFUSED(ledger.submit("registry", "register_schema", schema), Code::already_exists, "add a version");
    schema.at("version") = 2;
    ASSERT_OK(ledger.submit("registry", "register_schema", schema));
    EXPECT_EQ(
        ledger.query("registry", "get_schema", parse(R"({"id": "site", "version": 2})"))->at("fields").at(0).at("name"),
        "x");
    const auto first = ledger.query("registry", "list_schemas", parse(R"({"limit": 1})"));
    EXPECT_EQ(first->at("schemas").at(0).at("version"), 1);
    const auto second = ledger.query("registry", "list_schemas", json::object{{"cursor", first->at("next")}});
    EXPECT_EQ(second->at("schemas").as_array().size(), 1U);
    schema = parse(
        R"({"id": "twice", "version": 1, "fields": [{"name": "x", "unit": "W", "scale": 0}, {"name": "x", "unit": "V", "scale": 0}]})");
    EXPECT_REFUSED(ledger.submit("registry", "register_schema", schema), Code::invalid_argument,
                   "\"x\" is there twice");
}

TEST_F(Metering, AnImportIsAllOrNothingAndTellsEveryRowsFault) {
    json::array devices;
    for (std::uint8_t i = 50; i < 56; ++i)
        devices.push_back(device_arguments(fmt::format("bulk-{}", i), numbered_key(i)));
    ASSERT_OK(ledger.submit("registry", "import_devices", json::object{{"devices", devices}}));
    for (std::uint8_t i = 60; i < 66; ++i)
        devices[i - 60U] = device_arguments(fmt::format("bulk-{}", i), numbered_key(i));
    devices[1].as_object()["shard"] = "";
    devices[3] = devices[2];
    devices[4].as_object().erase("id");
    const auto refused = ledger.submit("registry", "import_devices", json::object{{"devices", devices}});
    EXPECT_REFUSED(refused, Code::malformed, "3 of 6 devices are refused");
    for (const auto part :
         {"row 2 (bulk-61): \"shard\"", "row 4 (bulk-62): the device \"bulk-62\" is registered already",
          "row 5: \"id\" is missing"}) {
        EXPECT_NE(message_of(refused).find(part), std::string::npos) << message_of(refused);
    }
    EXPECT_REFUSED(ledger.query("registry", "get_device", parse(R"({"id": "bulk-60"})")),
                   registry::refusals::unknown_device, "bulk-60");
}

TEST_F(Metering, DevicesAreListedByShardAndStatusInPages) {
    auto other = device_arguments("alone", numbered_key(70));
    other["shard"] = "south";
    ASSERT_OK(ledger.submit("registry", "register_device", other));
    ASSERT_OK(ledger.submit("registry", "set_status",
                            parse(R"({"device": "meter-2", "status": "SUSPENDED", "reason": "broken"})")));
    const auto ids = [&](std::string_view arguments) {
        const auto listed = ledger.query("registry", "list_devices", parse(arguments));
        EXPECT_TRUE(listed) << message_of(listed);
        std::string out;
        for (const auto& device : listed->at("devices").as_array())
            out += std::string_view(device.at("id").as_string()), out += ' ';
        return out + (listed->as_object().contains("next") ? "+" : "");
    };
    EXPECT_EQ(ids("{}"), "alone meter-1 meter-2 ");
    EXPECT_EQ(ids(R"({"limit": 2})"), "alone meter-1 +");
    EXPECT_EQ(ids(R"({"limit": 2, "cursor": "meter-1"})"), "meter-2 ");
    EXPECT_EQ(ids(R"({"shard": "north"})"), "meter-1 meter-2 ");
    EXPECT_EQ(ids(R"({"shard": "north", "cursor": "meter-1"})"), "meter-2 ");
    EXPECT_EQ(ids(R"({"status": "SUSPENDED"})"), "meter-2 ");
    EXPECT_EQ(ids(R"({"organization": "Bank"})"), "");
}

TEST_F(Metering, AStatusIsNeverRetroactiveAndMayBeScheduled) {
    json::object arguments{{"device", "meter-1"},
                           {"status", "SUSPENDED"},
                           {"reason", "maintenance"},
                           {"effective_time_ms", ledger.time_ms - 1}};
    EXPECT_REFUSED(ledger.submit("registry", "set_status", arguments), Code::invalid_argument, "never retroactive");
    arguments["effective_time_ms"] = ledger.time_ms + 1000;
    arguments["reason"] = " ";
    EXPECT_REFUSED(ledger.submit("registry", "set_status", arguments), Code::invalid_argument, "\"reason\"");
    arguments["reason"] = "maintenance";
    ASSERT_OK(ledger.submit("registry", "set_status", arguments));
    auto device = ledger.query("registry", "get_device", parse(R"({"id": "meter-1"})"));
    EXPECT_EQ(device->at("status"), "ACTIVE");
    EXPECT_EQ(device->at("scheduled").at("status"), "SUSPENDED");
    ledger.time_ms += 1000;
    device = ledger.query("registry", "get_device", parse(R"({"id": "meter-1"})"));
    EXPECT_EQ(device->at("status"), "SUSPENDED");
    EXPECT_REFUSED(ledger.submit("registry", "set_status",
                                 parse(R"({"device": "meter-1", "status": "SUSPENDED", "reason": "x"})")),
                   Code::conflict, "already");
    EXPECT_REFUSED(
        ledger.submit("registry", "set_status", parse(R"({"device": "meter-1", "status": "ACTIVE", "reason": "x",
        "repair": {"statement": ""}})")),
        Code::invalid_argument, "repair.statement");
}

TEST_F(Metering, EnoughIncidentsSuspendADeviceByRule) {
    ASSERT_OK(
        ledger.submit("registry", "set_rules",
                      parse(R"({"missed_keepalives": 0, "bad_signatures": 3, "clock_skews": 0, "out_of_range": 0})")));
    const auto report = [&](std::string_view kind, int count) {
        return ledger.submit("registry", "report_incident",
                             json::object{{"device", "meter-1"}, {"kind", kind}, {"count", count}});
    };
    EXPECT_EQ(report("MISSED_KEEPALIVE", 100)->at("suspended"), false);
    EXPECT_EQ(report("BAD_SIGNATURE", 2)->at("suspended"), false);
    EXPECT_EQ(report("BAD_SIGNATURE", 1)->at("suspended"), true);
    EXPECT_EQ(ledger.query("registry", "get_device", parse(R"({"id": "meter-1"})"))->at("reason"),
              "automatic: 3 incidents of BAD_SIGNATURE reach the threshold of 3");
    ledger.time_ms += 1000;
    ASSERT_OK(
        ledger.submit("registry", "set_status", parse(R"({"device": "meter-1", "status": "ACTIVE", "reason": "repaired",
        "repair": {"statement": "secure element replaced"}})")));
    EXPECT_EQ(report("BAD_SIGNATURE", 2)->at("suspended"), false);  // counted anew
    EXPECT_REFUSED(report("BAD_SIGNATURE", 0), Code::invalid_argument, "\"count\"");
    EXPECT_REFUSED(report("THEFT", 1), Code::invalid_argument, "MISSED_KEEPALIVE, BAD_SIGNATURE");
}

TEST_F(Metering, ASilentDeviceIsSuspendedAsTheLedgerShowsIt) {
    publish_days(2);
    const auto alive = ledger.query("data", "liveness", {{"device", "meter-1"}});
    const auto last_ms = alive->at("last_received_ms").as_int64();
    const auto keepalive_s = alive->at("keepalive_interval_s").as_int64();
    const auto grace_s = alive->at("grace_s").as_int64();
    const auto report = [&](std::int64_t since_ms) {
        return ledger.submit("data", "report_silence", {{"device", "meter-1"}, {"last_received_ms", since_ms}});
    };
    const auto status = [&] { return ledger.query("registry", "get_device", {{"id", "meter-1"}})->at("status"); };
    ledger.time_ms = last_ms + (grace_s + 3 * keepalive_s) * 1000;
    EXPECT_EQ(report(last_ms)->at("suspended"), false);  // the operator has no such rule
    ASSERT_OK(
        ledger.submit("registry", "set_rules",
                      parse(R"({"missed_keepalives": 3, "bad_signatures": 0, "clock_skews": 0, "out_of_range": 0})")));
    EXPECT_REFUSED(report(last_ms - 1), Code::conflict, "meter-1");  // it has published since
    ledger.caller = {"Stranger", "client", "eve", {}};               // what the ledger shows, any member may report
    ledger.time_ms -= 1000;
    EXPECT_EQ(report(last_ms)->at("missed_keepalives"), 2);
    EXPECT_EQ(status(), "ACTIVE");
    ledger.time_ms += 1000;
    EXPECT_EQ(report(last_ms)->at("suspended"), true);
    EXPECT_EQ(status(), "SUSPENDED");
    EXPECT_EQ(report(last_ms)->at("suspended"), false);  // it is
    EXPECT_REFUSED(ledger.submit("registry", "suspend_silent", {{"device", "meter-1"}, {"silent_since_ms", 0}}),
                   Code::permission_denied, "data");
    // A reinstated device has its time again.
    ledger.caller = {"GridCo", "admin", "ada", {}};
    ASSERT_OK(
        ledger.submit("registry", "set_status", parse(R"({"device": "meter-1", "status": "ACTIVE", "reason": "repaired",
        "repair": {"statement": "a new battery"}})")));
    ledger.time_ms += 1000;
    EXPECT_EQ(report(last_ms)->at("missed_keepalives"), 0);
    EXPECT_EQ(status(), "ACTIVE");
}

TEST_F(Metering, AKeyIsRotatedByTheOldKeyAndOldPeriodsStayWithIt) {
    const auto new_key = numbered_key(80);
    const auto rotate = [&](const crypto::PrivateKey& signer, std::int64_t epoch, const crypto::PrivateKey& next,
                            std::string_view channel = "main") {
        const auto statement = sign_key_rotation(signer, channel, {"meter-1", epoch, next.public_key().spki()});
        return ledger.submit("registry", "rotate_key",
                             json::object{{"device", "meter-1"}, {"proof", proof("meter-1", next)}}, {statement});
    };
    EXPECT_REFUSED(rotate(new_key, 2, new_key), Code::bad_signature, "epoch 1");
    EXPECT_REFUSED(rotate(key, 2, new_key, "other"), Code::bad_signature, "channel \"main\"");
    EXPECT_REFUSED(rotate(key, 3, new_key), Code::conflict, "epoch 2");
    EXPECT_REFUSED(rotate(key, 2, second_key), Code::already_exists, "a device's");
    ledger.time_ms = (kMonday + 2 * kDay) * 1000;
    ASSERT_OK(rotate(key, 2, new_key));
    ledger.time_ms = (kMonday + 30 * kDay) * 1000;
    ASSERT_OK(publish(sign(draft("meter-1", 1, kMonday + kDay, hourly()), key)));  // ended as the epoch did
    EXPECT_REFUSED(publish(sign(draft("meter-1", 3, kMonday + 2 * kDay, hourly()), key)), Code::bad_signature,
                   "meter-1");
    ASSERT_OK(publish(sign(draft("meter-1", 3, kMonday + 2 * kDay, hourly()), new_key)));
    const auto records = ledger.query("data", "records", parse(R"({"device": "meter-1"})"));
    EXPECT_EQ(records->at("records").at(0).at("epoch"), 1);
    EXPECT_EQ(records->at("records").at(1).at("epoch"), 2);
    EXPECT_REFUSED(ledger.submit("registry", "rotate_key", parse(R"({"device": "meter-1"})")), Code::invalid_argument,
                   "it takes the new key, signed by the old one");
}

TEST_F(Metering, ACompromisedKeyIsGoodForNothing) {
    const auto statement = sign_key_rotation(key, "main", {"meter-1", 2, numbered_key(81).public_key().spki()});
    const json::object arguments{
        {"device", "meter-1"}, {"compromised", true}, {"proof", proof("meter-1", numbered_key(81))}};
    ASSERT_OK(ledger.submit("registry", "rotate_key", arguments, {statement}));
    EXPECT_REFUSED(publish(sign(draft("meter-1", 1, kMonday, hourly()), key)), Code::bad_signature, "meter-1");
}

TEST_F(Metering, TheTimelineHoldsEverythingInOrderAndPages) {
    publish_days(2);
    ledger.time_ms += 1000;
    ASSERT_OK(ledger.submit("registry", "report_incident",
                            parse(R"({"device": "meter-1", "kind": "CLOCK_SKEW", "count": 1})")));
    ledger.time_ms += 1000;
    ASSERT_OK(ledger.submit("registry", "set_status",
                            parse(R"({"device": "meter-1", "status": "SUSPENDED", "reason": "broken"})")));
    ledger.time_ms += 1000;
    ASSERT_OK(publish(draft("meter-1", 9, kMonday + 9 * kDay, hourly())));
    for (const int limit : {1, 2, 3, 100}) {
        std::vector<std::string> kinds;
        json::object arguments{{"id", "meter-1"}, {"limit", limit}};
        for (int page = 0; page < 10; ++page) {
            const auto timeline = ledger.query("registry", "timeline", arguments);
            ASSERT_OK(timeline);
            for (const auto& entry : timeline->at("entries").as_array())
                kinds.emplace_back(entry.at("kind").as_string());
            if (!timeline->as_object().contains("next")) break;
            arguments["cursor"] = timeline->at("next");
        }
        EXPECT_EQ(kinds, (std::vector<std::string>{"registered", "record_published", "record_published",
                                                   "incident_reported", "status_changed", "record_published"}))
            << limit;
    }
    for (const auto* cursor : {"", "1.9.1", "1.2.3.x", "1.2.3.-4", "1.2.3.4.~x"}) {
        EXPECT_REFUSED(ledger.query("registry", "timeline", json::object{{"id", "meter-1"}, {"cursor", cursor}}),
                       Code::invalid_argument, "cursor");
    }
}

}  // namespace
}  // namespace tally::chaincode::test
