#include "gateway/device_sdk/delivery.h"

#include <gtest/gtest.h>

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/records/refusals.h"
#include "gateway/http/problem.h"

namespace tally::gateway::device_sdk {
namespace {

const crypto::Hash kId = crypto::sha256(as_bytes("record"));

ClientResponse answer(int status, std::string_view type, std::string body) {
    return {status, {{"Content-Type", std::string(type)}}, std::move(body)};
}

ClientResponse problem(Code code) {
    const auto response = Problem::of({code, "why"}).response("1");
    return answer(response.status, response.content_type, response.body);
}

ClientResponse outcome(std::string_view id, std::string_view state, std::string_view code) {
    return answer(200, "application/json",
                  fmt::format(R"({{"content_id":"{}","duplicate":false,"transaction":{{"state":"{}",)"
                              R"("validation_code":"{}"}}}})",
                              id, state, code));
}

TEST(Delivery, OnlyAValidTransactionOfThisVeryRecordIsCommitted) {
    EXPECT_EQ(judge(outcome(kId.hex(), "committed", "VALID"), kId).delivery, Delivery::committed);
    EXPECT_EQ(judge(outcome(crypto::sha256(as_bytes("other")).hex(), "committed", "VALID"), kId).delivery,
              Delivery::failed);
    EXPECT_EQ(judge(outcome(kId.hex(), "pending", ""), kId).delivery, Delivery::failed);
    EXPECT_EQ(judge(outcome(kId.hex(), "committed", "MVCC_READ_CONFLICT"), kId).delivery, Delivery::failed);
    for (const std::string body : {"", "<h1>It works!</h1>", "{}", "[]", R"({"transaction":"VALID"})"})
        EXPECT_EQ(judge(answer(200, "application/json", body), kId).delivery, Delivery::failed) << body;
}

TEST(Delivery, ARecordIsRefusedByANodeThatNamesWhatIsOnTheLedgerForEver) {
    for (const Code code :
         std::initializer_list<Code>{chaincode::data::refusals::stale_sequence, chaincode::data::refusals::chain_broken,
                                     chaincode::data::refusals::period_overlap, chaincode::refusals::summary_mismatch,
                                     chaincode::refusals::root_mismatch, chaincode::registry::refusals::device_retired})
        EXPECT_EQ(judge(problem(code), kId).delivery, Delivery::refused) << code.name();
}

TEST(Delivery, WhatMayPassWaits) {
    for (const Code code : std::initializer_list<Code>{
             chaincode::refusals::schema_mismatch, chaincode::data::refusals::clock_ahead,
             chaincode::data::refusals::too_late, chaincode::registry::refusals::device_suspended, Code::bad_signature,
             Code::transaction_invalid, chaincode::data::refusals::duplicate_record})
        EXPECT_EQ(judge(problem(code), kId).delivery, Delivery::waiting) << code.name();
}

TEST(Delivery, WhatNoNodeHasSaidOfTheRecordJudgesNoRecord) {
    for (const Code code : std::initializer_list<Code>{
             Code::busy, Code::rate_limited, Code::unavailable, Code::timeout, Code::unauthenticated,
             Code::permission_denied, Code::wrong_channel, chaincode::registry::refusals::unknown_device,
             Code::internal, Code::certificate_expired, Code::too_large, Code::malformed, Code::disk_full})
        EXPECT_EQ(judge(problem(code), kId).delivery, Delivery::failed) << code.name();
    for (const int status : {301, 400, 401, 403, 404, 405, 413, 422, 429, 500, 502, 503, 504})
        EXPECT_EQ(judge(answer(status, "text/html", "<h1>\n"), kId).delivery, Delivery::failed) << status;
    for (const Code code : std::initializer_list<Code>{Code::certificate_untrusted, Code::unavailable, Code::timeout,
                                                       chaincode::data::refusals::stale_sequence})
        EXPECT_EQ(judge(fail(code, "no answer"), kId).delivery, Delivery::failed) << code.name();
}

TEST(Delivery, AProblemDocumentThatDoesNotAgreeWithItselfIsNoNodes) {
    const auto good = problem(chaincode::data::refusals::stale_sequence);
    auto other = good;
    other.status = 502;
    EXPECT_EQ(judge(other, kId).delivery, Delivery::failed);
    other = good;
    other.headers[0].second = "application/json";
    EXPECT_EQ(judge(other, kId).delivery, Delivery::failed);
    other = good;
    other.body.replace(other.body.find("urn:tally"), 9, "urn:other");
    EXPECT_EQ(judge(other, kId).delivery, Delivery::failed);
    other.body = R"({"type":"about:blank","status":422})";
    EXPECT_EQ(judge(other, kId).delivery, Delivery::failed);
}

}  // namespace
}  // namespace tally::gateway::device_sdk
