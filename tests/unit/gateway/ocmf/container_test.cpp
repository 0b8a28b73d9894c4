#include "gateway/ocmf/container.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>

#include "chaincode/records/ocmf_check.h"
#include "tests/unit/crypto/meter_vectors.h"

namespace tally::gateway::ocmf {
namespace {

using chaincode::OcmfResult;

constexpr std::string_view kRecord = R"(OCMF|{"RD":[{"RV":1}],"TT":"a | b"}|{"SD":"00"})";
constexpr std::string_view kRecordHex =
    "4f434d467c7b225244223a5b7b225256223a317d5d2c225454223a2261207c2062227d7c7b225344223a223030227d";
constexpr std::string_view kRecordBase64 = "T0NNRnx7IlJEIjpbeyJSViI6MX1dLCJUVCI6ImEgfCBiIn18eyJTRCI6IjAwIn0=";

std::vector<Entry> entries_of(std::string text) {
    auto entries = read_entries(std::move(text));
    EXPECT_TRUE(entries) << entries.error().message;
    return entries ? *entries : std::vector<Entry>{};
}

void refuse_container(std::string text, Code code, std::string_view part) {
    const auto entries = read_entries(std::move(text));
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().code, code) << entries.error().message;
    EXPECT_NE(entries.error().message.find(part), std::string::npos) << entries.error().message;
}

TEST(OcmfContainer, ReadsEveryEncodingAndTheAttributes) {
    const auto text = fmt::format(
        "\xef\xbb\xbf<?xml version=\"1.0\"?>\r\n<values>\r\n"
        "<value transactionId='7' context='Transaction.Begin'><signedData>\r\n{}\r\n</signedData></value>"
        "<value><signedData format='OCMF' encoding='hex'>{}</signedData><publicKey encoding='hex'>30 "
        "59</publicKey></value>"
        "<value><signedData encoding='base64'> {} </signedData><publicKey encoding='base64'>MFk=</publicKey></value>"
        "</values>",
        kRecord, kRecordHex, kRecordBase64);
    const auto entries = entries_of(text);
    ASSERT_EQ(entries.size(), 3U);
    for (const auto& entry : entries) EXPECT_EQ(entry.record, kRecord);
    EXPECT_EQ(entries[0].transaction, "7");
    EXPECT_EQ(entries[0].context, "Transaction.Begin");
    EXPECT_EQ(entries[0].public_key, "");
    EXPECT_EQ(entries[1].place, "value 2");
    EXPECT_EQ(entries[1].public_key, "30 59");
    EXPECT_EQ(entries[2].public_key, "MFk=");
}

TEST(OcmfContainer, ReadsRecordsWithoutAContainer) {
    EXPECT_EQ(entries_of(std::string(kRecord)).front().place, "");
    const auto entries = entries_of(fmt::format("\xef\xbb\xbf{}\r\n{}\r\n", kRecord, kRecord));
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[1].record, kRecord);
}

TEST(OcmfContainer, ReadsLatin1WhereTheFileSaysSo) {
    const auto entries = entries_of(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><values><value><signedData>OCMF|{\"TT\":\"f\xfc"
        "r\"}|{}</signedData></value></values>");
    EXPECT_EQ(entries.front().record, "OCMF|{\"TT\":\"f\xc3\xbcr\"}|{}");
}

TEST(OcmfContainer, RefusesWhatItCannotReadWithThePlace) {
    refuse_container("", Code::malformed, "empty");
    refuse_container("  \r\n", Code::malformed, "empty");
    refuse_container("hello", Code::malformed, "no OCMF record");
    refuse_container("<values/>", Code::malformed, "no \"value\"");
    refuse_container("<other/>", Code::malformed, "\"values\"");
    refuse_container("<values><value/></values>", Code::malformed,
                     "value 1: line 1, values/value: the element signedData");
    refuse_container("<values><value><signedData format='ALFEN'>x</signedData></value></values>", Code::unsupported,
                     "ALFEN");
    refuse_container("<values><value><signedData encoding='rot13'>x</signedData></value></values>", Code::malformed,
                     "rot13");
    refuse_container("<values><value><signedData encoding='hex'>xy</signedData></value></values>", Code::malformed,
                     "not hex");
    refuse_container("<!DOCTYPE a><values/>", Code::unsupported, "DOCTYPE");
    refuse_container("<values>", Code::malformed, "line 1");
}

// What real meters signed: ../shared/data/ocmf beside the source tree.
struct Sample {
    const char* file;
    std::vector<OcmfResult> signatures;
    std::vector<std::vector<std::string>> failed;  // the other checks that each record fails
};

TEST(OcmfContainer, RecordsOfRealMetersAreJudgedCheckByCheck) {
    using enum OcmfResult;
    const std::vector<Sample> samples = {
        {"test_ocmf_keba_kcp30.xml", {PASSED}, {{"clock"}}},
        {"test_ocmf_keba_kcp30_fail.xml", {FAILED}, {{"clock"}}},
        {"test_ocmf_ebee_01.xml", {PASSED, PASSED}, {{"clock"}, {}}},
        {"test_ocmf_ebee_02.xml", {FAILED, PASSED}, {{"clock"}, {}}},
        {"VW_OCMF_load.xml", {PASSED}, {{}}},
        {"20211007-device-with-evt-ocmf-sss-ses.xml", {PASSED, PASSED}, {{"status"}, {"status"}}},
        {"nistP384_0Wh.xml", {UNSUPPORTED, UNSUPPORTED}, {{}, {}}},
    };
    for (const auto& sample : samples) {
        std::ifstream in(std::string(TALLY_GOLDEN) + "/../../../shared/data/ocmf/" + sample.file, std::ios::binary);
        if (!in) {
            std::cout << sample.file << " is not beside the source tree: not checked\n";
            continue;
        }
        const auto entries = entries_of(std::string(std::istreambuf_iterator<char>(in), {}));
        ASSERT_EQ(entries.size(), sample.signatures.size()) << sample.file;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto record = chaincode::read_ocmf(entries[i].record);
            ASSERT_TRUE(record) << sample.file << ": " << record.error().message;
            const auto signature = chaincode::judge_signature(*record, entries[i].public_key);
            EXPECT_EQ(signature.result, sample.signatures[i]) << sample.file << ": " << signature.detail;
            std::vector<std::string> failed;
            for (const auto& verdict : chaincode::judge_content(*record))
                if (verdict.result == FAILED) failed.push_back(verdict.check);
            EXPECT_EQ(failed, sample.failed[i]) << sample.file << ", record " << i;
        }
    }
}

}  // namespace
}  // namespace tally::gateway::ocmf
