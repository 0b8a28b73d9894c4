// Records of different devices never conflict, nor those of one device that are no neighbours in its chain; what
// contradicts each other does.

#include "chaincode/contracts/data/refusals.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

using storage::ValidationCode;

TEST_F(Metering, RecordsOfOneDeviceAndOfTwoShareABlock) {
    const auto first = draft("meter-1", 1, kMonday, hourly());
    const auto second = draft("meter-1", 3, kMonday + kDay, hourly(), crypto::sha256(as_bytes("record 2")));
    auto keepalive = draft("meter-1", 5, kMonday, {}, crypto::sha256(as_bytes("record 4")), {});
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

// Whichever comes first: two neighbours that do not fit are never both on the ledger.
TEST_F(Metering, AFalsePredecessorIsFoundAlsoWhenBothComeAtOnce) {
    const auto first = sign(draft("meter-1", 1, kMonday, hourly()), key);
    const auto forked = sign(draft("meter-1", 2, kMonday + kDay, hourly(), crypto::sha256(as_bytes("elsewhere"))), key);
    ASSERT_EQ(ledger.commit({*simulate_publish(first), *simulate_publish(forked)}),
              (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT}));
    EXPECT_REFUSED(simulate_publish(forked), data::refusals::chain_broken, "names");

    const auto later =
        sign(draft("meter-2", 2, kMonday + kDay, hourly(), crypto::sha256(as_bytes("elsewhere"))), second_key);
    const auto earlier = sign(draft("meter-2", 1, kMonday, hourly()), second_key);
    ASSERT_EQ(ledger.commit({*simulate_publish(later), *simulate_publish(earlier)}),
              (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT}));
    EXPECT_REFUSED(simulate_publish(earlier), data::refusals::chain_broken, "names");
}

TEST_F(Metering, ANeighbourThatFitsIsPublishedWhenItIsSimulatedAgain) {
    const auto first = draft("meter-1", 1, kMonday, hourly());
    const auto second = sign(draft("meter-1", 2, kMonday + kDay, hourly(), content_id_of(first.record)), key);
    ASSERT_EQ(ledger.commit({*simulate_publish(sign(first, key)), *simulate_publish(second)}),
              (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT}));
    EXPECT_EQ(ledger.commit({*simulate_publish(second)}), std::vector{ValidationCode::VALID});
}

TEST_F(Metering, EqualInvocationsGiveEqualBytes) {
    const auto record = draft("meter-1", 1, kMonday, hourly());
    const auto message = sign(record, key);
    const Invocation invocation{crypto::sha256(as_bytes("id")), "main",    "data",         "publish",
                                R"({"format":"record"})",       {message}, ledger.time_ms, ledger.caller};
    const auto a = simulate(test::standard_contracts(), ledger.state(), invocation, nullptr);
    const auto b = simulate(test::standard_contracts(), ledger.state(), invocation, nullptr);
    ASSERT_OK(a);
    EXPECT_EQ(*a, *b);
}

}  // namespace
}  // namespace tally::chaincode::test
