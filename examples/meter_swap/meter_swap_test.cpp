#include "meter_swap.h"

#include <gtest/gtest.h>

#include "chaincode/host/memory_stub.h"

namespace meter_swap {
namespace {

using namespace tally::chaincode;
using tally::Code;

class MeterSwap : public testing::Test {
  protected:
    MeterSwap() {
        ledger.others["registry.get_device"] = [](const json::value& in) -> tally::Result<json::value> {
            if (in.at("id") == "m-9") return tally::fail(Code::not_found, "no device m-9");
            return json::value{{"organization", in.at("id") == "theirs" ? "Other" : "Operator"}};
        };
    }
    tally::Result<json::value> propose(std::string_view old_meter, std::string_view new_meter) {
        return ledger.call(
            "propose",
            {{"old_meter", old_meter}, {"new_meter", new_meter}, {"old_reading", "815.4"}, {"new_reading", "0"}});
    }
    tally::Result<json::value> confirm(std::string_view meter) {
        return ledger.call("confirm", {{"old_meter", meter}});
    }

    MemoryLedger ledger{contract()};
};

TEST_F(MeterSwap, IsConfirmedByAnotherOrganization) {
    ASSERT_TRUE(propose("m-1", "m-2"));
    const auto own = confirm("m-1");
    ASSERT_FALSE(own);
    EXPECT_EQ(own.error().code.name(), "own_swap");
    ledger.caller.organization = "Auditor";
    const auto confirmed = confirm("m-1");
    ASSERT_TRUE(confirmed) << confirmed.error().message;
    EXPECT_EQ(confirmed->at("confirmed_by"), "Auditor");
    EXPECT_FALSE(confirm("m-1"));
    EXPECT_EQ(ledger.call("get", {{"old_meter", "m-1"}})->at("old_reading"), "815.4");
    EXPECT_EQ(ledger.events.size(), 2U);
}

TEST_F(MeterSwap, NeedsReadingsThatAMeterCanShow) {
    for (const auto* reading : {"-1", "1,5", "1e3"}) {
        EXPECT_FALSE(ledger.call(
            "propose", {{"old_meter", "m-1"}, {"new_meter", "m-2"}, {"old_reading", reading}, {"new_reading", "0"}}))
            << reading;
    }
}

TEST_F(MeterSwap, OfAMeterHappensOnce) {
    ASSERT_TRUE(propose("m-1", "m-2"));
    const auto again = propose("m-1", "m-3");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code.name(), "meter_swapped");
}

TEST_F(MeterSwap, IsForTheMetersOfTheCaller) {
    EXPECT_FALSE(propose("theirs", "m-2"));
    EXPECT_FALSE(propose("m-1", "theirs"));
    EXPECT_FALSE(propose("m-9", "m-2"));
    EXPECT_FALSE(propose("m-1", "m-1"));
    EXPECT_FALSE(propose("", "m-2"));
}

TEST_F(MeterSwap, ListsWhatIsConfirmedAndWhatIsNot) {
    ASSERT_TRUE(propose("m-1", "m-2"));
    ASSERT_TRUE(propose("m-3", "m-4"));
    ledger.caller.organization = "Auditor";
    ASSERT_TRUE(confirm("m-3"));
    EXPECT_EQ(ledger.call("list", {{"confirmed", true}})->at("swaps").as_array().size(), 1U);
    EXPECT_EQ(ledger.call("list", {{"confirmed", false}})->at("swaps").at(0).at("old_meter"), "m-1");
    EXPECT_EQ(ledger.call("list", {{"limit", 1}})->at("next"), "m-1");
}

}  // namespace
}  // namespace meter_swap
