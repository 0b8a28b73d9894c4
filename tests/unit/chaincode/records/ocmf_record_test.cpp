#include "chaincode/records/ocmf_record.h"

#include "tests/unit/chaincode/memory_state.h"
#include "tests/unit/crypto/meter_vectors.h"

namespace tally::chaincode::test {
namespace {

using namespace tally::vectors;

std::string with_readings(std::string_view readings) {
    return fmt::format(R"(OCMF|{{"FV":"1.0","PG":"T1","RD":{}}}|{{"SD":"00"}})", readings);
}

TEST(OcmfRecord, IsReadAsAnotherImplementationWroteIt) {
    const auto text = fmt::format("\xef\xbb\xbf\r\nOCMF|{}|{{\"SA\":\"ECDSA-secp256r1-SHA256\",\"SD\":\"{}\"}}\r\n",
                                  kMeterPayload, kHighS);
    const auto record = read_ocmf(text);
    ASSERT_OK(record);
    EXPECT_EQ(record->payload, kMeterPayload);
    EXPECT_EQ(record->content_id.hex(), kMeterPayloadSha256);
    EXPECT_EQ(record->meter(), "SN-42");
    EXPECT_EQ(record->gateway, "Sim|Gateway");
    EXPECT_EQ(record->tariff, "a \"tariff\" with } and |");
    EXPECT_EQ(record->pagination, (OcmfPagination{'T', 7}));
    EXPECT_EQ(record->user_flags, std::vector<std::string>{"RFID_PLAIN"});
    ASSERT_TRUE(record->losses);
    EXPECT_EQ(record->losses->resistance->text(), "3.0");
    EXPECT_EQ(record->signature.data, kHighS);
}

TEST(OcmfRecord, AFieldThatIsLeftOutIsThatOfTheReadingBefore) {
    const auto text = fmt::format("OCMF|{}|{{\"SD\":\"00\"}}", kMeterPayload);
    const auto record = read_ocmf(text);
    ASSERT_OK(record);
    ASSERT_EQ(record->readings.size(), 2U);
    const auto& begin = record->readings[0];
    const auto& end = record->readings[1];
    EXPECT_EQ(begin.time_ms, 1'772'405'998'250);  // 2026-03-01T22:59:58.250Z
    EXPECT_EQ(begin.time_status, "S");
    EXPECT_EQ(end.time_ms, 1'772'408'400'000);
    EXPECT_EQ(end.time_status, "R");
    EXPECT_EQ(end.register_id, "1-b:1.8.0");
    EXPECT_EQ(end.unit, "kWh");
    EXPECT_EQ(end.status, "G");
    EXPECT_EQ(end.transaction, "E");
}

TEST(OcmfRecord, NumbersKeepTheirDecimalsInBothForms) {
    const auto text = with_readings(R"([{"RV":"1200.50"},{"RV":1212.7500},{"RV":0},{"RV":123456789012345.678}])");
    const auto record = read_ocmf(text);
    ASSERT_OK(record);
    std::vector<std::string> values;
    for (const auto& reading : record->readings) values.push_back(reading.value->text());
    EXPECT_EQ(values, (std::vector<std::string>{"1200.50", "1212.7500", "0", "123456789012345.678"}));
}

TEST(OcmfRecord, WhatCannotBeReadIsRefusedWithItsPlace) {
    const auto refused = [](std::string text, std::string_view part) {
        EXPECT_REFUSED(read_ocmf(text), Code::malformed, part);
    };
    refused("", "no OCMF record");
    refused("hello", "\"hello\"");
    refused("OCMF|", "payload");
    refused("OCMF|[]|{}", "no JSON object");
    refused("OCMF|{\"FV\":\"1.0\"}", "signature is missing");
    refused("OCMF|{\"FV\":\"1.0\"}|", "signature section");
    refused("OCMF|{\"FV\":\"1.0\"|{\"SD\":\"00\"}", "ends inside");
    refused("OCMF|{\"FV\":\"}\"|{\"SD\":\"00\"}", "ends inside");
    refused("OCMF|{\"RD\":[{\"RV\":1}]}|{}", "SD");
    refused("OCMF|{\"FV\":\"1\",\"FV\":\"2\"}|{\"SD\":\"00\"}", "\"FV\" occurs twice");
    refused("OCMF|{\"FV\":\"1.0\"}|{\"SD\":\"00\"}", "RD");
    refused(with_readings("[]"), "RD");
    refused(with_readings("[7]"), "RD[0]");
    refused(with_readings(R"([{"RV":1},{"RV":"1,5"}])"), "RD[1]: RV");
    refused(with_readings(R"([{"RV":1e3}])"), "RV");
    refused(with_readings(R"([{"TM":"yesterday"}])"), "yesterday");
    refused(with_readings(R"([{"TM":"2026-02-29T00:00:00,000+0000 S"}])"), "TM");
    refused(with_readings(R"([{"TM":"2026-02-28T00:00:00,000+0000 X"}])"), "U, I, S or R");
    refused(with_readings("[{\"RV\":1}]") + " more", "follows");
    refused(R"(OCMF|{"PG":"X1","RD":[{"RV":1}]}|{"SD":"00"})", "PG");
    refused(R"(OCMF|{"PG":"T","RD":[{"RV":1}]}|{"SD":"00"})", "PG");
    refused(R"(OCMF|{"PG":"T1234567890123456","RD":[{"RV":1}]}|{"SD":"00"})", "PG");
    EXPECT_EQ(code_of(read_ocmf(std::string(kMaxOcmfBytes + 1, ' '))), Code::too_large);
    EXPECT_EQ(code_of(read_ocmf("OCMF|" + std::string(100'000, '{'))), Code::malformed);
}

TEST(OcmfRecord, RecordsThatFollowEachOtherAreTakenApart) {
    const auto one = with_readings(R"([{"RV":1}])"), two = with_readings(R"([{"RV":2,"TX":"|OCMF|"}])");
    const auto text = one + "\r\n\r\n" + two + "\n";
    EXPECT_EQ(split_ocmf(text).value(), (std::vector<std::string_view>{one, two}));
    EXPECT_REFUSED(split_ocmf(one + "\nOCMF|"), Code::malformed, "record 2");
    EXPECT_EQ(code_of(split_ocmf("")), Code::malformed);
}

TEST(OcmfRecord, TimesAreReadWithTheirOffset) {
    EXPECT_EQ(ocmf_time("1970-01-01T00:00:00,000+0000").value(), 0);
    EXPECT_EQ(ocmf_time("1970-01-01T01:00:00,001+0100").value(), 1);
    EXPECT_EQ(ocmf_time("1969-12-31T23:00:00Z").has_value(), false);
    EXPECT_EQ(ocmf_time("2021-10-06T13:13:56.500+02:00").value(), 1'633'518'836'500);
    EXPECT_EQ(ocmf_time("2021-10-06T06:13:56-0500").value(), 1'633'518'836'000);
    for (const auto text : {"2021-10-06", "2021-10-06T13:13:56", "2021-13-06T13:13:56Z", "2021-10-06T24:00:00Z",
                            "2021-10-06T13:13:56,5Z", "2021-10-06T13:13:56Zx", "2021-10-06T13:13:56+2400"}) {
        EXPECT_FALSE(ocmf_time(text)) << text;
    }
}

}  // namespace
}  // namespace tally::chaincode::test
