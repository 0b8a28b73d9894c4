// Two records of different devices, or of one device, never conflict; what contradicts each other does.

#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

using storage::ValidationCode;

TEST_F(Metering, RecordsOfOneDeviceAndOfTwoShareABlock) {
    const auto first = draft("meter-1", 1, kMonday, hourly());
    const auto second = draft("meter-1", 2, kMonday + kDay, hourly(), content_id_of(first.record));
    auto keepalive = draft("meter-1", 3, kMonday, {}, content_id_of(second.record), {});
    keepalive.record.kind = RecordKind::KEEPALIVE;
    const auto other = draft("meter-2", 1, kMonday, hourly());
    std::vector<Simulated> block;
    for (const auto& message : {sign(first, key), sign(second, key), sign(keepalive, key), sign(other, second_key)}) {
        auto simulated = simulate_publish(message);
        ASSERT_OK(simulated);
        block.push_back(std::move(*simulated));
    }
    std::reverse(block.begin(), block.end());
    EXPECT_EQ(ledger.commit(block), std::vector<ValidationCode>(4, ValidationCode::VALID));
    EXPECT_EQ(ledger.query("data", "totals", json::object{{"shard", "north"}})->at("daily"), 3);
}

TEST_F(Metering, TheSameRecordInOneBlockCountsOnce) {
    const auto message = sign(draft("meter-1", 1, kMonday, hourly()), key);
    const auto codes = ledger.commit({*simulate_publish(message), *simulate_publish(message)});
    EXPECT_EQ(codes, (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT}));
    EXPECT_EQ(ledger.query("data", "totals", json::object{{"device", "meter-1"}})->at("daily"), 1);
}

TEST_F(Metering, OverlappingDaysInOneBlockConflict) {
    const auto a = simulate_publish(sign(draft("meter-1", 1, kMonday, hourly()), key));
    const auto b = simulate_publish(sign(draft("meter-1", 5, kMonday + 7200, hourly()), key));
    EXPECT_EQ(ledger.commit({*a, *b}), (std::vector{ValidationCode::VALID, ValidationCode::PHANTOM_READ_CONFLICT}));
}

TEST_F(Metering, ASuspensionInvalidatesWhatIsUnderWay) {
    const auto under_way = simulate_publish(sign(draft("meter-1", 1, kMonday, hourly()), key));
    const auto unconcerned = simulate_publish(sign(draft("meter-2", 1, kMonday, hourly()), second_key));
    const auto suspension = ledger.simulate(
        "registry", "set_status", json::object{{"device", "meter-1"}, {"status", "SUSPENDED"}, {"reason", "broken"}});
    ASSERT_OK(suspension);
    EXPECT_EQ(ledger.commit({*suspension, *under_way, *unconcerned}),
              (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT, ValidationCode::VALID}));
}

TEST_F(Metering, ABreakOfTheChainInsideOneBlockIsToldByGaps) {
    const auto first = draft("meter-1", 1, kMonday, hourly());
    const auto forked = draft("meter-1", 2, kMonday + kDay, hourly(), crypto::sha256(as_bytes("elsewhere")));
    ASSERT_EQ(ledger.commit({*simulate_publish(sign(first, key)), *simulate_publish(sign(forked, key))}),
              std::vector<ValidationCode>(2, ValidationCode::VALID));
    const auto gaps = ledger.query("data", "gaps",
                                   json::object{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + 2 * kDay}});
    ASSERT_OK(gaps);
    EXPECT_EQ(gaps->at("broken_chain").at(0).at("sequence"), 2);
    EXPECT_EQ(gaps->at("broken_chain").at(0).at("predecessor"), json::value(content_id_of(first.record).hex()));
}

TEST_F(Metering, EqualInvocationsGiveEqualBytes) {
    const auto record = draft("meter-1", 1, kMonday, hourly());
    const auto message = sign(record, key);
    const Invocation invocation{crypto::sha256(as_bytes("id")), "main",    "data",         "publish",
                                R"({"format":"record"})",       {message}, ledger.time_ms, ledger.caller};
    const auto a = simulate(standard_contracts(), ledger.state(), invocation, nullptr);
    const auto b = simulate(standard_contracts(), ledger.state(), invocation, nullptr);
    ASSERT_OK(a);
    EXPECT_EQ(*a, *b);
}

}  // namespace
}  // namespace tally::chaincode::test
