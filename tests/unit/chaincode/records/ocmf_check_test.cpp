#include "chaincode/records/ocmf_check.h"

#include "tests/unit/chaincode/memory_state.h"
#include "tests/unit/crypto/meter_vectors.h"

namespace tally::chaincode::test {
namespace {

using namespace tally::vectors;

OcmfRecord record_of(const std::string& text) {
    const auto record = read_ocmf(text);
    EXPECT_TRUE(record) << message_of(record);
    return record ? *record : OcmfRecord{};
}

OcmfVerdict verdict_on(const std::string& text, std::string_view check) {
    for (auto& verdict : judge_content(record_of(text)))
        if (verdict.check == check) return verdict;
    return {};
}

std::string with(std::string_view head, std::string_view readings) {
    return fmt::format(R"(OCMF|{{{}"RD":[{}]}}|{{"SD":"00"}})", head, readings);
}

constexpr std::string_view kBegin =
    R"({"TM":"2026-03-01T10:00:00,000+0000 S","TX":"B","RV":"10.5","RI":"1-b:1.8.0","RU":"kWh","EF":"","ST":"G"})";

TEST(OcmfCheck, EveryFormOfTheSignatureVerifies) {
    for (const auto& [encoding, data] : {std::pair{"hex", kHighS},
                                         {"base64", kLowSBase64},
                                         {"hex", kRawSignature},
                                         {"hex", kNonMinimal},
                                         {"hex", kUnsignedIntegers}}) {
        const auto text = fmt::format(R"(OCMF|{}|{{"SE":"{}","SD":"{}"}})", kMeterPayload, encoding, data);
        const auto verdict = judge_signature(record_of(text), kMeterSpki);
        EXPECT_EQ(verdict.result, OcmfResult::PASSED) << data << ": " << verdict.detail;
    }
}

TEST(OcmfCheck, EveryNameOfTheAlgorithmVerifies) {
    for (const auto* algorithm :
         {"ECDSA-secp256r1-SHA256", "ECDSA-secp256r1-SHA-256", "ecdsa-P-256-sha-256", "ECDSA-prime256v1-sha256"}) {
        const auto text = fmt::format(R"(OCMF|{}|{{"SA":"{}","SD":"{}"}})", kMeterPayload, algorithm, kHighS);
        const auto verdict = judge_signature(record_of(text), kMeterSpki);
        EXPECT_EQ(verdict.result, OcmfResult::PASSED) << algorithm << ": " << verdict.detail;
    }
}

TEST(OcmfCheck, OneChangedByteOfThePayloadIsABadSignature) {
    std::string payload(kMeterPayload);
    payload[payload.find("1200.50")] = '2';
    const auto text = fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", payload, kHighS);
    const auto verdict = judge_signature(record_of(text), kMeterSpki);
    EXPECT_EQ(verdict.result, OcmfResult::FAILED);
    EXPECT_NE(verdict.detail.find("does not fit"), std::string::npos) << verdict.detail;
}

TEST(OcmfCheck, AnotherCurveOrHashIsUnsupportedByItsName) {
    for (const auto& [algorithm, name] : {std::pair{"ECDSA-secp192r1-SHA256", "secp192r1"},
                                          {"ECDSA-secp256k1-SHA256", "secp256k1"},
                                          {"ECDSA-secp384r1-SHA256", "secp384r1"},
                                          {"ECDSA-brainpool256r1-SHA256", "brainpool256r1"},
                                          {"ECDSA-secp256r1-SHA512", "SHA512"},
                                          {"RSA", "RSA"}}) {
        const auto text = fmt::format(R"(OCMF|{}|{{"SA":"{}","SD":"{}"}})", kMeterPayload, algorithm, kHighS);
        const auto verdict = judge_signature(record_of(text), "");
        EXPECT_EQ(verdict.result, OcmfResult::UNSUPPORTED);
        EXPECT_NE(verdict.detail.find(name), std::string::npos) << verdict.detail;
    }
    const auto text = fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", kMeterPayload, kHighS);
    for (const auto& foreign : kForeignKeys) {
        const auto verdict = judge_signature(record_of(text), foreign.spki);
        EXPECT_EQ(verdict.result, OcmfResult::UNSUPPORTED) << foreign.name;
        EXPECT_NE(verdict.detail.find(foreign.name), std::string::npos) << verdict.detail;
    }
    EXPECT_EQ(judge_signature(record_of(text), "").result, OcmfResult::NOT_CHECKED);
}

TEST(OcmfCheck, ClockNeedsSynchronisedTimesThatDoNotGoBack) {
    const auto at = [](std::string_view times) { return verdict_on(with("", times), "clock"); };
    EXPECT_EQ(at(R"({"TM":"2026-03-01T10:00:00,000+0000 S"},{"TM":"2026-03-01T10:00:01,000+0000 R"})").result,
              OcmfResult::PASSED);
    EXPECT_EQ(at(R"({"TM":"2026-03-01T10:00:00,000+0000 S","EF":"t"})").result, OcmfResult::NOTED);
    EXPECT_EQ(at(R"({"TM":"2026-03-01T10:00:00,000+0000 I"})").detail, "the time of RD[0] is informative (I)");
    EXPECT_EQ(at(R"({"TM":"2026-03-01T10:00:00,000+0000 U"})").result, OcmfResult::FAILED);
    EXPECT_EQ(at(R"({"RV":1})").detail, "RD[0] has no time");
    EXPECT_EQ(at(R"({"TM":"2026-03-01T10:00:00,000+0000 S"},{"TM":"2026-03-01T10:30:00,000+0100 S"})").result,
              OcmfResult::FAILED);
}

TEST(OcmfCheck, StatusNeedsGoodReadingsWithoutAnEnergyError) {
    const auto of = [](std::string_view readings) { return verdict_on(with("", readings), "status"); };
    EXPECT_EQ(of(R"({"ST":"G","EF":""},{"RV":1})").result, OcmfResult::PASSED);
    EXPECT_EQ(of(R"({"ST":"G","EF":"t"})").result, OcmfResult::PASSED);
    EXPECT_EQ(of(R"({"ST":"G"},{"ST":"E"})").detail, "ST of RD[1] is E, not G");
    EXPECT_EQ(of(R"({"ST":"G","EF":"Et"})").result, OcmfResult::FAILED);
    EXPECT_EQ(of(R"({"RV":1})").detail, "ST of RD[0] is missing");
}

TEST(OcmfCheck, PlausibilityKnowsWhatARegisterCannotDo) {
    const auto of = [](std::string_view more) {
        return verdict_on(with("", std::string(kBegin) + std::string(more)), "plausibility");
    };
    EXPECT_EQ(of("").result, OcmfResult::PASSED);
    EXPECT_EQ(of(R"(,{"TX":"E","RV":10.5})").result, OcmfResult::PASSED);
    EXPECT_EQ(of(R"(,{"TX":"E","RV":10.4})").detail, "RD[1] is 10.4; the register was 10.5 before");
    EXPECT_EQ(of(R"(,{"TX":"E","RV":11,"RU":"Wh"})").result, OcmfResult::FAILED);
    EXPECT_EQ(of(R"(,{"RV":11})").detail, "RD[1] begins a transaction that has begun");
    EXPECT_EQ(of(R"(,{"TX":"B","RV":3,"RI":"1-b:2.8.0"},{"TX":"E","RV":12,"RI":"1-b:1.8.0"})").result,
              OcmfResult::PASSED);
    EXPECT_EQ(verdict_on(with("", R"({"RV":-1,"RI":"a","RU":"Wh"})"), "plausibility").result, OcmfResult::FAILED);
    EXPECT_EQ(verdict_on(with("", R"({"RI":"a","RU":"Wh"})"), "plausibility").detail, "RD[0] has no value (RV)");
}

TEST(OcmfCheck, IdentityStatesTheLevel) {
    const auto of = [](std::string_view head) { return verdict_on(with(head, kBegin), "identity"); };
    EXPECT_EQ(of(R"("IS":true,"IL":"HEARSAY",)").detail, "a user is assigned with the level HEARSAY");
    EXPECT_EQ(of(R"("IS":true,"IL":"MISMATCH",)").result, OcmfResult::FAILED);
    EXPECT_EQ(of(R"("IS":false,)").result, OcmfResult::NOTED);
    EXPECT_EQ(of("").result, OcmfResult::NOTED);
}

TEST(OcmfCheck, PagesOfAMeterFollowEachOther) {
    const OcmfPagination page{'T', 32};
    EXPECT_EQ(judge_succession(page, std::nullopt).result, OcmfResult::PASSED);
    EXPECT_EQ(judge_succession(page, OcmfPagination{'T', 31}).detail, "T32 follows T31");
    EXPECT_EQ(judge_succession(page, OcmfPagination{'T', 32}).result, OcmfResult::FAILED);
    EXPECT_EQ(judge_succession(page, OcmfPagination{'T', 30}).detail, "T31 is missing before T32");
    EXPECT_EQ(judge_succession(page, OcmfPagination{'T', 20}).detail, "T21 to T31 are missing before T32");
    EXPECT_EQ(judge_succession(page, OcmfPagination{'T', 40}).result, OcmfResult::NOTED);
    EXPECT_EQ(verdict_on(with("", kBegin), "pagination").detail, "PG is missing");
}

TEST(OcmfCheck, ASessionIsTheEndLessTheBeginning) {
    const auto sessions = sessions_of(record_of(fmt::format(R"(OCMF|{}|{{"SD":"00"}})", kMeterPayload)).readings);
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].quantity.text(), "12.2500");
    EXPECT_EQ(sessions[0].register_id, "1-b:1.8.0");
    EXPECT_EQ(sessions[0].end_ms - sessions[0].begin_ms, 2'401'750);
}

TEST(OcmfCheck, ASessionOfTwoRecordsNeedsTheSameMeterAndUser) {
    const auto text = [](std::string_view page, std::string_view user, std::string_view reading) {
        return with(fmt::format(R"("PG":"{}","MS":"M","ID":"{}",)", page, user), reading);
    };
    constexpr std::string_view kEnd = R"({"TM":"2026-03-01T11:00:00,000+0000 S","TX":"E","RV":"12","RI":"1-b:1.8.0",)"
                                      R"("RU":"kWh","ST":"G"})";
    const auto begin_text = text("T4", "u", kBegin), end_text = text("T5", "u", kEnd), other = text("T5", "v", kEnd);
    const auto begin = record_of(begin_text);
    const auto sessions = sessions_between(begin, record_of(end_text));
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].quantity.text(), "1.5");
    EXPECT_TRUE(sessions_between(begin, record_of(other)).empty());
    EXPECT_TRUE(sessions_between(record_of(end_text), begin).empty());
}

}  // namespace
}  // namespace tally::chaincode::test
