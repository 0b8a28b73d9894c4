#include "tests/unit/chaincode/contracts/metering_fixture.h"

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/refusals.h"
#include "chaincode/records/vitro_block.h"

namespace tally::chaincode::test {
namespace {

TEST_F(Metering, ADailyRecordIsPublishedAndFound) {
    const auto record = draft("meter-1", 1, kMonday, hourly());
    const auto published = publish(record);
    ASSERT_OK(published);
    const auto id = content_id_of(record.record).hex();
    EXPECT_EQ(published->at("content_id"), json::value(id));
    EXPECT_EQ(published->at("kind"), "DAILY");
    const auto found = ledger.query("data", "find", json::object{{"content_id", id}});
    ASSERT_OK(found);
    EXPECT_EQ(found->at("transaction"), published->at("transaction"));
    EXPECT_EQ(found->at("device"), "meter-1");
    EXPECT_TRUE(ledger.query("data", "find", json::object{{"content_id", std::string(64, '0')}})->is_null());
    EXPECT_REFUSED(ledger.query("data", "find", json::object{{"content_id", "12"}}), Code::malformed, "32 bytes");
}

TEST_F(Metering, ARecordIsAnnounced) {
    const auto simulated = simulate_publish(sign(draft("meter-2", 1, kMonday, hourly()), second_key));
    ASSERT_OK(simulated);
    ASSERT_EQ(simulated->transaction.simulation.events.size(), 1U);
    EXPECT_EQ(simulated->transaction.simulation.events[0].name, "record_published");
}

TEST_F(Metering, AllThreeKindsArePublished) {
    auto interval = draft("meter-1", 1, kMonday, {{0, {0, std::nullopt}}});
    interval.record.kind = RecordKind::INTERVAL;
    interval.record.end_s = kMonday + 60;
    auto bare = draft("meter-1", 2, kMonday + 60, {}, content_id_of(interval.record), {});
    bare.record.kind = RecordKind::KEEPALIVE;
    bare.record.end_s = kMonday + 3660;
    auto daily = draft("meter-1", 3, kMonday, hourly(), content_id_of(bare.record));
    ASSERT_OK(publish(interval));
    ASSERT_OK(publish(bare));
    ASSERT_OK(publish(daily));
    const auto totals = ledger.query("data", "totals", json::object{{"device", "meter-1"}});
    EXPECT_EQ(totals->at("daily"), 1);
    EXPECT_EQ(totals->at("interval"), 1);
    EXPECT_EQ(totals->at("keepalive"), 1);
    EXPECT_EQ(totals->at("rows"), 25);
    EXPECT_EQ(ledger.query("data", "totals", json::object{{"shard", "north"}})->at("rows"), 25);
}

TEST_F(Metering, TheSameRecordTwiceIsOneRecord) {
    const auto record = draft("meter-1", 1, kMonday, hourly());
    ASSERT_OK(publish(record));
    const auto again = publish(record);
    EXPECT_EQ(code_of(again), data::refusals::duplicate_record);
    EXPECT_TRUE(message_of(again).ends_with(" " + content_id_of(record.record).hex()));
}

// What the ledger holds is told to nobody who cannot sign for the device.
TEST_F(Metering, AKnownPayloadUnderAFalseSignatureIsNoDuplicate) {
    const auto record = draft("meter-1", 1, kMonday, hourly());
    ASSERT_OK(publish(record));
    EXPECT_REFUSED(publish(sign(record, second_key)), Code::bad_signature, "meter-1");
    EXPECT_REFUSED(publish(sign(record, key, "other")), Code::wrong_channel, "other");
    EXPECT_REFUSED(publish(record), data::refusals::duplicate_record, "meter-1");
}

TEST_F(Metering, EqualPayloadsOfTwoDevicesAreTwoRecords) {
    ASSERT_OK(publish(sign(draft("meter-1", 1, kMonday, hourly()), key)));
    ASSERT_OK(publish(sign(draft("meter-2", 1, kMonday, hourly()), second_key)));
    const auto id = content_id_of(draft("meter-2", 1, kMonday, hourly()).record).hex();
    EXPECT_EQ(ledger.query("data", "find", json::object{{"content_id", id}, {"device", "meter-2"}})->at("device"),
              "meter-2");
}

TEST_F(Metering, MalformedAndOversizedMessagesAreRefused) {
    EXPECT_REFUSED(publish(Bytes{1, 2, 3}), Code::malformed, "COSE_Sign1");
    EXPECT_REFUSED(publish(Bytes(kMaxRecordBytes + 1)), Code::too_large, "1048576");
    EXPECT_REFUSED(ledger.submit("data", "publish", json::object{{"format", "record"}}), Code::invalid_argument,
                   "0 attachments");
    EXPECT_REFUSED(ledger.submit("data", "publish", json::object{{"format", "csv"}}, {Bytes{1}}),
                   Code::invalid_argument, "record, vitro");
}

TEST_F(Metering, UnknownDevicesAreRefused) {
    EXPECT_REFUSED(publish(draft("meter-9", 1, kMonday, hourly())), registry::refusals::unknown_device, "meter-9");
}

TEST_F(Metering, AnotherKeysSignatureIsRefused) {
    EXPECT_REFUSED(publish(sign(draft("meter-1", 1, kMonday, hourly()), second_key)), Code::bad_signature, "meter-1");
    const auto stranger = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 77));
    EXPECT_REFUSED(publish(sign(draft("meter-1", 1, kMonday, hourly()), stranger)), Code::bad_signature,
                   "another channel");
}

TEST_F(Metering, ARecordForAnotherChannelIsRefusedAndTheChannelNamed) {
    EXPECT_REFUSED(publish(sign(draft("meter-1", 1, kMonday, hourly()), key, "other")), Code::wrong_channel,
                   "\"other\"");
}

TEST_F(Metering, ASequenceIsUsedOnce) {
    ASSERT_OK(publish(draft("meter-1", 5, kMonday, hourly())));
    EXPECT_REFUSED(publish(draft("meter-1", 5, kMonday + kDay, hourly())), data::refusals::stale_sequence,
                   "sequence 5");
}

TEST_F(Metering, TheChainIsCheckedInBothDirectionsAndRecordsMayComeInAnyOrder) {
    const auto first = draft("meter-1", 1, kMonday, hourly());
    const auto second = draft("meter-1", 2, kMonday + kDay, hourly(), content_id_of(first.record));
    const auto third = draft("meter-1", 3, kMonday + 2 * kDay, hourly(), content_id_of(second.record));
    ASSERT_OK(publish(third));
    ASSERT_OK(publish(first));
    const auto other = draft("meter-1", 2, kMonday + kDay, hourly(7), content_id_of(first.record));
    EXPECT_REFUSED(publish(other), data::refusals::chain_broken, "record 3 names");
    EXPECT_REFUSED(publish(draft("meter-1", 2, kMonday + kDay, hourly())), data::refusals::chain_broken, "names none");
    ASSERT_OK(publish(second));
    const auto orphan = sign(draft("meter-2", 1, kMonday, hourly(), content_id_of(first.record)), second_key);
    EXPECT_REFUSED(publish(orphan), data::refusals::chain_broken, "the sequence 1");
}

TEST_F(Metering, DaysOfOneDeviceDoNotOverlapButMayTouch) {
    ASSERT_OK(publish(draft("meter-1", 1, kMonday, hourly())));
    EXPECT_REFUSED(publish(draft("meter-1", 5, kMonday, hourly(3))), data::refusals::period_overlap, "record");
    EXPECT_REFUSED(publish(draft("meter-1", 5, kMonday + 3600, hourly())), data::refusals::period_overlap, "record");
    EXPECT_REFUSED(publish(draft("meter-1", 5, kMonday - 3600, hourly())), data::refusals::period_overlap, "record");
    auto shorter = hourly();
    shorter.pop_back();
    auto enclosed = draft("meter-1", 5, kMonday + 1800, shorter);
    enclosed.record.end_s = kMonday + kDay - 1800;
    EXPECT_REFUSED(publish(enclosed), data::refusals::period_overlap, "record");
    ASSERT_OK(publish(draft("meter-1", 5, kMonday + kDay, hourly())));
    ASSERT_OK(publish(draft("meter-1", 7, kMonday - kDay, hourly())));
}

TEST_F(Metering, FieldsMustBeThoseOfASchemaInEveryPart) {
    for (const auto& fields : {std::vector<Field>{{"power", "W", 0}, {"voltage", "V", 0}},
                               {{"voltage", "V", -1}, {"power", "W", 0}},
                               {{"power", "W", 0}, {"voltage", "mV", -1}}}) {
        EXPECT_REFUSED(publish(draft("meter-1", 1, kMonday, hourly(), {}, fields)),
                       chaincode::refusals::schema_mismatch, "site@1");
    }
}

TEST_F(Metering, ASummaryThatTheSeriesDoesNotGiveIsRefusedByName) {
    auto sum = draft("meter-1", 1, kMonday, hourly());
    ++sum.record.summary[1].sum;
    EXPECT_REFUSED(publish(sum), chaincode::refusals::summary_mismatch, "\"voltage\": the summary says sum");
    auto maximum = draft("meter-1", 1, kMonday, hourly());
    ++maximum.record.summary[0].max;  // there are readings that would give it
    EXPECT_REFUSED(publish(maximum), chaincode::refusals::summary_mismatch,
                   "\"power\": the summary says max 124, the series 123");
}

TEST_F(Metering, ASeriesThatIsNotTheRootsIsRefused) {
    auto record = draft("meter-1", 1, kMonday, hourly());
    record.record.root.bytes[0] ^= 1;
    EXPECT_REFUSED(publish(record), chaincode::refusals::root_mismatch, "24 rows");
}

TEST_F(Metering, AClockThatIsAheadIsToldSo) {
    ledger.time_ms = (kMonday + kDay) * 1000 - 301'000;
    EXPECT_REFUSED(publish(draft("meter-1", 1, kMonday, hourly())), data::refusals::clock_ahead, "301000 ms");
    ledger.time_ms += 1000;
    ASSERT_OK(publish(draft("meter-1", 1, kMonday, hourly())));
}

TEST_F(Metering, ALateRecordIsRefusedWhereTheDeviceHasALimit) {
    const auto late_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 5));
    auto arguments = device_arguments("meter-5", late_key);
    arguments["late_arrival_s"] = 3600;
    ASSERT_OK(ledger.submit("registry", "register_device", arguments));
    ledger.time_ms = (kMonday + kDay) * 1000 + 3'600'001;
    const auto message = sign(draft("meter-5", 1, kMonday, hourly()), late_key);
    EXPECT_REFUSED(publish(message), data::refusals::too_late, "may be late by 3600 s");
    ledger.time_ms -= 1;
    ASSERT_OK(publish(message));
}

TEST_F(Metering, StatusIsJudgedByThePeriodAndNeverBackwards) {
    const auto set = [&](std::string_view status, std::int64_t at_s, bool repair = false) {
        ledger.time_ms = at_s * 1000;
        json::object arguments{{"device", "meter-1"}, {"status", status}, {"reason", "test"}};
        if (repair)
            arguments["repair"] = json::object{{"repaired_by", "field service"}, {"statement", "clock replaced"}};
        return ledger.submit("registry", "set_status", arguments);
    };
    ASSERT_OK(set("SUSPENDED", kMonday + 2 * kDay));
    EXPECT_REFUSED(set("ACTIVE", kMonday + 4 * kDay), Code::invalid_argument, "repair");
    ASSERT_OK(set("ACTIVE", kMonday + 4 * kDay, true));
    ledger.time_ms = (kMonday + 30 * kDay) * 1000;
    ASSERT_OK(publish(draft("meter-1", 1, kMonday + kDay, hourly())));  // ended as the suspension began
    EXPECT_REFUSED(publish(draft("meter-1", 5, kMonday + 2 * kDay, hourly())), registry::refusals::device_suspended,
                   "test");
    EXPECT_REFUSED(publish(draft("meter-1", 5, kMonday + 3 * kDay + 1, hourly())), registry::refusals::device_suspended,
                   "test");
    ASSERT_OK(publish(draft("meter-1", 5, kMonday + 4 * kDay, hourly())));
    ASSERT_OK(set("RETIRED", kMonday + 31 * kDay));
    ledger.time_ms = (kMonday + 40 * kDay) * 1000;
    EXPECT_REFUSED(publish(draft("meter-1", 9, kMonday + 31 * kDay, hourly())), registry::refusals::device_retired,
                   "meter-1");
    ASSERT_OK(publish(draft("meter-1", 9, kMonday + 30 * kDay, hourly())));
    EXPECT_REFUSED(publish(draft("meter-1", 9, kMonday + 30 * kDay, hourly())), data::refusals::duplicate_record,
                   "content id");
    EXPECT_REFUSED(set("ACTIVE", kMonday + 41 * kDay, true), registry::refusals::device_retired, "final");
}

TEST_F(Metering, IotBlocksOfBothFieldOrdersAreTakenWithoutDecryption) {
    // The vectors of records/vitro_block_test.cpp, here with fresh signatures.
    const auto device_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 3));
    const auto other_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 4));
    const Bytes blob(64, 0xab);
    VitroBlock block;
    block.parameter = 7;
    block.timestamp_s = static_cast<std::uint32_t>(kMonday);
    block.blob = blob;
    for (const auto& [profile, name, signer, node] : {std::tuple(VitroProfile::vitro1, "vitro-1", device_key, 1),
                                                      std::tuple(VitroProfile::vitro2, "vitro-2", other_key, 2)}) {
        block.node.fill(static_cast<std::uint8_t>(node));
        const json::object device{{"id", block.node_hex()},   {"shard", "north"},
                                  {"profile", name},          {"public_key", to_hex(signer.public_key().raw())},
                                  {"polling_interval_s", 60}, {"keepalive_interval_s", 3600}};
        const json::object arguments{{"format", "vitro"}};
        const auto message = *sign_vitro(signer, profile, block);
        EXPECT_REFUSED(ledger.submit("data", "publish", arguments, {message}), registry::refusals::unknown_device,
                       block.node_hex());
        ASSERT_OK(ledger.submit("registry", "register_device", device));
        const auto published = ledger.submit("data", "publish", arguments, {message});
        ASSERT_OK(published);
        EXPECT_REFUSED(ledger.submit("data", "publish", arguments, {message}), data::refusals::duplicate_record,
                       "content id");
        auto resigned = message;
        resigned[profile == VitroProfile::vitro1 ? resigned.size() - 1 : 110] ^= 1;
        EXPECT_REFUSED(ledger.submit("data", "publish", arguments, {resigned}), Code::bad_signature, block.node_hex());
        auto tampered = message;
        tampered[profile == VitroProfile::vitro1 ? 20 : 120] ^= 1;
        EXPECT_REFUSED(ledger.submit("data", "publish", arguments, {tampered}), Code::bad_signature, "digest");
        block.timestamp_s += 60;
        const auto forged =
            *sign_vitro(*crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 9)), profile, block);
        EXPECT_REFUSED(ledger.submit("data", "publish", arguments, {forged}), Code::bad_signature, block.node_hex());
        const auto records = ledger.query("data", "records", json::object{{"device", block.node_hex()}});
        const auto& stored = records->at("records").at(0);
        EXPECT_EQ(stored.at("ciphertext_sha256"), json::value(crypto::sha256(blob).hex()));
        EXPECT_EQ(stored.at("parameter"), 7);
    }
}

TEST_F(Metering, ARecordOfAVitroDeviceInTheOtherFormatIsRefused) {
    const auto device_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 3));
    const json::object device{{"id", "010101010101010101"}, {"shard", "north"},
                              {"profile", "vitro-1"},       {"public_key", to_base64(device_key.public_key().spki())},
                              {"polling_interval_s", 60},   {"keepalive_interval_s", 3600}};
    ASSERT_OK(ledger.submit("registry", "register_device", device));
    EXPECT_REFUSED(publish(sign(draft("010101010101010101", 1, kMonday, hourly()), device_key)),
                   chaincode::refusals::schema_mismatch, "vitro-1");
}

TEST_F(Metering, OnlyMembersThatBringRecordsMayPublish) {
    ledger.caller.role = "auditor";
    EXPECT_REFUSED(publish(draft("meter-1", 1, kMonday, hourly())), Code::permission_denied, "auditor");
}

}  // namespace
}  // namespace tally::chaincode::test
